"""`tocsin feedback` and `tocsin tune`: what people say of alarms, and what that changes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from analyzers.detection import detect_store
from analyzers.mentions import BrandRules, scan_store
from analyzers.text import text_key
from tocsin.cli.main import app
from tocsin.config import load
from tocsin.store.database import Store, open_store
from tocsin.store.episodes import open_episodes, write_episodes, write_feedback
from tocsin.store.feedback import near_ids, snoozes, verdicts
from tocsin.store.mentions import ensure_brands
from tocsin.store.posts import write_posts
from tocsin.store.records import Episode, Post, Tag, Thread, Voices
from tocsin.store.sources import ensure_sources
from tocsin.store.tags import ensure_model, fill_text_keys, write_tags
from tocsin.store.thresholds import applied_thresholds, apply_thresholds, thresholds_in_force, withdraw_thresholds

runner = CliRunner()
NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
START = NOW - timedelta(days=110)
STORMS = ((30, 14), (45, 15), (60, 60), (75, 14), (90, 70))
"""(day, people): three small ones that will be called false, two large ones."""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "tocsin.toml"
    path.write_text('[[brands]]\nname = "Acme"\n', encoding="utf-8")
    return path


@pytest.fixture
def episode(store: Store, now: datetime) -> Episode:
    ensure_brands(store, [("Acme", "own")])
    one = Episode(
        "ep-0123456789ab", "Acme", "backlash", "emerging", now, now, now, None, None, 1, 12.0, 24,
        Voices(20, 20, 20, 20, 0.2), None, {}, (), (),
    )  # fmt: skip
    write_episodes(store, [one])
    return one


def posts() -> list[Post]:
    def one(name: str, at: datetime, author: str, thread: str, text: str) -> Post:
        return Post(f"f:{name}", "f", Thread(f"f:{thread}", "f", "Acme talk", None, at), text, at, author)

    found = [
        one(f"q{day}-{n}", START + timedelta(days=day, hours=8 + 3 * n), f"r{(7 * day + n) % 31}", f"q{day}",
            f"Acme is {'bad' if n == 0 else 'plain'}, remark {day} {n}")
        for day in range(109) for n in range(4)
    ]  # fmt: skip
    for day, people in STORMS:
        onset = START + timedelta(days=day, hours=9)
        found += [
            one(f"s{day}-{n}", onset + timedelta(minutes=400 * n / people), f"s{day}-{n}", f"storm{day}",
                f"Acme is bad, {n} {day}")
            for n in range(people)
        ]  # fmt: skip
    return found


@pytest.fixture
def years(config: Path) -> Path:
    """A store of 110 days with five alarms, detected day by day around them."""
    with open_store(config.with_name("tocsin.db")) as store:
        ensure_sources(store, [("f", "forum", None)], NOW)
        write_posts(store, posts(), NOW, backdate=True)
        scan_store(store, [BrandRules("Acme")], NOW)
        ensure_model(store, "m1", "oracle", NOW)
        fill_text_keys(store, text_key)
        rows = store.rows("SELECT id, text, text_key FROM posts")
        said = {True: ("negative", 0.8, 0.1, 0.1), False: ("neutral", 0.1, 0.8, 0.1)}
        tags = [Tag(r["id"], "oracle", "m1", NOW, "en", *said["bad" in r["text"]], 0.9, None, None) for r in rows]
        write_tags(store, tags, [row["text_key"] for row in rows])
        for day, _ in STORMS:
            for after in (1, 2, 6):
                at = (START + timedelta(days=day + after)).replace(hour=6)
                detect_store(store, ["Acme"], at, load(config).zone)
    return config


def alarms(store: Store) -> list[tuple[str, int]]:
    return [(r["id"], r["voices_low"]) for r in store.rows("SELECT id, voices_low FROM episodes ORDER BY opened_at")]


def say_of(config: Path, words: Sequence[tuple[str, str]]) -> None:
    for episode, word in words:
        shown = runner.invoke(app, ["feedback", episode, word, "-c", str(config)])
        assert shown.exit_code == 0, shown.output


def test_too_little_feedback_proposes_nothing(years: Path) -> None:
    with open_store(years.with_name("tocsin.db")) as store:
        found = alarms(store)
    say_of(years, [(found[0][0], "false-alarm")])
    shown = runner.invoke(app, ["tune", "-c", str(years)])
    assert shown.exit_code == 0
    assert "too little feedback: judged alarms 1 of at least 5" in shown.stdout
    assert "Proposed" not in shown.stdout


def test_a_threshold_that_spares_the_false_alarms_is_proposed_applied_and_withdrawn(years: Path) -> None:
    with open_store(years.with_name("tocsin.db")) as store:
        found = alarms(store)
    assert len(found) == len(STORMS)
    say_of(years, [(id_, "false-alarm" if voices < 30 else "useful") for id_, voices in found])
    shown = runner.invoke(app, ["tune", "-c", str(years), "--json"])
    told = json.loads(shown.stdout)
    assert told["proposed"] is not None, told
    assert told["applied"] is False
    best = told["trials"][0]
    assert (best["spared"] + best["turned"], best["lost"], len(best["gone"])) == (3, 0, 3)
    assert len(best["come"]) == best["turned"]
    with open_store(years.with_name("tocsin.db")) as store:
        assert applied_thresholds(store, datetime.now(UTC)) == []
    shown = runner.invoke(app, ["tune", "-c", str(years), "--apply"])
    assert "Applied: " in shown.stdout
    assert "goes" in shown.stdout
    with open_store(years.with_name("tocsin.db")) as store:
        name, value = told["proposed"]["name"], told["proposed"]["value"]
        assert thresholds_in_force(store, "Acme", datetime.now(UTC)) == {name: value}
        small = START + timedelta(days=STORMS[0][0] + 1)
        assert detect_store(store, ["Acme"], small, load(years).zone).episodes != ()  # earlier decisions stay
    assert "1 threshold taken back" in runner.invoke(app, ["tune", "-c", str(years), "--withdraw"]).stdout
    with open_store(years.with_name("tocsin.db")) as store:
        assert thresholds_in_force(store, "Acme", datetime.now(UTC)) == {}


def test_false_alarms_within_the_budget_change_nothing(years: Path) -> None:
    with open_store(years.with_name("tocsin.db")) as store:
        found = alarms(store)
    say_of(years, [(id_, "false-alarm" if voices < 30 else "useful") for id_, voices in found])
    shown = runner.invoke(app, ["tune", "-c", str(years), "--budget", "5"])
    assert "within the budget of 5" in shown.stdout


def test_applied_thresholds_decide_the_next_night(store: Store, now: datetime) -> None:
    apply_thresholds(store, "", {"least_voices": 8, "angrier": 0.9}, now, "all")
    apply_thresholds(store, "Acme", {"least_voices": 12}, now + timedelta(days=1), "hers")
    assert thresholds_in_force(store, "Acme", now - timedelta(hours=1)) == {}
    assert thresholds_in_force(store, "Acme", now) == {"least_voices": 8, "angrier": 0.9}
    assert thresholds_in_force(store, "Acme", now + timedelta(days=2)) == {"least_voices": 12, "angrier": 0.9}
    assert thresholds_in_force(store, "Zeta", now + timedelta(days=2)) == {"least_voices": 8, "angrier": 0.9}
    assert withdraw_thresholds(store, "Acme", now + timedelta(days=3)) == 1
    assert thresholds_in_force(store, "Acme", now + timedelta(days=2)) == {"least_voices": 12, "angrier": 0.9}
    assert thresholds_in_force(store, "Acme", now + timedelta(days=4)) == {"least_voices": 8, "angrier": 0.9}


def test_a_snooze_keeps_the_digest_quiet_until_the_level_rises(years: Path) -> None:
    at = START + timedelta(days=STORMS[-1][0] + 1)
    with open_store(years.with_name("tocsin.db")) as store:
        detect_store(store, ["Acme"], at, load(years).zone)
        (one,) = open_episodes(store, "Acme")
        write_episodes(store, [replace(one, at=NOW - timedelta(hours=1))])
    digest = ["digest", "-c", str(years)]
    assert one.id in runner.invoke(app, digest).stdout
    shown = runner.invoke(app, ["feedback", one.id, "snooze", "3", "-c", str(years)])
    assert "is not told of until" in shown.stdout
    quiet = " ".join(runner.invoke(app, digest).stdout.split())
    assert "Snoozed: Backlash against Acme" in quiet
    assert "Apart from one episode that is snoozed." in quiet
    assert "Why we think so" not in quiet
    with open_store(years.with_name("tocsin.db")) as store:
        write_episodes(store, [replace(one, at=datetime.now(UTC), level=one.level + 1)])
    assert "Apart from" not in " ".join(runner.invoke(app, digest).stdout.split())


def test_a_snooze_ends_with_its_days_or_with_another_word(store: Store, episode: Episode, now: datetime) -> None:
    write_feedback(store, episode.id, "snooze", now, until=now + timedelta(days=2))
    assert snoozes(store, [episode.id], now + timedelta(days=1))[episode.id].level == episode.level
    assert snoozes(store, [episode.id], now + timedelta(days=3)) == {}
    write_feedback(store, episode.id, "useful", now + timedelta(hours=1))
    assert snoozes(store, [episode.id], now + timedelta(days=1)) == {}
    assert [(one.episode_id, one.verdict) for one in verdicts(store)] == [(episode.id, "useful")]
    assert near_ids(store, episode.id[:-1] + "x") == [episode.id]


@pytest.mark.parametrize("words", [["snooze"], ["useful", "3"], ["snooze", "0"], ["meh"]])
def test_a_word_that_makes_no_sense_is_wrong_use(years: Path, words: list[str]) -> None:
    assert runner.invoke(app, ["feedback", "ep-1", *words, "-c", str(years)]).exit_code == 2


def test_an_unknown_id_is_refused_with_the_nearest(years: Path) -> None:
    with open_store(years.with_name("tocsin.db")) as store:
        known = alarms(store)[0][0]
    shown = runner.invoke(app, ["feedback", known[:-1] + "_", "useful", "-c", str(years)])
    assert shown.exit_code == 2
    assert known in shown.stderr
