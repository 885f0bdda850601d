"""Feeds: RSS, Atom, JSON Feed. An entry opens a thread; its comment feed gives the replies.

A feed of comments on its own works too: its items hang on the page that they link to.
"""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crawler.answers import json_object
from crawler.comment_feeds import is_comment_feed, thread_address, thread_title
from crawler.extract import parse_feed
from crawler.extract.records import Feed, FeedEntry
from crawler.items import FoundPost, Mark
from crawler.missing import Counted
from crawler.spiders.base import Found, SourceSpider
from crawler.walks import Walk
from tocsin.store.posts import thread_reply_count

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

_LINK = re.compile(r"<(?:atom:|a10:)?link\b[^>]*>", re.IGNORECASE)
_NEXT = re.compile(r"\brel\s*=\s*[\"']next[\"']", re.IGNORECASE)
_HREF = re.compile(r"\bhref\s*=\s*[\"']([^\"']+)[\"']", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Replies:
    """The comment feed of an entry, and the thread it belongs to."""

    url: str
    thread: str
    title: str
    thread_url: str | None
    count: int | None


class FeedSpider(SourceSpider):
    """Reads a feed, then the comment feeds of its entries, longest unread first."""

    async def start(self) -> AsyncIterator[Request]:
        """Begin with the feed, then go on with what earlier runs left over."""
        for request in self.read_feed(self.url):
            yield request

    def read_feed(self, url: str) -> Iterator[Request]:
        """Return the first requests for the feed at `url`."""
        self.asked: set[str] = set()
        yield self.ask_feed(url, self.new_walk())
        left = [Replies(**mark) for mark in self.left_over("replies ").values()]
        yield from self._ask_replies(self._due(left), priority=5)

    def ask_feed(self, url: str, walk: Walk) -> Request:
        """Return the request for a page of the feed."""
        return self.ask(
            url,
            self.feed,
            unchanged=None if walk.root else self.same_feed,
            otherwise=None if walk.begins else self.past_the_end,
            essential=walk.begins,
            priority=10,
            asked=url,
            walk=walk,
        )

    def feed(self, response: Response, asked: str, walk: Walk) -> Iterator[Found]:
        """Read a feed page."""
        feed = parsed(response)
        fresh = self.unknown(self.native_id(entry) for entry in feed.entries)
        replies: list[Replies] = []
        if is_comment_feed(feed):
            for entry in feed.entries:
                yield self.stray_comment(entry)
        else:
            for entry in feed.entries:
                if self.too_old(entry.created_at):
                    continue
                yield self.opening(entry)
                if entry.comments_feed and entry.replies != 0:
                    replies.append(self._replies(entry))
        due = self._due(replies)
        yield from (Mark(f"replies {item.url}", asdict(item)) for item in due)
        following = self.next_page(feed, response, walk)
        oldest = min((entry.created_at for entry in feed.entries if entry.created_at), default=None)
        known = {"next": following, "oldest": oldest.isoformat() if oldest else None}
        yield self.read(response, asked, replies=[asdict(item) for item in replies], **known)
        # What was never read comes first: further pages, then comment feeds, the longest unread first.
        yield from self._go_on(feed, fresh, following, asked, walk)
        yield from self._ask_replies(due)

    def _go_on(self, feed: Feed, fresh: set[str], following: str | None, asked: str, walk: Walk) -> Iterator[Found]:
        old = [self.too_old(entry.created_at) for entry in feed.entries]
        if all(old) or not self.trail.goes_on(walk, following, map(self.native_id, feed.entries)):
            following = None
        dates = [entry.created_at for entry in feed.entries if entry.created_at]
        # What was left over goes before reading known days again, or a small budget would never get there.
        young = walk.jump is None and bool(dates) and min(dates) > self.recheck_after
        known = not fresh and not young
        yield from self.walk_on(walk, asked, following, known=known, ask=self.ask_feed)
        everything_new = bool(feed.entries) and len(fresh) == len(feed.entries) and not any(old)
        if everything_new and following is None and not self.first_crawl:
            reason = "no entry of the feed was known: older ones have slipped out of it between two runs"
            self.counted.append(Counted(None, None, reason))

    def same_feed(self, url: str, asked: str, walk: Walk) -> Iterator[Found]:
        """Nothing new on this page; late entries may be on the next, and new comments behind the known ones."""
        remembered = self.remembered(url)
        oldest = remembered.get("oldest")
        young = walk.jump is None and oldest is not None and datetime.fromisoformat(oldest) > self.recheck_after
        following = remembered.get("next") if young else None
        yield from self.walk_on(walk, asked, following, known=not young, ask=self.ask_feed)
        yield from self._ask_replies(self._due([Replies(**item) for item in remembered.get("replies", [])]))

    def comments(self, response: Response, replies: Mapping[str, Any]) -> Iterator[Found]:
        """Read the comment feed of one entry."""
        about = Replies(**replies)
        for entry in parsed(response).entries:
            yield self.comment(entry, about.thread, about.title, about.thread_url)
        yield self.read(response, about.url, read_at=self.account.started_at.timestamp(), count=about.count)
        yield Mark(f"replies {about.url}", None)
        if about.count is not None:
            reason = f"the entry counts {about.count} comments, its feed shows fewer"
            self.counted.append(Counted(f"{self.source.name}:{about.thread}", about.count, reason))

    def same_comments(self, url: str, **_context: Any) -> Iterator[Found]:
        """Nothing new in a comment feed."""
        yield Mark(f"replies {url}", None)

    def no_comments(self, response: Response, replies: Mapping[str, Any]) -> Iterator[Found]:
        """Leave a comment feed alone that is gone or closed to us."""
        self.trouble(response, essential=False)
        if response.status in (401, 403, 404, 410):
            yield Mark(f"replies {replies['url']}", None)

    def next_page(self, feed: Feed, response: Response, walk: Walk) -> str | None:  # noqa: ARG002 - for those that count
        """Return the address of the next (older) page of a feed, None on the last (RFC 5005; JSON Feed `next_url`)."""
        found: object = None
        if feed.format == "json":
            found = json_object(response).get("next_url")
        else:
            head = response.body[:100_000].decode("utf-8", "replace")
            tags = (tag for tag in _LINK.findall(head) if _NEXT.search(tag))
            addresses = (_HREF.search(tag) for tag in tags)
            found = next((html.unescape(address[1]) for address in addresses if address), None)
        return str(response.urljoin(found)) if isinstance(found, str) and found else None

    def past_the_end(self, response: Response, walk: Walk | None = None, **_context: Any) -> Iterator[Found]:
        """Accept that a page beyond the last one does not exist."""
        if response.status not in (400, 404):
            self.trouble(response, essential=False)
        elif walk is not None:
            yield from self.walk_on(walk, response.url, None, known=True, ask=self.ask_feed)

    def native_id(self, entry: FeedEntry) -> str:
        """Return the id of an entry or comment within the source."""
        return entry.native_id

    def opening(self, entry: FeedEntry) -> FoundPost:
        """Return the post that opens a thread."""
        return FoundPost(
            thread=self.native_id(entry),
            native_id=self.native_id(entry),
            text=entry.text,
            title=entry.title,
            thread_url=entry.url,
            thread_created_at=entry.created_at,
            created_at=entry.created_at,
            edited_at=entry.edited_at,
            author=entry.author,
            url=entry.url,
            position=0,
            opens=True,
            replies=entry.replies,
        )

    def comment(self, entry: FeedEntry, thread: str, title: str, thread_url: str | None) -> FoundPost:
        """Return a comment as a post of `thread`."""
        return FoundPost(
            thread=thread,
            native_id=self.native_id(entry),
            text=entry.text,
            title=title,
            thread_url=thread_url,
            created_at=entry.created_at,
            edited_at=entry.edited_at,
            author=entry.author,
            parent=self.parent_id(entry, thread),
            url=entry.url,
        )

    def parent_id(self, entry: FeedEntry, thread: str) -> str | None:
        """Return what a comment answers: the post it names, else the opening one."""
        return entry.parent or thread

    def stray_comment(self, entry: FeedEntry) -> FoundPost:
        """Return a comment of a feed that holds nothing else: its thread is the page it links to."""
        address = thread_address(entry)
        found = self.comment(entry, address or self.native_id(entry), thread_title(entry), address)
        found.parent = entry.parent
        return found

    def _replies(self, entry: FeedEntry) -> Replies:
        return Replies(entry.comments_feed or "", self.native_id(entry), entry.title, entry.url, entry.replies)

    def _due(self, replies: list[Replies]) -> list[Replies]:
        """Return the comment feeds that may hold something new and were not asked yet, longest unread first."""
        due = []
        for item in replies:
            known = self.remembered(item.url)
            held = thread_reply_count(self.session.store, f"{self.source.name}:{item.thread}")
            moved = item.count is None or item.count != known.get("count") or held < item.count
            if moved and item.url not in self.asked:
                self.asked.add(item.url)
                due.append((float(known.get("read_at", 0)), item))
        return [item for _, item in sorted(due, key=lambda pair: pair[0])]

    def _ask_replies(self, due: list[Replies], priority: int = 0) -> Iterator[Request]:
        for item in due:
            yield self.ask(
                item.url,
                self.comments,
                otherwise=self.no_comments,
                unchanged=self.same_comments,
                priority=priority,
                replies=asdict(item),
            )

    def settle(self) -> None:
        """Count the history as complete only when no comment feed is left over."""
        self.history_left = self.history_left or bool(self.left_over("replies "))
        super().settle()


def parsed(response: Response) -> Feed:
    """Return the feed of an answer. Raises `FeedError`."""
    header = response.headers.get(b"Content-Type")
    return parse_feed(response.body, response.url, header.decode("latin-1") if header else None)
