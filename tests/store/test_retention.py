"""Erasing and backing up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tocsin.store.database import Store, open_store
from tocsin.store.digests import digest_by_id, save_digest
from tocsin.store.errors import StoreError
from tocsin.store.posts import search_posts, write_posts
from tocsin.store.records import Digest, Engagement, Post, Written
from tocsin.store.retention import ERASED, backup, erase_author, erase_before

MakePost = Callable[..., Post]
HOUR = timedelta(hours=1)


def traces(store: Store, word: str) -> list[str]:
    """Return the files of the store that hold `word` in any form."""
    files = [store.path, *store.path.parent.glob(store.path.name + "-*")]
    return [file.name for file in files if word.encode() in file.read_bytes()]


def index_is_right(store: Store) -> None:
    store.run("INSERT INTO posts_fts (posts_fts, rank) VALUES ('integrity-check', 1)")
    store.run("INSERT INTO threads_fts (threads_fts, rank) VALUES ('integrity-check', 1)")


@pytest.mark.parametrize("key", [None, b"a secret key"])
def test_an_erased_author_leaves_no_trace_and_does_not_return(
    known: Store, make_post: MakePost, now: datetime, key: bytes | None
) -> None:
    posts = [
        make_post(number, f"quaggaword said {number}", author="Zebrahandle", title="Gnutitle") for number in range(3)
    ]
    others = [make_post(number, thread="t2", engagement=Engagement(now, likes=1)) for number in range(10, 20)]
    write_posts(known, posts + others, now, pseudonym_key=key)
    write_posts(known, [make_post(1, "okapiword said", author="Zebrahandle", title="Gnutitle")], now, pseudonym_key=key)
    assert traces(known, "quaggaword")
    assert erase_author(known, "forum", "Zebrahandle", now=now, pseudonym_key=key) == 3
    for word in ("quaggaword", "okapiword", "Zebrahandle", "Gnutitle", "gnutitle"):
        assert traces(known, word) == []
    assert known.number("SELECT count(*) FROM posts") == 10
    assert len(search_posts(known, "post number")) == 10
    index_is_right(known)
    assert write_posts(known, posts, now + HOUR, pseudonym_key=key) == Written()


def test_a_reply_thread_of_an_erased_author_keeps_the_others(known: Store, make_post: MakePost, now: datetime) -> None:
    opening = make_post(9, author="opener", title="My secret question")
    write_posts(known, [opening, make_post(1, author="helper", title="My secret question")], now)
    assert erase_author(known, "forum", "opener", now=now) == 1
    assert [row["title"] for row in known.rows("SELECT title FROM threads")] == [""]
    assert traces(known, "secret") == []
    index_is_right(known)


def test_a_digest_that_quotes_an_erased_author_is_emptied(known: Store, make_post: MakePost, now: datetime) -> None:
    write_posts(known, [make_post(1, "These five words are quoted", author="jo", url="https://forum.example/1")], now)
    texts = {
        "by-url": "see https://forum.example/1 .",
        "by-text": "> These five\n> words",
        "by-words": "These five words are quoted",
        "longer-url": "see https://forum.example/123",
    }
    for number, (name, text) in enumerate(texts.items()):
        save_digest(
            known, Digest(name, f"2026-11-1{number}", "Acme", now, "Day", "<p>", text, "<m>"), [("file", "a@b")]
        )
    erase_author(known, "forum", "jo", now=now)
    emptied = {name for name in texts if digest_by_id(known, name).text == ERASED}
    assert emptied == {"by-url", "by-words"}


def test_old_posts_go_with_everything_of_theirs(known: Store, make_post: MakePost, now: datetime) -> None:
    posts = [make_post(number, thread=f"t{number // 10}", engagement=Engagement(now, likes=1)) for number in range(40)]
    write_posts(known, posts, now)
    old = Digest("d1", "2026-11-01", "Acme", now - 400 * HOUR, "Old", "<p>", "old", "<m>")
    save_digest(known, old, [("file", "a@b")])
    assert erase_before(known, now - 25 * HOUR) == 14
    counts = {
        table: known.number(f"SELECT count(*) FROM {table}")
        for table in ("posts", "engagement", "threads", "mention_scans", "digests", "deliveries")
    }
    assert counts == {"posts": 26, "engagement": 26, "threads": 3, "mention_scans": 26, "digests": 0, "deliveries": 0}
    index_is_right(known)
    assert erase_before(known, now - 25 * HOUR) == 0


def test_a_backup_made_while_a_writer_writes_is_whole(
    known: Store, make_post: MakePost, now: datetime, tmp_path: Path
) -> None:
    stop = threading.Event()

    def write() -> None:
        with open_store(known.path) as writer:
            for number in range(200_000):
                if stop.is_set():
                    return
                write_posts(writer, [make_post(number), make_post(number + 1_000_000)], now)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        while known.number("SELECT count(*) FROM posts") < 20:
            pass
        for number in range(5):
            backup(known, tmp_path / "copies" / f"{number}.db")
    finally:
        stop.set()
        thread.join()
    for number in range(5):
        with open_store(tmp_path / "copies" / f"{number}.db") as copy:
            assert copy.row("PRAGMA integrity_check")[0] == "ok"  # type: ignore[index]  # a pragma answers
            assert copy.number("SELECT count(*) FROM posts") % 2 == 0
            index_is_right(copy)


def test_a_backup_overwrites_nothing(known: Store, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("precious")
    with pytest.raises(StoreError, match="exists already"):
        backup(known, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "precious"
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        backup(known, tmp_path / "file" / "copy.db")
