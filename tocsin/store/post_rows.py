"""A post as it becomes a row: cleaned, dated, identified."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import NamedTuple

from tocsin.store.records import Engagement, Post
from tocsin.store.times import maybe_text, to_text

CLOCK_SLACK = timedelta(minutes=5)
"""A post dated later than this after now is dated by a wrong clock, or on purpose."""


class PostRow(NamedTuple):
    """The columns of one post, of its thread and of its author, ready to be written."""

    id: str
    source: str
    thread_id: str
    title: str
    thread_url: str | None
    thread_created_at: str | None
    parent_id: str | None
    author_id: str | None
    handle: str | None
    url: str | None
    created_at: str
    dated: int
    position: int | None
    text: str
    content_hash: str
    first_seen_at: str
    edited_at: str | None
    observed: dict[str, object] | None


def prepare(
    post: Post, now: datetime, first_seen_at: datetime, *, pseudonym_key: bytes | None, backdate: bool
) -> PostRow:
    """Return the row of `post`; see `posts.write_posts` for what is cleaned and how it is dated."""
    dated = post.created_at is not None and post.created_at <= now + CLOCK_SLACK
    created_at = post.created_at if post.created_at is not None and dated else first_seen_at
    seen = created_at if backdate else first_seen_at
    text = clean(post.text)
    handle = clean(post.author).strip() if post.author else ""
    if handle and pseudonym_key is not None:
        handle = pseudonym(post.source, handle, pseudonym_key)
    return PostRow(
        id=clean(post.id),
        source=post.source,
        thread_id=clean(post.thread.id),
        title=clean(post.thread.title).strip(),
        thread_url=_clean_or_none(post.thread.url),
        thread_created_at=maybe_text(post.thread.created_at),
        parent_id=_clean_or_none(post.parent_id),
        author_id=f"{post.source}:{handle}" if handle else None,
        handle=handle or None,
        url=_clean_or_none(post.url),
        created_at=to_text(created_at),
        dated=int(dated),
        position=post.position,
        text=text,
        content_hash=content_hash(text),
        first_seen_at=to_text(seen),
        edited_at=maybe_text(post.edited_at),
        observed=_observed(clean(post.id), post.engagement),
    )


def clean(text: str) -> str:
    """Return `text` as UTF-8 can hold it: no NUL, halves of a pair joined, lone surrogates as U+FFFD."""
    if text.isascii() and "\x00" not in text:
        return text
    text = text.replace("\x00", "")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def content_hash(text: str) -> str:
    """Return the identity of a text as stored (32 hex digits, BLAKE2b)."""
    return hashlib.blake2b(text.encode("utf-8"), digest_size=16).hexdigest()


def pseudonym(source: str, handle: str, key: bytes) -> str:
    """Return 16 hex digits that stand for `handle` in `source` (HMAC-SHA256, RFC 2104); no way back without `key`."""
    return hmac.new(key, f"{source}:{handle}".encode(), hashlib.sha256).hexdigest()[:16]


def author_hash(author_id: str) -> str:
    """Return how an erased author is remembered, so that he is not collected again (SHA-256)."""
    return hashlib.sha256(author_id.encode("utf-8")).hexdigest()


def _clean_or_none(text: str | None) -> str | None:
    return clean(text) if text else None


def _observed(post_id: str, engagement: Engagement | None) -> dict[str, object] | None:
    if engagement is None:
        return None
    figures = {name: getattr(engagement, name) for name in ("likes", "dislikes", "replies", "reposts", "views")}
    if all(value is None for value in figures.values()):
        return None
    return {"post": post_id, "at": to_text(engagement.observed_at), **figures}
