"""NodeBB's JSON to topics and posts. Pure.

Shapes (https://docs.nodebb.org/api/read/): a topic has `tid`, `titleRaw`, `slug`, `postcount` (the opening post
included), `viewcount`, `timestamp` and `lastposttime` (milliseconds since 1970), `deleted`; a post `pid`, `toPid`,
`index` (from 0), `content` (HTML), `timestamp`, `edited` (0: never), `upvotes`, `downvotes`, `replies.count`,
`deleted`, `user.username`. Posts that came from the fediverse have addresses for ids.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from lxml import html

from crawler.items import FoundPost
from crawler.quoting import own_words, parsed, plain_title, whole
from crawler.topics import Topic

_POST_LINK = re.compile(r"/post/(\d+)(?:$|[/?#])")
_PLACEHOLDER = "[["


def topic_of(row: Mapping[str, Any], base: str) -> Topic:
    """Return a topic of a list or by itself. Raises `KeyError` or `TypeError` for another shape."""
    native = str(row["tid"])
    gone = bool(row.get("deleted"))
    return Topic(
        native,
        title=plain_title(row.get("title") or row.get("titleRaw")),
        url=f"{base}/topic/{row.get('slug') or native}",
        posts=whole(row.get("postcount")),
        # What a list shows of a deleted topic differs from what it showed before, so that it is looked at once more.
        active=None if gone else _moment(row.get("lastposttime")),
        created=_moment(row.get("timestamp")),
        views=whole(row.get("viewcount")),
    )


def page_count(answer: Mapping[str, Any]) -> int | None:
    """Return how many pages there are, None where the answer does not say."""
    pagination = answer.get("pagination")
    return whole(pagination.get("pageCount")) if isinstance(pagination, Mapping) else None


def categories_of(answer: Mapping[str, Any]) -> list[str]:
    """Return the ids of all categories that a visitor sees, those inside others too."""
    found: dict[str, None] = {}
    rows = list(answer.get("categories") or [])
    while rows:
        row = rows.pop(0)
        if isinstance(row, Mapping) and row.get("cid") is not None:
            if not row.get("link"):
                found[str(row["cid"])] = None
            rows.extend(row.get("children") or [])
    return list(found)


def post_of(row: Mapping[str, Any], topic: Topic, base: str, position: int) -> FoundPost:
    """Return a post. Raises `KeyError`, `TypeError` or `ValueError` for another shape."""
    native = str(row["pid"])
    root = parsed(str(row["content"]))
    quotes = list(_quotes(root)) if root is not None else []
    place = whole(row.get("index"))
    place = position if place is None else place
    opens, created = place == 0, _moment(row["timestamp"])
    replies = row.get("replies")
    told = whole(replies.get("count")) if isinstance(replies, Mapping) else whole(replies)
    return FoundPost(
        thread=topic.native,
        native_id=native,
        text=own_words(root, [part for quote in quotes for part in quote]),
        title=topic.title,
        thread_url=topic.url,
        thread_created_at=topic.created or (created if opens else None),
        created_at=created,
        edited_at=_moment(row.get("edited")),
        author=_author(row),
        parent=None if opens else _parent(row, quotes),
        url=f"{base}/post/{native}" if native.isdecimal() else native,
        position=place,
        opens=opens,
        likes=whole(row.get("upvotes", row.get("votes"))),
        dislikes=whole(row.get("downvotes")),
        replies=topic.posts - 1 if opens and topic.posts else told,
        views=topic.views if opens else None,
    )


def _quotes(root: html.HtmlElement) -> Iterator[list[html.HtmlElement]]:
    """Return quoted posts, each with the line that names it ("@ann said in Prices:"), in whatever language."""
    for quote in root.iter("blockquote"):
        lead = quote.getprevious()
        if lead is not None and not (lead.tail or "").strip() and _names_post(lead):
            yield [lead, quote]


def _names_post(lead: html.HtmlElement) -> bool:
    words = str(lead.text_content()).strip()
    if not words.endswith((":", "\uff1a")) or len(words) > 300:
        return False
    return words.startswith("@") or any(_POST_LINK.search(link.get("href") or "") for link in lead.iter("a"))


def _parent(row: Mapping[str, Any], quotes: list[list[html.HtmlElement]]) -> str | None:
    if row.get("toPid"):
        return str(row["toPid"])
    links = (link.get("href") or "" for lead, *_ in quotes for link in lead.iter("a"))
    named = {found[1] for link in links if (found := _POST_LINK.search(link))}
    return named.pop() if len(named) == 1 else None


def _author(row: Mapping[str, Any]) -> str | None:
    user = row.get("user")
    name = user.get("username") if isinstance(user, Mapping) else None
    guest = not row.get("uid") and not row.get("handle")
    return None if guest or not isinstance(name, str) or name.startswith(_PLACEHOLDER) else name


def _moment(milliseconds: object) -> datetime | None:
    try:
        value = float(milliseconds) / 1_000 if isinstance(milliseconds, int | float | str) else 0.0
        return datetime.fromtimestamp(value, UTC) if value > 0 else None
    except (OverflowError, OSError, ValueError):
        return None
