"""JSON nested deeper than Python's parser can follow: a thread of 100,000 replies, each to the one before.

The same values as `json.loads`, by a loop instead of recursion, some thirty times slower: only for answers that the
parser refused for their depth.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from json.decoder import scanstring  # type: ignore[attr-defined] # its own scanner uses it, typeshed leaves it out
from typing import Any

_SIGN = re.compile(r'[ \t\r\n]*([][{},:"]|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|\Z)')

_ENDS = ("string", "value", "}", "]")


def loads(text: str) -> object:
    """Return the value of a JSON text of any depth. Raises `ValueError` when it is none."""
    top: list[Any] = []
    open_: list[Any] = [top]
    keys: list[Any] = [None]
    before = ""
    for sign, value in _signs(text):
        if sign in ("}", "]"):
            dangling = before in (",", ":") or keys[-1] is not None or len(open_) == 1
            if dangling or isinstance(open_.pop(), dict) != (sign == "}"):
                raise ValueError("a bracket in the wrong place")
            keys.pop()
        elif sign in (",", ":"):
            fits = before in _ENDS and keys[-1] is None if sign == "," else before == "string" and keys[-1] is not None
            if not fits or len(open_) == 1:
                raise ValueError("a comma or a colon in the wrong place")
        elif isinstance(open_[-1], dict) and keys[-1] is None:
            if sign != "string" or before in _ENDS:
                raise ValueError("no key where one belongs")
            keys[-1] = value
        elif before in ("", ",", ":", "["):
            _put(open_[-1], keys, value)
            if sign in ("{", "["):
                open_.append(value)
                keys.append(None)
        else:
            raise ValueError("a comma is missing")
        before = sign
    if len(open_) > 1 or len(top) != 1:
        raise ValueError("the text ends too early")
    return top[0]


def _put(holder: Any, keys: list[Any], value: Any) -> None:
    if isinstance(holder, dict):
        holder[keys[-1]] = value
        keys[-1] = None
    else:
        holder.append(value)


def _signs(text: str) -> Iterator[tuple[str, Any]]:
    place = 0
    while True:
        found = _SIGN.match(text, place)
        if found is None:
            raise ValueError(f"no JSON at character {place}")
        sign, place = found[1], found.end()
        if sign == '"':
            words, place = scanstring(text, place, True)
            yield "string", words
        elif sign in ("{", "["):
            yield sign, {} if sign == "{" else []
        elif sign in ("}", "]", ",", ":"):
            yield sign, None
        elif sign:
            yield "value", json.loads(sign)
        else:
            return
