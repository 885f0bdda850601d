"""Waiting when a host asks for it: Crawl-delay, Retry-After, 429, 503, used up limits; what robots.txt errors mean."""

from __future__ import annotations

import asyncio
import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import signals
from scrapy.exceptions import IgnoreRequest

from crawler.middlewares.limits import seconds_until_allowed

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.spiders.base import SourceSpider

LONGEST_WAIT = 120.0
"""Seconds. A host that asks for more is left alone until the next run."""

MAX_REFUSALS = 3
"""How often one request may be put off before it counts as failed."""

ROBOT = "Tocsin"
"""The name that robots.txt rules address us by."""


class HostResting(IgnoreRequest):
    """The host asked not to be asked again for longer than a run should wait."""


def seconds_asked(header: str | None, now: datetime) -> float | None:
    """Return the seconds that Retry-After asks for (RFC 9110, 10.2.3: seconds or a date), None when it does not."""
    if header is None or not header.strip():
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            moment = parsedate_to_datetime(header)
        except (ValueError, TypeError, OverflowError):
            return None
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
        seconds = (moment - now).total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else None


class MannersMiddleware:
    """One gate for all sources of a run, so that two sources of one host do not double the pace."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        crawler.signals.connect(self._rules_read, signals.robots_parsed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> MannersMiddleware:
        """Build it as Scrapy asks."""
        return cls(crawler)

    @property
    def _spider(self) -> SourceSpider:
        return self._crawler.spider  # type: ignore[return-value] # every spider here is ours

    def _rules_read(self, robotparser: Any, request: Request) -> None:
        delay = robotparser.crawl_delay(ROBOT)
        if delay and math.isfinite(delay) and delay > 0:
            self._spider.session.gate.space(request.url, float(delay))

    async def process_request(self, request: Request) -> None:
        """Wait until the host may be asked. Raises `HostResting`."""
        gate = self._spider.session.gate
        if reason := gate.closed_because(request.url):
            raise HostResting(reason)
        wait = gate.reserve(request.url)
        if wait > 0:
            await asyncio.sleep(wait)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Put a refused request off, or read an answer about robots.txt as RFC 9309 says."""
        self._heed_limits(response)
        if response.status in (429, 503):
            later = self._put_off(request, response)
            if later is not None:
                return later
        if request.meta.get("dont_obey_robotstxt") and not request.meta.get("api"):
            return _rules(response)
        self._spider.session.gate.answered(request.url, response.status)
        return response

    def _heed_limits(self, response: Response) -> None:
        session = self._spider.session
        wait = seconds_until_allowed(_plain(response), session.now())
        if wait is None:
            return
        if wait > LONGEST_WAIT:
            host = urlsplit(response.url).netloc
            session.gate.close(response.url, f"{host} allows no more requests for {wait / 60:.0f} minutes")
        else:
            session.gate.pause(response.url, wait)

    def _put_off(self, request: Request, response: Response) -> Request | None:
        session = self._spider.session
        refusals = int(request.meta.get("refusals", 0)) + 1
        header = response.headers.get(b"Retry-After")
        asked = seconds_asked(header.decode("latin-1") if header else None, session.now())
        wait = asked if asked is not None else 2.0**refusals * max(session.plan.delay, 0.5)
        if wait > LONGEST_WAIT:
            host = urlsplit(request.url).netloc
            session.gate.close(request.url, f"{host} asked to wait {wait:.0f} s (HTTP {response.status})")
            return None
        if refusals > MAX_REFUSALS:
            return None
        session.gate.pause(request.url, wait)
        return request.replace(dont_filter=True, meta={**request.meta, "refusals": refusals})


def _plain(response: Response) -> dict[str, str]:
    return {
        name.decode("latin-1").lower(): values[-1].decode("latin-1")
        for name, values in response.headers.items()
        if values and b"limit" in name.lower()
    }


def _rules(response: Response) -> Response:
    """RFC 9309, 2.3.1: no file (4xx) allows everything, a broken server (5xx) forbids everything."""
    if response.status >= 500:
        return response.replace(body=b"User-agent: *\nDisallow: /\n")
    if response.status >= 400:
        return response.replace(body=b"")
    return response
