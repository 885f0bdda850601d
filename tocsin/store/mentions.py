"""Brands, and the posts that speak of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from tocsin.store.database import Store
from tocsin.store.records import Mention


def ensure_brands(store: Store, brands: Iterable[tuple[str, str]]) -> None:
    """Add or renew brands given as (name, role); brands no longer listened for keep their history."""
    store.run_many(
        """INSERT INTO brands (name, role) VALUES (?, ?)
           ON CONFLICT (name) DO UPDATE SET role = excluded.role WHERE role <> excluded.role""",
        list(brands),
    )


def posts_to_scan(store: Store, rules_digest: str, limit: int) -> list[sqlite3.Row]:
    """Return up to `limit` posts that were not yet read with these rules, or were edited since.

    Columns: id, thread_id, text, title, parent_id, content_hash, source, created_at.
    """
    return store.rows(
        """SELECT posts.id, posts.thread_id, posts.text, threads.title, posts.parent_id,
             posts.content_hash, posts.source, posts.created_at
           FROM (SELECT post_id FROM mention_scans WHERE rules < :rules OR rules > :rules LIMIT :limit) AS waiting
           JOIN posts ON posts.id = waiting.post_id JOIN threads ON threads.id = posts.thread_id""",
        {"rules": rules_digest, "limit": limit},
    )


def opening_of(store: Store, thread: str) -> tuple[str, str] | None:
    """Return (id, text) of a thread's opening post: position 0, else the oldest post held; None without posts."""
    row = store.row(
        "SELECT id, text FROM posts WHERE thread_id = ? ORDER BY coalesce(position, 1) > 0, created_at, id LIMIT 1",
        (thread,),
    )
    return None if row is None else (row["id"], row["text"])


def posts_of(store: Store, thread: str) -> list[sqlite3.Row]:
    """Return the posts of a thread, the oldest first. Columns: id, thread_id, text, content_hash, created_at, title."""
    return store.rows(
        """SELECT posts.id, posts.thread_id, posts.text, posts.content_hash, posts.created_at, threads.title
           FROM posts JOIN threads ON threads.id = posts.thread_id
           WHERE posts.thread_id = ? ORDER BY posts.created_at, posts.id""",
        (thread,),
    )


def write_mentions(
    store: Store, scanned: Sequence[tuple[str, str]], mentions: Sequence[Mention], rules_digest: str
) -> None:
    """Replace the mentions of the scanned posts, given as (post id, content hash), by `mentions`.

    One transaction. A post edited since it was read stays waiting.
    """
    with store.transaction():
        store.run_many("DELETE FROM mentions WHERE post_id = ?", [(post_id,) for post_id, _ in scanned])
        store.run_many(
            "INSERT OR REPLACE INTO mentions (post_id, brand, alias, via, score) VALUES (?, ?, ?, ?, ?)",
            [(found.post_id, found.brand, found.alias, found.via, found.score) for found in mentions],
        )
        store.run_many(
            """UPDATE mention_scans SET rules = ?, content_hash = ?
               WHERE post_id = ? AND ? = (SELECT content_hash FROM posts WHERE id = post_id)""",
            [(rules_digest, content_hash, post_id, content_hash) for post_id, content_hash in scanned],
        )
