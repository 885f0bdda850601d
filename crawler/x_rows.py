"""Posts of X's API v2 as found posts, and which ids are still to be read. Pure.

https://docs.x.com/x-api/fundamentals/data-dictionary : ids are snowflakes, they carry the time they were made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from html import unescape
from typing import Any

from crawler.extract.text import tidy
from crawler.items import FoundPost

Row = Mapping[str, Any]
Slice = tuple[int, int]
"""Ids above the first and below the second are to be read; 0 stands for no bound."""

_EPOCH_MS = 1_288_834_974_657


def made_at(native: int) -> datetime:
    """Return when the post with this id was made."""
    return datetime.fromtimestamp(((native >> 22) + _EPOCH_MS) / 1000, UTC)


def id_at(moment: datetime) -> int:
    """Return the lowest id a post made at `moment` can have."""
    return max(0, int(moment.timestamp() * 1000) - _EPOCH_MS) << 22


def plan_ids(mark: Mapping[str, Any]) -> list[Slice]:
    """Return what to read in this run, newest slice last: what was left over, and all above the top."""
    left = [(int(low), int(high)) for low, high in mark.get("todo", [])]
    return [*left, (int(mark.get("top", 0)), 0)]


def names_in(answer: Row) -> dict[str, str]:
    """Return the authors' names by their ids, from the expansions of an answer."""
    users = (answer.get("includes") or {}).get("users") or ()
    return {str(user["id"]): str(user["username"]) for user in users if "id" in user and "username" in user}


def post_of(row: Row, names: Mapping[str, str]) -> Iterator[FoundPost]:
    """Return a post, nothing for a retweet. Raises `KeyError`."""
    native = str(row["id"])
    links = {each["type"]: str(each["id"]) for each in row.get("referenced_tweets") or ()}
    if "retweeted" in links:
        return
    thread = str(row.get("conversation_id") or native)
    author = names.get(str(row.get("author_id")))
    figures = row.get("public_metrics") or {}
    # What a post longer than 280 signs says stands in `note_tweet`.
    text = (row.get("note_tweet") or {}).get("text") or row["text"]
    yield FoundPost(
        thread=thread,
        native_id=native,
        text=tidy(unescape(text)),
        created_at=datetime.fromisoformat(row["created_at"]),
        thread_url=f"https://x.com/i/status/{thread}",
        author=author,
        parent=links.get("replied_to"),
        url=f"https://x.com/{author or 'i'}/status/{native}",
        opens=thread == native,
        likes=figures.get("like_count"),
        replies=figures.get("reply_count"),
        reposts=figures.get("retweet_count"),
        views=figures.get("impression_count"),
    )
