"""The queries that docs/figures.md gives are those of the figures that the digest tells."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from analyzers.detection import detect_store
from analyzers.explaining import explain_episode
from analyzers.mentions import BrandRules, scan_store
from analyzers.text import text_key
from analyzers.thresholds import DEFAULTS
from tocsin.config import shipped
from tocsin.digest.facts import Facts, Occasion
from tocsin.digest.gather import Audience, Listening, gather
from tocsin.store.database import Store, open_store
from tocsin.store.episodes import open_episodes
from tocsin.store.posts import write_posts
from tocsin.store.records import Post, Tag, Thread
from tocsin.store.sources import ensure_sources
from tocsin.store.tags import ensure_model, fill_text_keys, write_tags
from tocsin.store.times import to_text

PAGE = Path(__file__).resolve().parents[2] / "docs" / "figures.md"
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
QUERIES = dict(re.findall(r"```sql\n-- (\w+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Six calm weeks, then forty-five angry people in one thread, decided about."""
    store = open_store(tmp_path_factory.mktemp("figures") / "s.db")
    posts = [_post(n, AT - timedelta(hours=5 * n + 30), f"r{n % 20}", "calm") for n in range(190)]
    posts += [_post(500 + n, AT - timedelta(minutes=10 * n + 5), f"c{n % 42}", "storm") for n in range(45)]
    ensure_sources(store, [("f", "forum", None)], AT)
    write_posts(store, posts, AT)
    scan_store(store, [BrandRules("Acme")], AT)
    ensure_model(store, "m1", "oracle", AT)
    fill_text_keys(store, text_key)
    rows = store.rows("SELECT id, text_key, thread_id FROM posts")
    write_tags(store, [_tag(row["id"], "storm" in row["thread_id"]) for row in rows], [row["text_key"] for row in rows])
    detect_store(store, ["Acme"], AT, ZoneInfo("UTC"))
    return store


@pytest.fixture(scope="module")
def facts(store: Store) -> Facts:
    listening = Listening(ZoneInfo("UTC"), (("Acme", "own"),), (), shipped("templates"))
    return gather(store, listening, Audience("Acme", ("Acme",), ()), AT, "2026-11-20", Occasion(("2026-11-20",)))


def _post(number: int, at: datetime, author: str, thread: str) -> Post:
    name = f"f:{thread}{number // 20 if thread == 'calm' else ''}"
    where = Thread(name, "f", "Talk", None, None)
    return Post(
        f"f:{number}", "f", where, f"Acme, words of number {number}", at, author, url=f"https://f.example/{number}"
    )


def _tag(post_id: str, angry: bool) -> Tag:
    tones = (0.8, 0.1, 0.1) if angry else (0.1, 0.8, 0.1)
    label, heat = ("negative", 0.9) if angry else ("neutral", 0.1)
    return Tag(post_id, "oracle", "m1", AT, "en", label, *tones, heat, None, None, anger=heat)


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
