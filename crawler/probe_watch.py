"""What a probing run needs beside a crawl run's machinery: an observer, a stricter budget, a memory that forgets."""

from __future__ import annotations

import math
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import signals

from crawler.memory import Memory
from crawler.middlewares.budget import BudgetSpent
from crawler.middlewares.limits import seconds_until_allowed
from crawler.middlewares.manners import ROBOT, seconds_asked
from crawler.quota import SHARED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.checking import Met
    from crawler.session import Session
    from crawler.spiders.base import SourceSpider

_MOST_SITEMAPS = 20


class ProbeWatch:
    """Listens to the crawler of one source and writes down in `met` what its requests met; then calls `done`."""

    def __init__(self, crawler: Crawler, session: Session, met: Met, done: Callable[[], None]) -> None:
        self._session = session
        self._met = met
        self._done = done
        self._until: dict[str, float] = {}
        crawler.signals.connect(self._answered, signals.response_downloaded)
        crawler.signals.connect(self._rules_read, signals.robots_parsed)
        crawler.signals.connect(self._closed, signals.spider_closed)

    def _answered(self, response: Response, request: Request) -> None:
        if is_rules(request):
            self._met.robots = max(self._met.robots or 0, response.status)
            return
        kind = (response.headers.get(b"Content-Type") or b"").decode("latin-1").split(";")[0].strip().lower()
        parts = urlsplit(request.url)
        self._met.asked.append((f"{parts.scheme}://{parts.netloc}{parts.path}", response.status, kind))
        self._until[request.url] = self._session.now().timestamp() + self._wait_told_by(response)

    def _wait_told_by(self, response: Response) -> float:
        said = {
            name.decode("latin-1").lower(): values[-1].decode("latin-1")
            for name, values in response.headers.items()
            if values
        }
        now = self._session.now()
        refused = seconds_asked(said.get("retry-after"), now) if response.status in (429, 503) else None
        return max(refused or 0.0, seconds_until_allowed(said, now) or 0.0)

    def _rules_read(self, robotparser: Any) -> None:
        delay = robotparser.crawl_delay(ROBOT)
        if delay and math.isfinite(delay):
            self._met.crawl_delay = max(self._met.crawl_delay or 0.0, float(delay))
        # Scrapy's parsers say nothing of sitemaps; Protego, which it wraps, does.
        named = getattr(getattr(robotparser, "rp", None), "sitemaps", ())
        self._met.sitemaps = list(dict.fromkeys([*self._met.sitemaps, *named]))[:_MOST_SITEMAPS]

    def _closed(self, spider: SourceSpider) -> None:
        gate, now = self._session.gate, self._session.now()
        urls = list(self._until) or ([spider.source.url] if spider.source.url else [])
        waits = [max(gate.waits(url), self._until.get(url, 0.0) - now.timestamp()) for url in urls]
        self._met.next_request_at = (now + timedelta(seconds=max(0.0, *waits))).isoformat() if urls else None
        self._met.closed = next((reason for url in urls if (reason := gate.closed_because(url))), None)
        self._done()


class Sparing:
    """A downloader middleware that refuses what is over the budget at once, instead of waiting for its turn first."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Sparing:
        """Build it as Scrapy asks."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Raise `BudgetSpent` when nothing more is to be asked."""
        spider: SourceSpider = self._crawler.spider  # type: ignore[assignment] # every spider here is ours
        if spider.account.requests >= spider.source.budget and not is_rules(request):
            raise BudgetSpent(f"the budget of {spider.source.budget} requests is used up")


class ScratchMemory(Memory):
    """A memory that forgets, save for the daily quotas: those are spent for real, and kept in the folder `kept`."""

    def __init__(self, scratch: Path, kept: Path) -> None:
        super().__init__(scratch)
        self._kept = kept

    def recall(self, source: str, key: str) -> dict[str, Any]:
        """Return what was remembered under `key`."""
        if source != SHARED:
            return super().recall(source, key)
        with closing(Memory(self._kept)) as memory:
            return memory.recall(source, key)

    def remember(self, source: str, marks: Iterable[tuple[str, Mapping[str, object] | None]]) -> None:
        """Write `marks`."""
        if source != SHARED:
            super().remember(source, marks)
            return
        with closing(Memory(self._kept)) as memory:
            memory.remember(source, marks)


def is_rules(request: Request) -> bool:
    """Return whether a request is for robots.txt."""
    return bool(request.meta.get("dont_obey_robotstxt")) and not request.meta.get("api")
