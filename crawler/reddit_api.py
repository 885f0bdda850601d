"""Asking Reddit's OAuth API (https://www.reddit.com/dev/api) with a token that expires while we read.

The token (https://github.com/reddit-archive/reddit/wiki/OAuth2, application only, `expires_in` seconds: an hour or a
day) lives in this process and is renewed when the API says 401. X-Ratelimit-Remaining and -Reset (seconds) are heeded
by the middleware.
"""

from __future__ import annotations

import base64
from abc import abstractmethod
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from crawler.answers import json_object
from crawler.errors import NotUnderstoodError
from crawler.spiders.base import Found, Then
from crawler.streams import StreamSpider
from tocsin.source_kinds import secret_names

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

    from crawler.plan import SourcePlan
    from crawler.session import Session

DEFAULT_URL = "https://oauth.reddit.com"
TOKEN_URL = "https://www.reddit.com/api/v1/access_token"  # noqa: S105 # an address


@dataclass(frozen=True, slots=True)
class Job:
    """A request that may have to be made again with a new token."""

    address: str
    then: Then
    context: dict[str, Any]
    token: str = ""
    again: bool = False


class RedditApi(StreamSpider):
    """Base of the spider: everything about the token."""

    def __init__(self, source: SourcePlan, session: Session) -> None:
        super().__init__(source, session)
        self._base = (source.url or DEFAULT_URL).rstrip("/")
        self._token = ""
        self._waiting: list[Job] = []
        self._renewing = False

    @abstractmethod
    def begin(self) -> Iterator[Found]:
        """Return the first requests, once there is a token."""

    @abstractmethod
    def lost(self, job: Job) -> Iterator[Found]:
        """Go on after a request was refused, which is noted already."""

    async def start(self) -> AsyncIterator[Request]:
        """Ask for a token first."""
        yield self._renew()

    def _renew(self) -> Request:
        self._renewing = True
        held = self.source.credentials
        pair = f"{held.get('client_id', '')}:{held.get('client_secret', '')}"
        headers = {
            "Authorization": "Basic " + base64.b64encode(pair.encode()).decode(),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        address = f"{self._base}/api/v1/access_token" if self.source.url else TOKEN_URL
        body = "grant_type=client_credentials"
        return self.ask(address, self.entered, otherwise=self.shut_out, headers=headers, body=body, essential=True)

    def shut_out(self, response: Response) -> Iterator[Found]:
        """Note that no token is given."""
        if response.status not in (400, 401, 403):
            self.trouble(response, essential=True)
            return
        names = " and ".join(
            secret_names("reddit", self.source.name, each)[1] for each in ("client_id", "client_secret")
        )
        self._refused(True, f"Reddit gives no token (HTTP {response.status}); check {names}")
        yield from ()

    def entered(self, response: Response) -> Iterator[Found]:
        """Take the token; begin, or go on with what waited for it."""
        token = json_object(response).get("access_token")
        if not isinstance(token, str) or not token:
            raise NotUnderstoodError("the answer holds no access_token")
        first, self._token, self._renewing = not self._token, token, False
        waiting, self._waiting = self._waiting, []
        for job in waiting:
            yield self.request(job.address, job.then, job.context, again=True)
        if first:
            yield from self.begin()

    def address(self, path: str, **query: object) -> str:
        """Return an address of the API; with `raw_json` signs are not written as entities."""
        return f"{self._base}{path}?{urlencode({'raw_json': 1, **query})}"

    def request(self, address: str, then: Then, context: dict[str, Any], *, again: bool = False) -> Request:
        """Return a request with the token, which is made again when the token has expired."""
        job = Job(address, then, context, self._token, again)
        headers = {"Authorization": f"Bearer {self._token}"}
        return self.ask(address, self._got, otherwise=self._denied, headers=headers, job=job)

    def _got(self, response: Response, job: Job) -> Iterator[Found]:
        yield from job.then(response, **job.context)

    def _denied(self, response: Response, job: Job) -> Iterator[Found]:
        if response.status == 401 and job.token != self._token:
            yield self.request(job.address, job.then, job.context, again=True)
        elif response.status == 401 and not job.again:
            self._waiting.append(job)
            if not self._renewing:
                yield self._renew()
        else:
            self.trouble(response, essential=False)
            yield from self.lost(job)
