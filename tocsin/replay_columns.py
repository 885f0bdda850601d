"""The columns of a file to replay: those of `tocsin import`, under other names too, and given labels. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from crawler.errors import ImportFileError
from crawler.import_columns import Columns
from crawler.import_rows import OPTIONAL, REQUIRED, RowError

LABELS = ("negative", "hostile")
OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "created_at": ("timestamp", "datetime", "date", "time", "created", "created_utc", "posted_at", "published_at"),
    "text": ("body", "content", "comment", "message", "post", "review"),
    "title": ("thread_title", "subject", "headline"),
    "thread": ("thread_id", "topic", "topic_id", "conversation_id"),
    "author": ("user", "username", "user_name", "author_id", "author_name", "handle", "screen_name"),
    "id": ("post_id", "comment_id", "message_id"),
    "parent": ("parent_id", "reply_to", "in_reply_to", "in_reply_to_id"),
    "url": ("link", "permalink"),
    "source": ("site", "platform", "forum", "channel"),
    "negative": ("is_negative",),
    "hostile": ("is_hostile", "hostility"),
}
"""Names that exports have for our columns; one of ours in the same file goes before them."""

_OWN = (*REQUIRED, *OPTIONAL, *LABELS)
_WORDS = {"true": 1.0, "yes": 1.0, "false": 0.0, "no": 0.0, "negative": 1.0, "neutral": 0.0, "positive": 0.0}
_MILLISECONDS = re.compile(r"\d{12,14}")


class ReplayColumns(Columns):
    """As `Columns`, but strange columns are left out, and a file of titles alone has these for its texts."""

    __slots__ = ()

    def check(self, given: Iterable[str]) -> None:
        """Raise `ImportFileError` where there is no time, or nothing that was said."""
        ours = {name for column in given if (name := self.name(column)) is not None}
        missing = [name for name in REQUIRED if name not in ours]
        if "text" in missing and "title" in ours:
            missing.remove("text")
        if missing:
            raise ImportFileError(f"missing columns: {', '.join(missing)}; known are: {', '.join(_OWN)}")

    def name(self, column: str) -> str | None:
        """Return our name of a file's column, None for one that is left out."""
        return self.names.get(column) or _ours(column)

    def renamed(self, cells: Iterable[tuple[str, object]]) -> dict[str, object]:
        """Return a row under our names."""
        row: dict[str, object] = {}
        for column, value in cells:
            name = self.name(column)
            if name is not None and (name not in row or column == name or column in self.names):
                row[name] = value
        if not row.get("text"):
            row["text"] = row.get("title")
        row["created_at"] = _seconds(row.get("created_at"))
        return row


def probability(row: Mapping[str, object], column: str) -> float | None:
    """Return a given label as a probability, 0..1; None where the cell is empty. Raises `RowError`."""
    value = row.get(column)
    if isinstance(value, str):
        value = value.strip().casefold()
    if value is None or value == "":
        return None
    if isinstance(value, str):
        value = _WORDS.get(value, value)
    try:
        found = float(value)  # type: ignore[arg-type]  # what is no number raises
    except (TypeError, ValueError):
        found = -1.0
    if not 0 <= found <= 1:
        raise RowError(f"{column} is none of 0, 1, true, false and a probability between")
    return found


@cache
def _ours(column: str) -> str | None:
    bare = "_".join(column.casefold().replace("-", " ").replace("_", " ").split())
    if bare in _OWN:
        return bare
    return next((name for name, others in OTHER_NAMES.items() if bare in others), None)


def _seconds(value: object) -> object:
    """Return milliseconds since 1970 as seconds, anything else as it is."""
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 1e11:
        return value / 1000
    if isinstance(value, str) and _MILLISECONDS.fullmatch(value.strip()):
        return float(value) / 1000
    return value
