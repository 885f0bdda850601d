from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.post_risk import RUNNING, pile_on_risk, pile_on_risks, with_thread_odds
from analyzers.risk_weights import SHIPPED, by_hand
from analyzers.thread_parts import Surroundings, thread_parts
from tocsin.store.records import JudgedPost

START = datetime(2026, 11, 1, tzinfo=UTC)


def post(number: int, author: str | None, negative: float | None = 0.8, minutes: float | None = None) -> JudgedPost:
    at = START + timedelta(minutes=number if minutes is None else minutes)
    neutral = None if negative is None else 1 - negative
    return JudgedPost(
        f"f:{number:03}", "Acme", "text", "f", "f:t", None, author, at, at, "text", None, negative, neutral, 0.0,
        None if negative is None else 0.5, None,
    )  # fmt: skip


@given(st.floats(-12, 4), st.floats(0, 1), st.floats(0, 3))
def test_the_risk_rises_with_the_thread_so_far_and_with_hostility(odds: float, hostility: float, more: float) -> None:
    risk = pile_on_risk(odds, hostility)
    assert 0.0 < risk < 1.0
    assert pile_on_risk(odds + more, hostility) >= risk
    assert pile_on_risk(odds, min(1.0, hostility + more)) >= risk


def test_a_post_that_opens_a_thread_is_a_small_risk_and_one_in_an_angry_crowd_a_large_one() -> None:
    risks = pile_on_risks([post(n, f"a{n}") for n in range(9)])
    assert risks["f:000"] < 0.01
    assert risks["f:008"] > 0.2
    assert list(risks.values()) == sorted(risks.values())


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "b", "c", "d", None]), st.sampled_from([0.8, 0.1, None]), st.integers(0, 400)),
        min_size=1,
        max_size=15,
    )
)
def test_the_running_parts_are_those_of_thread_risk_at_that_moment(rows: list[tuple[str | None, float, int]]) -> None:
    # Posts of the same minute are kept apart: thread risk at a moment sees all of them, a post only those before it.
    posts = [post(n, author, tone, minutes=minute + n / 100) for n, (author, tone, minute) in enumerate(rows)]
    for one, odds in with_thread_odds(posts, SHIPPED):
        seen = sorted((other for other in posts if other.created_at <= one.created_at), key=lambda p: p.created_at)
        parts = thread_parts(seen, one.created_at, Surroundings())
        age = (one.created_at - seen[0].created_at) / timedelta(hours=1)
        added = SHIPPED.contributions({name: parts[name] for name in RUNNING}, age)
        assert odds == pytest.approx(SHIPPED.intercept(age) + sum(added.values()), abs=0.002)


def test_a_post_that_was_not_judged_has_no_risk() -> None:
    assert pile_on_risks([post(0, "a", None)]) == {}


def test_threads_do_not_influence_each_other_and_the_order_does_not_matter() -> None:
    here, there = [post(n, f"a{n}") for n in range(5)], replace(post(9, "z"), thread_id="f:other")
    assert pile_on_risks([*here, there])["f:009"] == pile_on_risks([there])["f:009"]
    assert pile_on_risks(here[::-1]) == pile_on_risks(here)


def test_the_weights_in_force_are_asked() -> None:
    posts = [post(n, f"a{n}") for n in range(5)]
    assert pile_on_risks(posts, by_hand()) != pile_on_risks(posts)
