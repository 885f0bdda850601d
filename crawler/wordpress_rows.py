"""What WordPress says, read into found posts: rows of its REST API and entries of its feeds. Pure.

Posts are `p44`, comments `c1234`, so that the two can never be taken for one another.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from crawler.extract.records import FeedEntry
from crawler.extract.text import render_fragment
from crawler.items import FoundPost

_COMMENT_ID = re.compile(r"#comment-(\d+)$")


def is_protected(row: Mapping[str, Any]) -> bool:
    """Tell whether a post needs a password."""
    content = row.get("content")
    return isinstance(content, dict) and bool(content.get("protected"))


def post_of(row: Mapping[str, Any]) -> FoundPost | None:
    """Return a row of `/posts` as the opening of a thread, None when it is none."""
    number = row.get("id")
    if not isinstance(number, int):
        return None
    return FoundPost(
        thread=f"p{number}",
        native_id=f"p{number}",
        text=_rendered(row.get("content")),
        title=_rendered(row.get("title")),
        thread_url=row.get("link"),
        thread_created_at=gmt(row.get("date_gmt")),
        created_at=gmt(row.get("date_gmt")),
        author=_author(row),
        url=row.get("link"),
        position=0,
        opens=True,
    )


def comment_of(row: Mapping[str, Any], titles: Mapping[int, tuple[str, str | None]]) -> FoundPost | None:
    """Return a row of `/comments` as a post, None for pingbacks and trackbacks.

    `titles` gives title and address of posts by number, where known.
    """
    number, post = row.get("id"), row.get("post")
    if not isinstance(number, int) or not isinstance(post, int) or row.get("type", "comment") != "comment":
        return None
    title, link = titles.get(post, ("", None))
    parent = row.get("parent")
    return FoundPost(
        thread=f"p{post}",
        native_id=f"c{number}",
        text=_rendered(row.get("content")),
        title=title,
        thread_url=link,
        created_at=gmt(row.get("date_gmt")),
        author=row.get("author_name") or None,
        parent=f"c{parent}" if parent else f"p{post}",
        url=row.get("link"),
    )


def ids_of(entry: FeedEntry) -> tuple[str | None, str | None]:
    """Return the ids of an entry's post and comment, as far as its guid and link tell."""
    comment = _COMMENT_ID.search(entry.native_id) or _COMMENT_ID.search(entry.url or "")
    numbers = parse_qs(urlsplit(entry.native_id).query).get("p", [])
    post = f"p{numbers[0]}" if numbers and numbers[0].isdigit() else None
    return post, f"c{comment[1]}" if comment else None


def parent_of(entry: FeedEntry, thread: str) -> str | None:
    """Return the id of what a feed's comment answers; the thread's opening post where the feed does not say."""
    found = _COMMENT_ID.search(entry.parent or "")
    if found:
        return f"c{found[1]}"
    return None if entry.parent else thread


def gmt(value: object) -> datetime | None:
    """Return the moment of a `*_gmt` field, None when it is none."""
    try:
        return datetime.fromisoformat(value).replace(tzinfo=UTC) if isinstance(value, str) else None
    except ValueError:
        return None


def iso(seconds: int) -> str:
    """Return a moment as the API takes it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _rendered(value: object) -> str:
    markup = value.get("rendered") if isinstance(value, dict) else None
    return render_fragment(markup) if isinstance(markup, str) else ""


def _author(row: Mapping[str, Any]) -> str | None:
    embedded = row.get("_embedded")
    authors = embedded.get("author") if isinstance(embedded, dict) else None
    first = authors[0] if isinstance(authors, list) and authors else None
    name = first.get("name") if isinstance(first, dict) else None
    return name if isinstance(name, str) else None
