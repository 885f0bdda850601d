"""Models and what they say of posts, and which posts they are asked about.

Asked about are the posts of threads that mention a brand, and a sample of the rest (`sampling`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime

from tocsin.store import sampling
from tocsin.store.database import Store
from tocsin.store.records import Tag
from tocsin.store.times import to_text

draw_sample = sampling.draw_sample

_WANTED = """
  (posts.sampled = 1 OR posts.thread_id IN
    (SELECT spoken.thread_id FROM mentions JOIN posts AS spoken ON spoken.id = mentions.post_id))
"""
_WAITING = f"""
  FROM posts LEFT JOIN tags ON tags.post_id = posts.id AND tags.model_version = :version
  WHERE posts.text_key IS NOT NULL AND (tags.post_id IS NULL OR tags.text_key <> posts.text_key) AND {_WANTED}
"""
_COLUMNS = (
    *("post_id", "model_version", "text_key", "tagged_at", "language", "sentiment", "negative", "neutral"),
    *("positive", "hostility", "pile_on_risk", "abstained", "irony", "anger"),
)


def ensure_model(store: Store, version: str, name: str, now: datetime, *, current: bool = True) -> None:
    """Add a model version; `current` makes it the one whose tags views and decisions see."""
    with store.transaction():
        store.run(
            "INSERT INTO models (version, name, added_at) VALUES (?, ?, ?) ON CONFLICT (version) DO NOTHING",
            [version, name, to_text(now)],
        )
        if current:
            store.run("UPDATE models SET current = (version = ?) WHERE current <> (version = ?)", [version, version])


def current_model(store: Store) -> tuple[str, str] | None:
    """Return (name, version) of the current model, None when nothing was tagged yet."""
    found = store.row("SELECT name, version FROM models WHERE current = 1")
    return (found["name"], found["version"]) if found else None


def fill_text_keys(store: Store, key: Callable[[str], str], *, batch: int = 2000) -> int:
    """Give posts that have none their text key, `key(text)`, and return how many."""
    filled = 0
    while waiting := store.rows("SELECT id, text, content_hash FROM posts WHERE text_key IS NULL LIMIT ?", [batch]):
        keys = [(key(row["text"]), row["id"], row["content_hash"]) for row in waiting]
        with store.transaction():
            store.run_many("UPDATE posts SET text_key = ? WHERE id = ? AND content_hash = ?", keys)
        filled += len(waiting)
    return filled


def count_to_tag(store: Store, version: str) -> int:
    """Return how many posts wait for `version`."""
    return store.number(f"SELECT count(*) {_WAITING}", {"version": version})


def posts_to_tag(store: Store, version: str, limit: int) -> list[sqlite3.Row]:
    """Return up to `limit` posts that `version` has not judged, or that were edited since, newest first.

    Columns: post_id, text_key, text. Posts without a text key are left out: call `fill_text_keys` first.
    """
    return store.rows(
        f"""SELECT posts.id AS post_id, posts.text_key, posts.text {_WAITING}
            ORDER BY posts.created_at DESC LIMIT :limit""",
        {"version": version, "limit": limit},
    )


def copy_equal_tags(store: Store, version: str, now: datetime) -> int:
    """Give waiting posts the tags of an already judged post of equal text key; return how many.

    `pile_on_risk` belongs to a post in its thread and is not copied.
    """
    with store.transaction():
        return store.run(
            f"""INSERT OR REPLACE INTO tags ({", ".join(_COLUMNS)})
                SELECT waiting.id, :version, waiting.text_key, :now, judged.language, judged.sentiment,
                  judged.negative, judged.neutral, judged.positive, judged.hostility, NULL, judged.abstained,
                  judged.irony, judged.anger
                FROM (SELECT posts.id, posts.text_key {_WAITING}) AS waiting
                JOIN tags AS judged ON judged.post_id = (
                  SELECT post_id FROM tags AS equal WHERE equal.model_version = :version
                    AND equal.text_key = waiting.text_key LIMIT 1)
                AND judged.model_version = :version""",  # noqa: S608 (our own constants)
            {"version": version, "now": to_text(now)},
        )


def write_tags(store: Store, tags: Sequence[Tag], text_keys: Sequence[str]) -> None:
    """Write tags with the text key each was judged by (same order, same length), replacing earlier ones."""
    values = [
        (
            *(tag.post_id, tag.model_version, key, to_text(tag.tagged_at), tag.language, tag.sentiment, tag.negative),
            *(tag.neutral, tag.positive, tag.hostility, tag.pile_on_risk, tag.abstained, tag.irony, tag.anger),
        )
        for tag, key in zip(tags, text_keys, strict=True)
    ]
    with store.transaction():
        store.run_many(
            f"INSERT OR REPLACE INTO tags ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})",  # noqa: S608 (our own constants)
            values,
        )


def delete_tags(store: Store, version: str) -> int:
    """Delete all tags of `version`, so that everything is judged again; return how many posts had one."""
    with store.transaction():
        for table in ("target_tags", "reply_stances", "derailments"):
            store.run(f"DELETE FROM {table} WHERE model_version = ?", [version])  # noqa: S608 (our own constants)
        return store.run("DELETE FROM tags WHERE model_version = ?", [version])


def write_pile_on_risks(store: Store, risks: Sequence[tuple[str, str, float]]) -> None:
    """Set the pile-on risk of tags given as (post id, model version, probability)."""
    with store.transaction():
        store.run_many(
            "UPDATE tags SET pile_on_risk = ? WHERE post_id = ? AND model_version = ?",
            [(risk, post_id, version) for post_id, version, risk in risks],
        )
