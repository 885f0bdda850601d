"""Which night is it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from apscheduler.triggers.cron import CronTrigger
from hypothesis import given
from hypothesis import strategies as st

from tocsin.nights import MOST_NIGHTS, covered, due_at, last_due, local_date, span

BERLIN = ZoneInfo("Europe/Berlin")


def test_days_are_counted_in_the_readers_zone() -> None:
    assert local_date(datetime(2026, 11, 21, 23, 30, tzinfo=UTC), BERLIN) == date(2026, 11, 22)
    assert local_date(datetime(2026, 11, 22, 3, 0, tzinfo=UTC), ZoneInfo("America/New_York")) == date(2026, 11, 21)


def test_a_time_that_spring_skips_comes_right_after_the_gap() -> None:
    assert due_at(date(2026, 3, 29), time(2, 30), BERLIN) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_a_time_that_autumn_repeats_comes_once_the_first_time() -> None:
    assert due_at(date(2026, 10, 25), time(2, 30), BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("day", [date(2026, 3, 28), date(2026, 3, 29), date(2026, 3, 30), date(2026, 10, 25)])
def test_the_clock_s_first_firing_of_a_day_is_when_we_say_it_is_due(day: date) -> None:
    trigger = CronTrigger(hour=2, minute=30, timezone=BERLIN)
    midnight = datetime.combine(day, time(0), BERLIN)
    assert trigger.get_next_fire_time(None, midnight).astimezone(UTC) == due_at(day, time(2, 30), BERLIN)


def test_the_night_due_last_is_yesterday_s_until_the_time_of_day() -> None:
    before, after = (datetime(2026, 11, 22, hour, tzinfo=BERLIN) for hour in (5, 7))
    assert last_due(before, time(6), BERLIN) == date(2026, 11, 21)
    assert last_due(after, time(6), BERLIN) == date(2026, 11, 22)


@given(st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1)), st.times())  # noqa: DTZ001 (made aware below)
def test_the_last_night_is_past_and_the_next_one_is_not(naive: datetime, at: time) -> None:
    now = naive.replace(tzinfo=UTC)
    night = last_due(now, at.replace(tzinfo=None), BERLIN)
    assert due_at(night, at, BERLIN) <= now < due_at(night + timedelta(days=2), at, BERLIN)


def test_missed_nights_are_covered_with_this_one() -> None:
    done = {"2026-11-17", "2026-11-18", "2026-11-25"}
    assert covered(date(2026, 11, 21), done) == ("2026-11-19", "2026-11-20", "2026-11-21")
    assert covered(date(2026, 11, 21), set()) == ("2026-11-21",)
    assert covered(date(2026, 11, 19), done) == ("2026-11-19",)


def test_a_repeat_covers_the_same_nights() -> None:
    assert covered(date(2026, 11, 21), {"2026-11-18", "2026-11-21"}) == covered(date(2026, 11, 21), {"2026-11-18"})


def test_a_digest_never_covers_years() -> None:
    assert len(covered(date(2026, 11, 21), {"2020-01-01"})) == MOST_NIGHTS


@pytest.mark.parametrize(
    ("nights", "words"),
    [
        (("2026-11-22",), "22 Nov 2026"),
        (("2026-11-19", "2026-11-20", "2026-11-21"), "19-21 Nov"),
        (("2026-11-30", "2026-12-01", "2026-12-02"), "30 Nov - 2 Dec"),
    ],
)
def test_nights_in_words(nights: tuple[str, ...], words: str) -> None:
    assert span(nights) == words
