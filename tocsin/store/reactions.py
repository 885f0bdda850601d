"""Every observation of the reactions to a brand's posts, for replays: a night must not know later likes."""

from __future__ import annotations

import sqlite3

from tocsin.store.database import Store


def observed_reactions(store: Store, brand: str) -> list[sqlite3.Row]:
    """Return post_id, observed_at, likes, replies, reposts of the posts on `brand`, oldest observation first."""
    return store.rows(
        """SELECT engagement.post_id, observed_at, likes, replies, reposts FROM engagement
           JOIN mentions ON mentions.post_id = engagement.post_id AND mentions.brand = ?
           ORDER BY observed_at, engagement.post_id""",
        [brand],
    )
