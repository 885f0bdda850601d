"""Asking GitHub: headers, the optional token, primary and secondary rate limits.

https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api : 60 requests an hour without a token,
5,000 with one. Limits that X-RateLimit-* tell are heeded for all sources (crawler/middlewares/limits.py); a secondary
limit is a 403 or 429 with `Retry-After`, or with its name in the message: then a minute is to be waited. A 304 is free.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from crawler.middlewares.manners import LONGEST_WAIT, seconds_asked
from crawler.spiders.base import Found, Then
from crawler.streams import StreamSpider

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

DEFAULT_URL = "https://api.github.com"
PAGE = 100
"""Rows a page: the API's most."""

SECONDARY_WAIT = 60.0
MAX_TRIES = 3


class GitHubApi(StreamSpider):
    """Base of the spider: every request and every refusal passes here."""

    @property
    def token(self) -> str:
        """The token, '' where none is set."""
        return self.source.credentials.get("token", "")

    @property
    def base(self) -> str:
        """Where the REST API lives; an own GitHub Enterprise server is named by `url` (`https://host/api/v3`)."""
        url = (self.source.url or DEFAULT_URL).rstrip("/")
        return DEFAULT_URL if url in ("https://github.com", "https://www.github.com") else url

    def get(self, address: str, then: Then, *, body: str | None = None, **options: Any) -> Request:
        """Return the request for `address`. Options are those of `ask`, and the context; `stream` names the list."""
        headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
        headers |= {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= {"Content-Type": "application/json"} if body is not None else {}
        return self.ask(
            address, then, otherwise=options.pop("otherwise", self.refused), headers=headers, body=body, **options
        )

    def refused(self, response: Response, **context: Any) -> Iterator[Found]:
        """Wait where a limit was met and ask again; else say what was not read."""
        if (wait := _limited(response, self.session.now)) is not None:
            yield from self._again(response, wait)
            return
        self.history_left = True
        what = context.get("stream") or context.get("repository") or "GitHub"
        if response.status == 401:
            words = f"{what} was not read: GitHub does not know the token; check TOCSIN_GITHUB__TOKEN"
        elif response.status == 410:
            words = f"{what} was not read: issues are switched off there"
        elif response.status in (403, 404):
            words = f"{what} was not read: the answer was {response.status}; check the name, private ones need a token"
        else:
            self.trouble(response, essential=False)
            return
        self.account.trouble("partial", words)

    def _again(self, response: Response, wait: float) -> Iterator[Request]:
        request, gate = response.request, self.session.gate
        tries = int(request.meta.get("tries", 1)) if request is not None else MAX_TRIES
        self._rest(response.url, wait)
        if request is None or tries >= MAX_TRIES or gate.closed_because(response.url):
            self.history_left = True
            self.account.trouble("partial", f"{self._limit_words()}; the next run goes on")
            return
        yield request.replace(dont_filter=True, meta=_kept(request) | {"tries": tries + 1})

    def _rest(self, url: str, wait: float) -> None:
        if wait > LONGEST_WAIT:
            self.session.gate.close(url, f"GitHub asked not to be asked for {wait / 60:.0f} minutes")
        else:
            self.session.gate.pause(url, wait)

    def _limit_words(self) -> str:
        if self.token:
            return "GitHub's rate limit was met"
        return "GitHub's rate limit was met (60 requests an hour; 5,000 with TOCSIN_GITHUB__TOKEN)"


def _limited(response: Response, now: Any) -> float | None:
    """Return the seconds to wait when a refusal is one of pace, None when it is of another kind."""
    if response.status not in (403, 429):
        return None
    header = response.headers.get(b"Retry-After")
    if (asked := seconds_asked(header.decode("latin-1") if header else None, now())) is not None:
        return asked
    if response.headers.get(b"X-RateLimit-Remaining") == b"0":
        return 0.0
    body = response.body[:2_000].lower()
    return SECONDARY_WAIT if response.status == 429 or b"rate limit" in body or b"abuse" in body else None


def _kept(request: Request) -> dict[str, object]:
    # What Scrapy noted of the first try is not of the second, and to copy it makes Scrapy print the address.
    return {name: request.meta[name] for name in ("dont_obey_robotstxt", "api") if name in request.meta}
