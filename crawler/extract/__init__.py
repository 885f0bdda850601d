"""Pages and feeds to plain records: pure, no network, no clock (`now` is handed in), no scrapy.

    from crawler.extract import extract_page, next_page, thread_links, parse_feed

- `extract_page(html: bytes | str, url: str, *, now: datetime | None = None, content_type: str | None = None)
  -> ExtractedThread`: the posts of one thread page; `.route == "none"` and no posts when it is no thread.
- `next_page(html, url) -> str | None`: the address of the next page of the same thread or listing, same host.
- `thread_links(html, url, *, now=None) -> list[ThreadLink]`: what looks like threads on a forum's listing page.
- `thread_facts(html, url, *, now=None) -> ThreadFacts`: page, pages, next, replies, views of the thread.
- `parse_feed(body: bytes, url: str, content_type: str | None = None) -> Feed`; raises `FeedError` when it is no feed.

`html` may be bytes (the encoding is found: BOM, `content_type`, meta, guess), text or a `crawler.extract.page.Page`
(from `read_page(html, url, ...)`), which saves parsing the same page thrice. All raise `ExtractError`
(`FeedError` is one) when the input cannot be read at all, and nothing else. Relative dates ("2 hours ago")
are only read when `now` is given; dates after `now` are dropped.
"""

from __future__ import annotations

from crawler.extract.errors import ExtractError, FeedError
from crawler.extract.facts import ThreadFacts, thread_facts
from crawler.extract.feeds import parse_feed
from crawler.extract.links import next_page, thread_links
from crawler.extract.page import Page, read_page
from crawler.extract.reading import extract_page
from crawler.extract.records import ExtractedPost, ExtractedThread, Feed, FeedEntry, ThreadLink

__all__ = [
    "ExtractError",
    "ExtractedPost",
    "ExtractedThread",
    "Feed",
    "FeedEntry",
    "FeedError",
    "Page",
    "ThreadFacts",
    "ThreadLink",
    "extract_page",
    "next_page",
    "parse_feed",
    "read_page",
    "thread_facts",
    "thread_links",
]
