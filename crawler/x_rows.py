"""Posts of X's API v2 as found posts, and which ids are still to be read. Pure.

https://docs.x.com/x-api/fundamentals/data-dictionary : ids are snowflakes, they carry the time they were made.
https://docs.x.com/x-api/fundamentals/edit-posts : every edit is a new post with an id of its own; all versions name all
ids in `edit_history_tweet_ids`, the oldest first. A post keeps the first of them here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from html import unescape
from typing import Any

from crawler.extract.text import tidy
from crawler.items import FoundPost
from crawler.values import moment

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


def first_of(row: Row) -> str:
    """Return the id of a post's first version. Raises `KeyError`."""
    return _versions(row)[0]


def newer_than(row: Row) -> str | None:
    """Return the id of a post's newest version where the row is an older one. Raises `KeyError`."""
    newest = _versions(row)[-1]
    return newest if newest != str(row["id"]) else None


def _versions(row: Row) -> list[str]:
    history = row.get("edit_history_tweet_ids")
    ids = [str(native) for native in history if str(native).isdigit()] if isinstance(history, list) else []
    return ids or [str(row["id"])]


def gone_in(answer: Row) -> set[str]:
    """Return the ids asked for that are not there, or not for everybody any more (a protected account).

    Errors stand beside the posts in an answer of status 200: https://docs.x.com/x-api/fundamentals/response-codes-and-errors
    (`type` .../problems/resource-not-found). Those about what a post refers to name another `parameter`.
    """
    found = set()
    for error in answer.get("errors") or ():
        if not isinstance(error, Mapping) or error.get("parameter", "ids") not in ("ids", "id"):
            continue
        if str(error.get("type")).rpartition("/")[2] in ("resource-not-found", "not-authorized-for-resource"):
            found.add(str(error.get("resource_id") or error.get("value")))
    return found


def post_of(row: Row, names: Mapping[str, str]) -> Iterator[FoundPost]:
    """Return a post, nothing for a retweet. Raises `KeyError`."""
    versions = _versions(row)
    native, made = versions[0], moment(row.get("created_at"))
    links = {each["type"]: str(each["id"]) for each in row.get("referenced_tweets") or ()}
    if "retweeted" in links:
        return
    thread = str(row.get("conversation_id") or native)
    thread = native if thread in versions else thread
    author = names.get(str(row.get("author_id")))
    figures = row.get("public_metrics") or {}
    # What a post longer than 280 signs says stands in `note_tweet`.
    text = (row.get("note_tweet") or {}).get("text") or row["text"]
    yield FoundPost(
        thread=thread,
        native_id=native,
        text=tidy(unescape(text)),
        created_at=made_at(int(native)) if len(versions) > 1 else made,
        thread_url=f"https://x.com/i/status/{thread}",
        author=author,
        parent=links.get("replied_to"),
        url=f"https://x.com/{author or 'i'}/status/{native}",
        opens=thread == native,
        edited_at=made if len(versions) > 1 else None,
        likes=figures.get("like_count"),
        replies=figures.get("reply_count"),
        reposts=figures.get("retweet_count"),
        views=figures.get("impression_count"),
    )
