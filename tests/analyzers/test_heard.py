from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from analyzers.heard import blind_periods, listened_since
from analyzers.listening import Period
from tocsin.store.records import Coverage

AT = datetime(2026, 11, 20, tzinfo=UTC)


def crawl(days_ago: float, status: str = "ok") -> Coverage:
    moment = AT - timedelta(days=days_ago)
    return Coverage("f", status, moment, moment)  # type: ignore[arg-type]


def test_listening_goes_back_until_the_source_was_silent_for_ten_days() -> None:
    days = [AT - timedelta(days=n) for n in (1, 2, 8, 17, 40)]
    assert listened_since(days, AT) == AT - timedelta(days=17)
    assert listened_since([AT - timedelta(days=30)], AT) == AT
    assert listened_since([], AT) == AT


@given(st.sets(st.integers(0, 60)))
def test_listening_never_begins_after_the_moment_nor_where_nothing_was_heard(ago: set[int]) -> None:
    days = {AT - timedelta(days=n) for n in ago}
    assert listened_since(days, AT) in days | {AT}


def test_a_source_that_fails_is_blind_since_its_last_good_crawl() -> None:
    assert blind_periods([crawl(3), crawl(2, "failed"), crawl(1, "timed_out")], [], AT) == (
        Period(AT - timedelta(days=3), AT),
    )


def test_a_failure_that_was_caught_up_with_is_no_blindness() -> None:
    assert blind_periods([crawl(3), crawl(2, "failed"), crawl(1)], [], AT) == ()


def test_an_open_gap_is_blind_back_to_the_crawl_before_it() -> None:
    noticed = AT - timedelta(days=1, hours=-1)
    assert blind_periods([crawl(4), crawl(2), crawl(0.5)], [noticed], AT) == (Period(AT - timedelta(days=2), noticed),)
