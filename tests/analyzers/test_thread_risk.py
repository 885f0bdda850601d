from __future__ import annotations

import math
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.risk_weights import PARTS, SHIPPED
from analyzers.thread_risk import Surroundings, meets_outcome, most_negative_voices, thread_risk
from tocsin.store.records import JudgedPost

START = datetime(2026, 11, 1, tzinfo=UTC)
LATER = START + timedelta(hours=6)


def post(number: int, author: str | None, negative: float | None = 0.8, minutes: float | None = None) -> JudgedPost:
    at = START + timedelta(minutes=number if minutes is None else minutes)
    neutral = None if negative is None else 1 - negative
    return JudgedPost(
        f"f:{number}", "Acme", "text", "f", "f:t", None if number == 0 else "f:0", author, at, at,
        f"you broke line {number} again, company", None, negative, neutral, 0.0, 0.4, None,
    )  # fmt: skip


def test_an_angry_crowd_is_riskier_than_a_calm_one_and_a_calm_thread_is_hardly_a_risk() -> None:
    angry = thread_risk([post(n, f"a{n}") for n in range(30)], "Acme", LATER, Surroundings(usual_negative=0.25))
    calm = thread_risk([post(n, f"a{n}", 0.1) for n in range(30)], "Acme", LATER, Surroundings(usual_negative=0.25))
    assert angry.probability > 0.3
    assert calm.probability < 0.03


def test_parts_that_were_not_observed_are_null_and_add_nothing() -> None:
    risk = thread_risk([post(0, None, None)], "Acme", START + timedelta(minutes=30))
    unseen = {name for name, value in risk.parts.items() if value is None}
    assert {"negative_voices", "acceleration", "voices_per_post", "reply_ratio", "derailment", "links_in"} <= unseen
    assert not unseen & set(risk.contributions)
    assert set(risk.parts) == set(PARTS)


def test_every_part_is_shown_with_what_it_added() -> None:
    posts = [
        replace(post(n, f"a{n}"), likes=2, replies=9, author_first_seen_at=START, stance="deny" if n % 3 else "query")
        for n in range(12)
    ]
    around = Surroundings(0.25, 0.0, START - timedelta(days=90), 2, 0.6)
    risk = thread_risk(posts, "Acme", LATER, around)
    assert all(value is not None for value in risk.parts.values())
    assert risk.contributions == SHIPPED.contributions(risk.parts, risk.age_hours)
    assert set(risk.contributions) == set(PARTS)
    odds = SHIPPED.intercept(risk.age_hours) + sum(risk.contributions.values())
    assert risk.probability == pytest.approx(1 / (1 + math.exp(-odds)), abs=1e-6)


def test_denying_replies_count_among_those_whose_stance_was_judged() -> None:
    posts = [replace(post(n, f"a{n}"), stance=stance) for n, stance in enumerate((None, "deny", "comment", "deny"))]
    assert thread_risk(posts, "Acme", LATER).parts["deny_share"] == round(2 / 3, 4)


def test_posts_after_the_moment_are_not_looked_at() -> None:
    posts = [post(n, f"a{n}", minutes=60.0 * n) for n in range(12)]
    at = START + timedelta(hours=4)
    assert thread_risk(posts, "Acme", at) == thread_risk(posts[:5], "Acme", at)


def test_a_thread_without_a_post_has_no_risk() -> None:
    with pytest.raises(ValueError, match="without a post"):
        thread_risk([post(5, "a")], "Acme", START)


@settings(max_examples=40)
@given(st.integers(0, 40), st.integers(1, 10))
def test_more_negative_voices_never_lower_the_part(angry: int, more: int) -> None:
    def added(size: int) -> float:
        posts = [post(0, "op", 0.1), *(post(n + 1, f"a{n}") for n in range(size))]
        return thread_risk(posts, "Acme", LATER).contributions["negative_voices"]

    assert added(angry + more) >= added(angry)


@settings(max_examples=30)
@given(st.lists(st.sampled_from(["a", "b", "c", None]), min_size=1, max_size=15), st.randoms(use_true_random=False))
def test_the_order_does_not_matter_and_the_risk_is_a_probability(authors: list[str | None], rng: random.Random) -> None:
    posts = [post(n, author) for n, author in enumerate(authors)]
    shuffled = posts.copy()
    rng.shuffle(shuffled)
    risk = thread_risk(shuffled, "Acme", LATER)
    assert risk == thread_risk(posts, "Acme", LATER)
    assert 0.0 < risk.probability < 1.0


def test_the_outcome_is_ten_negative_voices_who_are_half_and_nobody_dominates() -> None:
    crowd = [post(n, f"a{n}") for n in range(12)]
    assert meets_outcome(crowd)
    assert not meets_outcome(crowd[:9])
    assert not meets_outcome([*crowd, *(post(100 + n, f"n{n}", 0.1) for n in range(20))][::-1][:25])
    assert not meets_outcome([post(n, "xy"[n % 2]) for n in range(60)])
    assert not meets_outcome([post(n, f"a{n}", minutes=60.0 * 12 * n) for n in range(12)])
    assert not meets_outcome(crowd, usual_most=30)


def test_the_fullest_three_days_count_each_negative_voice_once() -> None:
    crowd = [post(n, f"a{n % 4}", minutes=60.0 * n) for n in range(8)]
    late = [post(50 + n, f"b{n}", minutes=60.0 * 24 * (10 + n)) for n in range(9)]
    assert most_negative_voices(crowd) == 4
    assert most_negative_voices([*crowd, *late]) == 4  # a day apart, at most four of the late ones fit into 72 h
    assert most_negative_voices([post(n, None) for n in range(5)]) == 0
    assert most_negative_voices([post(n, f"a{n}", 0.1) for n in range(5)]) == 0
