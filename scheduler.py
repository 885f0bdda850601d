"""The nightly run: its steps in order, and the clock that starts it.

`nightly` is safe to repeat for the same date: collecting goes by known ids, the digest of a date is
rendered once, and a repeat delivers only what is missing. A step that fails is noted, and the later
steps go on with what there is: a failed crawl still gives a digest, which says where it was blind.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from analyzers.detection import detect_store
from analyzers.mentions import BrandRules, scan_store
from analyzers.tagging import tag_store
from crawler.plan import CrawlPlan
from crawler.process import crawl
from tocsin.config import Config, shipped
from tocsin.digest.delivery import DeliveryReport, deliver
from tocsin.nights import covered, local_date
from tocsin.store.database import Store, open_store
from tocsin.store.lock import locked
from tocsin.store.records import Coverage, Episode

KIND = "nightly"
Report = Callable[[str, str | None], None]
"""Told `(step, None)` when a step begins and `(step, outcome)` when it is done."""


@dataclass(frozen=True, slots=True)
class WrittenDigest:
    """A digest of this date. `new` is False when an earlier run of the date rendered it; `paths` are its files."""

    id: str
    audience: str
    subject: str
    new: bool
    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class NightlyReport:
    """What one run did.

    `nights` are the dates its digest covers. `status`: ok, partial (a step, source or delivery
    failed), stopped (by SIGTERM between two steps; the next run goes on), failed (no digest).
    `quiet`: no episode is alive.
    """

    run_id: int
    for_date: str
    nights: tuple[str, ...]
    status: str
    steps: Mapping[str, str]
    coverage: list[Coverage] = field(default_factory=list)
    episodes: list[Episode] = field(default_factory=list)
    digests: list[WrittenDigest] = field(default_factory=list)
    deliveries: DeliveryReport | None = None
    quiet: bool = True


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
    """Crawl, find mentions, tag, detect, render and deliver the digest of `for_date` (default: the local date of `now`).

    `stop` is asked between two steps. Raises `LockHeld` when another process works on the store and
    `StoreError` when it cannot be opened; whatever else fails is in the report.
    """
    raise NotImplementedError
