"""What was observed besides posts: figures of posts and public accounts over time, and posts that are gone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from tocsin.store.database import Store
from tocsin.store.post_rows import PostRow
from tocsin.store.records import AccountFigure
from tocsin.store.times import from_text, to_text


def write_account_figures(store: Store, figures: Sequence[AccountFigure]) -> int:
    """Append observations; one that repeats the last of its account is left out. Return how many were written."""
    with store.transaction():
        return sum(_write(store, figure) for figure in figures)


def _write(store: Store, figure: AccountFigure) -> int:
    last = store.row(
        """SELECT followers, posts FROM account_figures WHERE source = ? AND account = ?
           ORDER BY observed_at DESC LIMIT 1""",
        [figure.source, figure.account],
    )
    if last is not None and (last["followers"], last["posts"]) == (figure.followers, figure.posts):
        return 0
    return store.run(
        """INSERT OR REPLACE INTO account_figures (source, account, observed_at, followers, posts)
           VALUES (?, ?, ?, ?, ?)""",
        [figure.source, figure.account, to_text(figure.observed_at), figure.followers, figure.posts],
    )


def account_figures(store: Store, source: str, account: str) -> list[AccountFigure]:
    """Return the observations of an account, oldest first."""
    rows = store.rows(
        "SELECT * FROM account_figures WHERE source = ? AND account = ? ORDER BY observed_at", [source, account]
    )
    return [
        AccountFigure(row["source"], row["account"], from_text(row["observed_at"]), row["followers"], row["posts"])
        for row in rows
    ]


def note_gone(store: Store, post_ids: Iterable[str], now: datetime) -> int:
    """Note that posts are gone from their source; they stay here. Return how many were not known to be."""
    with store.transaction():
        return store.run(
            """INSERT OR IGNORE INTO gone_posts (post_id, noticed_at)
               SELECT posts.id, ? FROM json_each(?) AS wanted JOIN posts ON posts.id = wanted.value""",
            [to_text(now), json.dumps(list(post_ids))],
        )


def note_back(store: Store, post_ids: Iterable[str]) -> int:
    """Note that posts are there (again). Return how many were thought to be gone."""
    with store.transaction():
        return store.run(
            "DELETE FROM gone_posts WHERE post_id IN (SELECT value FROM json_each(?))", [json.dumps(list(post_ids))]
        )


def observe(store: Store, rows: Sequence[PostRow]) -> None:
    """Append the figures of posts to their series where they differ from the last ones."""
    store.run_many(
        """INSERT INTO engagement (post_id, observed_at, likes, dislikes, replies, reposts, views)
           SELECT :post, :at, :likes, :dislikes, :replies, :reposts, :views
           WHERE NOT EXISTS (
             SELECT 1 FROM (SELECT * FROM engagement WHERE post_id = :post AND observed_at <= :at
                            ORDER BY observed_at DESC LIMIT 1) AS last
             WHERE last.likes IS :likes AND last.dislikes IS :dislikes AND last.replies IS :replies
               AND last.reposts IS :reposts AND last.views IS :views)
           ON CONFLICT (post_id, observed_at) DO UPDATE SET likes = excluded.likes, dislikes = excluded.dislikes,
             replies = excluded.replies, reposts = excluded.reposts, views = excluded.views""",
        [row.observed for row in rows if row.observed],
    )
