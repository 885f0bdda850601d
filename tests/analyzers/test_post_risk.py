from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from analyzers.post_risk import BASE_RATE, pile_on_risk, pile_on_risks
from tocsin.store.records import JudgedPost

START = datetime(2026, 11, 1, tzinfo=UTC)
share = st.floats(0, 1)


def post(number: int, author: str, negative: float | None = 0.8, hours: float = 0.0) -> JudgedPost:
    at = START + timedelta(hours=hours, minutes=number)
    neutral = None if negative is None else 1 - negative
    return JudgedPost(
        f"f:{number}", "Acme", "text", "f", "f:t", None, author, at, at, "text", None, negative, neutral, 0.0,
        None if negative is None else 0.5, None,
    )  # fmt: skip


@given(share, share, st.integers(0, 500), share)
def test_the_risk_rises_with_hostility_anger_and_the_thread_so_far(
    h: float, n: float, voices: int, more: float
) -> None:
    risk = pile_on_risk(h, n, voices)
    assert 0.0 < risk < 1.0
    assert pile_on_risk(min(1.0, h + more), n, voices) >= risk
    assert pile_on_risk(h, min(1.0, n + more), voices) >= risk
    assert pile_on_risk(h, n, voices + 1) > risk


def test_an_average_post_that_opens_a_thread_is_below_the_base_rate_and_an_angry_crowd_above() -> None:
    assert 0 < pile_on_risk(0.3, 0.35, 0) < BASE_RATE < pile_on_risk(0.8, 0.9, 5)


def test_only_earlier_voices_of_the_last_three_days_count_and_each_once() -> None:
    risks = pile_on_risks([post(0, "a"), post(1, "a"), post(2, "b"), post(3, "c", hours=100)])
    assert risks["f:0"] == risks["f:3"] < risks["f:1"] == risks["f:2"]


def test_a_post_that_was_not_judged_has_no_risk() -> None:
    assert pile_on_risks([post(0, "a", None)]) == {}


def test_threads_do_not_influence_each_other() -> None:
    here, there = [post(n, f"a{n}") for n in range(5)], replace(post(9, "z"), thread_id="f:other")
    assert pile_on_risks([*here, there])["f:9"] == pile_on_risks([there])["f:9"]
