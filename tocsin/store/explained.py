"""What the store knows of one thread or post, to explain how it was judged; and ids that are nearly right."""

from __future__ import annotations

from typing import Any

from tocsin.store.database import Store

MOST_NEAR = 3


def thread_row(store: Store, thread_id: str) -> dict[str, Any] | None:
    """Return a thread with its counts: id, source, title, url, posts, voices; None where there is none."""
    found = store.row(
        """SELECT threads.id, threads.source, threads.title, threads.url, count(posts.id) AS posts,
             count(DISTINCT posts.author_id) AS voices
           FROM threads LEFT JOIN posts ON posts.thread_id = threads.id WHERE threads.id = ? GROUP BY threads.id""",
        [thread_id],
    )
    return dict(found) if found else None


def risks_of_thread(store: Store, thread_id: str) -> list[dict[str, Any]]:
    """Return the newest risk of a thread for each brand, highest first.

    Columns: brand, at, age_hours, probability, parts, contributions (JSON), model_version.
    """
    found = store.rows(
        """SELECT brand, max(at) AS at, age_hours, probability, parts, contributions, model_version
           FROM thread_risks WHERE thread_id = ? GROUP BY brand ORDER BY probability DESC, brand""",
        [thread_id],
    )
    return [dict(row) for row in found]


def post_row(store: Store, post_id: str) -> dict[str, Any] | None:
    """Return a post with its author, thread title and the tags of the current model (null: not judged by it)."""
    found = store.row(
        """SELECT posts.id, posts.source, posts.thread_id, threads.title, authors.handle, posts.created_at,
             posts.first_seen_at, posts.dated, posts.edited_at, posts.url, posts.text,
             (SELECT noticed_at FROM gone_posts WHERE post_id = posts.id) AS gone_at,
             t.model_version, t.language, t.sentiment, t.negative, t.neutral, t.positive, t.hostility, t.irony,
             t.anger, t.pile_on_risk, t.abstained, stances.stance
           FROM posts JOIN threads ON threads.id = posts.thread_id LEFT JOIN authors ON authors.id = posts.author_id
           LEFT JOIN current_tags t ON t.post_id = posts.id
           LEFT JOIN reply_stances stances ON stances.post_id = posts.id AND stances.model_version = t.model_version
             AND stances.text_key = t.text_key
           WHERE posts.id = ?""",
        [post_id],
    )
    return dict(found) if found else None


def brands_of_post(store: Store, post_id: str) -> list[dict[str, Any]]:
    """Return what is held of a post for each brand it speaks of.

    Columns: brand, alias, via, score, judged_as, sentiment, negative, neutral, positive, abstained, aim, manner, staff.
    """
    found = store.rows(
        """SELECT mentions.brand, mentions.alias, mentions.via, mentions.score, b.judged_as, b.sentiment, b.negative,
             b.neutral, b.positive, b.abstained, aims.aim, aims.manner, aims.staff
           FROM mentions JOIN brand_tags b ON b.post_id = mentions.post_id AND b.brand = mentions.brand
           LEFT JOIN aims ON aims.post_id = mentions.post_id AND aims.brand = mentions.brand
           WHERE mentions.post_id = ? ORDER BY mentions.brand""",
        [post_id],
    )
    return [dict(row) for row in found]


def episodes_showing(store: Store, post_id: str) -> list[dict[str, Any]]:
    """Return the episodes that a post is evidence of: episode_id, rank, reason."""
    found = store.rows("SELECT episode_id, rank, reason FROM evidence WHERE post_id = ? ORDER BY episode_id", [post_id])
    return [dict(row) for row in found]


def ids_like(store: Store, wanted: str) -> list[str]:
    """Return up to three ids of episodes, threads or posts that begin or end like `wanted`."""
    tail = wanted.rsplit(":", 1)[-1]
    found = [
        *store.rows("SELECT id FROM episodes WHERE id LIKE ? || '%' ORDER BY opened_at DESC LIMIT 3", [wanted]),
        *store.rows("SELECT id FROM threads WHERE id >= ? AND id < ? || char(1114111) LIMIT 3", [wanted, wanted]),
        *store.rows("SELECT id FROM posts WHERE id >= ? AND id < ? || char(1114111) LIMIT 3", [wanted, wanted]),
        *store.rows("SELECT id FROM threads WHERE url = ? OR substr(id, -length(?)) = ? LIMIT 3", [wanted, tail, tail]),
        *store.rows("SELECT id FROM posts WHERE url = ? LIMIT 3", [wanted]),
    ]
    return list(dict.fromkeys(str(row["id"]) for row in found))[:MOST_NEAR]
