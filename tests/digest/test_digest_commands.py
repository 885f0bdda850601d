"""`tocsin digest`, `tocsin deliver`, `tocsin feedback` as a user meets them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tocsin.cli.main import app
from tocsin.store.database import open_store
from tocsin.store.digests import save_digest
from tocsin.store.episodes import write_episodes
from tocsin.store.mentions import ensure_brands
from tocsin.store.records import Digest, Episode

runner = CliRunner()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "tocsin.toml"
    path.write_text('[[brands]]\nname = "Acme"\n', encoding="utf-8")
    with open_store(tmp_path / "tocsin.db") as store:
        ensure_brands(store, [("Acme", "own")])
    return path


def test_the_digest_is_shown_as_text_and_nothing_is_kept(config: Path) -> None:
    shown = runner.invoke(app, ["digest", "-c", str(config)])
    assert shown.exit_code == 0
    assert shown.stdout.startswith("Subject: Quiet on ")
    assert "WHERE WE LISTENED" in shown.stdout
    with open_store(config.with_name("tocsin.db")) as store:
        assert store.number("SELECT count(*) FROM digests") == 0
    assert sorted(path.name for path in config.parent.iterdir() if path.suffix in (".html", ".eml")) == []


def test_the_html_goes_where_it_is_told(config: Path, tmp_path: Path) -> None:
    shown = runner.invoke(app, ["digest", "-c", str(config), "--output", str(tmp_path / "new" / "d.html")])
    assert shown.exit_code == 0
    assert shown.stdout.strip() == str(tmp_path / "new" / "d.html")
    assert (tmp_path / "new" / "d.html").read_text().startswith("<!DOCTYPE html>")


def test_a_preview_without_display_prints_the_path(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    shown = runner.invoke(app, ["digest", "-c", str(config), "--preview"])
    path = Path(shown.stdout.strip())
    assert path.suffix == ".html"
    assert "Quiet" in path.read_text()
    path.unlink()


def test_the_digest_of_a_moment_as_json(config: Path) -> None:
    shown = runner.invoke(app, ["digest", "-c", str(config), "--at", "2026-11-20T06:00", "--json"])
    told = json.loads(shown.stdout)
    assert told["subject"] == "Quiet on 20 Nov 2026"
    assert told["content"]["mood"] == "quiet"


def test_an_unknown_brand_is_wrong_use(config: Path) -> None:
    shown = runner.invoke(app, ["digest", "-c", str(config), "--brand", "Acmee"])
    assert shown.exit_code == 2
    assert "known: Acme" in shown.stderr


def test_without_a_store_the_digest_says_what_makes_one(config: Path) -> None:
    config.with_name("tocsin.db").unlink()
    shown = runner.invoke(app, ["digest", "-c", str(config)])
    assert shown.exit_code == 1
    assert "no store here yet" in shown.stderr


def test_deliver_sends_what_waits_and_tells_what_could_not_go(config: Path, digest: Digest) -> None:
    assert runner.invoke(app, ["deliver", "-c", str(config)]).stdout == "Nothing waits.\n"
    with open_store(config.with_name("tocsin.db")) as store:
        save_digest(store, digest, [("file", ""), ("smtp", "pr@acme.example")])
    shown = runner.invoke(app, ["deliver", "-c", str(config), "--json"])
    told = json.loads(shown.stdout)
    assert shown.exit_code == 1
    assert (told["sent"], told["failed"]) == (1, 1)
    assert "not configured any more" in told["outcomes"][1]["said"]
    assert (config.parent / "outbox" / "2026-11-22-acme.eml").exists()


def test_feedback_is_kept_with_the_episode(config: Path, backlash: Episode) -> None:
    with open_store(config.with_name("tocsin.db")) as store:
        write_episodes(store, [backlash])
    shown = runner.invoke(app, ["feedback", "ep-1", "false_alarm", "-c", str(config), "--note", "a sale"])
    assert shown.exit_code == 0
    assert shown.stdout == "Noted: ep-1 (Acme) was a false alarm.\n"
    with open_store(config.with_name("tocsin.db")) as store:
        assert [tuple(row) for row in store.rows("SELECT episode_id, verdict, note FROM feedback")] == [
            ("ep-1", "false_alarm", "a sale")
        ]


def test_feedback_on_an_unknown_episode_is_refused(config: Path) -> None:
    shown = runner.invoke(app, ["feedback", "ep-9", "useful", "-c", str(config)])
    assert shown.exit_code == 2
    assert "no such episode" in shown.stderr
