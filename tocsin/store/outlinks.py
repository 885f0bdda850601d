"""Posts on a brand that may point to another place: what `tocsin discover` reads."""

from __future__ import annotations

import sqlite3
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
