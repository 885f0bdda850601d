"""HTML forums: listing pages lead to threads, both go on over pages. `crawler.extract` reads them.

Point the source at a listing that is sorted by latest activity. Threads are noted as unread before
they are asked for, and as read only when their posts are stored; a walk over the listing that is
cut short is remembered and taken up again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.errors import NotUnderstoodError
from crawler.extract import extract_page, next_page, thread_links
from crawler.extract.page import Page, read_page
from crawler.extract.records import ThreadLink
from crawler.extract.site import SiteReader
from crawler.forum_threads import REREAD_WHOLE_PAGES, PostNames, ThreadState, is_due, thread_key
from crawler.items import FoundPost, Mark
from crawler.missing import Counted
from crawler.revisits import Look, next_look
from crawler.revisits import is_due as is_look_due
from crawler.spiders.base import Found, SourceSpider
from crawler.walks import MAX_PAGES, Walk
from tocsin.store.post_rows import clean, content_hash
from tocsin.store.posts import thread_reply_count
from tocsin.store.times import to_text

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

    from crawler.plan import SourcePlan
    from crawler.session import Session

COUNT_SLACK = 1
"""Listings count replies or posts, which differ by one: so many missing posts are no gap."""


class ForumSpider(SourceSpider):
    """Reads what is new first, then what was left over from earlier runs."""

    def __init__(self, source: SourcePlan, session: Session) -> None:
        super().__init__(source, session)
        self.names: dict[str, PostNames] = {}
        self.asked: set[str] = set()
        self.begun: set[str] = set()
        self.reader = SiteReader()

    async def start(self) -> AsyncIterator[Request]:
        """Begin with the listing, then walks that were cut short, then threads that are unread or young."""
        yield self._ask_listing(self.url, self.new_walk())
        # Only threads that are unread or watched have a look: what lies still in the archive is not even thought of.
        for key, look in self.left_over("look ").items():
            state = self._state(key) if key not in self.begun else None
            if state is not None and not state.complete:
                yield self._ask_page(key, state, priority=-10)
            elif state is not None and is_look_due(Look.from_mark(look), self.account.started_at):
                yield self._ask_page(key, state.listed(_unchanged(state)), priority=-5)

    def _ask_listing(self, url: str, walk: Walk) -> Request:
        return self.ask(
            url,
            self.listing,
            unchanged=self.same_listing if walk.begins and not walk.root else None,
            otherwise=None if walk.begins else self.past_the_end,
            essential=walk.begins,
            priority=1_000 - 2 * walk.page,
            asked=url,
            walk=walk,
        )

    def listing(self, response: Response, asked: str, walk: Walk) -> Iterator[Found]:
        """Read one listing page: note the threads that are due, ask for them, go on to the next page."""
        page = self._page(response)
        links = thread_links(page, response.url, now=self.account.started_at)
        if not links:
            yield from self._no_listing(page, response, asked, walk)
            return
        due = [(link, state) for link in links if (state := self._due(link)) is not None]
        for link, state in due:
            key = thread_key(link.url)
            yield Mark(f"thread {key}", state.to_mark())
            yield self._unread(key)
            yield self._ask_page(key, state, priority=999 - 2 * walk.page)
        yield self.read(response, asked)
        following = next_page(page, response.url)
        goes_on = self.trail.goes_on(walk, following, (thread_key(link.url) for link in links))
        if self._all_old(links) or not goes_on:
            following = None
        yield from self.walk_on(walk, asked, following, known=not due, ask=self._ask_listing)

    def same_listing(self, _url: str, asked: str, walk: Walk) -> Iterator[Found]:
        """Nothing has moved up to the first page, so nothing changed behind it."""
        yield from self.walk_on(walk, asked, None, known=True, ask=self._ask_listing)

    def past_the_end(self, response: Response, asked: str, walk: Walk) -> Iterator[Found]:
        """Accept that a page beyond the last one does not exist."""
        if response.status in (400, 404, 410):
            yield from self.walk_on(walk, asked, None, known=True, ask=self._ask_listing)
        else:
            self.trouble(response, essential=False)

    def _no_listing(self, page: Page, response: Response, asked: str, walk: Walk) -> Iterator[Found]:
        if not walk.begins:
            yield from self.walk_on(walk, asked, None, known=True, ask=self._ask_listing)
            return
        if not extract_page(page, response.url, now=self.account.started_at).posts:
            raise NotUnderstoodError("no threads found; check that the url is a forum's list of threads, open to all")
        # The source is a single thread.
        key = thread_key(asked)
        state = self._state(key) or ThreadState(asked, asked)
        yield from self.thread(response, key, replace(state.from_start(), complete=False))
        yield from self.walk_on(walk, asked, None, known=True, ask=self._ask_listing)

    def _due(self, link: ThreadLink) -> ThreadState | None:
        state = self._state(thread_key(link.url))
        if self.too_old(link.last_activity) or not is_due(link, state):
            return None
        return (state or ThreadState(link.url, link.url)).listed(link)

    def _all_old(self, links: list[ThreadLink]) -> bool:
        dates = [link.last_activity for link in links if link.last_activity]
        return bool(dates) and all(self.too_old(date) for date in dates)

    def _ask_page(self, key: str, state: ThreadState, *, priority: int) -> Request:
        self.begun.add(key)
        return self.ask(
            state.at,
            self.thread,
            otherwise=self.no_thread,
            unchanged=self.same_page,
            priority=priority,
            key=key,
            state=state,
        )

    def thread(self, response: Response, key: str, state: ThreadState) -> Iterator[Found]:
        """Read one page of a thread."""
        page = self._page(response)
        found = self.reader.read(page, response.url, now=self.account.started_at)
        read_before = state.newest is not None
        state = state.with_posts(found)
        names = self.names.setdefault(key, PostNames(key, state.reused_ids))
        fresh = names.page(found.posts)
        state = replace(state, reused_ids=names.reused)
        posts = [names.found(post, state) for post in found.posts]
        if read_before:
            self._keep_names(key, posts)
        yield from posts
        if not found.posts:
            self.account.trouble("partial", "thread pages without posts that could be read (gone, or need a login)")
        # Pages that show nothing but what was met end a thread, unless it is the same page that is read again.
        following = next_page(page, response.url) if fresh or state.at in self.asked else None
        yield self.read(response, state.at, next=following, posts=len(found.posts))
        yield from self._after_page(key, state, following, len(found.posts))

    def _keep_names(self, key: str, posts: list[FoundPost]) -> None:
        """Give posts the ids under which the store holds them: a page of one post may show others than a full one."""
        unknown = self.unknown(post.native_id for post in posts)
        if not unknown:
            return
        prefix = f"{self.source.name}:"
        shown = {prefix + post.native_id for post in posts}
        rows = self.session.store.rows(
            "SELECT id, content_hash, created_at FROM posts WHERE thread_id = ? AND dated = 1", [prefix + key]
        )
        held = {(row["content_hash"], row["created_at"]): row["id"] for row in rows if row["id"] not in shown}
        for post in posts:
            if post.native_id in unknown and post.created_at is not None:
                said = (content_hash(clean(post.text.strip())), to_text(post.created_at))
                post.native_id = held.pop(said, prefix + post.native_id).removeprefix(prefix)

    def same_page(self, _url: str, key: str, state: ThreadState) -> Iterator[Found]:
        """Go on behind a page that is as it was."""
        known = self.remembered(state.at)
        yield from self._after_page(key, state, known.get("next"), int(known.get("posts", 0)))

    def no_thread(self, response: Response, key: str, state: ThreadState) -> Iterator[Found]:
        """Leave a thread alone that is gone or closed to us."""
        self.trouble(response, essential=False)
        if response.status in (401, 403, 404, 410):
            yield Mark(f"thread {key}", replace(state, complete=True).to_mark())
            yield Mark(f"look {key}", None)

    def _after_page(self, key: str, state: ThreadState, following: str | None, posts: int) -> Iterator[Found]:
        self.asked.add(state.at)
        if following and following not in self.asked and state.page < MAX_PAGES:
            state = replace(state, at=following, page=state.page + 1, offset=state.offset + posts)
            yield Mark(f"thread {key}", state.to_mark())
            yield self._unread(key)
            yield self._ask_page(key, state, priority=500)
            return
        if state.url not in self.asked and state.page <= REREAD_WHOLE_PAGES:
            # An earlier run read its beginning, and posts that came late or went may have moved others there since.
            yield self._ask_page(key, state.from_start(), priority=400)
        if state.replies is not None:
            yield from self._compare(key, state)
        yield Mark(f"thread {key}", replace(state, complete=True).to_mark())
        yield self._read_now(key, state)

    def _unread(self, key: str) -> Mark:
        held = self.session.memory.recall(self.source.name, f"look {key}")
        now = self.account.started_at
        return Mark(f"look {key}", {**(held or Look(now, now).to_mark()), "unread": True})

    def _read_now(self, key: str, state: ThreadState) -> Mark:
        """Return when to look at the thread again; a mark of None takes it off the schedule."""
        now = self.account.started_at
        held = self.session.memory.recall(self.source.name, f"look {key}")
        newest = min(state.newest or state.activity or now, now)
        look = Look(now, newest, grew=bool(held) and newest > Look.from_mark(held).newest)
        return Mark(f"look {key}", None if next_look(look) is None else look.to_mark())

    def _compare(self, key: str, state: ThreadState) -> Iterator[Found]:
        counted = (state.replies or 0) - COUNT_SLACK
        if state.url not in self.asked:
            self.flush()
            if thread_reply_count(self.session.store, f"{self.source.name}:{key}") < counted:
                # Only its end was read: something is missing in the middle.
                yield self._ask_page(key, state.from_start(), priority=400)
        reason = f"the listing counts {state.replies} replies, the thread shows fewer"
        self.counted.append(Counted(f"{self.source.name}:{key}", max(counted, 0), reason))

    def settle(self) -> None:
        """Count the history as complete only when no thread is left over."""
        unread = any(look.get("unread") for look in self.left_over("look ").values())
        self.history_left = self.history_left or unread
        super().settle()

    def _state(self, key: str) -> ThreadState | None:
        mark = self.session.memory.recall(self.source.name, f"thread {key}")
        return ThreadState.from_mark(mark) if mark else None

    def _page(self, response: Response) -> Page:
        header = response.headers.get(b"Content-Type")
        kind = header.decode("latin-1") if header else None
        return read_page(response.body, response.url, now=self.account.started_at, content_type=kind)


def _unchanged(state: ThreadState) -> ThreadLink:
    return ThreadLink(state.url, state.title, state.activity, state.replies)
