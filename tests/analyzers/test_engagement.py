from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from analyzers.engagement import Usual, bought_figures, unanswered_rises, usual_answers
from tocsin.store.records import Reactions

START = datetime(2026, 11, 1, tzinfo=UTC)
USUAL = {"f": Usual(rate=1 / 6, dispersion=0.8)}


def seen(hours: float, reactions: int, answered: int, post: str = "f:1", source: str = "f") -> Reactions:
    return Reactions(post, source, START, START + timedelta(hours=hours), reactions, answered)


def test_a_rise_that_nobody_answers_is_flagged_with_its_figures() -> None:
    (rise,) = unanswered_rises([seen(2, 12, 3), seen(30, 20, 4), seen(36, 820, 4)], USUAL)
    assert (rise.reactions, rise.answered, rise.hours, rise.is_round, rise.is_late) == (800, 0, 6.0, True, True)
    assert rise.expected == pytest.approx(800 / 6 * (1.25 + 4) / (1.25 + 20 / 6))
    figures = bought_figures([rise], USUAL)
    assert figures["bought"] == (
        "800 likes and reposts of one post within 6 h, a round number, and nobody answered, where 153 usually would"
    )


def test_a_post_that_goes_round_and_is_answered_is_left_alone() -> None:
    series = [seen(2, 40, 9), seen(6, 900, 120), seen(20, 5_000, 640)]
    assert unanswered_rises(series, USUAL) == []


def test_what_a_post_drew_before_says_what_is_expected_of_it() -> None:
    quiet, talked = ([seen(2, 120, answered), seen(20, 420, answered)] for answered in (0, 40))
    assert unanswered_rises(quiet, USUAL) == []
    assert len(unanswered_rises(talked, USUAL)) == 1


def test_a_rise_that_few_answer_is_left_alone_as_long_as_it_happens_there() -> None:
    assert unanswered_rises([seen(3, 130, 5)], USUAL) == []
    assert unanswered_rises([seen(3, 2_000, 0)], {"f": Usual(1 / 6, 3.0)}) == []
    assert unanswered_rises([seen(3, 49, 0)], {"f": Usual(10.0, 0.25)}) == []


def test_a_source_of_which_nothing_is_known_is_left_alone() -> None:
    assert unanswered_rises([seen(3, 9_000, 0, source="g")], USUAL) == []
    assert bought_figures([], {}) == {"bought_reactions": None, "bought": None}
    assert bought_figures([], USUAL) == {"bought_reactions": 0, "bought": None}


def test_a_number_that_falls_is_no_rise() -> None:
    assert unanswered_rises([seen(1, 900, 150), seen(5, 100, 150), seen(9, 140, 150)], USUAL) == []


def test_what_is_usual_is_learned_and_needs_thirty_posts() -> None:
    rng = random.Random(2)
    posts = [seen(9, likes, round(likes / 5), f"f:{n}") for n, likes in enumerate(rng.choices(range(5, 90), k=40))]
    usual = usual_answers(posts)
    assert usual is not None
    assert usual.rate == pytest.approx(0.2, abs=0.02)
    assert usual.dispersion == 0.25
    assert usual_answers(posts[:29]) is None
    lurkers = [seen(9, 80, 90 * (n % 10 == 0), f"f:{n}") for n in range(60)]
    noisy = usual_answers(lurkers)
    assert noisy is not None
    assert noisy.dispersion > 5


def test_few_ordinary_posts_are_flagged() -> None:
    rng = random.Random(11)
    flagged = 0
    for post in range(3_000):
        likes = round(rng.lognormvariate(4.5, 1.2))
        pull = rng.gammavariate(1 / 0.8, 0.8)
        answered = sum(rng.random() < min(pull / 6, 1.0) for _ in range(likes))
        flagged += bool(unanswered_rises([seen(20, likes, answered, f"f:{post}")], USUAL))
    assert flagged <= 6
