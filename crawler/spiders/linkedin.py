"""One's own LinkedIn organisation (https://learn.microsoft.com/linkedin/marketing/community-management).

Posts API, comments of the socialActions API, networkSizes for followers. People are named by urn only; names need a
permission that few get. Every call names a version of the API, which is served for at least a year and then answered
by 426 NONEXISTENT_VERSION (https://learn.microsoft.com/linkedin/marketing/versioning). Limits are counted a day (UTC),
by application and by member (https://learn.microsoft.com/linkedin/shared/api-guide/concepts/rate-limits).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from crawler.answers import json_object
from crawler.items import FoundAccount
from crawler.linkedin_rows import address_of, comment_of, made_at, native_of, post_of, replies_of, urn_of
from crawler.own_pages import OwnPagesSpider, Row
from crawler.spiders.base import Found, Then
from crawler.streams import Page

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

    from crawler.plan import SourcePlan
    from crawler.session import Session

DEFAULT_URL = "https://api.linkedin.com"
VERSION = "202609"
"""Seen to be answered in September 2026; LinkedIn promises a year."""

PER_PAGE = 50
FINDER = {"X-RestLi-Method": "FINDER"}


def versions(now: datetime) -> list[str]:
    """Return the versions to try: ours, and when it is served no more those of the months before `now`."""
    months = [now.year * 12 + now.month - 1 - back for back in range(1, 5)]
    later = [f"{month // 12}{month % 12 + 1:02d}" for month in months]
    return [VERSION, *(each for each in later if each > VERSION)]


class LinkedInSpider(OwnPagesSpider):
    """Reads the organisation's posts, then the comments on each, and the replies to those."""

    def __init__(self, source: SourcePlan, session: Session) -> None:
        super().__init__(source, session)
        self._versions = versions(self.account.started_at)

    @property
    def _base(self) -> str:
        return (self.source.url or DEFAULT_URL).rstrip("/")

    def get(self, address: str, then: Then, *, otherwise: Then | None = None, **context: Any) -> Request:
        """Return the request for an address of the API."""
        headers = {
            "Authorization": f"Bearer {self.source.credentials.get('token', '')}",
            "LinkedIn-Version": self._versions[0],
            "X-Restli-Protocol-Version": "2.0.0",
            **(FINDER if "q=author" in address else {}),
        }
        return self.ask(address, then, otherwise=otherwise or self.refused, headers=headers, **context)

    def single(self, native: str, post: str) -> str:
        """Return the address of one post or comment."""
        return f"{self._base}/{address_of(native, post)}"

    async def start(self) -> AsyncIterator[Request]:
        """Begin with every organisation's followers and its posts."""
        for account in self.source.accounts:
            urn = quote(urn_of(account), safe="")
            sizes = f"{self._base}/rest/networkSizes/{urn}?edgeType=COMPANY_FOLLOWED_BY_MEMBER"
            yield self.get(sizes, self.figures, account=account)
            first = f"{self._base}/rest/posts?q=author&author={urn}&sortBy=CREATED&count={PER_PAGE}&start=0"
            yield self.list_of(f"posts {account}", first, self.posts)

    def refused(self, response: Response, **context: Any) -> Iterator[Found]:
        """Note a refusal; tokens live for 60 days, versions for a year."""
        if response.status == 426 and (again := self._newer(response)) is not None:
            yield again
            return
        if response.status in (401, 403):
            words = f"LinkedIn refuses (HTTP {response.status}); check TOCSIN_LINKEDIN__TOKEN, its scopes and its age"
            self._refused(True, words)
            self.history_left = True
        elif response.status == 426:
            self._refused(True, f"LinkedIn serves version {self._versions[0]} of its API no more; update Tocsin")
            self.history_left = True
        else:
            self.trouble(response, essential=False)
        yield from self.answer_lost(**context)

    def _newer(self, response: Response) -> Request | None:
        request = response.request
        if request is None:
            return None
        asked = (request.headers.get("LinkedIn-Version") or b"").decode("latin-1")
        if asked == self._versions[0] and len(self._versions) > 1:
            del self._versions[0]
        if asked == self._versions[0]:
            return None
        again = request.replace(dont_filter=True)
        again.headers["LinkedIn-Version"] = self._versions[0]
        return again

    def figures(self, response: Response, account: str) -> Iterator[Found]:
        """Read how many follow an organisation."""
        yield FoundAccount(account, json_object(response).get("firstDegreeSize"))

    def posts(self, response: Response, asked: str, **place: Any) -> Iterator[Found]:
        """Read one page of posts, newest first."""
        answer = json_object(response)
        rows = _elements(answer)
        ids = [str(row["id"]) for row in rows if row.get("id")]
        moments = [made for row in rows if (made := made_at(row))]
        first, _, start = asked.rpartition("=")
        following = f"{first}={int(start) + PER_PAGE}" if _goes_on(answer, rows) else None
        yield from self.page_read(rows, post_of, self.below, Page(ids, ids, moments, following), asked=asked, **place)

    def below(self, row: Row) -> Iterator[Found]:
        """Ask for the comments on a post."""
        yield self._comments(str(row["id"]), str(row["id"]), 0)

    def _comments(self, post: str, above: str, start: int) -> Request:
        address = f"{self._base}/rest/socialActions/{quote(above, safe='')}/comments?count={PER_PAGE}&start={start}"
        return self.ask_below(address, self.comments, post, above=above, start=start)

    def comments(self, response: Response, post: str, above: str, start: int) -> Iterator[Found]:
        """Read one page of comments on a post, or of replies to a comment."""
        answer = json_object(response)
        rows = _elements(answer)
        yield from self.each(rows, lambda row: comment_of(row, post))
        for row in rows if above == post else ():
            if row.get("commentUrn") and replies_of(row):
                yield self._comments(post, str(row["commentUrn"]), 0)
        if _goes_on(answer, rows):
            yield self._comments(post, above, start + PER_PAGE)
        yield from self.below_read(post, [native_of(row) for row in rows if "commentUrn" in row or "id" in row])


def _elements(answer: Row) -> list[dict[str, Any]]:
    return [row for row in answer.get("elements") or () if isinstance(row, dict)]


def _goes_on(answer: Row, rows: list[dict[str, Any]]) -> bool:
    # https://learn.microsoft.com/linkedin/shared/api-guide/concepts/pagination : the end is a page that is not full.
    paging = answer.get("paging")
    links = paging.get("links") if isinstance(paging, dict) else None
    next_link = any(isinstance(link, dict) and link.get("rel") == "next" for link in links or ())
    return bool(rows) and (len(rows) >= PER_PAGE or next_link)
