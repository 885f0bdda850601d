"""Things of Reddit's API as found posts. Pure. https://www.reddit.com/dev/api : t3 is a submission, t1 a comment.

What was withdrawn keeps its place, with a note in brackets instead of the words: "[deleted]" by its author, "[removed]"
by a moderator, "[ Removed by Reddit ]" and the like by Reddit; submissions also tell it in `removed_by_category`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from typing import Any

from crawler.extract.text import one_line, tidy
from crawler.items import FoundPost, GonePost
from crawler.values import moment_at

Row = Mapping[str, Any]
WITHDRAWN = re.compile(r"\[ ?(?:deleted|removed)(?: by [^\[\]]{1,100})? ?\]", re.IGNORECASE)
SITE = "https://www.reddit.com"


@dataclass
class Branch:
    """What an answer holds of a tree: comments, ids of withheld ones, comments whose replies need a request."""

    comments: list[Row] = field(default_factory=list)
    withheld: list[str] = field(default_factory=list)
    deeper: list[str] = field(default_factory=list)


def things_in(listing: object) -> list[Row]:
    """Return the things of a Listing ('' stands for an empty one)."""
    data = listing.get("data") if isinstance(listing, Mapping) else None
    rows = data.get("children") if isinstance(data, Mapping) else None
    return [row for row in rows or () if isinstance(row, Mapping) and isinstance(row.get("data"), Mapping)]


def branch_of(things: Sequence[Row]) -> Branch:
    """Return all comments of a tree, however deep."""
    branch, stack = Branch(), list(things)
    while stack:
        thing = stack.pop()
        data = thing["data"]
        if thing.get("kind") == "more":
            children = [str(child) for child in data.get("children") or ()]
            branch.withheld += children
            if not children:
                branch.deeper.append(str(data.get("parent_id", "")).removeprefix("t1_"))
        elif thing.get("kind") == "t1":
            branch.comments.append(data)
            stack += things_in(data.get("replies"))
    return branch


def is_gone(row: Row) -> bool:
    """Tell whether a submission or comment was deleted by its author or removed by a moderator."""
    words = row.get("selftext") if "selftext" in row else row.get("body")
    return _withdrawn(words) or bool(row.get("removed_by_category"))


def _withdrawn(words: object) -> bool:
    return isinstance(words, str) and WITHDRAWN.fullmatch(words) is not None


def submission_of(row: Row) -> Iterator[FoundPost | GonePost]:
    """Return a submission (t3) as the post that opens its thread. Raises `KeyError`."""
    native = f"t3_{row['id']}"
    if is_gone(row):
        yield GonePost(native)
        return
    made = moment(row.get("created_utc"))
    address = SITE + str(row["permalink"])
    yield FoundPost(
        thread=native,
        native_id=native,
        text=tidy(unescape(row.get("selftext") or "")),
        created_at=made,
        title=one_line(unescape(row["title"])),
        thread_url=address,
        thread_created_at=made,
        author=_author(row),
        url=address,
        position=0,
        opens=True,
        edited_at=moment(row.get("edited")),
        likes=_score(row),
        replies=row.get("num_comments"),
        reposts=row.get("num_crossposts"),
    )


def comment_of(row: Row) -> Iterator[FoundPost | GonePost]:
    """Return a comment (t1). Raises `KeyError`."""
    native, thread = f"t1_{row['id']}", str(row["link_id"])
    if is_gone(row):
        yield GonePost(native)
        return
    link = row.get("permalink")
    yield FoundPost(
        thread=thread,
        native_id=native,
        text=tidy(unescape(row["body"])),
        created_at=moment(row.get("created_utc")),
        author=_author(row),
        parent=str(row["parent_id"]),
        url=SITE + link if link else f"{SITE}/comments/{thread.removeprefix('t3_')}/_/{row['id']}",
        edited_at=moment(row.get("edited")),
        likes=_score(row),
    )


def moment(value: object) -> datetime | None:
    """Return seconds since 1970 as a time; `edited` is false for what never was."""
    return moment_at(value) if isinstance(value, int | float) and value > 1 else None


def _author(row: Row) -> str | None:
    name = row.get("author")
    return name if isinstance(name, str) and not _withdrawn(name) else None


def _score(row: Row) -> int | None:
    # The score is likes less dislikes; below zero it is no number of likes. Young ones may be hidden: `hide_score` of
    # submissions, `score_hidden` of comments.
    score, hidden = row.get("score"), row.get("score_hidden") or row.get("hide_score")
    return score if isinstance(score, int) and score >= 0 and not hidden else None
