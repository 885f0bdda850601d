"""Forgetting: what is erased here is gone from tables, search index, earlier texts, digests and file."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path

from tocsin.store import search
from tocsin.store.database import BATCH, Store, told
from tocsin.store.errors import StoreError
from tocsin.store.post_rows import author_hash, clean, pseudonym
from tocsin.store.times import to_text


def erase_author(store: Store, source: str, handle: str, *, now: datetime, pseudonym_key: bytes | None = None) -> int:
    """Erase all posts of one author and remember a hash, so that they are not collected again.

    Posts stored under the plain handle and under its pseudonym are both erased. Returns how many posts went.
    """
    handle = clean(handle).strip()
    names = [handle] if pseudonym_key is None else [handle, pseudonym(source, handle, pseudonym_key)]
    ids = [f"{source}:{name}" for name in names]
    erased = 0
    for author_id in ids:
        erased += _erase(store, "author_id = ?", [author_id])
        with store.transaction():
            store.run(
                "INSERT OR IGNORE INTO erased_authors (author_hash, erased_at) VALUES (?, ?)",
                [author_hash(author_id), to_text(now)],
            )
    _purge(store)
    return erased


def erase_before(store: Store, before: datetime) -> int:
    """Erase all posts created before `before`, and the digests made before it; return how many posts went."""
    erased = _erase(store, "created_at < ?", [to_text(before)])
    with store.transaction():
        digests = store.run("DELETE FROM digests WHERE created_at < ?", [to_text(before)])
    if erased or digests:
        _purge(store)
    return erased


def backup(store: Store, target: Path) -> None:
    """Copy the store to `target` as it is at one moment, while others write. Raises `StoreError`."""
    if target.exists():
        raise StoreError(f"{target}: exists already; name a new file")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{target.parent}: the folder cannot be made: {error.strerror}") from error
    with told(target):
        copy = sqlite3.connect(target)
        try:
            store.connection.backup(copy)
        finally:
            copy.close()


def _erase(store: Store, condition: str, values: list[object]) -> int:
    erased = 0
    with told(store.path):
        store.connection.execute("PRAGMA secure_delete = ON")
    select = f"SELECT id FROM posts WHERE {condition} LIMIT {BATCH}"  # noqa: S608 (our own constants)
    while ids := [row["id"] for row in store.rows(select, values)]:
        with store.transaction():
            search.forget_texts(store, ids)
            store.run_many("DELETE FROM posts WHERE id = ?", [(id_,) for id_ in ids])
        erased += len(ids)
    with store.transaction():
        _forget_empty(store)
    return erased


def _forget_empty(store: Store) -> None:
    empty = store.rows(
        """SELECT rowid AS number, title FROM threads
           WHERE NOT EXISTS (SELECT 1 FROM posts WHERE thread_id = threads.id)"""
    )
    search.forget_titles(store, [(row["number"], row["title"]) for row in empty])
    store.run_many("DELETE FROM threads WHERE rowid = ?", [(row["number"],) for row in empty])
    store.run("DELETE FROM authors WHERE NOT EXISTS (SELECT 1 FROM posts WHERE author_id = authors.id)")


def _purge(store: Store) -> None:
    # The index holds words of deleted rows until its segments merge, and the log holds old pages:
    # rebuild and VACUUM leave neither. VACUUM may renumber rows, so the index is built after it.
    store.run("VACUUM")
    search.rebuild(store)
    store.rows("PRAGMA wal_checkpoint(TRUNCATE)")
