"""From a found post to a post: sound values, lasting ids. Pure."""

from __future__ import annotations

import hashlib
import math
import re
from datetime import UTC, datetime
from urllib.parse import urlsplit

from crawler.items import FoundPost
from tocsin.store.records import Engagement, Post, Thread

MAX_TEXT = 100_000
"""Characters of a post that are kept; the model reads far fewer, and a 10 MB post is no post."""

MAX_TITLE = 1_000
MAX_ID = 500
MAX_URL = 4_000
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_PLAIN_URL = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?(?:/[A-Za-z0-9_.~/=&?%#+-]*)?")
"""Most addresses: to take the others apart costs ten times as much."""

_FIGURES = ("likes", "dislikes", "replies", "reposts", "views")


class InvalidPostError(ValueError):
    """A found post that cannot become a post. The text is a reason to count, without the post's words."""


def validated(found: FoundPost) -> FoundPost:
    """Return `found` with sound values. Raises `InvalidPostError` when there is nothing to keep.

    An opening post without a body (a link) speaks by its title. Dates before 1990 are no dates;
    figures that are no whole numbers are not shown figures.
    """
    if not isinstance(found.text, str) or not isinstance(found.title, str):
        raise InvalidPostError("text is not text")
    found.title = " ".join(found.title.split())[:MAX_TITLE]
    found.text = found.text.strip()[:MAX_TEXT] or (found.title if found.opens else "")
    if not found.text:
        raise InvalidPostError("empty text")
    found.created_at = _sound_time(found.created_at)
    found.edited_at = _sound_time(found.edited_at)
    found.thread_created_at = _sound_time(found.thread_created_at)
    found.author = " ".join(found.author.split())[:200] or None if found.author else None
    found.url = _sound_url(found.url)
    found.thread_url = _sound_url(found.thread_url)
    for figure in _FIGURES:
        if (value := getattr(found, figure)) is not None:
            setattr(found, figure, _whole(value))
    return found


def identified(found: FoundPost, source: str, now: datetime) -> Post:
    """Return `found` as a `Post` of `source`: ids prefixed, a missing id made from what the post says.

    A post without a thread opens its own.
    """
    native = found.native_id.strip() or _made_id(found)
    thread = Thread(
        id=_prefixed(source, found.thread or native),
        source=source,
        title=found.title,
        url=found.thread_url,
        created_at=found.thread_created_at,
    )
    figures: dict[str, int | None] = {figure: getattr(found, figure) for figure in _FIGURES}
    shown = any(value is not None for value in figures.values())
    return Post(
        id=_prefixed(source, native),
        source=source,
        thread=thread,
        text=found.text,
        created_at=found.created_at,
        author=found.author,
        parent_id=_prefixed(source, found.parent) if found.parent else None,
        url=found.url,
        position=found.position,
        edited_at=found.edited_at,
        engagement=Engagement(observed_at=now, **figures) if shown else None,
    )


def _prefixed(source: str, native: str) -> str:
    native = native.strip()
    if len(native) > MAX_ID:
        native = "h" + hashlib.blake2b(native.encode("utf-8", "replace"), digest_size=16).hexdigest()
    return f"{source}:{native}"


def _made_id(found: FoundPost) -> str:
    said = "\x1f".join(
        (found.thread, found.author or "", found.created_at.isoformat() if found.created_at else "", found.text)
    )
    return "h" + hashlib.blake2b(said.encode("utf-8", "replace"), digest_size=16).hexdigest()


def _sound_time(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    if moment.tzinfo is not UTC:
        try:
            moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except (OverflowError, ValueError):
            return None
    return moment if moment >= EARLIEST else None


def _sound_url(url: str | None) -> str | None:
    if not url:
        return None
    if len(url) <= MAX_URL and _PLAIN_URL.fullmatch(url):
        return url
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc and len(url) <= MAX_URL else None


def _whole(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return int(value) if abs(value) < 2**53 else None
