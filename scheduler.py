"""The nightly run: its steps in order, one instance at a time.

`nightly` is safe to repeat for the same date: collecting goes by known ids, the digest of a date is
rendered once, and a repeat delivers only what is missing. A step that fails is noted, and the later
steps go on with what there is: a failed crawl still gives a digest, which says where it was blind.
"""

from __future__ import annotations

import logging
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from analyzers.detection import detect_store
from analyzers.errors import AnalyzerError
from analyzers.mentions import scan_store
from analyzers.tagging import tag_store
from crawler.errors import CrawlError
from crawler.process import crawl
from tocsin.config import Config
from tocsin.config_errors import ConfigError
from tocsin.digest.building import build_digests
from tocsin.digest.delivery import DeliveryReport, deliver
from tocsin.digest.errors import DigestError
from tocsin.digest.facts import Occasion, Place
from tocsin.discovering import weekly_places
from tocsin.mailing import audiences, channels, listening, written_files
from tocsin.night_report import NightlyReport, WrittenDigest
from tocsin.nights import covered, local_date
from tocsin.plans import brand_rules, chosen_model, crawl_plan, known_accounts
from tocsin.store.database import Store, open_store
from tocsin.store.episodes import episodes_between
from tocsin.store.errors import StoreError
from tocsin.store.lock import locked
from tocsin.store.mentions import ensure_brands
from tocsin.store.records import Coverage
from tocsin.store.retention import erase_before
from tocsin.store.runs import coverage_of, finish_run, finished_dates, note_step, start_run, write_coverage
from tocsin.store.sources import ensure_sources

__all__ = ["KIND", "NightlyReport", "Report", "WrittenDigest", "nightly"]

logger = logging.getLogger(__name__)

KIND = "nightly"
Report = Callable[[str, str | None], None]
"""Told `(step, None)` when a step begins and `(step, outcome)` when it is done."""

_TOLD = (StoreError, ConfigError, CrawlError, AnalyzerError, DigestError, OSError)
"""Errors whose text is ours and safe to show; of others only the kind and the place are told."""
_MEANS = {
    "crawl": "nothing new was collected",
    "mentions": "new posts are not matched to brands yet",
    "tag": "the tone of new posts is unknown",
    "detect": "episodes are as of the last run",
}


def nightly(
    config: Config,
    now: datetime,
    *,
    for_date: date | None = None,
    crawling: bool = True,
    workers: int | None = None,
    stop: Callable[[], bool] = lambda: False,
    report: Report | None = None,
) -> NightlyReport:
    """Do the main job once: crawl, find mentions, tag, detect, render and deliver.

    `for_date` is the date of the digest, by default the local date of `now`.
    `stop` is asked between two steps. Raises `ConfigError` without a brand, `LockHeld` when another
    process works on the store, `StoreError` when it cannot be opened; whatever else fails is in the report.
    """
    if not config.brands:
        raise ConfigError(f"{config.file or 'tocsin.toml'}: no brand to listen for; add a [[brands]] section")
    day = for_date or local_date(now, config.zone)
    with locked(config.store, now), open_store(config.store) as store:
        nights = covered(day, finished_dates(store, KIND))
        run_id = start_run(store, KIND, day.isoformat(), now)
        night = _Night(config, store, run_id, now, day.isoformat(), nights, report)
        works = night.works(workers) if crawling else [work for work in night.works(workers) if work[0] != "crawl"]
        stopped = False
        for step, work in works:
            stopped = stop()
            if stopped:
                logger.warning("stopped before the step %s; the next run goes on", step)
                break
            night.do(step, work)
        status = "stopped" if stopped else night.status()
        finish_run(store, run_id, status, night.clock())
        return night.report(status)


