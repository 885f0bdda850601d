"""The import format: which columns there are, and what a row says. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from crawler.extract.date_forms import Order
from crawler.extract.dates import parse_date
from crawler.items import FoundPost
from crawler.ratings import rated, rating_of

REQUIRED = ("created_at", "text")
FIGURES = ("likes", "replies", "reposts", "views")
OPTIONAL = ("source", "thread", "title", "id", "parent", "author", "url", *FIGURES, "rating")
_SOURCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_WHOLE = re.compile(r"-?\d{1,15}(?:\.0+)?")


class RowError(ValueError):
    """A row that cannot become a post. The text names the column, never the words."""


def moment_of(value: object, order: Order | None = None) -> datetime:
    """Return the time a cell names: ISO 8601, RFC 5322, or seconds since 1970; without a zone it is UTC.

    `order` (DMY, MDY, YMD) allows written dates too: "02.11.2026 14:05", "Nov 2, 2026". Raises `RowError`.
    """
    if isinstance(value, bool) or value is None or value == "":
        raise RowError("created_at is empty")
    try:
        if isinstance(value, int | float) or re.fullmatch(r"\d{9,10}(?:\.\d+)?", str(value)):
            return datetime.fromtimestamp(float(str(value)), UTC)
        return _aware(datetime.fromisoformat(str(value).strip()))
    except (ValueError, OverflowError, OSError):
        pass
    try:
        return _aware(parsedate_to_datetime(str(value)))
    except (ValueError, TypeError, OverflowError, IndexError):
        pass
    written = parse_date(str(value), order=order) if order is not None else None
    if written is None:
        raise RowError("created_at is no time; write 2026-11-22T06:00:00Z")
    return written


def post_of(
    row: Mapping[str, object], threads: dict[str, str], *, order: Order | None = None, best: int | None = None
) -> FoundPost:
    """Return a row as a found post. Raises `RowError`. `order` is that of written dates, `best` the highest rating.

    Without a thread a post belongs to the thread of its parent as far as `threads` (id to thread,
    kept up here) tells, else it opens one.
    """
    text, rating = row.get("text"), _rating(row, best)
    text = "" if text is None else text
    if not isinstance(text, str) or not (text.strip() or rating):
        raise RowError("text is empty")
    native, parent, thread = (_name(row, column) for column in ("id", "parent", "thread"))
    if thread is None and parent is not None:
        thread = threads.get(parent, parent)
    if native is not None and thread is not None and row.get("thread") in (None, ""):
        threads[native] = thread
    return FoundPost(
        thread=thread or native or "",
        native_id=native or "",
        text=rated(text, rating),
        created_at=moment_of(row.get("created_at"), order),
        title=_name(row, "title") or "",
        author=_name(row, "author"),
        parent=parent,
        url=_name(row, "url"),
        likes=_figure(row, "likes"),
        replies=_figure(row, "replies"),
        reposts=_figure(row, "reposts"),
        views=_figure(row, "views"),
    )


def source_of(row: Mapping[str, object], default: str) -> str:
    """Return the source that a row names, else `default`. Raises `RowError` for a name that cannot be one."""
    name = _name(row, "source") or default
    if not _SOURCE.fullmatch(name):
        raise RowError("source is no name: use 1-64 letters, digits, '.', '_' or '-'")
    return name


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _name(row: Mapping[str, object], column: str) -> str | None:
    value = row.get(column)
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, str | int):
        raise RowError(f"{column} is neither text nor a number")
    return str(value).strip() or None


def _rating(row: Mapping[str, object], best: int | None) -> tuple[float, float] | None:
    value = row.get("rating")
    if value is None or value == "":
        return None
    found = rating_of(value, best)
    if found is None:
        raise RowError(f"rating is none of 0 to {best or 5}; write 4/10, or say rating/10 in sources.columns")
    return found


def _figure(row: Mapping[str, object], column: str) -> int | None:
    value = row.get(column)
    if value is None or value == "":
        return None
    if isinstance(value, float) and not math.isfinite(value):
        raise RowError(f"{column} is no whole number")
    if isinstance(value, bool) or not _WHOLE.fullmatch(str(value).strip()):
        raise RowError(f"{column} is no whole number")
    return int(float(str(value)))
