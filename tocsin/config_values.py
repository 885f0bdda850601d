"""The kinds of values a configuration holds, stricter than pydantic's: what would surprise later is refused now."""

from __future__ import annotations

import re
from datetime import time as ClockTime  # noqa: N812 - a field of Schedule is called time
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, Strict


def _name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", text):
        raise ValueError("use 1-64 letters, digits, '.', '_' or '-', starting with a letter or digit")
    return text


def _clock(value: object) -> object:
    # Numbers would be taken as seconds since midnight.
    fits = re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value) if isinstance(value, str) else type(value) is ClockTime
    if not fits:
        raise ValueError('write the time of day as "HH:MM", for example "06:00"')
    return value


def _web_address(url: str) -> str:
    # No message repeats the address: it may hold a password.
    try:
        parts = urlsplit(url)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname)
        secret = parts.username is not None or parts.password is not None
        fits = fits and parts.port != 0
    except ValueError as error:
        raise ValueError("this is no web address; check its host and port") from error
    if secret:
        raise ValueError("a web address with a user name or password in it: this file is no place for secrets")
    if not fits or re.search(r"[\s\x00-\x1f\x7f]", url):
        raise ValueError("write a web address that starts with http:// or https://")
    return url


def _domain(name: str) -> str:
    if not re.fullmatch(r"(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_]{2,}", name):
        raise ValueError('write the bare domain of a site, for example "acme.com", without https:// and path')
    return name.removeprefix("www.")


def _one_line(text: str) -> str:
    if re.search(r"[\x00-\x1f\x7f]", text):
        raise ValueError("line breaks and control characters are not allowed here")
    return text


Whole = Annotated[int, Strict()]
Switch = Annotated[bool, Strict()]
Line = Annotated[str, AfterValidator(_one_line)]
Label = Annotated[Line, Field(min_length=1, max_length=200)]
Meaning = Literal["negative", "neutral", "positive", "civil", "hostile"]
Words = tuple[Annotated[Line, Field(min_length=1, max_length=200)], ...]
Name = Annotated[str, AfterValidator(_name)]
Clock = Annotated[ClockTime, BeforeValidator(_clock)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Domain = Annotated[str, AfterValidator(_domain)]
Address = Annotated[Line, Field(pattern=r"^[^\s@<>,]+@[^\s@<>,]+$")]
Sender = Annotated[Line, Field(pattern=r"^([^\s@<>,]+@[^\s@<>,]+|[^<>\r\n]*<[^\s@<>,]+@[^\s@<>,]+>)$")]
