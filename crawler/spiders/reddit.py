"""Reddit by its official OAuth API only (https://www.reddit.com/dev/api): communities, a search, whole discussions.

A listing ends after about 1,000 items and a search after about 250
(https://github.com/not-an-aardvark/snoowrap/issues/162): older ones are a gap. /api/morechildren is asked one at a
time, as the API wants it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from crawler.answers import json_object, json_rows
from crawler.errors import NotUnderstoodError
from crawler.items import FoundPost, GonePost, Mark
from crawler.missing import Counted
from crawler.reddit_api import Job, RedditApi
from crawler.reddit_rows import Row, branch_of, comment_of, moment, submission_of, things_in
from crawler.spiders.base import Found
from crawler.streams import Page
from crawler.walks import Walk

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

    from crawler.plan import SourcePlan
    from crawler.session import Session

PER_PAGE = 100
CAP_PAGES = 10
SEARCH_PAGES = 3
"""The search ends in the middle of its third page."""

WATCHED = timedelta(days=30)
"""How long after it was opened a discussion is asked for its count of comments."""


@dataclass(slots=True)
class Discussion:
    """A discussion being read: its count of comments, the answers still to come, the comments shown so far."""

    count: int
    pending: int = 0
    shown: set[str] = field(default_factory=set)


class RedditSpider(RedditApi):
    """Reads the newest submissions, then the discussions whose count of comments moved."""

    def __init__(self, source: SourcePlan, session: Session) -> None:
        super().__init__(source, session)
        self._counts: dict[str, int] = {}
        self._open: dict[str, Discussion] = {}
        self._withheld: list[Job] = []
        self.threads = self.left_over("thread ")

    def begin(self) -> Iterator[Found]:
        """Begin with the lists."""
        for name in self.source.communities:
            path = f"/r/{quote(name.removeprefix('/').removeprefix('r/'))}/new"
            yield self._list(f"new {name}", self.address(path, limit=PER_PAGE))
        if self.source.query:
            first = self.address("/search", q=self.source.query, sort="new", t="all", type="link", limit=PER_PAGE)
            yield self._list(f"search {self.source.query}", first)

    def lost(self, job: Job) -> Iterator[Found]:
        """Go on with what waited for a refused request."""
        if job.then == self.more:
            yield from self._next_withheld()
        if "stream" in job.context:
            yield from self.stream_lost(job.context["stream"], job.context["walk"])

    def _list(self, stream: str, first: str) -> Request:
        def ask(address: str, walk: Walk) -> Request:
            known = {"asked": address, "stream": stream, "walk": walk, "ask": ask, "first": first}
            return self.request(address or first, self.listing, known)

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
        searched = stream.startswith("search ")
        cap = SEARCH_PAGES if searched else CAP_PAGES
        if not after and walk.page >= cap and not known and moments and not self.too_old(min(moments)):
            what = "finds about 250" if searched else "lists at most 1,000"
            reason = f"Reddit {what} submissions; older ones are not shown"
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
            address = self.address("/api/info", id=",".join(young[start : start + PER_PAGE]))
            yield self.request(address, self.counts, {})

    def counts(self, response: Response) -> Iterator[Found]:
        """Read submissions again by id; read the discussions that moved."""
        rows = [thing["data"] for thing in things_in(json_object(response))]
        yield from self.submissions(rows)
        for native in (f"t3_{row.get('id')}" for row in rows):
            count = self._counts.get(native)
            if count is not None and count != self.threads.get(native, {}).get("count"):
                yield self._thread(native, count)

    def _thread(self, native: str, count: int, **query: object) -> Request:
        address = self.address(f"/comments/{native.removeprefix('t3_')}", limit=500, sort="new", **query)
        self._open.setdefault(native, Discussion(count)).pending += 1
        return self.request(address, self.discussion, {"native": native})

    def discussion(self, response: Response, native: str) -> Iterator[Found]:
        """Read a discussion: a list of two listings, the submission and its comments."""
        answer = json_rows(response)
        if len(answer) != 2:
            raise NotUnderstoodError("the answer is no discussion")
        yield from self._branch(things_in(answer[1]), native)

    def more(self, response: Response, native: str) -> Iterator[Found]:
        """Read comments that a discussion withheld; then ask for the next of them."""
        data = (json_object(response).get("json") or {}).get("data") or {}
        things = [thing for thing in data.get("things") or () if isinstance(thing, dict) and "data" in thing]
        yield from self._next_withheld()
        yield from self._branch(things, native)

    def _next_withheld(self) -> Iterator[Request]:
        self._withheld.pop(0)
        if self._withheld:
            job = self._withheld[0]
            yield self.request(job.address, job.then, job.context)

    def _branch(self, things: Sequence[Row], native: str) -> Iterator[Found]:
        branch, discussion = branch_of(things), self._open[native]
        yield from self.each(branch.comments, comment_of)  # type: ignore[arg-type] # GonePost passes too
        discussion.shown.update(f"t1_{row.get('id')}" for row in branch.comments)
        for start in range(0, len(branch.withheld), PER_PAGE):
            children = ",".join(branch.withheld[start : start + PER_PAGE])
            address = self.address("/api/morechildren", api_type="json", link_id=native, children=children)
            discussion.pending += 1
            self._withheld.append(Job(address, self.more, {"native": native}))
            if len(self._withheld) == 1:
                yield self.request(address, self.more, {"native": native})
        for parent in branch.deeper:
            yield self._thread(native, discussion.count, comment=parent)
        discussion.pending -= 1
        if not discussion.pending:
            yield from self._read_whole(native, discussion)

    def _read_whole(self, native: str, discussion: Discussion) -> Iterator[Found]:
        known = self.threads.get(native, {"made": int(self.account.started_at.timestamp())})
        yield Mark(f"thread {native}", {**known, "count": discussion.count})
        # A deleted comment that nobody answered leaves the tree; asked for by its id it shows that it is deleted.
        missing = sorted(self.held_in(native) - discussion.shown - {native})
        for start in range(0, len(missing), PER_PAGE):
            address = self.address("/api/info", id=",".join(missing[start : start + PER_PAGE]))
            yield self.request(address, self.missed, {})

    def missed(self, response: Response) -> Iterator[Found]:
        """Read comments again that their discussion does not show any more."""
        rows = [thing["data"] for thing in things_in(json_object(response))]
        yield from self.each(rows, comment_of)  # type: ignore[arg-type] # GonePost passes too
