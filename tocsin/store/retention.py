"""Forgetting: what is erased here is gone from tables, search index, earlier texts, digests and file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from tocsin.store import search
from tocsin.store.backups import backup
from tocsin.store.database import BATCH, Store
from tocsin.store.post_rows import author_hash, clean, pseudonym
from tocsin.store.times import to_text

__all__ = ["backup", "count_of_author", "erase_author", "erase_before"]

ERASED = "This digest quoted a post that was erased on request; its text was erased with it."
QUOTED = 60
"""So many characters of a post, found in a digest, show that the digest quotes it."""


def erase_author(store: Store, source: str, handle: str, *, now: datetime, pseudonym_key: bytes | None = None) -> int:
    """Erase all posts of one author and remember a hash, so that they are not collected again.

    Titles of threads that the author opened go too, and the text of digests that quote the author.
    With `pseudonym_key` what is stored under the pseudonym is erased as well as under the plain
    handle. Returns how many posts went. Raises `StoreError`.
    """
    names = _names(source, handle, pseudonym_key)
    erased = 0
    for author_id in (f"{source}:{name}" for name in names):
        erased += _erase(store, "author_id = ?", [author_id], titles=True)
        store.run(
            "INSERT OR IGNORE INTO erased_authors (author_hash, erased_at) VALUES (?, ?)",
            [author_hash(author_id), to_text(now)],
        )
    _redact_digests(store, [rf"\b{re.escape(name)}\b" for name in names if len(name) > 2])
    _purge(store)
    return erased


def count_of_author(store: Store, source: str, handle: str, *, pseudonym_key: bytes | None = None) -> int:
    """Return how many posts `erase_author` would erase."""
    ids = [f"{source}:{name}" for name in _names(source, handle, pseudonym_key)]
    return sum(store.number("SELECT count(*) FROM posts WHERE author_id = ?", [id_]) for id_ in ids)


def erase_before(store: Store, before: datetime) -> int:
    """Erase all posts created before `before`, and the digests made before it; return how many posts went."""
    erased = _erase(store, "created_at < ?", [to_text(before)], titles=False)
    digests = store.run("DELETE FROM digests WHERE created_at < ?", [to_text(before)])
    if erased or digests:
        _purge(store)
    return erased


def _names(source: str, handle: str, pseudonym_key: bytes | None) -> list[str]:
    handle = clean(handle).strip()
    return [handle] if pseudonym_key is None else [handle, pseudonym(source, handle, pseudonym_key)]


def _erase(store: Store, condition: str, values: list[object], *, titles: bool) -> int:
    erased = 0
    store.rows("PRAGMA secure_delete = ON")
    select = f"SELECT id, url, text FROM posts WHERE {condition} LIMIT {BATCH}"  # noqa: S608 (our own constants)
    while found := store.rows(select, values):
        ids = [row["id"] for row in found]
        with store.transaction():
            if titles:
                _forget_titles_of(store, ids)
                _redact_digests(store, _marks((row["url"], row["text"]) for row in found))
            search.forget_texts(store, ids)
            store.run_many("DELETE FROM posts WHERE id = ?", [(id_,) for id_ in ids])
        erased += len(ids)
    with store.transaction():
        _forget_empty(store)
    return erased


def _forget_titles_of(store: Store, post_ids: Sequence[str]) -> None:
    for post_id in post_ids:
        opened = store.row(
            """SELECT threads.rowid AS number, threads.title FROM posts JOIN threads ON threads.id = posts.thread_id
               WHERE posts.id = ? AND threads.title <> '' AND (posts.position = 0 OR posts.created_at =
                 (SELECT min(created_at) FROM posts AS other WHERE other.thread_id = threads.id))""",
            [post_id],
        )
        if opened:
            search.forget_titles(store, [(opened["number"], opened["title"])])
            store.run("UPDATE threads SET title = '' WHERE rowid = ?", [opened["number"]])
            store.run("INSERT INTO threads_fts (rowid, title) VALUES (?, '')", [opened["number"]])


def _forget_empty(store: Store) -> None:
    empty = store.rows(
        """SELECT rowid AS number, title FROM threads
           WHERE NOT EXISTS (SELECT 1 FROM posts WHERE thread_id = threads.id)"""
    )
    search.forget_titles(store, [(row["number"], row["title"]) for row in empty])
    store.run_many("DELETE FROM threads WHERE rowid = ?", [(row["number"],) for row in empty])
    store.run("DELETE FROM authors WHERE NOT EXISTS (SELECT 1 FROM posts WHERE author_id = authors.id)")


def _marks(posts: Iterable[tuple[str | None, str]]) -> list[str]:
    marks = []
    for url, text in posts:
        words = text.split()
        opening = " ".join(words)[:QUOTED].split()
        if url:
            marks.append(re.escape(url) + r"(?![\w/])")
        if len(words) > 3:
            marks.append(r"\s+".join(map(re.escape, opening)))
    return marks


def _redact_digests(store: Store, marks: Sequence[str]) -> None:
    if not marks:
        return
    quotes = re.compile("|".join(marks))
    told = [
        row["id"]
        for row in store.rows("SELECT id, subject, text, html FROM digests")
        if any(quotes.search(row[part]) for part in ("subject", "text", "html"))
    ]
    store.run_many(
        "UPDATE digests SET subject = 'Erased', text = ?, html = ? WHERE id = ?",
        [(ERASED, f"<p>{ERASED}</p>", id_) for id_ in told],
    )


def _purge(store: Store) -> None:
    # The index holds words of deleted rows until its segments merge, and the log holds old pages:
    # rebuild and VACUUM leave neither. VACUUM may renumber rows, so the index is built after it.
    store.run("VACUUM")
    search.rebuild(store)
    store.rows("PRAGMA wal_checkpoint(TRUNCATE)")
