"""What every spider does alike: ask politely, note what went wrong, settle the account at the end."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from scrapy import Request, Spider, signals
from scrapy.exceptions import DropItem, IgnoreRequest

from crawler.account import Account
from crawler.complaints import asks_for_login, place_of, reason_of, status_words
from crawler.errors import CrawlError, PrivateAddressError
from crawler.extract.errors import ExtractError
from crawler.items import FoundAccount, FoundPost, GonePost, Mark
from crawler.middlewares.budget import BudgetSpent
from crawler.middlewares.manners import HostResting
from crawler.missing import Counted, settle_gaps
from crawler.pipelines import STAGES, Keep
from crawler.plan import SourcePlan
from crawler.session import Session
from crawler.walks import KEY, Trail, Walk, plan_walk
from tocsin.store.errors import StoreError
from tocsin.store.posts import known_ids, newest_post_at
from tocsin.store.sources import added_at, first_crawl_finished, mark_first_crawl_finished

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

Found = FoundPost | FoundAccount | GonePost | Mark | Request
Then = Callable[..., Iterable[Found]]
Row = TypeVar("Row")
Ask = Callable[[str, Walk], Request]

RECHECK = timedelta(hours=72)
"""Posts younger than this are read again in every run: that is how edits and late approvals are met."""


class SourceSpider(Spider):
    """Base of all spiders. `history_left` turns True when something of the history was not read."""

    by_contract = False
    """Whether the source is an official API under its own terms: robots.txt speaks to crawlers of pages."""

    moves_posts = False
    """Whether the source's threads are told for sure, so that a post met in another one was moved there."""

    def __init__(self, source: SourcePlan, session: Session) -> None:
        super().__init__(name=source.name)
        self.source = source
        self.session = session
        self.account = Account(source.name, session.now())
        self.first_crawl = first_crawl_finished(session.store, source.name) is None
        self.since = self._reaches_back_to()
        self.recheck_after = self.account.started_at - RECHECK
        self.history_left = False
        self.ran_dry = False
        self.counted: list[Counted] = []
        self.trail = Trail()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Any:
        """Build it as Scrapy asks, and listen for errors in our own code."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.broke, signals.spider_error)
        crawler.signals.connect(spider.idle, signals.spider_idle)
        return spider

    @property
    def url(self) -> str:
        """The source's address."""
        return self.source.url or ""

    def ask(
        self,
        url: str,
        then: Then,
        *,
        otherwise: Then | None = None,
        unchanged: Then | None = None,
        essential: bool = False,
        priority: int = 0,
        headers: Mapping[str, str] | None = None,
        body: str | None = None,
        **context: object,
    ) -> Request:
        """Return a request whose answer goes to `then(response, **context)`. With a `body` it is a POST.

        `otherwise` gets error statuses instead of them being noted. With `unchanged` the request is
        conditional (RFC 9110, 13.1) on what `read` remembered of the page, and a 304 goes there.
        Without an answer to an `essential` request the source has failed.
        """
        return Request(
            url,
            method="GET" if body is None else "POST",
            body=body,
            callback=self._answered,
            errback=self._unanswered,
            headers={**(self._conditions(url) if unchanged else {}), **(headers or {})},
            meta={"dont_obey_robotstxt": True, "api": True} if self.by_contract else {},
            priority=priority,
            dont_filter=True,
            cb_kwargs={
                "asked": url,
                "then": then,
                "otherwise": otherwise,
                "unchanged": unchanged,
                "essential": essential,
                "context": context,
            },
        )

    def read(self, response: Response, asked: str, **known: object) -> Mark:
        """Return the mark that makes the next request for this page conditional. Yield it after the page's posts."""
        validators = {
            name: value.decode("latin-1")
            for name, header in (("etag", b"ETag"), ("modified", b"Last-Modified"))
            if (value := response.headers.get(header))
        }
        return Mark(f"page {asked}", {**validators, **known})

    def remembered(self, url: str) -> dict[str, Any]:
        """Return what `read` remembered of a page."""
        return self.session.memory.recall(self.source.name, f"page {url}")

    def new_walk(self) -> Walk:
        """Return this run's walk through the source's pages."""
        recall = self.session.memory.recall
        read = not self.first_crawl or bool(recall(self.source.name, "root"))
        return plan_walk(recall(self.source.name, KEY), history_read=read)

    def walk_on(self, walk: Walk, asked: str, following: str | None, *, known: bool, ask: Ask) -> Iterator[Found]:
        """Go on with `walk` after the page `asked`: `following` is None on the last page, `known` if nothing was new.

        `ask(address, walk)` makes the request. Yield this after the page's posts and marks.
        """
        step = walk.step(following, known=known)
        if step is not None:
            if following == step[0]:
                yield Mark(KEY, walk.to_mark(asked))
            yield ask(*step)
            return
        yield Mark(KEY, None)
        if walk.root:
            yield Mark("root", {"done": True})

    def left_over(self, prefix: str) -> dict[str, dict[str, Any]]:
        """Return what earlier runs left to do under `prefix`."""
        return self.session.memory.keys(self.source.name, prefix)

    def each(self, rows: Iterable[Row], read: Callable[[Row], Iterable[FoundPost]]) -> Iterator[FoundPost]:
        """Return what `read` makes of every row; one of a wrong shape is counted as dropped and stops no other."""
        for row in rows:
            try:
                found = list(read(row))
            except (TypeError, ValueError, KeyError, AttributeError, OverflowError):
                self.account.seen += 1
                self.account.dropped["not of the expected shape"] += 1
            else:
                yield from found

    def unknown(self, native_ids: Iterable[str]) -> set[str]:
        """Return those of the ids that the store does not hold."""
        wanted = {native: f"{self.source.name}:{native.strip()}" for native in native_ids}
        held = known_ids(self.session.store, self.source.name, wanted.values())
        return {native for native, full in wanted.items() if full not in held}

    def too_old(self, moment: datetime | None) -> bool:
        """Tell whether a post lies before the history that is wanted."""
        return moment is not None and moment < self.since

    def settle(self) -> None:
        """Note gaps once every post is stored; close the first crawl when it truly is complete."""
        store, now = self.session.store, self.session.now()
        self.account.newest = self.account.newest or newest_post_at(store, self.source.name)
        # Of threads that began before what is kept, posts are missing because we erased them.
        since = self.since if self.session.plan.keep_days else None
        if missing := settle_gaps(store, self.source.name, self.counted, now, since):
            self.account.trouble("partial", missing)
        left = self.history_left or bool(self.session.memory.recall(self.source.name, KEY))
        complete = self.ran_dry and not left and self.account.status in ("ok", "partial")
        if complete and self.first_crawl:
            mark_first_crawl_finished(store, self.source.name, now)

    def flush(self) -> None:
        """Store what was yielded so far, so that the store can be asked about it."""
        keeper = self.crawler.get_item_pipeline(Keep)
        if keeper is not None:
            keeper.write()

    def idle(self) -> None:
        """Note that nothing is left to ask: a spider that is stopped never gets here."""
        self.ran_dry = True

    def closed(self, reason: str) -> None:
        """Report the coverage, whatever happened."""
        if reason != "finished" and self.account.status in ("ok", "partial"):
            self.account.trouble(
                "timed_out", "the run was stopped, by its time limit (crawl.minutes) or by hand; the next one goes on"
            )
        self.session.report(self.account.coverage(self.session.now()))

    def broke(self, failure: Failure) -> None:
        """Note an unexpected error of ours: where and of what type, never its words, which may quote a post."""
        self.history_left = True
        error = failure.value
        frames = traceback.extract_tb(error.__traceback__ if error is not None else None)
        ours = [frame for frame in frames if "crawler" in frame.filename] or frames
        place = f"{ours[-1].filename.rsplit('/', 1)[-1]}:{ours[-1].lineno}" if ours else "unknown place"
        self.account.trouble(
            "failed",
            f"unexpected {type(error).__name__} at {place}; check that {self.url or self.source.name} "
            f"still is a {self.source.kind} source, and report it if it is",
        )

    def _reaches_back_to(self) -> datetime:
        plan, store = self.session.plan, self.session.store
        since = added_at(store, self.source.name) - timedelta(days=self.source.history_days)
        kept = self.account.started_at - timedelta(days=plan.keep_days)
        return max(since, kept) if plan.keep_days else since

    def _conditions(self, url: str) -> dict[str, str]:
        known = self.remembered(url)
        headers = {"If-None-Match": known.get("etag"), "If-Modified-Since": known.get("modified")}
        return {name: str(value) for name, value in headers.items() if value}

    def _answered(
        self,
        response: Response,
        *,
        asked: str,
        then: Then,
        otherwise: Then | None,
        unchanged: Then | None,
        essential: bool,
        context: dict[str, Any],
    ) -> Iterator[Request]:
        if response.status == 304 and unchanged is not None:
            yield from self._handed_on(unchanged(asked, **context))
        elif response.status < 300:
            try:
                yield from self._handed_on(then(response, **context))
            except (CrawlError, ExtractError, StoreError) as error:
                wall = (
                    "; the page asks for a login, behind which nothing is read" if asks_for_login(response.body) else ""
                )
                self._trouble(essential, f"{place_of(asked)}: {error}{wall}")
        elif otherwise is not None:
            yield from self._handed_on(otherwise(response, **context))
        else:
            self.trouble(response, essential=essential)

    def _handed_on(self, found: Iterable[Found]) -> Iterator[Request]:
        """Hand items to the pipelines at once and in order; only requests go the long way through Scrapy.

        Scrapy's own way costs 0.4 ms an item, more than to validate, identify and store it.
        """
        stages = [stage for kind in STAGES if (stage := self.crawler.get_item_pipeline(kind)) is not None]
        for one in found:
            if isinstance(one, Request):
                yield one
            else:
                self._stage(one, stages)

    def _stage(self, item: Any, stages: Iterable[Any]) -> None:
        try:
            for stage in stages:
                item = stage.process_item(item)
        except DropItem:
            return
        except (TypeError, ValueError, KeyError, AttributeError, OverflowError):
            self.account.dropped["not of the expected shape"] += 1

    def _unanswered(self, failure: Failure) -> None:
        request: Request = failure.request  # type: ignore[attr-defined] # Scrapy sets it
        arguments = request.cb_kwargs
        asked, essential = str(arguments["asked"]), bool(arguments["essential"])
        error = failure.value
        if isinstance(error, BudgetSpent):
            self.account.unfetched += 1
            self.history_left = True
            self.account.trouble("partial", f"{error} (sources.budget); the next run goes on where it stopped")
        elif isinstance(error, HostResting):
            self._trouble(essential, f"{error}; the next run goes on")
        elif isinstance(error, PrivateAddressError):
            self._refused(essential, str(error))
        elif isinstance(error, IgnoreRequest) and "robots.txt" in str(error):
            self._refused(essential, f"robots.txt forbids {place_of(asked)}")
        else:
            self._trouble(essential, f"{place_of(asked)}: {reason_of(error)}")

    def trouble(self, response: Response, *, essential: bool) -> None:
        """Note an answer that says no."""
        words = status_words(response.status, place_of(response.url))
        self._trouble(essential, words, gone=response.status in (404, 410))

    def _trouble(self, essential: bool, words: str, *, gone: bool = False) -> None:
        # A single page that is gone stays gone: the history is complete without it.
        self.history_left = self.history_left or not gone or essential
        self.account.trouble("failed" if essential and not self.account.seen else "partial", words)

    def _refused(self, essential: bool, words: str) -> None:
        self.account.trouble("refused" if essential and not self.account.seen else "partial", words)
