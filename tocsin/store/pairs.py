"""Questions about two texts: which are still to be asked, and what the model answered.

Asked are posts that the current pass tagged and could read: their tone towards each brand they name, what
a reply does to its parent in threads that mention a brand, and whether such a thread will turn.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from tocsin.store.database import Store
from tocsin.store.records import Derailment, ReplyStance, TargetTag
from tocsin.store.times import from_text, to_text

_READABLE = "(t.abstained IS NULL OR t.abstained IN ('low_margin', 'irony'))"
_TARGETS = f"""
  FROM mentions
  JOIN tags t ON t.post_id = mentions.post_id AND t.model_version = :version AND {_READABLE}
  JOIN posts ON posts.id = t.post_id AND posts.text_key = t.text_key
  LEFT JOIN target_tags asked ON asked.post_id = mentions.post_id AND asked.brand = mentions.brand
    AND asked.model_version = :version
  WHERE mentions.via = 'text'
    AND (asked.post_id IS NULL OR asked.text_key <> t.text_key OR asked.alias <> mentions.alias)
"""
_STANCES = f"""
  FROM mentions
  JOIN tags t ON t.post_id = mentions.post_id AND t.model_version = :version AND {_READABLE}
  JOIN posts ON posts.id = t.post_id AND posts.text_key = t.text_key
  JOIN posts AS parents ON parents.id = posts.parent_id AND parents.text_key IS NOT NULL
  LEFT JOIN reply_stances asked ON asked.post_id = posts.id AND asked.model_version = :version
  WHERE asked.post_id IS NULL OR asked.text_key <> t.text_key OR asked.parent_key <> parents.text_key
"""


def count_pairs(store: Store, version: str) -> int:
    """Return how many target and stance questions are open for `version`."""
    targets = store.number(f"SELECT count(*) {_TARGETS}", {"version": version})
    return targets + store.number(f"SELECT count(DISTINCT posts.id) {_STANCES}", {"version": version})


def targets_to_ask(store: Store, version: str, limit: int) -> list[sqlite3.Row]:
    """Return up to `limit` open (post, brand) questions: post_id, brand, alias, text_key, text; newest first."""
    return store.rows(
        f"""SELECT posts.id AS post_id, mentions.brand, mentions.alias, t.text_key, posts.text {_TARGETS}
            ORDER BY posts.created_at DESC LIMIT :limit""",
        {"version": version, "limit": limit},
    )


def stances_to_ask(store: Store, version: str, limit: int) -> list[sqlite3.Row]:
    """Return up to `limit` open replies: post_id, text_key, parent_key, parent, text; newest first."""
    return store.rows(
        f"""SELECT DISTINCT posts.id AS post_id, t.text_key, parents.text_key AS parent_key, parents.text AS parent,
              posts.text, posts.created_at {_STANCES}
            ORDER BY posts.created_at DESC LIMIT :limit""",
        {"version": version, "limit": limit},
    )


def threads_to_forecast(store: Store, version: str, since: datetime) -> list[sqlite3.Row]:
    """Return threads that mention a brand, were written in since `since` and hold two posts or more.

    Columns: thread_id, last_post_id, last_post_at. Threads whose newest post was forecast from are left out.
    """
    return store.rows(
        """SELECT recent.thread_id, recent.last_post_id, recent.last_post_at
           FROM (
             SELECT posts.thread_id, posts.id AS last_post_id, max(posts.created_at) AS last_post_at
             FROM posts INDEXED BY posts_created
             WHERE posts.created_at >= :since GROUP BY posts.thread_id
           ) AS recent
           WHERE EXISTS (SELECT 1 FROM posts AS earlier WHERE earlier.thread_id = recent.thread_id
                           AND earlier.id <> recent.last_post_id)
             AND EXISTS (SELECT 1 FROM posts AS spoken JOIN mentions ON mentions.post_id = spoken.id
                         WHERE spoken.thread_id = recent.thread_id)
             AND NOT EXISTS (SELECT 1 FROM derailments WHERE derailments.thread_id = recent.thread_id
                             AND derailments.last_post_id = recent.last_post_id AND model_version = :version)""",
        {"version": version, "since": to_text(since)},
    )


def last_texts(store: Store, thread_id: str, count: int) -> list[str]:
    """Return the texts of the last `count` posts of a thread, oldest first."""
    found = store.rows(
        "SELECT text FROM posts WHERE thread_id = ? ORDER BY created_at DESC, id DESC LIMIT ?", [thread_id, count]
    )
    return [str(row["text"]) for row in reversed(found)]


def write_target_tags(store: Store, tags: Sequence[TargetTag]) -> None:
    """Write tones towards brands, replacing earlier ones of the same model version."""
    values = [
        (
            *(tag.post_id, tag.brand, tag.model_version, tag.alias, tag.text_key, to_text(tag.tagged_at)),
            *(tag.sentiment, tag.negative, tag.neutral, tag.positive, tag.abstained),
        )
        for tag in tags
    ]
    with store.transaction():
        store.run_many(f"INSERT OR REPLACE INTO target_tags VALUES ({', '.join('?' * 11)})", values)  # noqa: S608 (no value of anybody's)


def write_stances(store: Store, stances: Sequence[ReplyStance]) -> None:
    """Write stances of replies, replacing earlier ones of the same model version."""
    values = [
        (
            *(found.post_id, found.model_version, found.text_key, found.parent_key, to_text(found.tagged_at)),
            *(found.stance, found.support, found.deny, found.query, found.comment),
        )
        for found in stances
    ]
    with store.transaction():
        store.run_many(f"INSERT OR REPLACE INTO reply_stances VALUES ({', '.join('?' * 10)})", values)  # noqa: S608 (no value of anybody's)


def write_derailments(store: Store, forecasts: Sequence[Derailment]) -> None:
    """Write forecasts; earlier ones of a thread stay, so that a replay sees what was known then."""
    values = [
        (
            *(found.thread_id, found.last_post_id, found.model_version, to_text(found.last_post_at)),
            *(to_text(found.tagged_at), found.probability),
        )
        for found in forecasts
    ]
    with store.transaction():
        store.run_many("INSERT OR REPLACE INTO derailments VALUES (?, ?, ?, ?, ?, ?)", values)


def derailments_by(store: Store, version: str, at: datetime) -> dict[str, Derailment]:
    """Return the newest forecast of each thread that rests only on posts written by `at`."""
    found = store.rows(
        """SELECT thread_id, last_post_id, model_version, max(last_post_at) AS last_post_at, tagged_at, probability
           FROM derailments WHERE model_version = ? AND last_post_at <= ? GROUP BY thread_id""",
        [version, to_text(at)],
    )
    return {
        row["thread_id"]: Derailment(
            row["thread_id"],
            row["last_post_id"],
            row["model_version"],
            from_text(row["last_post_at"]),
            from_text(row["tagged_at"]),
            row["probability"],
        )
        for row in found
    }
