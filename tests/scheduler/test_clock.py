"""The clock: every night once, with a clock that the tests set."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from threading import Event, Thread
from zoneinfo import ZoneInfo

import pytest
import time_machine
from apscheduler.triggers.cron import CronTrigger

from tocsin.clock import NightClock
from tocsin.store.lock import LockHeld

BERLIN = ZoneInfo("Europe/Berlin")


class Nights:
    """What the clock drives: notes which nights were run, as a store would."""

    def __init__(self, *done: str) -> None:
        self.done = set(done)
        self.runs: list[str] = []
        self.error: Exception | None = None
        self.began = Event()

    def run(self, night: date) -> None:
        self.began.set()
        if self.error is not None:
            raise self.error
        self.runs.append(night.isoformat())
        self.done.add(night.isoformat())


def clock(nights: Nights, now: datetime, *, heard_since: datetime | None = None, at: time = time(6)) -> NightClock:
    return NightClock(at, BERLIN, run=nights.run, done=lambda: nights.done, heard_since=heard_since, now=lambda: now)


def local(*parts: int, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=BERLIN, fold=fold).astimezone(UTC)  # type: ignore[misc,arg-type]  # a date in parts


LONG_AGO = local(2026, 1, 1)


def test_a_night_runs_once_however_often_the_clock_fires() -> None:
    nights = Nights("2026-11-21")
    for minute in (0, 1, 30):
        clock(nights, local(2026, 11, 22, 6, minute)).tick()
    assert nights.runs == ["2026-11-22"]


def test_autumn_fires_twice_and_runs_once() -> None:
    nights = Nights("2026-10-24")
    trigger = CronTrigger(hour=2, minute=30, timezone=BERLIN)
    first = trigger.get_next_fire_time(None, local(2026, 10, 25))
    second = trigger.get_next_fire_time(first, first)
    assert second - first == timedelta(0)
    assert second.astimezone(UTC) - first.astimezone(UTC) == timedelta(hours=1)
    for firing in (first, second):
        clock(nights, firing.astimezone(UTC), at=time(2, 30)).tick()
    assert nights.runs == ["2026-10-25"]


def test_spring_skips_the_hour_and_still_runs() -> None:
    nights = Nights("2026-03-28")
    trigger = CronTrigger(hour=2, minute=30, timezone=BERLIN)
    firing = trigger.get_next_fire_time(None, local(2026, 3, 29))
    clock(nights, firing.astimezone(UTC), at=time(2, 30)).tick()
    assert nights.runs == ["2026-03-29"]


def test_a_restart_after_a_missed_night_knows_it() -> None:
    nights = Nights("2026-11-20")
    assert clock(nights, local(2026, 11, 22, 9), heard_since=LONG_AGO).missed() == date(2026, 11, 22)
    assert clock(nights, local(2026, 11, 22, 3), heard_since=LONG_AGO).missed() == date(2026, 11, 21)


def test_a_restart_after_a_night_that_ran_has_missed_nothing() -> None:
    nights = Nights("2026-11-22")
    assert clock(nights, local(2026, 11, 22, 9), heard_since=LONG_AGO).missed() is None


def test_the_first_start_ever_has_missed_nothing() -> None:
    assert clock(Nights(), local(2026, 11, 22, 9)).missed() is None
    assert clock(Nights(), local(2026, 11, 22, 9), heard_since=local(2026, 11, 22, 8)).missed() is None


def test_a_first_night_that_was_slept_through_is_missed() -> None:
    assert clock(Nights(), local(2026, 11, 22, 9), heard_since=local(2026, 11, 21, 20)).missed() == date(2026, 11, 22)


def test_a_failing_night_does_not_stop_the_clock(caplog: pytest.LogCaptureFixture) -> None:
    nights = Nights("2026-11-21")
    nights.error = RuntimeError("no disk")
    with caplog.at_level(logging.ERROR):
        clock(nights, local(2026, 11, 22, 6)).tick()
    assert "the night of 2026-11-22 failed" in caplog.text
    nights.error = None
    clock(nights, local(2026, 11, 23, 6)).tick()
    assert nights.runs == ["2026-11-23"]


def test_a_held_lock_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    nights = Nights("2026-11-21")
    nights.error = LockHeld(Path("x.lock"), "process 7 on box since 05:58")
    with caplog.at_level(logging.WARNING):
        clock(nights, local(2026, 11, 22, 6)).tick()
    assert "waits 5 min" in caplog.text
    assert "process 7 on box" in caplog.text


@pytest.fixture
def kept() -> Iterator[list[tuple[NightClock, Event]]]:
    """Clocks put here keep time in a thread until the test ends."""
    clocks: list[tuple[NightClock, Event]] = []
    yield clocks
    for _, stop in clocks:
        stop.set()


def keep(kept: list[tuple[NightClock, Event]], one: NightClock) -> tuple[Thread, Event]:
    stop = Event()
    kept.append((one, stop))
    thread = Thread(target=one.keep, args=(stop,))
    thread.start()
    return thread, stop


def test_a_missed_night_is_run_at_the_start_once(kept: list[tuple[NightClock, Event]]) -> None:
    nights = Nights("2026-11-18")
    one = clock(nights, local(2026, 11, 22, 9), heard_since=LONG_AGO)
    thread, stop = keep(kept, one)
    assert nights.began.wait(10)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    assert nights.runs == ["2026-11-22"]


def test_the_clock_says_when_it_runs_next(
    kept: list[tuple[NightClock, Event]], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO), time_machine.travel(local(2026, 11, 22, 9), tick=True):
        thread, stop = keep(kept, clock(Nights("2026-11-22"), local(2026, 11, 22, 9), heard_since=LONG_AGO))
        stop.set()
        thread.join(10)
        assert not thread.is_alive()
    assert "next run: Mon 2026-11-23 06:00 CET" in caplog.text


def test_the_clock_fires_at_its_time(kept: list[tuple[NightClock, Event]]) -> None:
    nights = Nights("2026-11-21")
    with time_machine.travel(local(2026, 11, 22, 5, 59) + timedelta(seconds=59), tick=True):
        one = NightClock(time(6), BERLIN, run=nights.run, done=lambda: nights.done, heard_since=LONG_AGO)
        thread, stop = keep(kept, one)
        assert nights.began.wait(10)
        stop.set()
        thread.join(10)
        assert not thread.is_alive()
    assert nights.runs == ["2026-11-22"]


def test_a_clock_that_is_stopped_in_the_middle_of_a_run_waits_for_it_and_ends(
    kept: list[tuple[NightClock, Event]],
) -> None:
    nights = Nights("2026-11-18")
    may_end = Event()

    def run(night: date) -> None:
        nights.began.set()
        assert may_end.wait(10)
        nights.runs.append(night.isoformat())

    one = NightClock(
        time(6), BERLIN, run=run, done=lambda: nights.done, heard_since=LONG_AGO, now=lambda: local(2026, 11, 22, 9)
    )
    thread, stop = keep(kept, one)
    assert nights.began.wait(10)
    stop.set()
    thread.join(0.3)
    assert thread.is_alive()
    may_end.set()
    thread.join(10)
    assert not thread.is_alive()
    assert nights.runs == ["2026-11-22"]
