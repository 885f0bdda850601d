"""Thresholds from feedback, and the figures of a replay: small invented alarms."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzers.backtest_figures import Event, compared, false_rate, leads
from analyzers.given_posts import assumed_quiet
from analyzers.replaying import Replayed, Told, told_kind
from analyzers.thresholds import DEFAULTS
from analyzers.tuning import Verdicted, propose
from analyzers.wording_memory import WordingMemory
from tocsin.store.records import Episode, Voices

START = datetime(2026, 3, 1, 6, tzinfo=UTC)


def alarm(day: float, voices: float = 20, kind: str = "backlash", **parts: float | str) -> Episode:
    at = START + timedelta(days=day)
    figures = {"voices": voices, "accounts": voices, "return_days": 500.0 * voices, "times_usual": voices / 2} | parts
    return Episode(
        f"ep-{day:g}", "Acme", kind, "over", at, at, at, at, at + timedelta(days=3), 2, 40.0, 24,  # type: ignore[arg-type]
        Voices(int(voices), int(voices), int(voices), int(voices), 0.2), None, figures, (), (),
    )  # fmt: skip


def replayed(*episodes: Episode, days: int = 104) -> Replayed:
    nights = tuple(START + timedelta(days=day) for day in range(days + 1))
    told = tuple(Told(((one.opened_at + timedelta(hours=18), one),)) for one in episodes)
    return Replayed("Acme", nights, tuple(float(day) for day in range(days + 1)), told)


def test_the_threshold_lies_between_the_false_alarms_and_the_useful_ones() -> None:
    told = [Verdicted(alarm(day, voices), voices >= 40) for day, voices in enumerate((9, 11, 10, 40, 60))]
    tuning = propose(told, DEFAULTS, brand_months=2.0, budget=0.5)
    assert tuning.false_a_month == 1.5
    by_name = {one.name: one for one in tuning.proposals}
    assert 11 < by_name["least_voices"].value <= 40
    assert len(by_name["least_voices"].spares) == 3
    assert by_name["least_voices"].value == 12


@given(st.lists(st.tuples(st.integers(5, 90), st.booleans()), min_size=5, max_size=12))
def test_no_proposal_ever_costs_a_useful_alarm_or_lowers_a_threshold(given_: list[tuple[int, bool]]) -> None:
    told = [Verdicted(alarm(day, voices), useful) for day, (voices, useful) in enumerate(given_)]
    figures = {
        "surprise_days": "return_days",
        "least_voices": "voices",
        "times_usual": "times_usual",
    }
    for one in propose(told, DEFAULTS, brand_months=1.0, budget=0.0).proposals:
        assert one.value > getattr(DEFAULTS, one.name)
        assert all(alarm.episode.parts[figures[one.name]] >= one.value for alarm in told if alarm.useful)  # type: ignore[operator]
        spared = {alarm.episode.id for alarm in told if alarm.episode.parts[figures[one.name]] < one.value}  # type: ignore[operator]
        assert spared == set(one.spares)


def test_too_little_feedback_and_a_kept_budget_propose_nothing() -> None:
    few = [Verdicted(alarm(day), False) for day in range(4)]
    assert "too little feedback" in propose(few, DEFAULTS, 1.0, 0.5).why
    one_false = [Verdicted(alarm(day), day > 0) for day in range(9)]
    assert "too little feedback" in propose(one_false, DEFAULTS, 1.0, 0.5).why
    many = [Verdicted(alarm(day, 6 + 30 * (day > 1)), day > 1) for day in range(6)]
    assert "within the budget" in propose(many, DEFAULTS, 12.0, 0.5).why
    mixed = [Verdicted(alarm(day, 20), day % 2 == 0) for day in range(6)]
    assert propose(mixed, DEFAULTS, 1.0, 0.5).proposals == ()
    assert "no single threshold" in propose(mixed, DEFAULTS, 1.0, 0.5).why


def test_episodes_of_no_event_are_counted_a_brand_month() -> None:
    found = replayed(alarm(20), alarm(50, kind="attention"), alarm(80, track="campaign"))
    rate = false_rate(found, [Event(START + timedelta(days=49))])
    assert (rate.backlash, rate.attention, rate.campaign, rate.brand_months) == (1, 0, 1, pytest.approx(91 / 30))
    assert rate.a_month == pytest.approx(30 / 91)
    assert false_rate(replayed(days=9)).a_month is None


def test_the_lead_time_is_that_of_the_first_alarm_near_the_event() -> None:
    found = replayed(alarm(20), alarm(24))
    near, far = leads(found, [Event(START + timedelta(days=60), "far"), Event(START + timedelta(days=20.5), "near")])
    assert near.episode is not None
    assert (near.episode.last.id, near.opened_after, near.told_after) == (
        "ep-20", timedelta(hours=-12), timedelta(hours=6),
    )  # fmt: skip
    assert (far.episode, far.opened_after) == (None, None)
    assert leads(found, [Event(START + timedelta(days=20), brand="Zeta"), Event(START - timedelta(days=30))]) == []


def test_two_replays_are_compared_by_kind_and_time() -> None:
    small, large = alarm(20), alarm(50)
    later = replace(large, id="ep-other", opened_at=large.opened_at + timedelta(hours=5))
    change = compared(replayed(small, large), replayed(later, alarm(70)))
    assert [told.last.id for told in change.gone] == ["ep-20"]
    assert [told.last.id for told in change.come] == ["ep-70"]
    assert [(a.last.id, b.last.id) for a, b in change.kept] == [("ep-50", "ep-other")]


def test_what_readers_are_told_an_episode_is() -> None:
    assert told_kind(alarm(1, kind="attention_tone_unknown")) == "attention"
    assert told_kind(alarm(1, track="campaign")) == told_kind(alarm(1, kind="campaign")) == "campaign"
    assert told_kind(alarm(1, kind="backlash", track="backlash")) == "backlash"


def test_assumed_quiet_is_the_same_each_time_and_lies_before() -> None:
    made = assumed_quiet("Acme", "f", START, 28, 4.0)
    assert made == assumed_quiet("Acme", "f", START, 28, 4.0)
    assert 80 <= len(made) <= 150
    assert all(START - timedelta(days=28) <= post.created_at < START for post in made)
    assert 0.1 < sum((post.negative or 0) > 0.5 for post in made) / len(made) < 0.4


def test_a_memory_of_wordings_changes_no_label() -> None:
    heap = [f"the export of the new release fails again for team {n % 7} and nobody answers {n % 3}" for n in range(40)]
    memory = WordingMemory()
    for start in range(0, 30, 5):
        texts = [*heap[start : start + 10], "short one", "short one"]
        assert memory.labels(texts).tolist() == WordingMemory().labels(texts).tolist()
