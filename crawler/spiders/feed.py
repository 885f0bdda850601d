"""Feeds: RSS, Atom, JSON Feed. An entry opens a thread; its comment feed gives the replies.

A feed of comments on its own works too: its items hang on the page that they link to.
"""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from crawler.answers import json_object
from crawler.comment_feeds import is_comment_feed, thread_address, thread_title
from crawler.extract import parse_feed
from crawler.extract.records import Feed, FeedEntry
from crawler.items import FoundPost
from crawler.missing import Counted
from crawler.spiders.base import Found, SourceSpider
from tocsin.store.posts import thread_reply_count

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

MAX_PAGES = 200
"""How many `rel=next` pages of one feed are followed."""

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
        """Begin with the feed itself."""
        yield self.ask_feed(self.url)

    def ask_feed(self, url: str, page: int = 1) -> Request:
        """Return the request for the feed or one of its further pages."""
        return self.ask(
            url,
            self.feed,
            unchanged=self.same_feed,
            otherwise=self.past_the_end if page > 1 else None,
            essential=page == 1,
            priority=10,
            asked=url,
            page=page,
        )

    def feed(self, response: Response, asked: str, page: int) -> Iterator[Found]:
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
        following = self.next_page(feed, response, page)
        yield self.read(response, asked, replies=[asdict(item) for item in replies])
        yield from self._ask_replies(replies)
        if following and page < MAX_PAGES and self._goes_on(feed, fresh):
            yield self.ask_feed(following, page + 1)
        elif page == 1 and feed.entries and len(fresh) == len(feed.entries) and not self.first_crawl:
            reason = "no entry of the feed was known: older ones have slipped out of it between two runs"
            self.counted.append(Counted(None, None, reason))

    def same_feed(self, url: str, asked: str, page: int) -> Iterator[Found]:  # noqa: ARG002 - the shape of a callback
        """Nothing new in the feed; its entries may still have new comments."""
        yield from self._ask_replies([Replies(**item) for item in self.remembered(url).get("replies", [])])

    def comments(self, response: Response, replies: Mapping[str, Any]) -> Iterator[Found]:
        """Read the comment feed of one entry."""
        about = Replies(**replies)
        for entry in parsed(response).entries:
            yield self.comment(entry, about.thread, about.title, about.thread_url)
        yield self.read(response, about.url, read_at=self.account.started_at.timestamp(), count=about.count)
        if about.count is not None:
            reason = f"the entry counts {about.count} comments, its feed shows fewer"
            self.counted.append(Counted(f"{self.source.name}:{about.thread}", about.count, reason))

    def same_comments(self, url: str, replies: Mapping[str, Any]) -> Iterator[Found]:  # noqa: ARG002 - as above
        """Nothing new in a comment feed."""
        yield from ()

    def next_page(self, feed: Feed, response: Response, page: int) -> str | None:  # noqa: ARG002 - for those that count
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

    def past_the_end(self, response: Response, **_context: Any) -> Iterator[Found]:
        """Accept that a page beyond the last one does not exist."""
        if response.status not in (400, 404):
            self.trouble(response, essential=False)
        yield from ()

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

    def _ask_replies(self, replies: list[Replies]) -> Iterator[Request]:
        known = {item.url: self.remembered(item.url) for item in replies}
        # Longest unread first, so that a small budget reaches every comment feed in turn.
        for item in sorted(replies, key=lambda item: float(known[item.url].get("read_at", 0))):
            held = thread_reply_count(self.session.store, f"{self.source.name}:{item.thread}")
            if item.count is None or item.count != known[item.url].get("count") or held < item.count:
                yield self.ask(item.url, self.comments, unchanged=self.same_comments, replies=asdict(item))

    def _goes_on(self, feed: Feed, fresh: set[str]) -> bool:
        all_old = all(self.too_old(entry.created_at) for entry in feed.entries)
        return bool(feed.entries) and not all_old and (self.first_crawl or bool(fresh))


def parsed(response: Response) -> Feed:
    """Return the feed of an answer. Raises `FeedError`."""
    header = response.headers.get(b"Content-Type")
    return parse_feed(response.body, response.url, header.decode("latin-1") if header else None)
