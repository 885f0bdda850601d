from __future__ import annotations

import json
import threading
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from running import run

from tocsin.config import load
from tocsin.discovering import weekly_places
from tocsin.store.database import open_store
from tocsin.store.mentions import ensure_brands, write_mentions
from tocsin.store.posts import write_posts
from tocsin.store.records import Mention, Post, Thread
from tocsin.store.sources import ensure_sources

NOW = datetime.now(UTC)


class Talk(BaseHTTPRequestHandler):
    """A site with one feed, named by its front page."""

    def do_GET(self) -> None:
        pages = {
            "/": '<html><link rel="alternate" type="application/rss+xml" href="/feed"><body><p>Hello</body></html>',
            "/feed": "<rss version='2.0'><channel><title>Pumps</title><item><guid>1</guid><title>A</title>"
            "<link>http://127.0.0.1/1</link><description>words</description></item></channel></rss>",
        }
        body = pages.get(self.path, "").encode()
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "application/rss+xml" if self.path == "/feed" else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def talk() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Talk)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "tocsin.toml"
    path.write_text('[[brands]]\nname = "Acme"\n\n[crawl]\ndelay = 0\n')
    return path


@pytest.fixture
def talked(config: Path, tmp_path: Path) -> Path:
    """A store in which four people point to a forum of pump operators, one of them twice."""
    posts = [
        Post(
            id=f"board:{n}",
            source="board",
            thread=Thread("board:t", "board", "Acme", "https://board.example/t", None),
            text=f"Acme is discussed at https://pumps.example/t/noise/{n} too",
            created_at=NOW - timedelta(hours=n + 1),
            author=f"a{n % 4}",
            url=f"https://board.example/t#{n}",
        )
        for n in range(5)
    ]
    with open_store(tmp_path / "tocsin.db") as store:
        ensure_sources(store, [("board", "forum", "https://board.example/t")], NOW)
        ensure_brands(store, [("Acme", "own")])
        write_posts(store, posts, NOW)
        write_mentions(store, [], [Mention(post.id, "Acme", "Acme", "text") for post in posts], "rules")
    return config


def test_a_check_prints_what_it_found_and_fails_when_a_source_cannot_be_read(config: Path, talk: str) -> None:
    good = f'[[sources]]\nname = "blog"\nkind = "feed"\nurl = "{talk}/feed"\nallow_private = true\n'
    config.write_text(config.read_text() + good)
    code, out, _ = run("sources", "check", "-c", config)
    assert code == 0
    assert out.startswith("blog (feed): ok\n")
    for words in ("feed: 127.0.0.1", "of 1 posts in 2 requests", "author, time", "no robots.txt", "none needed"):
        assert words in out
    assert "next request" in out
    dead = '[[sources]]\nname = "dead"\nkind = "feed"\nurl = "http://127.0.0.1:9/"\nallow_private = true\n'
    config.write_text(config.read_text() + dead)
    code, out, _ = run("sources", "check", "-c", config, "--source", "dead", "--json")
    assert code == 1
    (found,) = json.loads(out)
    assert (found["source"], found["status"], found["posts"], found["route"]) == ("dead", "failed", 0, None)
    assert not config.with_name("tocsin.db").exists()


def test_a_check_of_nothing_or_of_an_unknown_source_is_wrong_use(config: Path) -> None:
    assert run("sources", "check", "-c", config)[0] == 2
    assert run("sources", "check", "-c", config.with_name("none.toml"))[0] == 2


def test_find_prints_blocks_that_the_configuration_takes(config: Path, talk: str) -> None:
    code, out, _ = run("sources", "find", talk, "-c", config, "--allow-private")
    assert code == 0
    (block,) = tomllib.loads(out)["sources"]
    assert (block["kind"], block["url"]) == ("feed", f"{talk}/feed")
    config.write_text(config.read_text() + out)
    assert load(config).sources[0].kind == "feed"
    code, _, err = run("sources", "find", talk, "-c", config)
    assert code == 1
    assert "private address" in err


def test_find_knows_places_without_asking_and_says_why_some_are_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, _ = run("sources", "find", "www.reddit.com/r/homelab", "--json")
    assert code == 0
    document = json.loads(out)
    assert document["requests"] == 0
    assert document["proposals"][0]["secrets"] == ["TOCSIN_REDDIT__CLIENT_ID", "TOCSIN_REDDIT__CLIENT_SECRET"]
    code, _, err = run("sources", "find", "https://plus.google.com/+acme")
    assert code == 1
    assert "shut down in April 2019" in err
    assert run("sources", "find", "http://[")[0] == 2


def test_discover_ranks_from_the_store_and_the_block_can_be_added(talked: Path) -> None:
    code, out, _ = run("discover", "-c", talked, "--json")
    assert code == 0
    (site,) = json.loads(out)["sites"]
    assert (site["site"], site["posts"], site["voices"]) == ("pumps.example", 5, 4)
    assert site["tone"] == {"negative": 0, "neutral": 0, "positive": 0, "not_judged": 5}
    assert site["proposal"]["kind"] == "discourse"
    code, out, _ = run("discover", "-c", talked)
    assert "1. pumps.example: 4 people in 5 posts (linked 5), from board" in out
    assert "from:  https://board.example/t#0" in out
    talked.write_text(talked.read_text() + site["proposal"]["config"])
    code, out, _ = run("discover", "-c", talked)
    assert code == 0
    assert "no post on the brands pointed to" in out


def test_discover_reads_only_the_days_it_is_told_and_needs_a_store(talked: Path, config: Path) -> None:
    assert run("discover", "-c", talked, "--days", "0")[0] == 2
    config.with_name("tocsin.db").unlink()
    assert run("discover", "-c", config)[0] == 1


def test_the_digest_tells_of_places_on_mondays_only(talked: Path) -> None:
    monday = next(NOW + timedelta(days=n) for n in range(7) if (NOW + timedelta(days=n)).weekday() == 0)
    _, on_monday, _ = run("digest", "-c", talked, "--at", monday.isoformat())
    _, on_tuesday, _ = run("digest", "-c", talked, "--at", (monday + timedelta(days=1)).isoformat())
    assert "pumps.example: 4 people pointed there in 5 posts on Acme" in on_monday
    assert "pumps.example" not in on_tuesday
    with open_store(talked.with_name("tocsin.db")) as store:
        (place,) = weekly_places(store, load(talked), NOW, ("2026-11-23",))
    assert (place.site, place.pointed_from) == ("pumps.example", "https://board.example/t#0")
