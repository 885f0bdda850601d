"""Asking Meta's Graph API (https://developers.facebook.com/docs/graph-api) for what one's own pages hold.

The token goes into a header: addresses stand in marks. `paging.next` repeats it in the query, so it is taken out,
and an address on another host is not followed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from crawler.spiders.base import Found, Then
from crawler.streams import StreamSpider

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

DEFAULT_URL = "https://graph.facebook.com/v23.0"
WATCHED = timedelta(days=30)
"""Own posts younger than this are read again in every run, for late comments."""


def without_token(address: str) -> str:
    """Return an address without credentials in its query."""
    parts = urlsplit(address)
    kept = [pair for pair in parse_qsl(parts.query) if pair[0] not in ("access_token", "appsecret_proof")]
    return urlunsplit(parts._replace(query=urlencode(kept)))


def rows_in(answer: object) -> list[dict[str, Any]]:
    """Return the objects of an edge, of an answer or within an object."""
    rows = answer.get("data") if isinstance(answer, Mapping) else None
    return [row for row in rows or () if isinstance(row, dict)]


def total_in(edge: object) -> int | None:
    """Return `summary.total_count` of an edge, None where it is not shown."""
    summary = edge.get("summary") if isinstance(edge, Mapping) else None
    return summary.get("total_count") if isinstance(summary, Mapping) else None


def moment(text: object) -> datetime | None:
    """Return a time as Meta writes it (2026-11-22T06:00:00+0000)."""
    return datetime.fromisoformat(text) if isinstance(text, str) else None


class GraphSpider(StreamSpider):
    """Base of the spiders for Meta's networks."""

    @property
    def base(self) -> str:
        """The API's address."""
        return (self.source.url or DEFAULT_URL).rstrip("/")

    def get(self, address: str, then: Then, **context: Any) -> Request:
        """Return the request for an address of the API."""
        headers = {"Authorization": f"Bearer {self.source.credentials.get('token', '')}"}
        return self.ask(address, then, otherwise=self.refused, headers=headers, **context)

    def address(self, path: str, **query: object) -> str:
        """Return the address of an edge, without the token."""
        return f"{self.base}/{path}?{urlencode(query)}"

    def following(self, edge: object) -> str | None:
        """Return the page after this one, None on the last."""
        paging = edge.get("paging") if isinstance(edge, Mapping) else None
        address = paging.get("next") if isinstance(paging, Mapping) else None
        if not isinstance(address, str) or urlsplit(address).netloc != urlsplit(self.base).netloc:
            return None
        return without_token(address)

    def refused(self, response: Response, **context: Any) -> Iterator[Found]:
        """Note a refusal: Meta answers 400 to a token that has expired (code 190), 403 to missing permissions."""
        if response.status in (401, 403) or (response.status == 400 and b"OAuthException" in response.body):
            name = f"TOCSIN_{self.source.kind.upper()}__TOKEN"
            self._refused(True, f"the API refuses (HTTP {response.status}); check {name}, its permissions and its age")
            self.history_left = True
        else:
            self.trouble(response, essential=False)
        if "stream" in context:
            yield from self.stream_lost(context["stream"], context["walk"])
