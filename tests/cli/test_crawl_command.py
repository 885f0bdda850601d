from __future__ import annotations

import json
from pathlib import Path

import pytest
from running import run

from tocsin.store.database import open_store

DEAD = '[[sources]]\nname = "dead"\nkind = "feed"\nurl = "http://127.0.0.1:9/feed"\nallow_private = true\n'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "tocsin.toml"
    path.write_text('[[brands]]\nname = "Acme"\n\n[crawl]\ndelay = 0\n')
    return path


def test_an_import_says_what_it_did_and_which_lines_it_left_out(config: Path, tmp_path: Path) -> None:
    file = tmp_path / "posts.csv"
    file.write_text("created_at,text\n2026-11-01,words\nnever,words\n")
    code, out, _ = run("import", file, "--source", "archive", "-c", config)
    assert code == 0
    assert "2 rows, 1 new posts" in out
    assert "1 left out" in out
    code, out, _ = run("import", file, "--source", "archive", "-c", config, "--json")
    document = json.loads(out)
    assert (document["new"], document["unchanged"], document["bad"]) == (0, 1, 1)
    assert document["bad_lines"][0][0] == 3
    with open_store(tmp_path / "tocsin.db") as store:
        assert store.number("SELECT count(*) FROM runs WHERE kind = 'import' AND status = 'partial'") == 2


def test_unknown_columns_are_an_error_of_the_file(config: Path, tmp_path: Path) -> None:
    file = tmp_path / "posts.csv"
    file.write_text("created_at,text,colour\n")
    assert run("import", file, "--source", "archive", "-c", config)[0] == 1


def test_a_crawl_needs_a_source(config: Path) -> None:
    assert run("crawl", "-c", config)[0] == 2


def test_a_crawl_of_an_unknown_source_is_wrong_use(config: Path) -> None:
    config.write_text(config.read_text() + DEAD)
    assert run("crawl", "-c", config, "--source", "nobody")[0] == 2


def test_a_crawl_that_reads_nothing_at_all_fails_and_says_why(config: Path, tmp_path: Path) -> None:
    config.write_text(config.read_text() + DEAD)
    code, out, _ = run("crawl", "-c", config, "--json")
    (coverage,) = json.loads(out)
    assert code == 1
    assert (coverage["source"], coverage["status"], coverage["new"]) == ("dead", "failed", 0)
    assert "connection refused" in coverage["detail"]
    with open_store(tmp_path / "tocsin.db") as store:
        assert store.number("SELECT count(*) FROM runs WHERE kind = 'crawl' AND finished_at IS NOT NULL") == 1
