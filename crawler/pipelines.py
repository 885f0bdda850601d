"""From what a spider found to the store: validate, identify, keep. One bad item never stops the others."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy.exceptions import DropItem

from crawler.items import FoundPost, Mark
from tocsin.store.errors import StoreError
from tocsin.store.posts import write_posts
from tocsin.store.records import Engagement, Post, Thread

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.spiders.base import SourceSpider

BATCH = 500
"""Posts a transaction."""

LONGEST_HOLD = 5.0
"""Seconds that a post may wait for its batch to fill."""

MAX_TEXT = 100_000
"""Characters of a post that are kept; the model reads far fewer, and a 10 MB post is no post."""

MAX_TITLE = 1_000
MAX_ID = 500
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
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
    if not found.thread.strip():
        raise InvalidPostError("no thread")
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
        setattr(found, figure, _whole(getattr(found, figure)))
    return found


def identified(found: FoundPost, source: str, now: datetime) -> Post:
    """Return `found` as a `Post` of `source`: ids prefixed, a missing id made from what the post says."""
    native = found.native_id.strip() or _made_id(found)
    thread = Thread(
        id=_prefixed(source, found.thread),
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


class _Stage:
    """A pipeline stage that knows its spider."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Any:
        """Build it as Scrapy asks."""
        return cls(crawler)

    @property
    def spider(self) -> SourceSpider:
        """The spider whose items pass."""
        return self._crawler.spider  # type: ignore[return-value] # every spider here is ours


class Validate(_Stage):
    """Drops what is no post, with the reason."""

    def process_item(self, item: FoundPost | Mark) -> FoundPost | Mark:
        """Count and check one item."""
        if isinstance(item, Mark):
            return item
        self.spider.account.seen += 1
        try:
            return validated(item)
        except InvalidPostError as error:
            self.spider.account.dropped[str(error)] += 1
            raise DropItem(str(error)) from error


class Identify(_Stage):
    """Gives posts their lasting ids."""

    def process_item(self, item: FoundPost | Mark) -> Post | Mark:
        """Make a `Post` of a found one."""
        if isinstance(item, Mark):
            return item
        now = self.spider.session.now()
        self.spider.account.dated(item.created_at, now)
        return identified(item, self.spider.source.name, now)


class Keep(_Stage):
    """Writes posts in batches, and the marks only after the posts they speak of."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._posts: list[Post] = []
        self._marks: list[tuple[str, Mapping[str, object] | None]] = []
        self._written_at = time.monotonic()

    def process_item(self, item: Post | Mark) -> Post | Mark:
        """Hold one item back until its batch is full or old."""
        if isinstance(item, Mark):
            self._marks.append((item.key, item.value))
        else:
            self._posts.append(item)
        if len(self._posts) >= BATCH or time.monotonic() - self._written_at > LONGEST_HOLD:
            self.write()
        return item

    def close_spider(self) -> None:
        """Write what is left, then let the spider settle what it knows to be missing."""
        self.write()
        if not self._posts:
            self.spider.settle()

    def write(self) -> None:
        """Write what is held. When the store refuses, the posts stay in hand for the next batch."""
        session, account = self.spider.session, self.spider.account
        self._written_at = time.monotonic()
        key = session.plan.pseudonym_key
        try:
            if self._posts:
                account.stored(
                    write_posts(
                        session.store, self._posts, session.now(), pseudonym_key=key.encode("utf-8") if key else None
                    )
                )
                self._posts = []
            if self._marks:
                session.memory.remember(self.spider.source.name, self._marks)
                self._marks = []
        except StoreError as error:
            account.trouble("failed", f"{len(self._posts)} posts could not be stored: {error}")


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
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    try:
        moment = moment.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return moment if moment >= EARLIEST else None


def _sound_url(url: str | None) -> str | None:
    if not url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc and len(url) <= 4_000 else None


def _whole(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return int(value) if abs(value) < 2**53 else None
