"""What a word of the brand did to a pile-on, and what it cannot tell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from analyzers.own_answer import with_own_answer
from tocsin.store.records import Episode, JudgedPost, Voices

ONSET = datetime(2026, 11, 20, 8, tzinfo=UTC)
ANSWER = ONSET + timedelta(hours=12)


def post(author: str | None, at: datetime, thread: str = "f:t", negative: float = 0.8) -> JudgedPost:
    name = f"f:{thread}-{author}-{at.isoformat()}"
    tones = (negative, 0.9 - negative, 0.1)
    return JudgedPost(name, "Acme", "text", "f", thread, None, author, at, at, "words", None, *tones, 0.3, None)


def episode(at: datetime = ANSWER + timedelta(hours=12)) -> Episode:
    return Episode(
        "ep-1", "Acme", "backlash", "growing", at, ONSET, ONSET, None, None, 2, 40.0, 24,
        Voices(30, 30, 30, 30, 0.1), None, {"track": "backlash"}, ("f:t",), ("f",),
    )  # fmt: skip


def crowd(per_hour: int, since: datetime, hours: int, name: str) -> list[JudgedPost]:
    return [
        post(f"{name}{hour}-{one}", since + timedelta(hours=hour, minutes=10 + one))
        for hour in range(hours)
        for one in range(per_hour)
    ]


def test_the_pace_before_and_after_the_first_answer_is_told() -> None:
    rows = crowd(6, ONSET, 12, "a") + crowd(1, ANSWER, 12, "b")
    later = post("acme", ANSWER + timedelta(hours=1), negative=0.1)
    parts = with_own_answer(episode(), [post("acme", ANSWER, negative=0.1), later], rows).parts
    assert parts["own_answer_at"] == ANSWER.isoformat()
    assert parts["pace_before_answer"] == 6.0
    assert parts["pace_after_answer"] == 1.0
    assert parts["track"] == "backlash"


def test_a_crowd_that_grows_has_a_slope_above_zero_and_one_that_tires_below() -> None:
    rows = [one for hour in range(12) for one in crowd(hour + 1, ONSET + timedelta(hours=hour), 1, f"u{hour}-")]
    rows += [one for hour in range(12) for one in crowd(12 - hour, ANSWER + timedelta(hours=hour), 1, f"d{hour}-")]
    parts = with_own_answer(episode(), [post("acme", ANSWER, negative=0.1)], rows).parts
    assert parts["slope_before_answer"] == pytest.approx(1.0)
    assert parts["slope_after_answer"] == pytest.approx(-1.0)


def test_somebody_who_repeats_himself_is_one_new_voice() -> None:
    rows = [post("loud", ONSET + timedelta(minutes=20 * step)) for step in range(30)]
    parts = with_own_answer(episode(), [post("acme", ANSWER, negative=0.1)], rows).parts
    assert parts["pace_before_answer"] == round(1 / 12, 2)


def test_an_answer_of_an_hour_ago_has_no_pace_after_it_yet() -> None:
    rows = crowd(6, ONSET, 12, "a")
    parts = with_own_answer(episode(ANSWER + timedelta(hours=1)), [post("acme", ANSWER, negative=0.1)], rows).parts
    assert "pace_before_answer" in parts
    assert "pace_after_answer" not in parts


@pytest.mark.parametrize(
    "own", [[], [post("acme", ANSWER, "f:other")], [post("acme", ONSET - timedelta(hours=1))]], ids=str
)
def test_without_an_answer_in_its_threads_nothing_is_added(own: list[JudgedPost]) -> None:
    assert with_own_answer(episode(), own, crowd(3, ONSET, 12, "a")) == episode()
