"""The clock of `tocsin schedule`: every night once, a missed one as soon as possible, none twice.

APScheduler 3 (https://apscheduler.readthedocs.io/en/3.x/userguide.html) wakes us; whether a night is
due is decided from the dates that are done, so a second firing (the autumn clock change repeats an
hour, a second machine, a restart) finds nothing to do.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, time, timedelta
from threading import Event, Lock
from zoneinfo import ZoneInfo

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger

from tocsin.nights import due_at, last_due
from tocsin.store.lock import LockHeld

logger = logging.getLogger(__name__)

RETRY = timedelta(minutes=5)
"""How long to wait when another process holds the store."""
LOOK_SECONDS = 30.0
"""How often the wall clock is read: a sleeping laptop or a set clock shifts it under a waiting thread."""
JOB = "nightly"


def utc_now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


class NightClock:
    """Starts `run(date)` once for every night.

    `done()` returns the dates that are done (`YYYY-MM-DD`). `heard_since` is when a clock or a run was
    first seen at work here; None on the very first start, which has missed nothing.
    """

    def __init__(
        self,
        at: time,
        zone: ZoneInfo,
        *,
        run: Callable[[date], None],
        done: Callable[[], Collection[str]],
        heard_since: datetime | None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._at = at
        self._zone = zone
        self._run = run
        self._done = done
        self._heard_since = heard_since
        self._now = now
        self._scheduler = BackgroundScheduler(timezone=zone)
        self._in_hand = Lock()
        self._stopped = False

    def missed(self) -> date | None:
        """Return the night that was due last, when it was not run although somebody should have."""
        night = last_due(self._now(), self._at, self._zone)
        if self._heard_since is None or due_at(night, self._at, self._zone) <= self._heard_since:
            return None
        return None if night.isoformat() in self._done() else night

    def tick(self) -> None:
        """Run the night that was due last, unless it is done. Called by the scheduler; never raises."""
        with self._in_hand:
            if not self._stopped:
                self._run_due()

    def _run_due(self) -> None:
        night = last_due(self._now(), self._at, self._zone)
        try:
            if night.isoformat() in self._done():
                logger.info("the night of %s is done already", night)
            else:
                self._run(night)
        except LockHeld as error:
            logger.warning("the night of %s waits %d min: %s", night, RETRY.seconds // 60, error)
            self._scheduler.add_job(
                self.tick,
                DateTrigger(self._now() + RETRY),
                id="again",
                replace_existing=True,
                misfire_grace_time=None,
            )
            return
        except Exception:
            logger.exception("the night of %s failed; the next one covers it", night)
        self._announce()

    def keep(self, stop: Event) -> None:
        """Keep time until `stop` is set, then wait for the run in hand."""
        # None: a late night (suspended laptop, long pause) is run however late, not dropped after one second.
        self._scheduler.add_job(
            self.tick,
            CronTrigger(hour=self._at.hour, minute=self._at.minute, timezone=self._zone),
            id=JOB,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
            replace_existing=True,
        )
        self._scheduler.start()
        try:
            night = self.missed()
            if night is not None:
                logger.info("the night of %s was missed: running it now", night)
                self._scheduler.add_job(self.tick, id="missed", misfire_grace_time=None, replace_existing=True)
            else:
                self._announce()
            while not stop.wait(LOOK_SECONDS):
                self._scheduler.wakeup()
        finally:
            self._end()

    def _end(self) -> None:
        """Wait for the run in hand, then stop the scheduler.

        APScheduler's own `shutdown(wait=True)` waits while it holds the lock that the end of a run
        needs (`get_job`), and a job under way then cannot be removed: it hangs, or its thread dies.
        """
        self._scheduler.pause()
        with self._in_hand:
            self._stopped = True
            self._scheduler.get_jobs()  # waits until jobs that were just started are put away
            self._scheduler.shutdown(wait=False)

    def _announce(self) -> None:
        job = self._scheduler.get_job(JOB)
        if job is not None and job.next_run_time is not None:
            logger.info("next run: %s", f"{job.next_run_time:%a %Y-%m-%d %H:%M %Z}")
