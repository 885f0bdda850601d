"""X by its official API v2 only (https://docs.x.com/x-api): a search of the last 7 days, posts of accounts.

X bills every post read, so nothing is read twice: reading goes by ids, and what was left over is a slice of ids. The
read budget holds over runs: `budget` posts a calendar month (UTC), and a tenth of it, at least one page, a day.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from crawler.answers import json_object
from crawler.items import FoundAccount, Mark
from crawler.missing import Counted
from crawler.quota import Quota
from crawler.spiders.base import Found, SourceSpider
from crawler.x_rows import Slice, id_at, made_at, names_in, plan_ids, post_of

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

FIELDS = {
    "tweet.fields": "author_id,conversation_id,created_at,note_tweet,public_metrics,referenced_tweets",
    "expansions": "author_id",
    "user.fields": "username",
}


class MonthQuota(Quota):
    """A quota that begins anew with every calendar month."""

    def _day(self, now: datetime) -> str:
        return now.astimezone(ZoneInfo(self.zone)).strftime("%Y-%m")


@dataclass
class Stream:
    """A list of posts that is read: `todo` are slices of ids, the newest last; `top` is the highest id met."""

    name: str
    path: str
    query: dict[str, str]
    window: timedelta | None = None
    todo: list[Slice] = field(default_factory=list)
    top: int = 0

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
        if response.status in (401, 403):
            self._refused(True, f"X refuses (HTTP {response.status}); check TOCSIN_X__TOKEN and its access level")
            self.history_left = True
            return
        self.trouble(response, essential=False)
        yield from self._next_account()

    def _next_account(self) -> Iterator[Found]:
        if self._accounts:
            account = self._accounts.pop(0).lstrip("@")
            path = f"/2/users/by/username/{quote(account)}"
            yield self._ask(path, {"user.fields": "public_metrics"}, "user", account=account)

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
        for quota in (self._day, self._month):
            quota.told(self.session, quota.left(self.session) - len(rows))
        names = names_in(answer)
        yield from self.each(rows, lambda row: post_of(row, names))
        ids = [int(row["id"]) for row in rows if str(row.get("id", "")).isdigit()]
        stream.top = max([stream.top, *ids])
        low, _ = stream.todo.pop()
        if (answer.get("meta") or {}).get("next_token") and ids:
            # Tokens do not outlive a run, ids do: the next page is what is older than this one's oldest.
            stream.todo.append((low, min(ids)))
        yield stream.mark()
        yield from self._page(stream)
