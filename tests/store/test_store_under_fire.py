"""Killed in the middle of writing; read while written."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from tocsin.store.database import Store, open_store
from tocsin.store.posts import write_posts
from tocsin.store.records import Post

WRITER = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tocsin.store.database import open_store
from tocsin.store.posts import write_posts
from tocsin.store.records import Engagement, Post, Thread
from tocsin.store.sources import ensure_sources

now = datetime(2026, 11, 20, 12, tzinfo=UTC)
thread = Thread("forum:t", "forum", "Title", None, None)
posts = [
    Post(f"forum:{n}", "forum", thread, f"text of number {n} " * 20, now - timedelta(minutes=n), author=f"a{n % 40}",
         engagement=Engagement(now, likes=n % 7))
    for n in range(int(sys.argv[2]))
]
with open_store(Path(sys.argv[1])) as store:
    ensure_sources(store, [("forum", "forum", None)], now)
    for start in range(0, len(posts), 500):
        written = write_posts(store, posts[start : start + 500], now)
        print(start + 500, written.new, flush=True)
"""


def writer(path: Path, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-P", "-c", WRITER, str(path), str(count)], stdout=subprocess.PIPE, text=True
    )


def test_kill_9_loses_no_committed_batch_and_a_rerun_repeats_nothing(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with writer(path, 20_000) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(3)]
        process.send_signal(signal.SIGKILL)
        lines += process.stdout.readlines()
    assert process.returncode == -signal.SIGKILL
    committed = int([line for line in lines if line.endswith("\n")][-1].split()[0])
    with open_store(path) as store:
        held = store.number("SELECT count(*) FROM posts")
        assert committed <= held < 20_000
        assert held % 500 == 0
        store.run("INSERT INTO posts_fts (posts_fts, rank) VALUES ('integrity-check', 1)")
        assert store.row("PRAGMA integrity_check")[0] == "ok"  # type: ignore[index]  # a pragma answers
    with writer(path, 4_000) as again:
        assert again.stdout is not None
        new = sum(int(line.split()[1]) for line in again.stdout)
    assert again.returncode == 0
    assert new == max(4_000 - held, 0)
    with open_store(path, read_only=True) as store:
        assert store.number("SELECT count(*) FROM posts") == max(held, 4_000)
        assert store.number("SELECT count(*) FROM engagement") == max(held, 4_000)
        assert store.number("SELECT count(*) FROM earlier_texts") == 0


def test_a_reader_sees_whole_batches_while_a_writer_writes(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    open_store(path).close()
    seen: set[int] = set()
    with writer(path, 10_000) as process, open_store(path, read_only=True) as reader:
        while process.poll() is None:
            seen.add(reader.number("SELECT count(*) FROM posts"))
            time.sleep(0.005)
    assert process.returncode == 0
    assert all(count % 500 == 0 for count in seen)
    assert len(seen) > 2


def test_two_writers_take_turns(known: Store, make_post: Callable[..., Post], now: datetime) -> None:
    with open_store(known.path) as other:
        for number in range(0, 40, 2):
            write_posts(known, [make_post(number)], now)
            write_posts(other, [make_post(number + 1)], now)
    assert known.number("SELECT count(*) FROM posts") == 40
