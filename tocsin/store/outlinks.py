"""Posts that may point to another place: what `tocsin discover` reads, and the links to a thread."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from datetime import datetime

from tocsin.store.database import Store
from tocsin.store.times import to_text
from tocsin.store.tones import ABSTAINED, SENTIMENT, TONE_JOINS


def pointing_posts(store: Store, since: datetime, until: datetime) -> list[sqlite3.Row]:
    """Return the posts of [since, until) that speak of a brand and hold something like an address.

    Columns: id, source, author_id (None: unknown voice), url (None: no permalink), created_at, text, brand,
    tone (towards the brand; None: not judged). A post on two brands gives two rows. Oldest first.
    """
    return store.rows(
        f"""SELECT posts.id, posts.source, posts.author_id, posts.url, posts.created_at, posts.text, mentions.brand,
              CASE WHEN ({ABSTAINED}) IS NULL THEN {SENTIMENT} END AS tone
            FROM posts INDEXED BY posts_created
            CROSS JOIN mentions ON mentions.post_id = posts.id
            {TONE_JOINS}
            WHERE posts.created_at >= :since AND posts.created_at < :until
              AND (posts.text LIKE '%://%' OR posts.text LIKE '%www.%' OR posts.text LIKE '%r/%'
                   OR posts.text LIKE '%@%.%')
            ORDER BY posts.created_at, posts.id, mentions.brand""",  # noqa: S608 (constants of ours)
        {"since": to_text(since), "until": to_text(until)},
    )


def linking_posts(store: Store, since: datetime, until: datetime, seen_by: datetime) -> list[sqlite3.Row]:
    """Return the posts of [since, until], first seen by `seen_by`, that hold something like an address; oldest first.

    Whether they speak of a brand does not matter. Columns: id, source, author_id (None: unknown voice), created_at,
    first_seen_at, text.
    """
    return store.rows(
        """SELECT id, source, author_id, created_at, first_seen_at, text FROM posts INDEXED BY posts_created
           WHERE created_at >= ? AND created_at <= ? AND first_seen_at <= ?
             AND (text LIKE '%://%' OR text LIKE '%www.%')
           ORDER BY created_at, id""",
        [to_text(since), to_text(until), to_text(seen_by)],
    )


def thread_addresses(store: Store, thread_ids: Iterable[str]) -> list[sqlite3.Row]:
    """Return (id, source, url) of the threads that have a public address."""
    return store.rows(
        """SELECT threads.id, threads.source, threads.url FROM json_each(?) AS wanted
           JOIN threads ON threads.id = wanted.value WHERE threads.url IS NOT NULL ORDER BY threads.id""",
        [json.dumps(list(thread_ids))],
    )
