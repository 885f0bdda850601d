"""What the spiders of one crawl run share: the plan, the store, the memory, the gate and the clock."""

from __future__ import annotations

import logging
import time
from collections import Counter
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

REFUSALS = (403, 429)
MOST_REFUSALS = 5


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Gate:
    """When each host may be asked next, over all sources: the pace of the plan, Crawl-delay and Retry-After.

    Times are seconds of `clock`, which only moves forward; `delay` lies between any two requests to a host.
    """

    delay: float = 0.0

    clock: Callable[[], float] = time.monotonic
    spacing: dict[str, float] = field(default_factory=dict)
    closed: dict[str, str] = field(default_factory=dict)
    _next: dict[str, float] = field(default_factory=dict)
    _refusals: Counter[str] = field(default_factory=Counter)

    def reserve(self, url: str) -> float:
        """Take the next free moment for a request to the host of `url`; return how many seconds to wait for it."""
        host, now = _host(url), self.clock()
        moment = max(now, self._next.get(host, now))
        self._next[host] = moment + self.spacing.get(host, self.delay)
        return moment - now

    def waits(self, url: str) -> float:
        """Return in how many seconds the host of `url` may be asked, without taking that moment."""
        now = self.clock()
        return max(0.0, self._next.get(_host(url), now) - now)

    def pause(self, url: str, seconds: float) -> None:
        """Let nobody ask the host of `url` for `seconds`."""
        host, until = _host(url), self.clock() + seconds
        self._next[host] = max(until, self._next.get(host, until))

    def space(self, url: str, seconds: float) -> None:
        """Keep at least `seconds` between two requests to the host of `url`."""
        host = _host(url)
        self.spacing[host] = max(seconds, self.spacing.get(host, self.delay))
        self.pause(url, seconds)

    def close(self, url: str, reason: str) -> None:
        """Ask the host of `url` no more in this run."""
        self.closed[_host(url)] = reason

    def answered(self, url: str, status: int) -> None:
        """Note the status of an answer; a host that refuses again and again is asked no more in this run."""
        host = _host(url)
        if status not in REFUSALS:
            self._refusals[host] = 0
            return
        self._refusals[host] += 1
        if self._refusals[host] >= MOST_REFUSALS:
            words = f"{host} refused {MOST_REFUSALS} requests in a row (HTTP {status}), so we stopped asking"
            self.close(url, f"{words}: ask its owner, or raise crawl.delay")

    def closed_because(self, url: str) -> str | None:
        """Return why the host of `url` is not to be asked, None when it may be."""
        return self.closed.get(_host(url))


@dataclass
class Session:
    """One crawl run, as its spiders see it."""

    plan: CrawlPlan
    store: Store
    memory: Memory
    gate: Gate = field(init=False)
    now: Callable[[], datetime] = _utc_now

    def __post_init__(self) -> None:
        """Let the gate keep the plan's pace."""
        self.gate = Gate(self.plan.delay)

    def report(self, coverage: Coverage) -> None:
        """Store what a source gave, say it in one line, and tell the parent that it is done."""
        write_coverage(self.store, self.plan.run_id, coverage)
        logger.info("%s", line(coverage))
        print(coverage.source, flush=True)


def _host(url: str) -> str:
    return urlsplit(url).netloc.lower()
