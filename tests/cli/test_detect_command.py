from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from analyzers.mentions import BrandRules, scan_store
from analyzers.text import text_key
from tocsin.cli import detect
from tocsin.store.database import open_store
from tocsin.store.posts import write_posts
from tocsin.store.records import Post, Tag, Thread
from tocsin.store.sources import ensure_sources
from tocsin.store.tags import ensure_model, fill_text_keys, write_tags

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
app = typer.Typer()


@app.callback()
def root() -> None:
    """Keep `detect` a subcommand, as in the whole program."""


detect.add_to(app)


def run(*arguments: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "tocsin.toml"
    path.write_text('store = "s.db"\n[[brands]]\nname = "Acme"\n')
    posts = [_post(n, AT - timedelta(hours=5 * n + 30), f"r{n % 20}", "calm") for n in range(190)]
    posts += [_post(500 + n, AT - timedelta(minutes=10 * n + 5), f"c{n}", "storm") for n in range(45)]
    with open_store(tmp_path / "s.db") as store:
        ensure_sources(store, [("f", "forum", None)], AT)
        write_posts(store, posts, AT)
        scan_store(store, [BrandRules("Acme")], AT)
        ensure_model(store, "m1", "oracle", AT)
        fill_text_keys(store, text_key)
        rows = store.rows("SELECT id, text_key, thread_id FROM posts")
        tags = []
        for row in rows:
            negative = 0.8 if "storm" in row["thread_id"] else 0.1
            tags.append(Tag(row["id"], "oracle", "m1", AT, "en", "", negative, 0.9 - negative, 0.1, 0.3, None, None))
        write_tags(store, tags, [row["text_key"] for row in rows])
    return path


def _post(number: int, at: datetime, author: str, thread: str) -> Post:
    name = f"f:{thread}{number // 20 if thread == 'calm' else ''}"
    text = f"Acme, words of number {number}"
    return Post(
        f"f:{number}", "f", Thread(name, "f", "Talk", None, None), text, at, author, url=f"https://f.example/{number}"
    )


def test_a_pile_on_is_told_with_its_figures_and_posts_to_read(config: Path) -> None:
    code, out, _ = run("detect", "-c", config, "--at", AT.isoformat())
    assert code == 0
    assert "Acme: backlash, growing, level 2" in out
    assert "45 posts = 45 people" in out
    assert "where it began; https://f.example/544" in out


def test_json_gives_one_document_with_the_evidence(config: Path) -> None:
    code, out, _ = run("detect", "-c", config, "--at", AT.isoformat(), "--json")
    document = json.loads(out)
    assert (code, document["quiet"]) == (0, False)
    (episode,) = document["episodes"]
    assert (episode["kind"], episode["voices"]["low"]) == ("backlash", 45)
    assert episode["evidence"][0]["url"] == "https://f.example/544"


def test_an_earlier_moment_was_quiet(config: Path) -> None:
    code, out, _ = run("detect", "-c", config, "--at", "2026-11-20T12:00:01")
    assert (code, "backlash" in out) == (0, True)
    code, out, _ = run("detect", "-c", config, "--at", "2026-11-19T00:00:00")
    assert (code, out.splitlines()[0][:5]) == (0, "Acme:")
    assert "backlash" not in out


def test_without_brands_there_is_nothing_to_listen_for(tmp_path: Path) -> None:
    path = tmp_path / "tocsin.toml"
    path.write_text("")
    code, _, err = run("detect", "-c", path)
    assert code == 2
    assert "no [[brands]]" in err


def test_an_empty_store_says_that_nothing_is_tagged_and_makes_no_claim(tmp_path: Path) -> None:
    path = tmp_path / "tocsin.toml"
    path.write_text('[[brands]]\nname = "Acme"\n')
    code, out, err = run("detect", "-c", path)
    assert code == 0
    assert "run `tocsin tag` first" in err
    assert "Acme: no claim yet, 0 of 14 days heard." in out


def test_a_wrong_time_is_wrong_use(config: Path) -> None:
    assert run("detect", "-c", config, "--at", "yesterday")[0] == 2
