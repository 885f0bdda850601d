"""From what a spider found to the store: validate, identify, keep. One bad item never stops the others."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from scrapy.exceptions import DropItem

from crawler.items import FoundAccount, FoundPost, GonePost, Mark
from crawler.posting import InvalidPostError, identified, validated
from tocsin.store.errors import StoreError
from tocsin.store.observed import note_back, note_gone, write_account_figures
from tocsin.store.posts import write_posts
from tocsin.store.records import AccountFigure, Post

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.spiders.base import SourceSpider

BATCH = 500
"""Posts a transaction."""

Other = Mark | FoundAccount | GonePost

LONGEST_HOLD = 5.0
"""Seconds that a post may wait for its batch to fill."""


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

    def process_item(self, item: FoundPost | Other) -> FoundPost | Other:
        """Count and check one item."""
        if not isinstance(item, FoundPost):
            return item
        self.spider.account.seen += 1
        try:
            return validated(item)
        except InvalidPostError as error:
            self.spider.account.dropped[str(error)] += 1
            raise DropItem(str(error)) from error


class Identify(_Stage):
    """Gives posts their lasting ids."""

    def process_item(self, item: FoundPost | Other) -> Post | Other:
        """Make a `Post` of a found one."""
        if not isinstance(item, FoundPost):
            return item
        now = self.spider.session.now()
        if self.spider.session.plan.keep_days and self.spider.too_old(item.created_at):
            raise DropItem("older than what is kept (retention.days)")
        self.spider.account.dated(item.created_at, now)
        return identified(item, self.spider.source.name, now)


class Keep(_Stage):
    """Writes posts in batches, and the marks only after the posts they speak of."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._posts: list[Post] = []
        self._accounts: list[AccountFigure] = []
        self._gone: dict[str, None] = {}
        self._marks: list[tuple[str, Mapping[str, object] | None]] = []
        self._written_at = time.monotonic()

    def process_item(self, item: Post | Other) -> Post | Other:
        """Hold one item back until its batch is full or old."""
        source = self.spider.source.name
        if isinstance(item, Mark):
            self._marks.append((item.key, item.value))
        elif isinstance(item, FoundAccount):
            now = self.spider.session.now()
            self._accounts.append(AccountFigure(source, item.account, now, item.followers, item.posts))
        elif isinstance(item, GonePost):
            self._gone[f"{source}:{item.native_id.strip()}"] = None
        else:
            # Shown again after all: it stood elsewhere, say in the topic it was moved to.
            self._gone.pop(item.id, None)
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
                        session.store,
                        self._posts,
                        session.now(),
                        pseudonym_key=key.encode("utf-8") if key else None,
                        move=self.spider.moves_posts,
                    )
                )
                note_back(session.store, [post.id for post in self._posts])
                self._posts = []
            if self._accounts:
                write_account_figures(session.store, self._accounts)
                self._accounts = []
            if self._gone:
                note_gone(session.store, list(self._gone), session.now())
                self._gone = {}
            if self._marks:
                session.memory.remember(self.spider.source.name, self._marks)
                self._marks = []
        except StoreError as error:
            account.trouble("failed", f"{len(self._posts)} posts could not be stored: {error}")


STAGES = (Validate, Identify, Keep)
"""The way of an item, in order."""
