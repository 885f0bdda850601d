"""Posts of Bluesky's AppView as found posts. Pure.

https://docs.bsky.app/docs/api/app-bsky-feed-get-post-thread ; lexicons app.bsky.feed.defs, app.bsky.richtext.facet.
A post's id is its address `at://did/app.bsky.feed.post/key`, which outlives a change of handle.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from crawler.extract.text import tidy
from crawler.items import FoundPost
from crawler.values import moment, part

Row = Mapping[str, Any]

COLLECTION = "app.bsky.feed.post"
_LINK = re.compile(r"(?:https?://[^/]+/profile/|at://)([^/?#]+)/(?:post|app\.bsky\.feed\.post)/([^/?#]+)")
NO_HANDLE = "handle.invalid"
"""What is shown for an author whose handle no longer leads to the account."""

_HIDDEN = "!no-unauthenticated"


def address_of(page: str) -> str | None:
    """Return the at:// address of a post that is named by a link or an address, None for anything else."""
    found = _LINK.match(page.strip())
    return f"at://{found[1]}/{COLLECTION}/{found[2]}" if found else None


def root_of(view: Row) -> str:
    """Return the address of the post that a post's thread begins with. Raises `KeyError`."""
    return _reference(view, "root") or str(view["uri"])


def parent_of(view: Row) -> str | None:
    """Return the address of the post that this one answers."""
    return _reference(view, "parent")


def replies_of(view: Row) -> int | None:
    """Return how many direct replies a post counts, None when it does not."""
    count = view.get("replyCount")
    return count if isinstance(count, int) else None


def made_at(view: Row) -> datetime | None:
    """Return when a post was made: its own word for it, but not later than when the network saw it."""
    stated = [moment(part(view, "record").get("createdAt")), moment(view.get("indexedAt"))]
    return min((found for found in stated if found is not None), default=None)


def hides(view: Row) -> bool:
    """Tell whether the author asks not to be shown to visitors who are not signed in."""
    labels = part(view, "author").get("labels")
    return isinstance(labels, list) and any(isinstance(row, dict) and row.get("val") == _HIDDEN for row in labels)


def listed_at(item: Row) -> datetime | None:
    """Return the moment by which a feed sorts an entry: a repost's own, else the post's."""
    return moment(part(item, "reason").get("indexedAt")) or made_at(part(item, "post"))


def is_repost(item: Row) -> bool:
    """Tell whether an entry of a feed only passes somebody's post on."""
    return part(item, "reason").get("$type") == "app.bsky.feed.defs#reasonRepost"


def post_of(view: Row) -> FoundPost:
    """Return a `postView` as a post. Raises `KeyError` or `TypeError` when it is none."""
    native, root = str(view["uri"]), root_of(view)
    author = part(view, "author")
    opens = native == root
    made = made_at(view)
    return FoundPost(
        thread=root,
        native_id=native,
        text=text_of(view["record"]),
        created_at=made,
        thread_created_at=made if opens else None,
        thread_url=permalink(root),
        author=author.get("did") if author.get("handle") in (None, "", NO_HANDLE) else author.get("handle"),
        parent=parent_of(view),
        url=permalink(native),
        position=0 if opens else None,
        opens=opens,
        likes=view.get("likeCount"),
        replies=view.get("replyCount"),
        reposts=view.get("repostCount"),
    )


def permalink(address: str) -> str | None:
    """Return the page of a post on bsky.app."""
    found = _LINK.match(address)
    return f"https://bsky.app/profile/{found[1]}/post/{found[2]}" if found else None


def text_of(record: Row) -> str:
    """Return what a post says: links in full, the address of its card, picture descriptions where nothing else is."""
    said = record.get("text")
    text = tidy(_with_links(said, record.get("facets"))) if isinstance(said, str) else ""
    card = next((found for found in _embeds(record) if isinstance(found.get("uri"), str)), {})
    address = card.get("uri", "")
    if not text:
        spoken = [card.get("title"), *(found.get("alt") for found in _embeds(record))]
        text = "\n".join(words.strip() for words in spoken if isinstance(words, str) and words.strip())
    return text if not address or address in text else f"{text}\n{address}".strip()


def nodes_in(thread: object) -> Iterator[tuple[Row, int]]:
    """Return every node of a thread answer with its depth, parents before their replies. Takes no recursion."""
    stack: list[tuple[object, int]] = [(thread, 0)]
    while stack:
        node, depth = stack.pop()
        if isinstance(node, dict):
            yield node, depth
            replies = node.get("replies")
            stack.extend((reply, depth + 1) for reply in reversed(replies if isinstance(replies, list) else []))


def _with_links(text: str, facets: object) -> str:
    """Put addresses in the place of the shortened forms that are shown. Facets count bytes of UTF-8."""
    raw = text.encode("utf-8", "replace")
    for start, end, address in sorted(_links(facets), reverse=True):
        shown = raw[start:end].decode("utf-8", "replace")
        if not 0 <= start < end <= len(raw) or address in shown:
            continue
        short = shown.rstrip(".… ").removeprefix("https://").removeprefix("http://")
        full = address if short and short in address else f"{shown} ({address})"
        raw = raw[:start] + full.encode("utf-8", "replace") + raw[end:]
    return raw.decode("utf-8", "replace")


def _links(facets: object) -> Iterator[tuple[int, int, str]]:
    for facet in facets if isinstance(facets, list) else ():
        place = part(facet, "index")
        features = facet.get("features") if isinstance(facet, dict) else None
        bounds = (place.get("byteStart"), place.get("byteEnd"))
        for feature in features if isinstance(features, list) else ():
            address = feature.get("uri") if isinstance(feature, dict) else None
            if isinstance(address, str) and isinstance(bounds[0], int) and isinstance(bounds[1], int):
                yield bounds[0], bounds[1], address


def _embeds(record: Row) -> Iterator[Row]:
    embed = part(record, "embed")
    for holder in (embed, part(embed, "media")):
        if external := part(holder, "external"):
            yield external
        images = holder.get("images")
        yield from (image for image in (images if isinstance(images, list) else []) if isinstance(image, dict))


def _reference(view: Row, which: str) -> str | None:
    address = part(part(part(view, "record"), "reply"), which).get("uri")
    return address if isinstance(address, str) else None
