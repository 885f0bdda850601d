"""The import format: which columns there are, and what a row says. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from crawler.errors import ImportFileError
from crawler.items import FoundPost

REQUIRED = ("created_at", "text")
FIGURES = ("likes", "replies", "reposts", "views")
OPTIONAL = ("source", "thread", "title", "id", "parent", "author", "url", *FIGURES)
_SOURCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_WHOLE = re.compile(r"-?\d{1,15}(?:\.0+)?")


class RowError(ValueError):
    """A row that cannot become a post. The text names the column, never the words."""


def check_columns(columns: Iterable[str]) -> None:
    """Raise `ImportFileError` for columns that are not known, and for required ones that are missing."""
    given = list(columns)
    known = ", ".join((*REQUIRED, *OPTIONAL))
    unknown = [column for column in given if column not in REQUIRED + OPTIONAL]
    if unknown:
        raise ImportFileError(f"unknown columns: {', '.join(unknown[:20])}; known are: {known}")
    missing = [column for column in REQUIRED if column not in given]
    if missing:
        raise ImportFileError(f"missing columns: {', '.join(missing)}; known are: {known}")
    twice = sorted({column for column in given if given.count(column) > 1})
    if twice:
        raise ImportFileError(f"columns given twice: {', '.join(twice)}")


def moment_of(value: object) -> datetime:
    """Return the time a cell names: ISO 8601, RFC 5322, or seconds since 1970; without a zone it is UTC.

    Raises `RowError`.
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
    except (ValueError, TypeError, OverflowError, IndexError) as error:
        raise RowError("created_at is no time; write 2026-11-22T06:00:00Z") from error


def post_of(row: Mapping[str, object], threads: dict[str, str]) -> FoundPost:
    """Return a row as a found post. Raises `RowError`.

    Without a thread a post belongs to the thread of its parent as far as `threads` (id to thread,
    kept up here) tells, else it opens one.
    """
    text = row.get("text")
    if not isinstance(text, str) or not text.strip():
        raise RowError("text is empty")
    native, parent, thread = (_name(row, column) for column in ("id", "parent", "thread"))
    if thread is None and parent is not None:
        thread = threads.get(parent, parent)
    if native is not None and thread is not None and row.get("thread") in (None, ""):
        threads[native] = thread
    return FoundPost(
        thread=thread or native or "",
        native_id=native or "",
        text=text,
        created_at=moment_of(row.get("created_at")),
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


def _figure(row: Mapping[str, object], column: str) -> int | None:
    value = row.get(column)
    if value is None or value == "":
        return None
    if isinstance(value, float) and not math.isfinite(value):
        raise RowError(f"{column} is no whole number")
    if isinstance(value, bool) or not _WHOLE.fullmatch(str(value).strip()):
        raise RowError(f"{column} is no whole number")
    return int(float(str(value)))
