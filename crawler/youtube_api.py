"""Asking the YouTube Data API v3: the key in a header, the quota of the day, error objects.

https://developers.google.com/youtube/v3/determine_quota_cost : 10,000 units a day, which ends at midnight in
California; a search costs 100, every other request here 1. https://developers.google.com/youtube/v3/docs/errors
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from scrapy import Request

from crawler.answers import json_object
from crawler.errors import NotUnderstoodError
from crawler.items import GonePost, Mark
from crawler.metered import MeteredSpider, kept_meta
from crawler.quota import Quota
from crawler.spiders.base import Ask, Found, Then
from crawler.streams import Page
from crawler.walks import Walk
from crawler.youtube_rows import reason_of

if TYPE_CHECKING:
    from scrapy.http import Response

    from crawler.plan import SourcePlan
    from crawler.session import Session

DEFAULT_URL = "https://www.googleapis.com/youtube/v3"
UNITS = 10_000
SEARCH_UNITS = 100
ZONE = "America/Los_Angeles"

SPENT = ("quotaExceeded", "dailyLimitExceeded")
TOO_FAST = ("rateLimitExceeded", "userRateLimitExceeded", "processingFailure")
MAX_TRIES = 3

CLOSED = -2
"""The count of a video whose comments are switched off."""


class YouTubeApi(MeteredSpider):
    """Base of the spider: every request and every refusal passes here."""

    def __init__(self, source: SourcePlan, session: Session) -> None:
        super().__init__(source, session)
        self._key = source.credentials.get("key", "")
        # Sources with one key share its quota; the key itself must not stand in the memory.
        self.quota = Quota(f"youtube {hashlib.blake2b(self._key.encode(), digest_size=6).hexdigest()}", UNITS, ZONE)

    def address(self, path: str, **query: object) -> str:
        """Return the address of a method, without the key."""
        base = self.source.url or DEFAULT_URL
        base = DEFAULT_URL if "youtube.com" in base else base.rstrip("/")
        return f"{base}/{path}?{urlencode(query)}"

    def get(self, address: str, then: Then, *, units: int = 1, priority: int = 0, **context: Any) -> Iterator[Request]:
        """Yield the request for `address`, or nothing when the day's quota is used up."""
        if self.quota.spend(self.session, units):
            yield self._request(address, then, priority=priority, **context)
        else:
            self._stopped()

    def _request(self, address: str, then: Then, *, priority: int = 0, **context: Any) -> Request:
        headers = {"X-Goog-Api-Key": self._key, "Accept": "application/json"}
        return self.ask(address, then, otherwise=self.refused, headers=headers, priority=priority, **context)

    def list_of(self, stream: str, first: str, then: Then, **context: Any) -> Iterator[Request]:
        """Yield the request for the first page of a list; `then` gets `first` too and goes on by `stream_on`."""

        def ask(address: str, walk: Walk) -> Request:
            known: dict[str, Any] = {"asked": address, "stream": stream, "walk": walk, "ask": ask, "first": first}
            return self._request(address, then, **known, **context)

        request = self.stream(stream, first, ask)
        if self.quota.spend(self.session):
            yield request
        else:
            self._stopped()

    def stream_on(self, name: str, walk: Walk, asked: str, page: Page, known: bool, ask: Ask) -> Iterator[Found]:
        """Go on with a list as far as the day's quota allows; where it stops is remembered."""
        for found in super().stream_on(name, walk, asked, page, known, ask):
            if not isinstance(found, Request) or self.quota.spend(self.session):
                yield found
            else:
                self._stopped()

    def refused(self, response: Response, **context: Any) -> Iterator[Found]:
        """Read why the API refused: some refusals speak of one video, some of the key, some of the pace."""
        try:
            reason = reason_of(json_object(response))
        except NotUnderstoodError:
            reason = ""
        reading = context.get("reading")
        video = getattr(reading, "video", None)
        what = video or context.get("account") or "YouTube"
        if reason in SPENT:
            self.quota.told(self.session, 0)
            self.session.gate.close(response.url, "YouTube says that the day's quota is used up")
            self._stopped()
        elif reason in TOO_FAST:
            yield from self._again(response)
        elif reason == "commentsDisabled" and video:
            # Said of this video, not of us: it must not count towards the refusals after which a host is left alone.
            self.session.gate.answered(response.url, 200)
            yield from self._closed_comments(str(video), context)
        elif response.status == 404 and video and "above" in context:
            reading.pending -= 1  # type: ignore[union-attr] # replies always come with their reading
            yield GonePost(str(context["above"]))
        elif response.status == 404 and video:
            yield GonePost(str(video))
            yield from self.forget(str(video))
        elif isinstance(walk := context.get("walk"), Walk) and walk.jumped and response.status == 400:
            # Where an earlier run stopped is no address any more: the next one begins anew.
            yield from self.stream_lost(str(context["stream"]), walk)
        else:
            self.history_left = True
            key = "; check TOCSIN_YOUTUBE__KEY" if response.status in (400, 401, 403) else ""
            said = reason or "no reason"
            self.account.trouble("partial", f"{what} was not read: the answer was {response.status} ({said}){key}")

    def _closed_comments(self, video: str, context: dict[str, Any]) -> Iterator[Found]:
        self._answered_streams.add(str(context.get("stream")))
        held = self.session.memory.recall(self.source.name, f"video {video}")
        yield Mark(f"video {video}", {**held, "count": CLOSED})
        yield Mark(f"walk {context.get('stream')}", None)

    def forget(self, video: str) -> Iterator[Mark]:
        """Watch a video no more."""
        yield Mark(f"video {video}", None)
        yield Mark(f"walk comments {video}", None)
        yield Mark(f"root comments {video}", None)

    def _again(self, response: Response) -> Iterator[Request]:
        request = response.request
        tries = int(request.meta.get("tries", 1)) if request is not None else MAX_TRIES
        if request is None or tries >= MAX_TRIES or not self.quota.spend(self.session):
            self.history_left = True
            self.account.trouble("partial", "YouTube asks for a slower pace (crawl.delay); the next run goes on")
            return
        self.session.gate.pause(response.url, 2.0**tries)
        yield request.replace(dont_filter=True, meta=kept_meta(request) | {"tries": tries + 1})

    def _stopped(self) -> None:
        words = f"the day's quota of {UNITS:,} units of YouTube's API is used up until midnight in California"
        self.quota_spent(words)
