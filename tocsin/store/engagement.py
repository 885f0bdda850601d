"""How likes and reposts rose, and how many people answered meanwhile."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from tocsin.store.database import Store
from tocsin.store.records import Reactions
from tocsin.store.times import from_text, to_text

MOST_USUAL = 2_000
"""The newest posts of a source are enough to know what is usual there."""

_ANSWERED = """(SELECT count(DISTINCT answers.author_id) FROM posts answers INDEXED BY posts_thread
    WHERE answers.thread_id = posts.thread_id AND answers.created_at > posts.created_at
      AND answers.created_at <= engagement.observed_at AND answers.author_id IS NOT posts.author_id
      AND (posts.parent_id IS NULL OR answers.parent_id = posts.id))"""
_COLUMNS = f"""posts.id, posts.source, posts.created_at, engagement.observed_at,
    coalesce(engagement.likes, 0) + coalesce(engagement.reposts, 0) AS total, engagement.replies,
    {_ANSWERED} AS answered"""


def rising_reactions(store: Store, threads: Sequence[str], seen_by: datetime, least: int) -> list[Reactions]:
    """Return every observation by `seen_by` of the posts in `threads` that got at least `least` likes and reposts."""
    return _read(
        store,
        f"""SELECT {_COLUMNS} FROM json_each(:threads) AS wanted JOIN posts ON posts.thread_id = wanted.value
            JOIN engagement ON engagement.post_id = posts.id AND engagement.observed_at <= :seen_by
            WHERE (engagement.likes IS NOT NULL OR engagement.reposts IS NOT NULL)
              AND (SELECT max(coalesce(likes, 0) + coalesce(reposts, 0)) FROM engagement
                   WHERE post_id = posts.id AND observed_at <= :seen_by) >= :least
            ORDER BY posts.id, engagement.observed_at""",  # noqa: S608 (our own constants)
        {"threads": json.dumps(list(threads)), "seen_by": to_text(seen_by), "least": least},
    )


def usual_reactions(store: Store, source: str, since: datetime, until: datetime) -> list[Reactions]:
    """Return the last observation by `until` of the newest 2,000 posts of `source` written in [since, until)."""
    return _read(
        store,
        f"""SELECT {_COLUMNS} FROM (SELECT * FROM posts INDEXED BY posts_source
              WHERE source = :source AND created_at >= :since AND created_at < :until
              ORDER BY created_at DESC LIMIT {MOST_USUAL}) AS posts
            JOIN engagement ON engagement.post_id = posts.id AND engagement.observed_at =
              (SELECT max(observed_at) FROM engagement WHERE post_id = posts.id AND observed_at <= :until)
            WHERE engagement.likes IS NOT NULL OR engagement.reposts IS NOT NULL""",  # noqa: S608 (our own constants)
        {"source": source, "since": to_text(since), "until": to_text(until)},
    )


def _read(store: Store, query: str, values: dict[str, object]) -> list[Reactions]:
    return [
        Reactions(
            post_id=row["id"],
            source=row["source"],
            created_at=from_text(row["created_at"]),
            observed_at=from_text(row["observed_at"]),
            reactions=row["total"],
            answered=max(row["answered"], row["replies"] or 0),
        )
        for row in store.rows(query, values)
    ]
