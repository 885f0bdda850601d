"""One's own LinkedIn organisation (https://learn.microsoft.com/linkedin/marketing/community-management).

Posts API and socialActions comments. They name people by urn only; names need a permission that few get.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from crawler.answers import json_object
from crawler.extract.text import tidy
from crawler.items import FoundAccount, FoundPost
from crawler.spiders.base import Ask, Found, Then
from crawler.streams import Page, StreamSpider
from crawler.walks import Walk

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

DEFAULT_URL = "https://api.linkedin.com"
VERSION = "202510"
"""LinkedIn serves a version for about a year."""

PER_PAGE = 50
WATCHED = timedelta(days=30)


def moment(value: object) -> datetime | None:
    """Return milliseconds since 1970 as a time."""
    return datetime.fromtimestamp(value / 1000, UTC) if isinstance(value, int) else None


def urn_of(account: str) -> str:
    """Return the urn of an organisation given by urn or number."""
    return account if account.startswith("urn:") else f"urn:li:organization:{account}"


def post_of(row: Mapping[str, Any]) -> Iterator[FoundPost]:
    """Return an organisation's post. Raises `KeyError`."""
    native, made = str(row["id"]), moment(row.get("publishedAt") or row["createdAt"])
    address = f"https://www.linkedin.com/feed/update/{native}"
    yield FoundPost(
        thread=native,
        native_id=native,
        text=tidy(row.get("commentary") or ""),
        created_at=made,
        thread_url=address,
        thread_created_at=made,
        author=row.get("author"),
        url=address,
        position=0,
        opens=True,
        edited_at=moment(row.get("lastModifiedAt"))
        if (row.get("lifecycleStateInfo") or {}).get("isEditedByAuthor")
        else None,
    )


def comment_of(row: Mapping[str, Any], post: str) -> Iterator[FoundPost]:
    """Return a comment below `post`. Raises `KeyError`."""
    yield FoundPost(
        thread=post,
        native_id=str(row.get("commentUrn") or row["id"]),
        text=tidy(row["message"]["text"]),
        created_at=moment((row.get("created") or {}).get("time")),
        author=row.get("actor"),
        parent=row.get("parentComment") or post,
        likes=(row.get("likesSummary") or {}).get("totalLikes"),
        replies=(row.get("commentsSummary") or {}).get("aggregatedTotalComments"),
    )


class LinkedInSpider(StreamSpider):
    """Reads the organisation's posts, then the comments on each, and the replies to those."""

    @property
    def _base(self) -> str:
        return (self.source.url or DEFAULT_URL).rstrip("/")

    def _get(self, address: str, then: Then, **context: Any) -> Request:
        token = self.source.credentials.get("token", "")
        headers = {
            "Authorization": f"Bearer {token}",
            "LinkedIn-Version": VERSION,
            "X-Restli-Protocol-Version": "2.0.0",
        }
        return self.ask(address, then, otherwise=self.refused, headers=headers, **context)

    async def start(self) -> AsyncIterator[Request]:
        """Begin with every organisation's followers and its posts."""
        for account in self.source.accounts:
            urn = quote(urn_of(account), safe="")
            sizes = f"{self._base}/rest/networkSizes/{urn}?edgeType=COMPANY_FOLLOWED_BY_MEMBER"
            yield self._get(sizes, self.figures, account=account)
            first = f"{self._base}/rest/posts?q=author&author={urn}&sortBy=CREATED&count={PER_PAGE}&start="

            def ask(address: str, walk: Walk, first: str = first, name: str = f"posts {account}") -> Request:
                known = {"stream": name, "walk": walk, "asked": address or f"{first}0", "first": first}
                return self._get(address or f"{first}0", self.posts, ask=ask, **known)

            yield self.stream(f"posts {account}", f"{first}0", ask)

    def refused(self, response: Response, **context: Any) -> Iterator[Found]:
        """Note a refusal; tokens live for 60 days."""
        if response.status in (401, 403):
            words = f"LinkedIn refuses (HTTP {response.status}); check TOCSIN_LINKEDIN__TOKEN, its scopes and its age"
            self._refused(True, words)
            self.history_left = True
        else:
            self.trouble(response, essential=False)
        if "stream" in context:
            yield from self.stream_lost(context["stream"], context["walk"])

    def figures(self, response: Response, account: str) -> Iterator[Found]:
        """Read how many follow an organisation."""
        yield FoundAccount(account, json_object(response).get("firstDegreeSize"))

    def posts(self, response: Response, stream: str, walk: Walk, asked: str, ask: Ask, first: str) -> Iterator[Found]:
        """Read one page of posts, newest first."""
        rows = _elements(response)
        ids = [str(row.get("id")) for row in rows]
        moments = [made for row in rows if (made := moment(row.get("publishedAt") or row.get("createdAt")))]
        start = int(asked.rpartition("=")[2]) + PER_PAGE
        page = Page(ids, ids, moments, f"{first}{start}" if len(rows) >= PER_PAGE else None)
        young = any(made >= self.account.started_at - WATCHED for made in moments)
        known = self.is_known(page) and not young
        yield from self.each(rows, post_of)
        for native in ids:
            yield self._below(native, native, 0)
        yield from self.stream_on(stream, walk, asked, page, known, ask)

    def _below(self, post: str, above: str, start: int) -> Request:
        address = f"{self._base}/rest/socialActions/{quote(above, safe='')}/comments?count={PER_PAGE}&start={start}"
        return self._get(address, self.comments, post=post, above=above, start=start, priority=10)

    def comments(self, response: Response, post: str, above: str, start: int) -> Iterator[Found]:
        """Read one page of comments on a post, or of replies to a comment."""
        rows = _elements(response)
        yield from self.each(rows, lambda row: comment_of(row, post))
        for row in rows if above == post else ():
            urn = row.get("commentUrn")
            if urn and (row.get("commentsSummary") or {}).get("aggregatedTotalComments"):
                yield self._below(post, str(urn), 0)
        if len(rows) >= PER_PAGE:
            yield self._below(post, above, start + PER_PAGE)


def _elements(response: Response) -> list[dict[str, Any]]:
    return [row for row in json_object(response).get("elements") or () if isinstance(row, dict)]
