from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tocsin.store.database import Store, open_store
from tocsin.store.posts import write_posts
from tocsin.store.records import Post, Thread
from tocsin.store.sources import ensure_sources

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    opened = open_store(tmp_path / "tocsin.db")
    ensure_sources(opened, [("f", "discourse", "https://f.test/")], NOW)
    return opened


def post(number: int, thread: str, **more: object) -> Post:
    told: dict[str, object] = {
        "author": None,
        "text": f"The pump of batch {number} leaks.",
        "created_at": NOW - timedelta(hours=9 - number),
        **more,
    }
    return Post(id=f"f:{number}", source="f", thread=Thread(f"f:{thread}", "f", thread, None, None), **told)  # type: ignore[arg-type] # as given


def where(store: Store) -> dict[str, str]:
    return {row["id"]: row["thread_id"] for row in store.rows("SELECT id, thread_id FROM posts")}


def test_a_post_found_in_another_thread_moves_there_with_its_new_place_and_parent(store: Store) -> None:
    write_posts(store, [post(1, "old"), post(2, "old", parent_id="f:1", position=1)], NOW)
    later = NOW + timedelta(days=1)
    written = write_posts(store, [post(2, "new", position=0)], later, move=True)
    assert (written.new, written.changed, where(store)) == (0, 0, {"f:1": "f:old", "f:2": "f:new"})
    row = store.row("SELECT parent_id, position FROM posts WHERE id = 'f:2'")
    assert row is not None
    assert tuple(row) == (None, 0)
    changed = store.rows("SELECT id FROM threads WHERE content_changed_at >= '2026-11-21'")
    assert {found["id"] for found in changed} == {"f:old", "f:new"}


def test_the_posts_of_both_threads_wait_for_the_mention_scan_again(store: Store) -> None:
    write_posts(store, [post(1, "old"), post(2, "old"), post(3, "new"), post(4, "other")], NOW)
    store.run_many("UPDATE mention_scans SET rules = ?", [("scanned",)])
    write_posts(store, [post(2, "new")], NOW, move=True)
    waiting = store.rows("SELECT post_id FROM mention_scans WHERE rules = '' ORDER BY post_id")
    assert [row["post_id"] for row in waiting] == ["f:1", "f:2", "f:3"]


def test_nothing_moves_unless_the_source_tells_threads_for_sure(store: Store) -> None:
    write_posts(store, [post(1, "old")], NOW)
    write_posts(store, [post(1, "new")], NOW)
    assert where(store) == {"f:1": "f:old"}


def test_a_post_that_moves_and_was_edited_is_both(store: Store) -> None:
    write_posts(store, [post(1, "old")], NOW)
    written = write_posts(store, [post(1, "new", text="other words")], NOW + timedelta(days=1), move=True)
    assert (written.changed, where(store)) == (1, {"f:1": "f:new"})
