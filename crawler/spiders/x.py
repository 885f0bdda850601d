"""X by its official API v2 only (https://docs.x.com/x-api): a search of the last 7 days, posts of accounts.

X bills every post read (https://docs.x.com/x-api/getting-started/pricing), so reading goes by ids, and what was left
over is a slice of ids. The read budget holds over runs: `budget` posts a calendar month (UTC), and a tenth of it, at
least one page, a day. Once a day, when all lists are read, posts younger than 72 hours are looked up by their ids, the
newest first, for their figures, edits and deletions: at most a quarter of the month's budget goes there.
Search and timelines: https://docs.x.com/x-api/posts/search/introduction and .../posts/timelines/introduction (the
newest 3,200 of an account); limits (x-rate-limit-*, no Retry-After): https://docs.x.com/x-api/fundamentals/rate-limits
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from crawler.answers import json_object
from crawler.items import FoundAccount, GonePost, Mark
from crawler.missing import Counted
from crawler.quota import MonthQuota, Quota
from crawler.spiders.base import RECHECK, Found, SourceSpider
from crawler.values import moment
from crawler.x_rows import Row, Slice, first_of, gone_in, id_at, made_at, names_in, newer_than, plan_ids, post_of
from tocsin.store.times import to_text

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

    from crawler.plan import SourcePlan
    from crawler.session import Session

DEFAULT_URL = "https://api.x.com"
PER_PAGE = 100
SMALLEST_PAGE = 10
"""The search gives no smaller page."""

WINDOW = timedelta(days=7) - timedelta(minutes=10)
"""How far back the search sees; a little less, as the clock runs on while we ask."""

TIMELINE = 3_000
"""An account shows its newest 3,200 posts, retweets counted in."""

LOOKED_AT = timedelta(hours=20)
"""How long young posts rest between two look-ups."""

FIELDS = {
    "tweet.fields": "author_id,conversation_id,created_at,edit_history_tweet_ids,note_tweet,public_metrics,"
    "referenced_tweets",
    "expansions": "author_id",
    "user.fields": "username",
}


@dataclass
class Stream:
    """A list of posts that is read: `todo` are slices of ids, the newest last; `top` is the highest id met."""

    name: str
    path: str
    query: dict[str, str]
    window: timedelta | None = None
    todo: list[Slice] = field(default_factory=list)
    top: int = 0
    met: int = 0

    def mark(self) -> Mark:
        """Return what to remember."""
        return Mark(f"ids {self.name}", {"todo": [list(pair) for pair in self.todo], "top": self.top})


class XSpider(SourceSpider):
    """Reads one page at a time, so that the read budget is never overdrawn."""

    by_contract = True

    def __init__(self, source: SourcePlan, session: Session) -> None:
        super().__init__(source, session)
        self._base = (source.url or DEFAULT_URL).rstrip("/")
        self._accounts = list(source.accounts)
        self._day = Quota(f"x posts a day {source.name}", max(PER_PAGE, source.budget // 10))
        self._month = MonthQuota(f"x posts a month {source.name}", source.budget)
        self._again = MonthQuota(f"x posts again {source.name}", source.budget // 4)
        self._met: set[str] = set()
        self._firsts: dict[str, str] = {}
        self._looked = False

    async def start(self) -> AsyncIterator[Request]:
        """Begin with the search."""
        if self.source.query:
            query = {"query": f"({self.source.query}) -is:retweet", "sort_order": "recency"}
            search = Stream(f"search {self.source.query}", "/2/tweets/search/recent", query, WINDOW)
            requests = self._begin(search)
        else:
            requests = self._next_account()
        for request in requests:
            if not isinstance(request, Mark):
                yield request  # type: ignore[misc] # no posts here

    def _ask(self, path: str, query: dict[str, str], then: str, **context: Any) -> Request:
        headers = {"Authorization": f"Bearer {self.source.credentials.get('token', '')}"}
        return self.ask(
            f"{self._base}{path}?{urlencode(query)}",
            getattr(self, then),
            otherwise=self.denied,
            headers=headers,
            **context,
        )

    def denied(self, response: Response, **_: object) -> Iterator[Found]:
        """Note a refusal; the other lists are read nevertheless."""
        if response.status in (401, 402, 403):
            what = "its credits" if response.status == 402 else "its access level"
            self._refused(True, f"X refuses (HTTP {response.status}); check TOCSIN_X__TOKEN and {what}")
            self.history_left = True
            return
        self.trouble(response, essential=False)
        yield from self._next_account()

    def _next_account(self) -> Iterator[Found]:
        if self._accounts:
            account = self._accounts.pop(0).lstrip("@")
            path = f"/2/users/by/username/{quote(account)}"
            yield self._ask(path, {"user.fields": "public_metrics"}, "user", account=account)
        elif not self._looked:
            self._looked = True
            yield from self._look_up()

    def user(self, response: Response, account: str) -> Iterator[Found]:
        """Read an account's figures and go on to its posts."""
        data = json_object(response).get("data")
        if not data:
            self.account.trouble("partial", f"{account} is no account of X that is shown")
            yield from self._next_account()
            return
        figures = data.get("public_metrics") or {}
        yield FoundAccount(account, figures.get("followers_count"), figures.get("tweet_count"))
        stream = Stream(f"user {data['id']}", f"/2/users/{data['id']}/tweets", {"exclude": "retweets"})
        yield from self._begin(stream)

    def _begin(self, stream: Stream) -> Iterator[Found]:
        mark = self.session.memory.recall(self.source.name, f"ids {stream.name}")
        stream.top, stream.todo = int(mark.get("top", 0)), plan_ids(mark)
        yield from self._page(stream)

    def _page(self, stream: Stream) -> Iterator[Found]:
        oldest = id_at(self.account.started_at - stream.window) if stream.window else 0
        while stream.todo:
            low, high = stream.todo[-1]
            bottom = max(low, id_at(self.since))
            if oldest > bottom:
                self._lost()
            if high and high <= max(bottom, oldest) + 1:
                stream.todo.pop()
                continue
            room = min(PER_PAGE, self._day.left(self.session), self._month.left(self.session))
            if room < SMALLEST_PAGE:
                self._stopped()
                return
            # A bound by time is used where the window cuts, as an id older than the window is refused.
            cut = max(bottom, oldest)
            query = {**stream.query, **FIELDS, "max_results": str(room)}
            if cut > low:
                query["start_time"] = made_at(cut).strftime("%Y-%m-%dT%H:%M:%SZ")
            else:
                query["since_id"] = str(low)
            if high:
                query["until_id"] = str(high)
            yield self._ask(stream.path, query, "posts", stream=stream)
            return
        yield stream.mark()
        yield from self._next_account()

    def _lost(self) -> None:
        reason = "X's recent search shows 7 days; older posts are not shown"
        self.counted.append(Counted(None, None, reason, missing=None))

    def _stopped(self) -> None:
        self.history_left = True
        self.account.trouble(
            "partial",
            f"the read budget is used up ({self._day.most} posts a day, {self._month.most} a month, from "
            "sources.budget); a later run goes on",
        )

    def posts(self, response: Response, stream: Stream) -> Iterator[Found]:
        """Read one page, newest first, and note what it cost."""
        answer = json_object(response)
        rows = [row for row in answer.get("data") or () if isinstance(row, dict)]
        yield from self._read(rows, answer, self._day, self._month)
        ids = [int(row["id"]) for row in rows if str(row.get("id", "")).isdigit()]
        stream.top, stream.met = max([stream.top, *ids]), stream.met + len(rows)
        low, _ = stream.todo.pop()
        if (answer.get("meta") or {}).get("next_token") and ids:
            # Tokens do not outlive a run, ids do: the next page is what is older than this one's oldest.
            stream.todo.append((low, min(ids)))
        elif stream.window is None and stream.met >= TIMELINE:
            reason = "X shows the newest 3,200 posts of an account; older ones are not shown"
            self.counted.append(Counted(None, None, reason, missing=None))
        yield stream.mark()
        yield from self._page(stream)

    def _read(self, rows: Sequence[Row], answer: Row, *quotas: Quota) -> Iterator[Found]:
        for quota in quotas:
            quota.told(self.session, quota.left(self.session) - len(rows))
        names = names_in(answer)
        self._met.update(first_of(row) for row in rows if "id" in row)
        yield from self.each(rows, lambda row: post_of(row, names))

    def _look_up(self) -> Iterator[Found]:
        """Ask again for young posts that no list showed in this run."""
        looked = moment(self.session.memory.recall(self.source.name, "looked up").get("at"))
        if looked and self.account.started_at - looked < LOOKED_AT:
            return
        self.flush()
        rows = self.session.store.rows(
            """SELECT id FROM posts WHERE source = ? AND created_at >= ? AND id NOT IN (SELECT post_id FROM gone_posts)
               ORDER BY created_at DESC""",
            [self.source.name, to_text(max(self.account.started_at - RECHECK, self.since))],
        )
        natives = [row["id"].removeprefix(f"{self.source.name}:") for row in rows]
        yield Mark("looked up", {"at": self.account.started_at.isoformat()})
        yield from self._next_look([native for native in natives if native not in self._met])

    def _next_look(self, natives: list[str]) -> Iterator[Found]:
        room = min(PER_PAGE, *(quota.left(self.session) for quota in (self._day, self._month, self._again)))
        if natives and room:
            query = {**FIELDS, "ids": ",".join(natives[:room])}
            yield self._ask("/2/tweets", query, "looked_up", rest=natives[room:])

    def looked_up(self, response: Response, rest: list[str]) -> Iterator[Found]:
        """Read posts again by their ids; those that are not there are gone."""
        answer = json_object(response)
        rows = [row for row in answer.get("data") or () if isinstance(row, dict) and "id" in row]
        # An id names one version of a post: what it says now stands in the newest.
        newer = {native: first_of(row) for row in rows if (native := newer_than(row))}
        self._firsts |= newer
        current = [row for row in rows if not newer_than(row)]
        quotas = (self._day, self._month, self._again)
        for quota in quotas:
            quota.told(self.session, quota.left(self.session) - (len(rows) - len(current)))
        yield from self._read(current, answer, *quotas)
        for native in sorted(gone_in(answer)):
            yield GonePost(self._firsts.get(native, native))
        yield from self._next_look([*newer, *rest])
