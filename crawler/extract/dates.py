"""Dates as pages write them, to aware UTC: machine forms first, human forms in the page's language last.

A date without a zone is taken as UTC: pages seldom say which zone they print.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

from crawler.extract.date_forms import SLACK, Order, foreign_part, relative, written

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_EPOCH = re.compile(r"\d{10}(?:\.\d+)?|\d{13}")
_WORTH_A_TRY = re.compile(r"\d")
_HUMAN_LENGTH = 60


def parse_date(
    text: str | None, *, now: datetime | None = None, language: str | None = None, order: Order | None = None
) -> datetime | None:
    """Return the moment that `text` names, or None when it names none, or one after `now` or before 1990.

    `now` is the reference for "2 hours ago"; without it such dates are None. `order` settles
    03/04/2024 (see `numeric_order`), `language` (ISO 639-1) the words.
    """
    if not text:
        return None
    text = text.strip()
    if not text or len(text) > 120:
        return None
    found = _machine(text) or written(text, order or "MDY") or relative(text, now)
    if found is None and _WORTH_A_TRY.search(text) and len(text) <= _HUMAN_LENGTH and language not in (None, "en"):
        base = now.replace(minute=0, second=0, microsecond=0) if now else None
        found = _human(text, language, order, base)
        if found is None and (part := foreign_part(text)) not in (None, text):
            found = _human(str(part), language, order, base)
    return _plausible(found, now)


def machine_date(text: str | None, now: datetime | None = None) -> datetime | None:
    """Return the moment of an ISO 8601, RFC 2822 or epoch text (an attribute meant for machines), else None."""
    return _plausible(_machine(text.strip()), now) if text else None


def _machine(text: str) -> datetime | None:
    if text[4:5] == "-" and text[7:8] == "-" and text[10:11] == "T":
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    if _EPOCH.fullmatch(text):
        value = float(text)
        return datetime.fromtimestamp(value / 1000 if len(text) == 13 else value, UTC)
    if text[:4].isdigit() and text[4:5] in ("-", ""):
        try:
            return datetime.fromisoformat(_iso_zone(text))
        except ValueError:
            pass
    if text[-1:].isdigit() or text[-1:].isalpha():
        try:
            return (
                parsedate_to_datetime(text)
                if re.search(r"\d:\d\d(?::\d\d)?\s+(?:[+-]\d{4}|(?![AP]M$)[A-Z]{1,4})$", text)
                else None
            )
        except (ValueError, TypeError, IndexError):
            return None
    return None


def _iso_zone(text: str) -> str:
    """`2024-01-02T03:04:05 +0100` and `...+01:0`: what sites print, in the form that Python reads."""
    text = re.sub(r"\s+(?=[+-]\d\d:?\d\d$)", "", text)
    text = re.sub(r"\s*UTC$", "Z", text)
    return re.sub(r"(\.\d{6})\d+", r"\1", text)


@lru_cache(maxsize=4_096)
def _human(text: str, language: str | None, order: Order | None, now: datetime | None) -> datetime | None:
    import dateparser  # noqa: PLC0415  half a second to import, and most pages never need it

    settings: dict[str, Any] = {"RETURN_AS_TIMEZONE_AWARE": True, "TIMEZONE": "UTC", "REQUIRE_PARTS": ["day", "month"]}
    settings["PREFER_DATES_FROM"] = "past"
    if now is not None:
        settings["RELATIVE_BASE"] = now.replace(tzinfo=None)
    if order is not None:
        settings["DATE_ORDER"] = order
    try:
        found = dateparser.parse(text, languages=[language], settings=settings)
    except Exception:
        return None
    return found if isinstance(found, datetime) else None


def _plausible(found: datetime | None, now: datetime | None) -> datetime | None:
    if found is None:
        return None
    try:
        exact = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    if exact < EARLIEST:
        return None
    if now is not None and exact > now:
        # A local time without a zone may run ahead of UTC: it is not later than now, so it was just now.
        return now if exact - now <= SLACK else None
    return exact
