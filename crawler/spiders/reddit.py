"""Reddit by its official OAuth API only (https://www.reddit.com/dev/api): communities, a search, whole discussions.

The token (https://github.com/reddit-archive/reddit/wiki/OAuth2, application only) lives in this process and is
renewed when the API says 401. A listing ends after about 1,000 items: older ones are a gap.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from crawler.answers import json_object, json_rows
from crawler.errors import NotUnderstoodError
from crawler.items import FoundPost, GonePost, Mark
from crawler.missing import Counted
from crawler.reddit_rows import Row, branch_of, comment_of, moment, submission_of, things_in
from crawler.spiders.base import Found, Then
from crawler.streams import Page, StreamSpider
from crawler.walks import Walk
from tocsin.source_kinds import secret_names

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

    from crawler.plan import SourcePlan
    from crawler.session import Session

DEFAULT_URL = "https://oauth.reddit.com"
TOKEN_URL = "https://www.reddit.com/api/v1/access_token"  # noqa: S105 # an address
PER_PAGE = 100
CAP_PAGES = 10
WATCHED = timedelta(days=30)
"""How long after it was opened a discussion is asked for its count of comments."""


@dataclass(frozen=True, slots=True)
class Job:
    """A request that may have to be made again with a new token."""

    address: str
    then: Then
    context: dict[str, Any]
    token: str = ""
    again: bool = False


class RedditSpider(StreamSpider):
    """Reads the newest submissions, then the discussions whose count of comments moved."""

    def __init__(self, source: SourcePlan, session: Session) -> None:
        super().__init__(source, session)
        self._base = (source.url or DEFAULT_URL).rstrip("/")
        self._token = ""
        self._waiting: list[Job] = []
        self._renewing = False
        self._counts: dict[str, int] = {}
        self._pending: dict[str, int] = {}
        self.threads = self.left_over("thread ")

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
            yield self._request(job.address, job.then, job.context, again=True)
        if first:
            yield from self._begin()

    def _begin(self) -> Iterator[Found]:
        for name in self.source.communities:
            path = f"/r/{quote(name.removeprefix('/').removeprefix('r/'))}/new"
            yield self._list(f"new {name}", self._address(path, limit=PER_PAGE))
        if self.source.query:
            first = self._address("/search", q=self.source.query, sort="new", t="all", type="link", limit=PER_PAGE)
            yield self._list(f"search {self.source.query}", first)

    def _address(self, path: str, **query: object) -> str:
        return f"{self._base}{path}?{urlencode({'raw_json': 1, **query})}"

    def _request(self, address: str, then: Then, context: dict[str, Any], *, again: bool = False) -> Request:
        job = Job(address, then, context, self._token, again)
        headers = {"Authorization": f"Bearer {self._token}"}
        return self.ask(address, self._got, otherwise=self._denied, headers=headers, job=job)

    def _got(self, response: Response, job: Job) -> Iterator[Found]:
        yield from job.then(response, **job.context)

    def _denied(self, response: Response, job: Job) -> Iterator[Found]:
        if response.status == 401 and job.token != self._token:
            yield self._request(job.address, job.then, job.context, again=True)
        elif response.status == 401 and not job.again:
            self._waiting.append(job)
            if not self._renewing:
                yield self._renew()
        else:
            self.trouble(response, essential=False)
            if "stream" in job.context:
                yield from self.stream_lost(job.context["stream"], job.context["walk"])

    def _list(self, stream: str, first: str) -> Request:
        def ask(address: str, walk: Walk) -> Request:
            known = {"asked": address, "stream": stream, "walk": walk, "ask": ask, "first": first}
            return self._request(address or first, self.listing, known)

        return self.stream(stream, first, ask)

    def listing(
        self, response: Response, asked: str, stream: str, walk: Walk, ask: Callable[[str, Walk], Request], first: str
    ) -> Iterator[Found]:
        """Read one page of submissions, newest first."""
        answer = json_object(response)
        rows = [thing["data"] for thing in things_in(answer)]
        ids = [f"t3_{row.get('id')}" for row in rows]
        moments = [made for row in rows if (made := moment(row.get("created_utc")))]
        after = (answer.get("data") or {}).get("after")
        page = Page(ids, ids, moments, f"{first}&after={after}" if after else None)
        known = self.is_known(page)
        yield from self.submissions(rows)
        if not after and walk.page >= CAP_PAGES and not known and moments and not self.too_old(min(moments)):
            reason = "Reddit lists at most 1,000 submissions; older ones are not shown"
            self.counted.append(Counted(None, None, reason, missing=None))
        yield from self.stream_on(stream, walk, asked, page, known, ask)

    def submissions(self, rows: list[Row]) -> Iterator[Found]:
        """Yield submissions and note how many comments they count."""
        for found in self.each(rows, submission_of):  # type: ignore[arg-type] # GonePost passes too
            yield found
            if isinstance(found, FoundPost) and not self.too_old(found.created_at):
                self._counts[found.native_id] = found.replies or 0
                if found.native_id not in self.threads and found.created_at:
                    known = {"made": int(found.created_at.timestamp()), "count": 0}
                    self.threads[found.native_id] = known
                    yield Mark(f"thread {found.native_id}", known)
            elif isinstance(found, GonePost):
                yield Mark(f"thread {found.native_id}", None)

    def look_again(self) -> Iterator[Request]:
        """Read the discussions that moved; ask for the counts of those that the lists do not show any more."""
        for native, count in self._counts.items():
            if count != self.threads.get(native, {}).get("count"):
                yield self._thread(native, count)
        horizon = (self.account.started_at - WATCHED).timestamp()
        rest = [native for native, known in self.threads.items() if native not in self._counts]
        young = [native for native in rest if self.threads[native]["made"] >= horizon]
        for start in range(0, len(young), PER_PAGE):
            address = self._address("/api/info", id=",".join(young[start : start + PER_PAGE]))
            yield self._request(address, self.counts, {})

    def counts(self, response: Response) -> Iterator[Found]:
        """Read submissions again by id; read the discussions that moved."""
        rows = [thing["data"] for thing in things_in(json_object(response))]
        yield from self.submissions(rows)
        for native in (f"t3_{row.get('id')}" for row in rows):
            count = self._counts.get(native)
            if count is not None and count != self.threads.get(native, {}).get("count"):
                yield self._thread(native, count)

    def _thread(self, native: str, count: int, **query: object) -> Request:
        address = self._address(f"/comments/{native.removeprefix('t3_')}", limit=500, sort="new", **query)
        return self._request(address, self.discussion, {"native": native, "count": count})

    def discussion(self, response: Response, native: str, count: int) -> Iterator[Found]:
        """Read a discussion: a list of two listings, the submission and its comments."""
        answer = json_rows(response)
        if len(answer) != 2:
            raise NotUnderstoodError("the answer is no discussion")
        yield from self._branch(things_in(answer[1]), native, count)

    def more(self, response: Response, native: str, count: int) -> Iterator[Found]:
        """Read comments that a discussion withheld."""
        data = (json_object(response).get("json") or {}).get("data") or {}
        yield from self._branch([thing for thing in data.get("things") or () if "data" in thing], native, count)

    def _branch(self, things: list[Row], native: str, count: int) -> Iterator[Found]:
        branch = branch_of(things)
        yield from self.each(branch.comments, comment_of)  # type: ignore[arg-type] # GonePost passes too
        known = self.threads.get(native, {"made": int(self.account.started_at.timestamp())})
        pending = self._pending.setdefault(native, 1) - 1
        for start in range(0, len(branch.withheld), PER_PAGE):
            children = ",".join(branch.withheld[start : start + PER_PAGE])
            address = self._address("/api/morechildren", api_type="json", link_id=native, children=children)
            pending += 1
            yield self._request(address, self.more, {"native": native, "count": count})
        for parent in branch.deeper:
            pending += 1
            yield self._thread(native, count, comment=parent)
        self._pending[native] = pending
        if not pending:
            yield Mark(f"thread {native}", {**known, "count": count})
