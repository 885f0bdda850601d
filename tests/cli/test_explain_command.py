"""`tocsin explain`: the arithmetic of an episode, a thread and a post, and what an unknown id gets."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from running import run

from tocsin.store.database import open_store
from tocsin.store.episodes import write_episodes
from tocsin.store.mentions import ensure_brands, write_mentions
from tocsin.store.posts import known_hashes, write_posts
from tocsin.store.records import Episode, Evidence, Mention, Post, Tag, Thread, ThreadRisk, Voices
from tocsin.store.risks import write_thread_risks
from tocsin.store.sources import ensure_sources
from tocsin.store.tags import ensure_model, write_tags

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
TRAP = "[bold]Acme[/bold] \x1b[31m is a disgrace"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "tocsin.toml"
    path.write_text('store = "s.db"\n[[brands]]\nname = "Acme"\n')
    with open_store(tmp_path / "s.db") as store:
        ensure_sources(store, [("f", "forum", None)], AT)
        thread = Thread("f:t1", "f", TRAP, None, AT)
        write_posts(store, [Post("f:1", "f", thread, TRAP, AT, "mia"), Post("f:2", "f", thread, "why", AT, None)], AT)
        ensure_brands(store, [("Acme", "own")])
        hashes = known_hashes(store, ["f:1", "f:2"])
        write_mentions(store, list(hashes.items()), [Mention("f:1", "Acme", "acme", "text", 0.83)], "r")
        ensure_model(store, "m1", "oracle", AT)
        write_tags(store, [Tag("f:1", "oracle", "m1", AT, "en", "negative", 0.9, 0.05, 0.05, 0.7, 0.2, None)], ["k"])
        parts = {"negative_voices": 2.0, "links_in": None}
        write_thread_risks(store, [ThreadRisk("f:t1", "Acme", AT, 9.0, 0.4, parts, {"negative_voices": 1.5}, "w-3")])
        write_episodes(store, [_episode()])
    return path


def _episode() -> Episode:
    return Episode(
        id="ep-0a1b2c", brand="Acme", kind="backlash", state="growing", at=AT, onset_at=AT - timedelta(hours=9),
        opened_at=AT - timedelta(hours=5), peaked_at=None, over_at=None, level=2, severity_days=40.0, window_hours=24,
        voices=Voices(45, 40, 43, 40, 0.2), risk=0.4,
        parts={"voices": 40, "expected_voices": 2.0, "dispersion": 1.0, "return_days": 36500.0,
               "negative_share": 0.9, "usual_negative_share": 0.2, "angrier_probability": 0.9999},
        threads=("f:t1",), sources=("f",), evidence=(Evidence("f:1", 1, "where it began"),),
    )  # fmt: skip


def steps(config: Path, wanted: str) -> dict[str, dict[str, str]]:
    code, out, _ = run("explain", wanted, "-c", config, "--json")
    assert code == 0
    (found,) = json.loads(out)["explained"]
    return {step["name"]: step for step in found["steps"]}


def test_an_episode_shows_its_gates_with_what_they_ask(config: Path) -> None:
    told = steps(config, "ep-0a1b2c")
    assert "mean 2, dispersion 1; at least" in told["A surprise"]["working"]
    assert told["B size"]["result"] == "20.0 times the usual"
    assert told["C tone"]["result"] == "0.9999"
    assert told["Voices"]["result"].startswith("40 to 43 people")
    code, out, _ = run("explain", "ep-0a1b2c", "-c", config)
    assert (code, "Acme: backlash, growing" in out) == (0, True)


def test_the_parts_of_a_thread_add_up_to_its_risk(config: Path) -> None:
    told = steps(config, "f:t1")
    start, part = float(told["start"]["result"]), float(told["negative_voices"]["result"])
    assert 1 / (1 + math.exp(-(start + part))) == pytest.approx(0.4, abs=1e-3)
    assert told["links_in"]["working"] == "not observed, adds nothing"


def test_a_post_tells_its_tone_whom_it_names_and_what_it_shows(config: Path) -> None:
    told = steps(config, "f:1")
    assert told["Tone"]["result"] == "negative"
    assert told["Acme"]["working"].startswith("named as 'acme', surely this brand with 0.83")
    assert told["Evidence"]["result"] == "where it began"
    assert steps(config, "f:2")["Tone"]["result"] == "not judged"
    assert steps(config, "f:2")["Brands"]["result"] == "none"


def test_a_strangers_words_are_printed_without_control_characters_and_as_they_are(config: Path) -> None:
    for wanted in ("f:1", "f:t1"):
        _, out, _ = run("explain", wanted, "-c", config)
        assert "\x1b" not in out
        assert "[bold]Acme[/bold]" in out


def test_an_unknown_id_is_wrong_use_and_near_ones_are_named(config: Path) -> None:
    code, _, complaint = run("explain", "ep-0a", "-c", config)
    assert (code, "did you mean ep-0a1b2c?" in complaint) == (2, True)
    code, _, complaint = run("explain", "nothing", "-c", config)
    assert (code, "no episode, thread or post" in complaint) == (2, True)
