"""Sites without a feed or an API, by their sitemaps: pages that are new or changed are read as forum pages are.

A page becomes a thread: the article, and below it the comments where the page shows them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.extract import next_page
from crawler.extract.records import ExtractedPost, ThreadLink
from crawler.forum_threads import PostNames, ThreadState, thread_key
from crawler.items import Mark
from crawler.sitemap_walk import SitemapWalker
from crawler.sitemaps import SitemapEntry
from crawler.spiders.base import Found
from crawler.spiders.forum import ForumSpider

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

QUIET = timedelta(days=14)
"""A page whose sitemap tells no dates is read again until it has had no new post for so long."""

_NO_DATE = 4_000
"""Days: pages without a date come after those of the last ten years."""


class SitemapSpider(SitemapWalker, ForumSpider):
    """Reads the sitemaps, then the pages that are due, the latest changed first."""

    async def start(self) -> AsyncIterator[Request]:
        """Begin with the sitemaps, then pages that are unread or young."""
        self.room = self.source.budget
        self.empty = self.full = 0
        yield self.find_pages(self.url)
        left = [(key, ThreadState.from_mark(mark)) for key, mark in self.left_over("thread ").items()]
        for key, state in left:
            if not state.complete:
                for request in self._ask_if_room(key, state):
                    yield request
            elif state.newest is not None and state.newest >= self._young_after(state):
                for request in self._ask_if_room(key, state.listed(_as_link(state.url, state))):
                    yield request

    def pages_found(self, entries: Sequence[SitemapEntry]) -> Iterator[Found]:
        """Note the pages that are due as unread, and ask for them."""
        for entry in entries:
            key = page_key(entry.url)
            known = self._state(key)
            if self._is_due(entry, known):
                state = (known or ThreadState(entry.url, entry.url)).listed(ThreadLink(entry.url, "", entry.changed))
                yield Mark(f"thread {key}", state.to_mark())
                yield from self._ask_if_room(key, state)

    def _young_after(self, state: ThreadState) -> datetime:
        return self.recheck_after if state.activity else self.account.started_at - QUIET

    def _is_due(self, entry: SitemapEntry, state: ThreadState | None) -> bool:
        if self.too_old(entry.changed):
            return False
        if state is None:
            return True
        if not state.complete or state.at in self.asked:
            return False
        if entry.changed is None:
            return False  # see `_young_after`
        # `lastmod` is often a day: a page may change again on the day it was read.
        return state.activity is None or entry.changed > state.activity or entry.changed >= self.recheck_after

    def _ask_if_room(self, key: str, state: ThreadState) -> Iterator[Request]:
        """Ask for a page; more than the budget allows stay noted as unread and need not wait in memory."""
        if self.room <= 0:
            self.history_left = True
            return
        self.room -= 1
        age = min((self.account.started_at - state.activity).days, _NO_DATE - 1) if state.activity else _NO_DATE
        self.asked.add(state.at)
        yield self._ask_page(key, state, priority=-age)

    def thread(self, response: Response, key: str, state: ThreadState) -> Iterator[Found]:
        """Read a page. One without posts (a form, a list of links) is nothing wrong in a sitemap."""
        page = self._page(response)
        found = self.reader.read(page, response.url, now=self.account.started_at)
        posts = [_named(post) for post in found.posts] if found.route not in ("none", "description") else []
        self.empty, self.full = self.empty + (not posts), self.full + bool(posts)
        state = state.with_posts(replace(found, posts=tuple(posts)))
        names = self.names.setdefault(key, PostNames(key, state.reused_ids))
        fresh = names.page(posts)
        state = replace(state, reused_ids=names.reused)
        for post in posts:
            yield names.found(post, state)
        following = next_page(page, response.url) if fresh else None
        following = following if following and _same_thread(following, state.url) else None
        yield self.read(response, state.at, next=following, posts=len(posts))
        yield from self._after_page(key, state, following, len(posts))

    def settle(self) -> None:
        """Say what was left out."""
        if self.empty and not self.full:
            self.account.trouble("partial", f"none of {self.empty} pages held posts that could be read")
        elif self.elsewhere:
            self.account.trouble("ok", f"{self.elsewhere} addresses on other hosts were left out")
        super().settle()


def page_key(url: str) -> str:
    """Return the identity of a page within its site: path and query."""
    parts = urlsplit(url)
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"


def _same_thread(following: str, url: str) -> bool:
    return thread_key(following) == thread_key(url) != "/"


def _as_link(url: str, state: ThreadState) -> ThreadLink:
    return ThreadLink(url, state.title, state.activity)


def _named(post: ExtractedPost) -> ExtractedPost:
    """Give an article its page's name, so that it stays the same post when its words are edited."""
    return replace(post, native_id="page") if post.position == 0 and post.native_id is None else post
