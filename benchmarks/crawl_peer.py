"""The peers of benchmarks/crawl.py: a plain Scrapy spider, and Scrapy that only downloads.

    .venv/bin/python benchmarks/crawl_peer.py {plain,floor} URL FIRST THREADS STORE

The plain one is what a careful afternoon gives: CSS selectors by parsel (Scrapy's own), an item a post, a pipeline
that validates, skips known ids and commits every item, FTS5 kept by triggers as SQLite's manual shows.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import TextResponse

SCHEMA = """
CREATE TABLE IF NOT EXISTS posts (
  id TEXT PRIMARY KEY, thread TEXT, title TEXT, author TEXT, created_at TEXT, url TEXT, text TEXT);
CREATE INDEX IF NOT EXISTS posts_thread ON posts (thread, created_at);
CREATE INDEX IF NOT EXISTS posts_author ON posts (author);
CREATE INDEX IF NOT EXISTS posts_created ON posts (created_at);
CREATE VIRTUAL TABLE IF NOT EXISTS posts_fts USING fts5(text, content=posts, content_rowid=rowid);
CREATE TRIGGER IF NOT EXISTS posts_added AFTER INSERT ON posts BEGIN
  INSERT INTO posts_fts (rowid, text) VALUES (new.rowid, new.text); END;
"""


class Threads(Spider):
    """Asks for every thread once."""

    name = "threads"

    def __init__(self, site: str, numbers: range, *, parses: bool) -> None:
        super().__init__()
        self.site, self.numbers, self.parses = site, numbers, parses

    async def start(self) -> AsyncIterator[Request]:
        """Begin with all threads, as their list is known."""
        for number in self.numbers:
            yield Request(f"{self.site}/threads/{number}", self.parse if self.parses else self.leave)

    def leave(self, response: TextResponse) -> None:
        """Take the page and do nothing with it."""

    def parse(self, response: TextResponse) -> Iterator[dict[str, Any]]:
        """Read the posts of a page."""
        title = response.css("h1::text").get(default="").strip()
        for post in response.css("article.message"):
            yield {
                "id": post.attrib["id"],
                "thread": response.url,
                "title": title,
                "author": post.css(".username span::text").get(default="").strip(),
                "created_at": post.css("time::attr(datetime)").get(),
                "url": response.urljoin(post.css('[itemprop="url"]::attr(href)').get(default="")),
                "text": "\n".join(text.strip() for text in post.css(".bbWrapper ::text").getall()),
            }
        following = response.css('a[rel="next"]::attr(href)').get()
        if following:
            yield response.follow(following, self.parse)


class Store:
    """One commit per item."""

    def open_spider(self) -> None:
        """Open the database that the settings name."""
        self._connection = sqlite3.connect(self._path)
        self._connection.executescript(SCHEMA)

    def __init__(self, path: str) -> None:
        self._path = path

    @classmethod
    def from_crawler(cls, crawler: Any) -> Store:
        """Build it as Scrapy asks."""
        return cls(crawler.settings["STORE"])

    def process_item(self, item: dict[str, Any]) -> dict[str, Any]:
        """Write one post."""
        with self._connection:
            self._connection.execute(
                "INSERT OR IGNORE INTO posts VALUES (:id, :thread, :title, :author, :created_at, :url, :text)", item
            )
        return item

    def close_spider(self) -> None:
        """Close the database."""
        self._connection.close()


def main() -> None:
    """Crawl as the arguments say."""
    kind, site, first, threads, store = sys.argv[1:]
    process = AsyncCrawlerProcess(
        {
            "LOG_ENABLED": False,
            "TELNETCONSOLE_ENABLED": False,
            "REMOTE_CONTROL_ENABLED": False,
            "ROBOTSTXT_OBEY": True,
            "DOWNLOAD_DELAY": 0,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
            "STORE": store,
            "ITEM_PIPELINES": {Store: 100} if kind == "plain" else {},
        }
    )
    process.crawl(Threads, site=site, numbers=range(int(first), int(first) + int(threads)), parses=kind == "plain")
    process.start()


if __name__ == "__main__":
    main()
