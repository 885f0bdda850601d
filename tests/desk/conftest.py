"""A store that an analyst would look at, and the desk open over it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tocsin.store import digests, episodes, mentions, posts, risks, runs, sources, tags
from tocsin.store.database import Store, open_store
from tocsin.store.records import (
    Coverage,
    Digest,
    Engagement,
    Episode,
    Evidence,
    Gap,
    Mention,
    Post,
    Tag,
    Thread,
    ThreadRisk,
    Voices,
)

TRAP = "<script>document.title='caught'</script><img src=x onerror=\"document.title='caught'\">"
HOUR = timedelta(hours=1)
CONFIG = 'store = "tocsin.db"\n\n[[brands]]\nname = "Acme"\n'


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store with one row at least in every table, near the real now: the dashboard looks back from today."""
    now = datetime.now(UTC)
    with open_store(tmp_path_factory.mktemp("desk") / "tocsin.db") as store:
        sources.ensure_sources(store, [("forum", "forum", "https://forum.example/"), ("blog", "feed", None)], now)
        thread = Thread("forum:t1", "forum", f"Acme raises prices {TRAP}", "https://forum.example/t1", None)
        written = [
            Post(
                id=f"forum:{number}",
                source="forum",
                thread=thread,
                text=f"acme number {number} is a disgrace {TRAP if number == 3 else ''}",
                created_at=now - number * 2 * HOUR,
                author=f"author{number % 7}" if number % 5 else None,
                url=f"https://forum.example/t1#{number}",
                engagement=Engagement(now, likes=number),
            )
            for number in range(60)
        ]
        posts.write_posts(store, written, now)
        posts.write_posts(store, [replace(written[7], text="the walrus changed its mind")], now)
        mentions.ensure_brands(store, [("Acme", "own"), ("Other", "competitor")])
        found = [Mention(post.id, "Acme", "acme", "text") for post in written]
        hashes = posts.known_hashes(store, [post.id for post in written])
        mentions.write_mentions(store, list(hashes.items()), found, "r1")
        tags.ensure_model(store, "v1", "test model", now)
        tags.write_tags(store, [_tag(number, now) for number in range(60)], [f"key {number}" for number in range(60)])
        parts = {"negative_voices": 2.0, "links_in": None}
        risk = ThreadRisk("forum:t1", "Acme", now, 9.0, 0.71, parts, {"negative_voices": 1.5}, "r1")
        risks.write_thread_risks(store, [risk])
        episodes.write_episodes(store, [_episode(now)])
        episodes.write_feedback(store, "ep-1", "useful", now)
        run = runs.start_run(store, "nightly", "2026-11-20", now)
        runs.write_coverage(store, run, Coverage("forum", "ok", now, now, 9, 60, 60, newest_post_at=now))
        runs.write_coverage(store, run, Coverage("blog", "failed", now, now, detail="answers 503; try later"))
        runs.finish_run(store, run, "partial", now)
        runs.add_gaps(store, [Gap("forum", "forum:t1", now, 3, "page 2 was refused")])
        digest = Digest("d1", "2026-11-20", "Acme", now, "Backlash against Acme", "<p>html</p>", "text", "<m@x>")
        digests.save_digest(store, digest, [("file", "pr@example.org")])
        store.run("INSERT INTO worth_answering VALUES ('forum:7', 'Acme', 'complaint', ?, NULL)", [now.isoformat()])
        store.run("INSERT INTO episode_wordings VALUES ('ep-1', 1, 'forum:7', 'prices rise by 10 %', '', '', 3)")
        store.run("INSERT INTO erased_authors VALUES ('00', ?)", [now.isoformat()])
        yield store


def _tag(number: int, now: datetime) -> Tag:
    sentiment = ("negative", "neutral", "positive")[number % 3]
    abstained = "low_margin" if number % 10 == 0 else None
    return Tag(f"forum:{number}", "test model", "v1", now, "en", sentiment, 0.8, 0.1, 0.1, 0.5, 0.2, abstained)


def _episode(now: datetime) -> Episode:
    return Episode(
        id="ep-1",
        brand="Acme",
        kind="backlash",
        state="growing",
        at=now,
        onset_at=now - 60 * HOUR,
        opened_at=now - 50 * HOUR,
        peaked_at=None,
        over_at=None,
        level=2,
        severity_days=31.0,
        window_hours=24,
        voices=Voices(40, 30, 35, 20, 0.2),
        risk=0.71,
        parts={"expected": 2.5, "surprise": 1e-7},
        threads=("forum:t1",),
        sources=("forum",),
        evidence=(Evidence("forum:3", 1, "most liked"), Evidence("forum:7", 2, "first")),
    )


@pytest.fixture(scope="module")
def desk(filled: Store) -> Iterator[str]:
    """The address of `tocsin serve` over the filled store, as its own process."""
    folder = filled.path.parent
    (folder / "tocsin.toml").write_text(CONFIG)
    start = "from tocsin.cli.main import run; run()"
    command = [sys.executable, "-P", "-c", start, "serve", "--config", str(folder / "tocsin.toml"), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert "The desk is open at " in line, process.communicate(timeout=20)
            yield line.split()[5]
        finally:
            process.terminate()
            process.wait(timeout=20)
