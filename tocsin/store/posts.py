"""Posts, with their threads, authors, earlier texts and engagement.

Writing goes in transactions of 500 posts. A post that is already there with the same content costs
one look-up. The search index is kept once a batch: triggers would be 80 % of the writing time.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from tocsin.store import moving, post_rows, search
from tocsin.store.database import BATCH, Store
from tocsin.store.observed import observe
from tocsin.store.post_rows import PostRow
from tocsin.store.records import Post, Written
from tocsin.store.times import maybe_time, to_text

search_posts = search.search_posts

INSERTED = (
    *("id", "source", "thread_id", "parent_id", "author_id", "url", "created_at", "dated", "position", "text"),
    *("content_hash", "first_seen_at", "edited_at"),
)
"""The columns of a new post; the others (`text_key`, `sampled`) are filled later."""


def write_posts(
    store: Store,
    posts: Sequence[Post],
    now: datetime,
    *,
    pseudonym_key: bytes | None = None,
    first_seen_at: datetime | None = None,
    backdate: bool = False,
    move: bool = False,
) -> Written:
    """Write `posts` (of sources that `ensure_sources` knows) and return what it did.

    An edited post keeps its identity and its earlier text. Engagement is appended only when it
    differs from the last observation. A post without a date, or dated in the future, gets the
    moment it was first seen and `dated = 0`. NULs and lone surrogates are cleaned away.
    `first_seen_at` (default `now`) is when the posts were first seen; `backdate` takes each post's
    own `created_at` for it, which is what an import of history means. With `move` a post that is held
    under another thread moves to the one it is found in now (`moving`). With `pseudonym_key` handles
    are stored as HMAC-SHA256. Posts of authors erased on request are not written.

    Batches of 500 are committed one by one. Raises `StoreError`; then earlier batches stay.
    """
    erased = {row[0] for row in store.rows("SELECT author_hash FROM erased_authors")}
    seen = first_seen_at or now
    rows = (post_rows.prepare(post, now, seen, pseudonym_key=pseudonym_key, backdate=backdate) for post in posts)
    kept = [row for row in rows if not (erased and post_rows.author_hash(row.author_id or "") in erased)]
    new = changed = 0
    for start in range(0, len(kept), BATCH):
        with store.transaction():
            for part in _without_repeats(kept[start : start + BATCH]):
                added, edited = _write_part(store, part, to_text(now), move=move)
                new, changed = new + added, changed + edited
    return Written(new=new, changed=changed, unchanged=len(kept) - new - changed)


def known_ids(store: Store, source: str, ids: Iterable[str]) -> set[str]:
    """Return which of `ids` the store holds for `source`."""
    found = store.rows(
        "SELECT posts.id FROM json_each(?) AS wanted JOIN posts ON posts.id = wanted.value WHERE posts.source = ?",
        [json.dumps(list(ids)), source],
    )
    return {row["id"] for row in found}


def known_hashes(store: Store, ids: Iterable[str]) -> dict[str, str]:
    """Return the content hash (`post_rows.content_hash` of the text) of those of `ids` the store holds."""
    found = store.rows(
        "SELECT posts.id, content_hash FROM json_each(?) AS wanted JOIN posts ON posts.id = wanted.value",
        [json.dumps(list(ids))],
    )
    return {row["id"]: row["content_hash"] for row in found}


def thread_ids(store: Store, source: str) -> set[str]:
    """Return the ids of all threads of `source`."""
    return {row["id"] for row in store.rows("SELECT id FROM threads WHERE source = ?", [source])}


def thread_reply_count(store: Store, thread_id: str) -> int:
    """Return how many posts of the thread the store holds beyond its opening one (0 for an unknown thread)."""
    return max(store.number("SELECT count(*) FROM posts WHERE thread_id = ?", [thread_id]) - 1, 0)


def newest_post_at(store: Store, source: str) -> datetime | None:
    """Return the time of the newest dated post of `source`, None when it has none."""
    found = store.row(
        "SELECT created_at FROM posts WHERE source = ? AND dated = 1 ORDER BY created_at DESC LIMIT 1", [source]
    )
    return maybe_time(found[0]) if found else None


def _without_repeats(rows: Sequence[PostRow]) -> Iterator[list[PostRow]]:
    # A post met twice in a batch is written twice, in order: the second may be its edit.
    part: dict[str, PostRow] = {}
    for row in rows:
        if row.id in part:
            yield list(part.values())
            part = {}
        part[row.id] = row
    if part:
        yield list(part.values())


def _write_part(store: Store, rows: list[PostRow], now: str, *, move: bool) -> tuple[int, int]:
    wanted = json.dumps([row.id for row in rows])
    known = {
        found["id"]: found
        for found in store.rows(
            """SELECT posts.id, thread_id, content_hash, parent_id, author_id, url, dated, position, first_seen_at
               FROM json_each(?) AS wanted JOIN posts ON posts.id = wanted.value""",
            [wanted],
        )
    }
    new = [row for row in rows if row.id not in known]
    edited = [row for row in rows if row.id in known and known[row.id]["content_hash"] != row.content_hash]
    _write_threads(store, rows, {row.thread_id for row in (*new, *edited)}, now)
    _write_authors(store, [row for row in rows if row.id not in known or known[row.id]["author_id"] is None])
    _insert(store, new)
    _edit(store, edited, now)
    if move:
        moving.move_posts(
            store, [row for row in rows if row.id in known], {id_: row["thread_id"] for id_, row in known.items()}, now
        )
    _complete(store, [row for row in rows if row.id in known and _tells_more(row, known[row.id])])
    observe(store, rows)
    return len(new), len(edited)


def _write_threads(store: Store, rows: list[PostRow], touched: set[str], now: str) -> None:
    threads: dict[str, PostRow] = {}
    for row in rows:
        if row.title or row.thread_id not in threads:
            threads[row.thread_id] = row
    held = {
        found["id"]: found
        for found in store.rows(
            """SELECT threads.rowid AS number, threads.id, title FROM json_each(?) AS wanted
               JOIN threads ON threads.id = wanted.value""",
            [json.dumps(list(threads))],
        )
    }
    added = [row for row in threads.values() if row.thread_id not in held]
    store.run_many(
        """INSERT INTO threads (id, source, title, url, created_at, first_seen_at, content_changed_at)
           VALUES (?, ?, ?, ?, ?, ?, ?)""",
        [
            (row.thread_id, row.source, row.title, row.thread_url, row.thread_created_at, row.first_seen_at, now)
            for row in added
        ],
    )
    search.add_titles(store, [row.thread_id for row in added])
    store.run_many(
        """UPDATE threads SET url = coalesce(url, ?), created_at = coalesce(created_at, ?)
           WHERE id = ? AND (url IS NULL AND ? IS NOT NULL OR created_at IS NULL AND ? IS NOT NULL)""",
        [
            (row.thread_url, row.thread_created_at, id_, row.thread_url, row.thread_created_at)
            for id_, row in threads.items()
            if id_ in held
        ],
    )
    renamed = {id_: row for id_, row in threads.items() if id_ in held and row.title not in ("", held[id_]["title"])}
    search.forget_titles(store, [(held[id_]["number"], held[id_]["title"]) for id_ in renamed])
    store.run_many("UPDATE threads SET title = ? WHERE id = ?", [(row.title, id_) for id_, row in renamed.items()])
    search.add_titles(store, list(renamed))
    # A new title may name a brand: its posts are read again.
    store.run_many(
        "UPDATE mention_scans SET rules = '' WHERE post_id IN (SELECT id FROM posts WHERE thread_id = ?)",
        [(id_,) for id_ in renamed],
    )
    store.run_many("UPDATE threads SET content_changed_at = ? WHERE id = ?", [(now, id_) for id_ in touched])


def _write_authors(store: Store, rows: list[PostRow]) -> None:
    store.run_many(
        """INSERT INTO authors (id, source, handle, first_post_at, first_seen_at) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT (id) DO UPDATE SET first_post_at = min(first_post_at, excluded.first_post_at),
             first_seen_at = min(first_seen_at, excluded.first_seen_at)
           WHERE excluded.first_post_at < first_post_at OR excluded.first_seen_at < first_seen_at""",
        [(row.author_id, row.source, row.handle, row.created_at, row.first_seen_at) for row in rows if row.author_id],
    )


def _insert(store: Store, rows: list[PostRow]) -> None:
    store.run_many(
        f"INSERT INTO posts ({', '.join(INSERTED)}) VALUES ({', '.join('?' * len(INSERTED))})",  # noqa: S608 (our own constants)
        [tuple(getattr(row, column) for column in INSERTED) for row in rows],
    )
    store.run_many(
        "INSERT INTO mention_scans (post_id, rules, content_hash) VALUES (?, '', '')", [(row.id,) for row in rows]
    )
    search.add_texts(store, [row.id for row in rows])


def _edit(store: Store, rows: list[PostRow], now: str) -> None:
    if not rows:
        return
    ids = [row.id for row in rows]
    search.forget_texts(store, ids)
    store.run_many(
        """INSERT OR REPLACE INTO earlier_texts (post_id, replaced_at, text, content_hash)
           SELECT id, ?, text, content_hash FROM posts WHERE id = ?""",
        [(now, id_) for id_ in ids],
    )
    store.run_many(
        """UPDATE posts SET text = ?, content_hash = ?, text_key = NULL, edited_at = ?
           WHERE id = ? AND content_hash <> ?""",
        [(row.text, row.content_hash, row.edited_at or now, row.id, row.content_hash) for row in rows],
    )
    store.run_many("UPDATE mention_scans SET rules = '' WHERE post_id = ?", [(id_,) for id_ in ids])
    search.add_texts(store, ids)


def _tells_more(row: PostRow, held: sqlite3.Row) -> bool:
    fills = any(
        held[name] is None and getattr(row, name) is not None for name in ("parent_id", "author_id", "url", "position")
    )
    return fills or (held["dated"] == 0 and _dates(row, held["first_seen_at"]))


def _dates(row: PostRow, first_seen_at: str) -> bool:
    # A date after the moment we saw the post was in the future then: still a wrong clock.
    return row.dated == 1 and row.created_at <= first_seen_at


def _complete(store: Store, rows: list[PostRow]) -> None:
    # What a poorer page left open (a feed has no parents) is filled in; what is known stays.
    store.run_many(
        """UPDATE posts SET parent_id = coalesce(parent_id, ?), author_id = coalesce(author_id, ?),
             url = coalesce(url, ?), position = coalesce(position, ?) WHERE id = ?""",
        [(row.parent_id, row.author_id, row.url, row.position, row.id) for row in rows],
    )
    store.run_many(
        "UPDATE posts SET created_at = ?, dated = 1 WHERE id = ? AND dated = 0 AND ? <= first_seen_at",
        [(row.created_at, row.id, row.created_at) for row in rows if row.dated],
    )
