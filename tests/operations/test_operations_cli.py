"""`tocsin status`, `doctor`, `backup` and `erase` as a person runs them."""

from __future__ import annotations

import itertools
import json
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tocsin.cli.main import app
from tocsin.store import digests, runs, sources
from tocsin.store.database import open_store
from tocsin.store.lock import locked
from tocsin.store.posts import search_posts, write_posts
from tocsin.store.records import Coverage, Digest, Post, Thread

CONFIG = """
store = "tocsin.db"
[[brands]]
name = "Acme"
[[sources]]
name = "forum"
kind = "forum"
url = "http://localhost/forum/"
allow_private = true
[[mail.recipients]]
address = "pr@example.org"
[crawl]
contact = "ops@example.org"
"""
HOUR = timedelta(hours=1)
RUN = CliRunner()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration and its store: three posts of jo, two of others, a digest that quotes jo."""
    now = datetime.now(UTC)
    with open_store(tmp_path / "tocsin.db") as store:
        sources.ensure_sources(store, [("forum", "forum", None)], now)
        thread = Thread("forum:t", "forum", "A title", None, None)
        posts = [
            Post(
                id=f"forum:{number}",
                source="forum",
                thread=thread,
                text=f"zebra words of number {number} in a row",
                created_at=now - number * 24 * HOUR,
                author="jo" if number in (1, 2, 3) else "mo",
            )
            for number in range(5)
        ]
        write_posts(store, posts, now)
        quoting = Digest("d1", "2026-11-20", "Acme", now, "Day", "<p>", f"> {posts[2].text}", "<m@x>")
        digests.save_digest(store, quoting, [("file", "pr@example.org")])
        run = runs.start_run(store, "nightly", "2026-11-20", now - HOUR)
        runs.write_coverage(store, run, Coverage("forum", "ok", now, now, 3, 5, 5, newest_post_at=now))
        runs.finish_run(store, run, "ok", now)
    (tmp_path / "outbox").mkdir()
    (tmp_path / "outbox" / "2026-11-20-acme.html").write_text("zebra words")
    (tmp_path / "outbox" / "2026-11-21-acme.html").write_text("others")
    (tmp_path / "tocsin.cache").mkdir()
    (tmp_path / "tocsin.cache" / "page").write_text("zebra words")
    path = tmp_path / "tocsin.toml"
    path.write_text(CONFIG)
    return path


def test_status_reads_well_and_as_json(config: Path) -> None:
    shown = RUN.invoke(app, ["status", "-c", str(config)])
    assert shown.exit_code == 0
    assert "5 posts in 1 threads" in shown.stdout
    assert "forum: ok, 5 new of 5" in shown.stdout
    found = json.loads(RUN.invoke(app, ["status", "-c", str(config), "--json"]).stdout)
    assert found["posts"] == 5
    assert found["sources"][0]["coverage"]["status"] == "ok"
    assert [run["status"] for run in (found["last_run"], found["last_finished"])] == ["ok", "ok"]


def test_doctor_finds_all_well(config: Path) -> None:
    shown = RUN.invoke(app, ["doctor", "-c", str(config), "--json"])
    checks = {check["name"]: check for check in json.loads(shown.stdout)}
    wrong = {name: check for name, check in checks.items() if check["outcome"] == "wrong" and name != "disk"}
    assert wrong == {}
    assert set(checks) >= {"store", "disk", "model", "mail", "source forum", "crawl of forum", "clock", "contact"}
    assert all(check["todo"] is None for check in checks.values() if check["outcome"] == "ok")


def test_doctor_names_what_is_wrong_and_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    lines = f'[mail]\nchannel = "smtp"\n[mail.smtp]\nhost = "127.0.0.1"\nport = {port}\ntls = "none"\n'
    (tmp_path / "bad.toml").write_text(f'store = "bad.db"\nmodel = "nowhere"\n{lines}')
    (tmp_path / "bad.db").write_bytes(b"not a database at all, but long enough to be read as one" * 40)
    shown = RUN.invoke(app, ["doctor", "-c", str(tmp_path / "bad.toml")])
    assert shown.exit_code == 1
    for word in ("brands: none", "sources: none", "restore a backup", "mail: 127.0.0.1", "model: "):
        assert word in shown.stdout
    lines_shown = shown.stdout.splitlines()
    for line, after in itertools.pairwise(lines_shown):
        assert not line.startswith("[BAD]") or after.startswith("      "), line


def test_doctor_sees_that_another_program_wrote(config: Path, tmp_path: Path) -> None:
    with open_store(tmp_path / "tocsin.db") as store:
        store.run("DELETE FROM posts WHERE id = 'forum:4'")
    shown = RUN.invoke(app, ["doctor", "-c", str(config)])
    assert shown.exit_code == 1
    assert "another program wrote to the store" in shown.stdout


def test_backup_writes_a_store_that_opens(config: Path, tmp_path: Path) -> None:
    shown = RUN.invoke(app, ["backup", str(tmp_path / "copy.db"), "-c", str(config), "--json"])
    assert json.loads(shown.stdout)["bytes"] == (tmp_path / "copy.db").stat().st_size
    with open_store(tmp_path / "copy.db", read_only=True) as copy:
        assert copy.number("SELECT count(*) FROM posts") == 5
    again = RUN.invoke(app, ["backup", str(tmp_path / "copy.db"), "-c", str(config)])
    assert (again.exit_code, "exists already" in again.stderr) == (1, True)


def test_erase_asks_and_then_leaves_nothing(config: Path, tmp_path: Path) -> None:
    arguments = ["erase", "-c", str(config), "--author", "forum:jo"]
    asked = RUN.invoke(app, arguments, input="n\n")
    assert (asked.exit_code, "Erase 3 posts of forum:jo?" in asked.stderr) == (1, True)
    assert (tmp_path / "tocsin.cache").exists()
    done = json.loads(RUN.invoke(app, [*arguments, "--yes", "--json"]).stdout)
    assert done["posts"] == 3
    assert [Path(file).name for file in done["files"]] == ["2026-11-20-acme.html"]
    assert [file.name for file in (tmp_path / "outbox").iterdir()] == ["2026-11-21-acme.html"]
    assert not (tmp_path / "tocsin.cache").exists()
    with open_store(tmp_path / "tocsin.db") as store:
        assert {row["handle"] for row in search_posts(store, "zebra")} == {"mo"}


def test_a_pseudonymised_author_is_erased_by_handle(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_PSEUDONYM_KEY", "a long random text")
    now = datetime.now(UTC)
    with open_store(tmp_path / "tocsin.db") as store:
        thread = Thread("forum:t2", "forum", "Other", None, None)
        hidden = Post("forum:77", "forum", thread, "hidden words", now, author="Kim")
        write_posts(store, [hidden], now, pseudonym_key=b"a long random text")
    shown = RUN.invoke(app, ["erase", "-c", str(config), "--author", "forum:Kim", "--yes", "--json"])
    assert json.loads(shown.stdout)["posts"] == 1


def test_erase_before_counts_days_in_the_configured_zone(config: Path, tmp_path: Path) -> None:
    config.write_text(CONFIG + '[schedule]\nzone = "Pacific/Auckland"\n')
    day = datetime.now(UTC).date() - timedelta(days=1)
    done = json.loads(
        RUN.invoke(app, ["erase", "-c", str(config), "--before", day.isoformat(), "--yes", "--json"]).stdout
    )
    assert done["what"].endswith(("11:00:00+00:00", "12:00:00+00:00"))
    with open_store(tmp_path / "tocsin.db") as store:
        left = store.number("SELECT count(*) FROM posts")
    assert left + done["posts"] == 5
    assert 2 <= left <= 3


@pytest.mark.parametrize(
    "wrong",
    [[], ["--author", "jo"], ["--author", "forum:jo", "--before", "2026-01-01"], ["--before", "yesterday"]],
)
def test_wrong_use_is_exit_code_two(config: Path, wrong: list[str]) -> None:
    assert RUN.invoke(app, ["erase", "-c", str(config), *wrong, "--yes"]).exit_code == 2


def test_erase_waits_for_no_run(config: Path, tmp_path: Path) -> None:
    with locked(tmp_path / "tocsin.db", datetime.now(UTC)):
        shown = RUN.invoke(app, ["erase", "-c", str(config), "--author", "forum:jo", "--yes"])
    assert (shown.exit_code, "held by" in shown.stderr) == (1, True)


@pytest.mark.parametrize(
    "command", [["status"], ["backup", "x.db"], ["erase", "--before", "2026-01-01", "--yes"], ["serve"]]
)
def test_without_a_store_the_next_step_is_said(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "tocsin.toml").write_text(CONFIG)
    shown = RUN.invoke(app, [*command, "-c", str(tmp_path / "tocsin.toml")])
    assert (shown.exit_code, "`tocsin nightly`" in shown.stderr) == (1, True)
    assert not (tmp_path / "tocsin.db").exists()