class _Night:
    """One run under way: what the steps share, and what they have found."""

    def __init__(
        self,
        config: Config,
        store: Store,
        run_id: int,
        now: datetime,
        for_date: str,
        nights: tuple[str, ...],
        report: Report | None,
    ) -> None:
        self._config = config
        self._store = store
        self._run_id = run_id
        self._now = now
        self._began = datetime.now(UTC)
        self._for_date = for_date
        self._nights = nights
        self._tell = report or (lambda _step, _outcome: None)
        self._steps: dict[str, str] = {}
        self._failed: dict[str, str] = {}
        self._digests: list[WrittenDigest] = []
        self._deliveries = DeliveryReport()
        self._learning: tuple[str, ...] = ()

    def clock(self) -> datetime:
        """Return the run's `now` plus what has passed since: what it crawled itself has been seen by then.

        By the wall clock, which is what the crawler dates its posts by; a monotonic one stops while a laptop sleeps.
        """
        return self._now + max(datetime.now(UTC) - self._began, timedelta())

    def works(self, workers: int | None) -> list[tuple[str, Callable[[], str]]]:
        """Return the steps in order, each with what it does; an outcome is a short sentence."""
        return [
            ("leftovers", self._deliver),
            ("crawl", self._crawl),
            ("mentions", self._mentions),
            ("tag", lambda: self._tag(workers)),
            ("detect", self._detect),
            ("digest", self._digest),
            ("deliver", self._deliver),
            ("retention", self._retention),
        ]

    def do(self, step: str, work: Callable[[], str]) -> None:
        """Do one step, note its outcome in the store and go on whatever happens."""
        self._tell(step, None)
        try:
            outcome = work()
        except Exception as error:
            said = _said(error)
            logger.debug("step %s failed", step, exc_info=True)
            logger.error("step %s failed: %s", step, said)
            self._failed[step] = said
            outcome = f"failed: {said}"
        self._steps[step] = outcome
        note_step(self._store, self._run_id, step, outcome)
        self._tell(step, outcome)

    def status(self) -> str:
        """Return how the run went as a whole."""
        if "digest" in self._failed:
            return "failed"
        blind = any(found.status != "ok" for found in coverage_of(self._store, self._run_id))
        return "partial" if self._failed or blind or self._deliveries.failed else "ok"

    def report(self, status: str) -> NightlyReport:
        """Return what the run found."""
        names = {brand.name for brand in self._config.brands}
        at = self.clock()
        alive = [
            episode
            for episode in episodes_between(self._store, at, at)
            if episode.state != "over" and episode.brand in names
        ]
        return NightlyReport(
            run_id=self._run_id,
            for_date=self._for_date,
            nights=self._nights,
            status=status,
            steps=self._steps,
            coverage=coverage_of(self._store, self._run_id),
            episodes=sorted(alive, key=lambda episode: (-episode.level, -episode.severity_days, episode.id)),
            digests=[
                replace(digest, paths=written_files(self._store, self._config, digest.id)) for digest in self._digests
            ],
            deliveries=self._deliveries,
            quiet=not alive,
        )

    def _deliver(self) -> str:
        done = deliver(self._store, channels(self._config), self.clock())
        before = self._deliveries
        self._deliveries = DeliveryReport(before.outcomes + done.outcomes, done.given_up)
        if not done.outcomes:
            return "nothing to deliver"
        return f"{done.sent} delivered" + (f", {done.failed} failed" if done.failed else "")

    def _crawl(self) -> str:
        plan = crawl_plan(self._config, self._run_id)
        specs = [(source.name, source.kind, source.url) for source in self._config.sources]
        ensure_sources(self._store, specs, self._now)  # imports too: they have an entry without an address
        if not plan.sources:
            return "no source to crawl is configured"
        began = self.clock()
        try:
            crawl(plan)
        finally:
            self._note_unread([source.name for source in plan.sources], began)
        found = coverage_of(self._store, self._run_id)
        new = sum(coverage.new for coverage in found)
        bad = [f"{coverage.source} {coverage.status}" for coverage in found if coverage.status != "ok"]
        return f"{len(found)} sources, {new} new posts" + (f"; {', '.join(bad)}" if bad else "")

    def _note_unread(self, names: Sequence[str], began: datetime) -> None:
        """Note as failed what the crawl could not report on: last night's coverage must not speak for tonight."""
        told = {coverage.source for coverage in coverage_of(self._store, self._run_id)}
        for name in names:
            if name not in told:
                detail = "the crawl did not come to it; see the run's step `crawl`"
                write_coverage(self._store, self._run_id, Coverage(name, "failed", began, self.clock(), detail=detail))

    def _mentions(self) -> str:
        brands = self._config.brands
        ensure_brands(self._store, [(brand.name, brand.role) for brand in brands])
        count = scan_store(self._store, brand_rules(self._config), self.clock())
        return f"{count} posts read for {len(brands)} brand{'s' if len(brands) != 1 else ''}"

    def _tag(self, workers: int | None) -> str:
        done = tag_store(self._store, chosen_model(self._config), self.clock(), workers=workers)
        return f"{done.tagged} posts tagged by {done.model} {done.model_version}, {done.abstained} abstained"

    def _detect(self) -> str:
        names = [brand.name for brand in self._config.brands]
        found = detect_store(self._store, names, self.clock(), self._config.zone, known_accounts(self._config))
        self._learning = found.learning_sources
        kinds = Counter(episode.kind.partition("_")[0] for episode in found.episodes)
        told = [f"{kinds[kind]} {kind}" for kind in ("backlash", "campaign", "attention")]
        return ", ".join(told) if kinds else "quiet"

    def _digest(self) -> str:
        troubles = [f"{step}: {said}; {_MEANS[step]}" for step, said in self._failed.items() if step in _MEANS]
        built = build_digests(
            self._store,
            audiences(self._config),
            self.clock(),
            self._for_date,
            listening=listening(self._config),
            sender=self._config.mail.sender,
            occasion=Occasion(self._nights, tuple(troubles), self._learning, self._places()),
        )
        self._digests = [
            WrittenDigest(found.digest.id, found.digest.audience, found.digest.subject, found.new, ())
            for found in built
        ]
        fresh = sum(found.new for found in built)
        return f"{fresh} rendered" + (f", {len(built) - fresh} kept from an earlier run" if fresh < len(built) else "")

    def _places(self) -> tuple[Place, ...]:
        """Return what the digest may tell of new places. An extra: what goes wrong here must not cost the digest."""
        try:
            return weekly_places(self._store, self._config, self.clock(), self._nights)
        except Exception as error:
            logger.error("new places could not be looked for: %s", _said(error))
            return ()

    def _retention(self) -> str:
        days = self._config.retention.days
        if days == 0:
            return "everything is kept"
        erased = erase_before(self._store, self.clock() - timedelta(days=days))
        return f"{erased} post{'s' if erased != 1 else ''} older than {days} days erased"


def _said(error: Exception) -> str:
    if isinstance(error, _TOLD):
        return str(error)
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}"
