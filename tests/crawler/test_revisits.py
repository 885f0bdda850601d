from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crawler.revisits import LONGEST_REST, WATCH, YOUNG, Look, is_due, next_look

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
spans = st.timedeltas(timedelta(0), timedelta(days=100))


def looks_of(days: int, *, posts_until: float, each: timedelta = timedelta(days=1)) -> int:
    """Return how often a thread is read in `days` nightly runs when its last post comes after `posts_until` days."""
    count, look = 0, Look(NOW, NOW)
    for night in range(1, days + 1):
        now = NOW + each * night
        if is_due(look, now):
            newest = min(now, NOW + timedelta(days=posts_until))
            look = Look(now, newest, grew=newest > look.newest)
            count += 1
    return count


def test_a_young_thread_is_read_in_every_run() -> None:
    assert is_due(Look(NOW, NOW - YOUNG + timedelta(minutes=1)), NOW)
    assert looks_of(3, posts_until=0) == 3


def test_a_thread_that_grows_for_weeks_is_read_every_night_and_a_quiet_one_ever_more_rarely() -> None:
    assert looks_of(40, posts_until=40) == 40
    assert 8 <= looks_of(40, posts_until=0) <= 16
    assert looks_of(400, posts_until=0) == looks_of(60, posts_until=0), "an archive that lies still costs nothing"


def test_a_thread_that_had_grown_rests_less() -> None:
    quiet = Look(NOW, NOW - timedelta(days=10))
    grown = Look(NOW, NOW - timedelta(days=10), grew=True)
    assert next_look(quiet) == NOW + timedelta(days=2.5)
    assert next_look(grown) == NOW + timedelta(days=1)


def test_a_newest_post_in_the_future_does_not_break_the_schedule() -> None:
    assert next_look(Look(NOW, NOW + timedelta(days=900))) == NOW


@given(spans, st.booleans())
def test_rests_are_never_longer_than_a_week_and_end_with_the_watch(quiet: timedelta, grew: bool) -> None:
    due = next_look(Look(NOW, NOW - quiet, grew))
    assert (due is None) == (quiet >= WATCH)
    assert due is None or NOW <= due <= NOW + LONGEST_REST


@given(spans, st.booleans())
def test_a_look_survives_being_remembered(quiet: timedelta, grew: bool) -> None:
    look = Look(NOW, NOW - quiet, grew)
    assert Look.from_mark(json.loads(json.dumps(look.to_mark()))) == look
