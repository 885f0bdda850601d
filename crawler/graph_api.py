"""Asking Meta's Graph API (https://developers.facebook.com/docs/graph-api) for what one's own pages hold.

The token goes into a header: addresses stand in marks. `paging.next` repeats it in the query, so it is taken out,
and an address on another host is not followed. The list ends where `next` is missing; a page before may be empty.
"""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from crawler.answers import json_object
from crawler.graph_errors import GraphError, error_in, minutes_asked
from crawler.items import FoundAccount, FoundPost
from crawler.own_pages import OwnPagesSpider, Row
from crawler.spiders.base import Found, Then
from crawler.streams import Page
from crawler.values import moment, part

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

DEFAULT_URL = "https://graph.facebook.com/v25.0"
"""Version 25 is served until 29 July 2028 (https://developers.facebook.com/docs/graph-api/changelog/versions)."""


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
    total = part(edge, "summary").get("total_count")
    return total if isinstance(total, int) else None


class GraphSpider(OwnPagesSpider):
    """Base of the spiders for Meta's networks: for each account its figures, and the posts of one edge."""

    figure_fields: ClassVar[str]
    edge: ClassVar[str]
    post_fields: ClassVar[str]
    per_page: ClassVar[int]
    made: ClassVar[str]
    """The field that tells when a post was made."""

    @abstractmethod
    def post_of(self, row: Row) -> Iterable[FoundPost]:
        """Return a row of the edge as a post."""

    @abstractmethod
    def below(self, row: Row) -> Iterator[Found]:
        """Return the comments that came with a post, or the request for them."""

    async def start(self) -> AsyncIterator[Request]:
        """Begin with every account's figures and its posts."""
        for account in self.source.accounts:
            path = quote(account)
            yield self.get(self.address(path, fields=self.figure_fields), self.figures, account=account)
            first = self.address(f"{path}/{self.edge}", fields=self.post_fields, limit=self.per_page)
            yield self.list_of(f"{self.edge} {account}", first, self.posts)

    def figures(self, response: Response, account: str) -> Iterator[Found]:
        """Read how many follow an account."""
        answer = json_object(response)
        yield FoundAccount(account, answer.get("followers_count"), answer.get("media_count"))

    def posts(self, response: Response, **place: Any) -> Iterator[Found]:
        """Read one page of posts, newest first."""
        answer = json_object(response)
        rows = rows_in(answer)
        ids = [str(row["id"]) for row in rows if row.get("id")]
        moments = [made for row in rows if (made := moment(row.get(self.made)))]
        page = Page(ids, ids, moments, self.following(answer))
        yield from self.page_read(rows, self.post_of, self.below, page, **place)

    @property
    def base(self) -> str:
        """The API's address."""
        return (self.source.url or DEFAULT_URL).rstrip("/")

    def get(self, address: str, then: Then, *, otherwise: Then | None = None, **context: Any) -> Request:
        """Return the request for an address of the API."""
        headers = {"Authorization": f"Bearer {self.source.credentials.get('token', '')}"}
        return self.ask(address, then, otherwise=otherwise or self.refused, headers=headers, **context)

    def address(self, path: str, **query: object) -> str:
        """Return the address of an edge, without the token."""
        return f"{self.base}/{path}?{urlencode(query)}"

    def single(self, native: str, post: str) -> str:  # noqa: ARG002 # posts and comments are asked for alike
        """Return the address of one post or comment."""
        return self.address(quote(native), fields="id")

    def following(self, edge: object) -> str | None:
        """Return the page after this one, None on the last."""
        address = part(edge, "paging").get("next")
        if not isinstance(address, str) or urlsplit(address).netloc != urlsplit(self.base).netloc:
            return None
        return without_token(address)

    def says_gone(self, response: Response) -> bool:
        """Tell whether an object does not exist: asked only where this token may read its neighbours."""
        return error_in(response.body).gone

    def refused(self, response: Response, **context: Any) -> Iterator[Found]:
        """Note an error: whose fault it is stands in its code, not in the status."""
        error = error_in(response.body)
        if error.limit:
            self._rest(response, error)
        elif error.token or error.permission or response.status in (401, 403):
            name = f"TOCSIN_{self.source.kind.upper()}__TOKEN"
            what = "its age" if error.token else "its permissions and its age"
            self._refused(True, f"the API refuses (HTTP {response.status}{error.words}); check {name}, {what}")
            self.history_left = True
        else:
            self.trouble(response, essential=False)
        yield from self.answer_lost(**context)

    def _rest(self, response: Response, error: GraphError) -> None:
        usage = response.headers.get(b"X-Business-Use-Case-Usage")
        minutes = minutes_asked(_json_of(usage))
        until = f", for about {minutes} minutes" if minutes else ""
        words = f"{urlsplit(response.url).netloc} allows no more requests{error.words}{until}"
        self.session.gate.close(response.url, words)
        self.history_left = True
        self.account.trouble("partial", f"{words}; the next run goes on")


def _json_of(header: bytes | None) -> object:
    try:
        return json.loads(header or b"")
    except ValueError:
        return None
