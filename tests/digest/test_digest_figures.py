"""The queries that docs/figures.md gives are those of the figures that the digest tells."""

from __future__ import annotations

import json
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from calm_and_storm import AT, fill

from analyzers.detection import detect_store
from analyzers.explaining import explain_episode
from analyzers.thresholds import DEFAULTS
from tocsin.config import shipped
from tocsin.digest.facts import Facts, Occasion
from tocsin.digest.gather import Audience, Listening, gather
from tocsin.store.database import Store, open_store
from tocsin.store.episodes import open_episodes
from tocsin.store.times import to_text

PAGE = Path(__file__).resolve().parents[2] / "docs" / "figures.md"
QUERIES = dict(re.findall(r"```sql\n-- (\w+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Six calm weeks, then forty-five angry people in one thread, decided about."""
    store = open_store(tmp_path_factory.mktemp("figures") / "s.db")
    fill(store, angry_people=42)
    detect_store(store, ["Acme"], AT, ZoneInfo("UTC"))
    return store


@pytest.fixture(scope="module")
def facts(store: Store) -> Facts:
    listening = Listening(ZoneInfo("UTC"), (("Acme", "own"),), (), shipped("templates"))
    return gather(store, listening, Audience("Acme", ("Acme",), ()), AT, "2026-11-20", Occasion(("2026-11-20",)))


def asked(store: Store, name: str) -> list[tuple[object, ...]]:
    (episode,) = open_episodes(store, "Acme")
    values = {"episode": episode.id, "brand": "Acme", "at": to_text(AT)}
    wanted = {key: value for key, value in values.items() if f":{key}" in QUERIES[name]}
    return [tuple(row) for row in store.rows(QUERIES[name], wanted)]


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_every_query_of_the_page_runs(store: Store, name: str) -> None:
    assert isinstance(asked(store, name), list)


def test_the_figures_of_an_episode_are_those_of_its_queries(store: Store, facts: Facts) -> None:
    (episode,) = facts.episodes
    voices = episode.voices
    assert asked(store, "voices") == [(voices.posts, voices.low, voices.high, voices.wordings)]
    assert asked(store, "counted_anew") == [(45, 42)] == [(voices.posts, voices.low)]
    assert asked(store, "level") == [(episode.level, episode.severity_days, episode.state)]
    assert asked(store, "risk") == [(episode.risk,)]
    assert [row[2] for row in asked(store, "evidence")] == [post.post_id for post in facts.evidence[episode.id]]
    parts = episode.parts
    names = (
        "voices",
        "expected_voices",
        "return_days",
        "negative_share",
        "usual_negative_share",
        "angrier_probability",
    )
    assert asked(store, "gates") == [tuple(parts[name] for name in names)]
    assert len(asked(store, "topics")) == len(facts.topics[episode.id])
    assert [row[-1] for row in asked(store, "history")] == [voices.low]


def test_the_figures_of_a_week_are_those_of_its_queries(store: Store, facts: Facts) -> None:
    week = facts.weeks["Acme"][0]
    told = (week.posts, week.voices, week.negative, week.neutral, week.positive, week.not_judged)
    assert asked(store, "week") == [told]
    assert asked(store, "manner") == [(week.angry, week.critical)]
    assert week.angry == 45


def test_the_gates_recomputed_by_explain_agree_with_what_was_stored(store: Store) -> None:
    (episode,) = open_episodes(store, "Acme")
    steps = {step.name: step for step in explain_episode(episode, DEFAULTS).steps}
    recomputed = float(steps["A surprise"].result.split()[0])
    assert recomputed == pytest.approx(float(str(episode.parts["return_days"])), rel=0.1)
    assert json.loads(store.rows("SELECT threads FROM episodes")[0]["threads"]) == ["f:storm"]
    assert f"{episode.voices.low} people" in steps["Voices"].result
