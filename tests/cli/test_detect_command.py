from __future__ import annotations

import json
from pathlib import Path

import pytest
from calm_and_storm import AT, fill
from running import run

from tocsin.store.database import open_store


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "tocsin.toml"
    path.write_text('store = "s.db"\n[[brands]]\nname = "Acme"\n')
    with open_store(tmp_path / "s.db") as store:
        fill(store, angry_people=45)
    return path


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
