"""What the spiders of one crawl run share: the plan, the store, the memory, the gate and the clock."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

from crawler.account import line
from crawler.memory import Memory
from crawler.plan import CrawlPlan
from tocsin.store.database import Store
from tocsin.store.records import Coverage
from tocsin.store.runs import write_coverage

logger = logging.getLogger("crawler")


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Gate:
    """When each host may be asked next, over all sources: Crawl-delay and Retry-After.

    Times are seconds of `clock`, which only moves forward.
    """

    clock: Callable[[], float] = time.monotonic
    spacing: dict[str, float] = field(default_factory=dict)
    closed: dict[str, str] = field(default_factory=dict)
    _next: dict[str, float] = field(default_factory=dict)

    def reserve(self, url: str) -> float:
        """Take the next free moment for a request to the host of `url`; return how many seconds to wait for it."""
        host, now = _host(url), self.clock()
        moment = max(now, self._next.get(host, now))
        self._next[host] = moment + self.spacing.get(host, 0.0)
        return moment - now

    def pause(self, url: str, seconds: float) -> None:
        """Let nobody ask the host of `url` for `seconds`."""
        host, until = _host(url), self.clock() + seconds
        self._next[host] = max(until, self._next.get(host, until))

    def space(self, url: str, seconds: float) -> None:
        """Keep at least `seconds` between two requests to the host of `url`."""
        host = _host(url)
        self.spacing[host] = max(seconds, self.spacing.get(host, 0.0))
        self.pause(url, seconds)

    def close(self, url: str, reason: str) -> None:
        """Ask the host of `url` no more in this run."""
        self.closed[_host(url)] = reason

    def closed_because(self, url: str) -> str | None:
        """Return why the host of `url` is not to be asked, None when it may be."""
        return self.closed.get(_host(url))


@dataclass
class Session:
    """One crawl run, as its spiders see it."""

    plan: CrawlPlan
    store: Store
    memory: Memory
    gate: Gate = field(default_factory=Gate)
    now: Callable[[], datetime] = _utc_now

    def report(self, coverage: Coverage) -> None:
        """Store what a source gave, say it in one line, and tell the parent that it is done."""
        write_coverage(self.store, self.plan.run_id, coverage)
        logger.info("%s", line(coverage))
        print(coverage.source, flush=True)


def _host(url: str) -> str:
    return urlsplit(url).netloc.lower()
