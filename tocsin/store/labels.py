"""What people say of posts, and which posts the model is least sure of.

A candidate is a row with post_id, thread_id, author_id (null: unknown voice), text_key and brand ('' unless the
question is the tone towards one). Equal text is a candidate once, by its newest post.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tocsin.store.database import Store
from tocsin.store.records import Written
from tocsin.store.times import to_text

_OF_POST = """
  FROM tags t JOIN posts ON posts.id = t.post_id AND posts.text_key = t.text_key
  WHERE t.model_version = :version AND t.sentiment IS NOT NULL
    AND (:again OR NOT EXISTS (SELECT 1 FROM labels WHERE labels.text_key = t.text_key))
"""
_TOWARDS = """
  FROM target_tags t JOIN posts ON posts.id = t.post_id AND posts.text_key = t.text_key
  JOIN mentions ON mentions.post_id = t.post_id AND mentions.brand = t.brand AND mentions.via = 'text'
  WHERE t.model_version = :version
    AND (:again OR NOT EXISTS (SELECT 1 FROM labels WHERE labels.text_key = t.text_key))
"""
_TONES = ("t.negative", "t.neutral", "t.positive")
_CHANCES = {
    "sentiment": (_OF_POST, "''", _TONES),
    "hostility": (_OF_POST, "''", ("1 - t.hostility", "t.hostility")),
    "irony": (_OF_POST, "''", ("1 - t.irony", "t.irony")),
    "anger": (_OF_POST, "''", ("1 - t.anger", "t.anger")),
    "target_sentiment": (_TOWARDS, "t.brand", _TONES),
}
LABELLED_TASKS = tuple(_CHANCES)
"""The questions that people answer."""

WIDE = 50
"""So many times the candidates asked for are ranked by thread and author: ranking a million posts takes minutes."""


@dataclass(frozen=True, slots=True)
class Label:
    """What a person says of a post. `brand` is '' unless `task` is target_sentiment; `text_key` is of what was read."""

    post_id: str
    task: str
    brand: str
    label: str
    text_key: str


def least_sure(
    store: Store, version: str, task: str, weights: Sequence[float], *, few: int, limit: int, again: bool = False
) -> list[sqlite3.Row]:
    """Return up to `limit` candidates whose answer to `task` by `version` is closest to another, closest first.

    Each label's probability counts times its weight (e to the decision's offset, 1 for none). Distances that
    are equal to two digits are ordered newest first. At most `few` of a thread and of an author; texts that
    have a label are left out unless `again`.
    """
    rows, brand, chances = _CHANCES[task]
    weighted = [f"{float(weight)!r} * ({chance})" for weight, chance in zip(weights, chances, strict=True)]
    total = " + ".join(weighted)
    margin = f"(2 * max({', '.join(weighted)}) + min({', '.join(weighted)}) - ({total})) / ({total})"
    if len(weighted) == 2:
        margin = f"abs({weighted[0]} - ({weighted[1]})) / ({total})"
    return _candidates(store, version, rows, brand, f"round({margin}, 2)", few=few, limit=limit, again=again)


def any_posts(store: Store, version: str, *, few: int, limit: int, again: bool = False) -> list[sqlite3.Row]:
    """As `least_sure`, in an order that has nothing to do with what the model or the author says."""
    # The second half of the digest: its first half decides which labels are held back.
    return _candidates(store, version, _OF_POST, "''", "substr(t.text_key, 17)", few=few, limit=limit, again=again)


def _candidates(
    store: Store, version: str, rows: str, brand: str, order: str, *, few: int, limit: int, again: bool
) -> list[sqlite3.Row]:
    return store.rows(
        f"""WITH texts AS (
              SELECT t.post_id, posts.thread_id, posts.author_id, t.text_key, {brand} AS brand,
                max(posts.created_at) AS created_at, {order} AS place {rows} AND place IS NOT NULL
              GROUP BY t.text_key, {brand} ORDER BY place, created_at DESC LIMIT :wide
            ), ranked AS (
              SELECT *, row_number() OVER (PARTITION BY thread_id ORDER BY place, created_at DESC) AS in_thread,
                row_number() OVER (PARTITION BY coalesce(author_id, post_id) ORDER BY place, created_at DESC) AS theirs
              FROM texts
            )
            SELECT post_id, thread_id, author_id, text_key, brand FROM ranked
            WHERE in_thread <= :few AND theirs <= :few ORDER BY place, created_at DESC, post_id LIMIT :limit""",  # noqa: S608 (our own constants and numbers)
        {"version": version, "few": few, "limit": limit, "again": again, "wide": WIDE * limit},
    )


def answers_on(store: Store, version: str, post_ids: Sequence[str]) -> list[sqlite3.Row]:
    """Return post_id, created_at, source, url, text, text_key and what `version` says of each of `post_ids`."""
    return store.rows(
        """SELECT posts.id AS post_id, posts.created_at, posts.source, posts.url, posts.text, t.text_key,
             t.negative, t.neutral, t.positive, t.hostility, t.irony, t.anger
           FROM posts JOIN tags t ON t.post_id = posts.id AND t.model_version = ?
           WHERE posts.id IN (SELECT value FROM json_each(?))""",
        [version, _listed(post_ids)],
    )


def tones_towards(store: Store, version: str, post_ids: Sequence[str]) -> list[sqlite3.Row]:
    """Return post_id, brand, negative, neutral, positive: the tones of `post_ids` towards brands, as `version` says."""
    return store.rows(
        """SELECT t.post_id, t.brand, t.negative, t.neutral, t.positive
           FROM target_tags t JOIN posts ON posts.id = t.post_id AND posts.text_key = t.text_key
           JOIN mentions ON mentions.post_id = t.post_id AND mentions.brand = t.brand AND mentions.via = 'text'
           WHERE t.model_version = ? AND t.post_id IN (SELECT value FROM json_each(?)) ORDER BY t.post_id, t.brand""",
        [version, _listed(post_ids)],
    )


def labels_of(store: Store, post_ids: Sequence[str]) -> list[sqlite3.Row]:
    """Return post_id, task, brand and label of `post_ids`, where the present text was labelled."""
    return store.rows(
        """SELECT labels.post_id, task, brand, label
           FROM labels JOIN posts ON posts.id = labels.post_id AND posts.text_key = labels.text_key
           WHERE labels.post_id IN (SELECT value FROM json_each(?))""",
        [_listed(post_ids)],
    )


def held_keys(store: Store, post_ids: Sequence[str]) -> dict[str, str | None]:
    """Return the text key of those of `post_ids` that the store holds (None: not yet normalized)."""
    found = store.rows(
        "SELECT id, text_key FROM posts WHERE id IN (SELECT value FROM json_each(?))", [_listed(post_ids)]
    )
    return {row["id"]: row["text_key"] for row in found}


def brands_named(store: Store, post_ids: Sequence[str]) -> set[tuple[str, str]]:
    """Return (post id, brand) where the text of one of `post_ids` itself names the brand."""
    found = store.rows(
        "SELECT post_id, brand FROM mentions WHERE via = 'text' AND post_id IN (SELECT value FROM json_each(?))",
        [_listed(post_ids)],
    )
    return {(row["post_id"], row["brand"]) for row in found}


def write_labels(store: Store, labels: Sequence[Label], now: datetime) -> Written:
    """Write `labels`, all or none, replacing earlier ones on the same question of the same post."""
    counts: Counter[str] = Counter()
    with store.transaction():
        for label in labels:
            place = [label.post_id, label.task, label.brand]
            held = store.row("SELECT label, text_key FROM labels WHERE post_id = ? AND task = ? AND brand = ?", place)
            same = held is not None and (held["label"], held["text_key"]) == (label.label, label.text_key)
            counts["unchanged" if same else "new" if held is None else "changed"] += 1
            if not same:
                store.run(
                    "INSERT OR REPLACE INTO labels VALUES (?, ?, ?, ?, ?, ?)",
                    [*place, label.label, label.text_key, to_text(now)],
                )
    return Written(counts["new"], counts["changed"], counts["unchanged"])


def labelled_texts(store: Store) -> list[sqlite3.Row]:
    """Return every label with its text: post_id, task, brand, label, text_key, text, alias, of_this_text.

    `alias` is the word that names the brand, null where the question is of none or the text no longer names it.
    `of_this_text` is 0 where the post was edited since it was labelled. Texts without a key count as edited: call
    `fill_text_keys` first.
    """
    return store.rows(
        """SELECT labels.post_id, labels.task, labels.brand, labels.label, labels.text_key, posts.text, mentions.alias,
             posts.text_key IS labels.text_key AS of_this_text
           FROM labels JOIN posts ON posts.id = labels.post_id
           LEFT JOIN mentions ON mentions.post_id = labels.post_id AND mentions.brand = labels.brand
             AND mentions.via = 'text'
           ORDER BY labels.post_id, labels.task, labels.brand"""
    )


def _listed(values: Sequence[str]) -> str:
    return json.dumps(list(values))
