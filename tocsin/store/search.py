"""Full-text search over posts and thread titles (FTS5, https://sqlite.org/fts5.html).

The index keeps no text of its own: to forget a row it must be handed the very text it indexed.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Sequence

from tocsin.store.database import Store
from tocsin.store.post_rows import clean


def add_texts(store: Store, post_ids: Sequence[str]) -> None:
    """Index the present text of posts."""
    store.run(
        """INSERT INTO posts_fts (rowid, text)
           SELECT posts.rowid, text FROM json_each(?) AS wanted JOIN posts ON posts.id = wanted.value""",
        [json.dumps(list(post_ids))],
    )


def forget_texts(store: Store, post_ids: Sequence[str]) -> None:
    """Take posts out of the index; call it before their text changes or goes."""
    store.run(
        """INSERT INTO posts_fts (posts_fts, rowid, text)
           SELECT 'delete', posts.rowid, text FROM json_each(?) AS wanted JOIN posts ON posts.id = wanted.value""",
        [json.dumps(list(post_ids))],
    )


def add_titles(store: Store, thread_ids: Sequence[str]) -> None:
    """Index the present titles of threads."""
    store.run(
        """INSERT INTO threads_fts (rowid, title)
           SELECT threads.rowid, title FROM json_each(?) AS wanted JOIN threads ON threads.id = wanted.value""",
        [json.dumps(list(thread_ids))],
    )


def forget_titles(store: Store, titles: Sequence[tuple[int, str]]) -> None:
    """Take (rowid, old title) pairs out of the index."""
    store.run_many("INSERT INTO threads_fts (threads_fts, rowid, title) VALUES ('delete', ?, ?)", titles)


def rebuild(store: Store) -> None:
    """Make both indexes anew from the tables; nothing of erased texts is left in them."""
    with store.transaction():
        for index in ("posts_fts", "threads_fts"):
            store.run(f"INSERT INTO {index} ({index}) VALUES ('rebuild')")  # noqa: S608 (our own constants)


def search_posts(store: Store, query: str, limit: int = 50) -> list[sqlite3.Row]:
    """Return posts whose text holds all words of `query`, best first.

    Columns: id, source, thread_id, title, handle, created_at, text, url. Words in double quotes are
    a phrase; every other sign is taken literally. A query without a word finds nothing.
    """
    match = match_expression(query)
    if not match:
        return []
    return store.rows(
        """SELECT posts.id, posts.source, posts.thread_id, threads.title, authors.handle, posts.created_at,
             posts.text, posts.url
           FROM posts_fts JOIN posts ON posts.rowid = posts_fts.rowid
           JOIN threads ON threads.id = posts.thread_id LEFT JOIN authors ON authors.id = posts.author_id
           WHERE posts_fts MATCH ? ORDER BY posts_fts.rank LIMIT ?""",
        [match, limit],
    )


def match_expression(query: str) -> str:
    """Return the FTS5 expression that asks for all words and "phrases" of `query`, '' when it has none."""
    words = re.findall(r'"([^"]+)"|([^\s"]+)', clean(query.replace("\x00", " ")))
    return " ".join(f'"{phrase or word}"' for phrase, word in words)
