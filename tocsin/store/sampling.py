"""The sample that shows a source's normal tone: posts of each day, chosen by hash, not by content."""

from __future__ import annotations

import hashlib

from tocsin.store.database import Store


def draw_sample(store: Store, per_source_day: int = 200) -> int:
    """Mark the `per_source_day` posts of each source and UTC day with the smallest hash of their id.

    Only days with undecided posts are drawn again. A post once drawn stays drawn, so a day that
    fills up over several runs may keep a few more. Returns how many posts are newly marked.
    """
    days = store.rows("SELECT DISTINCT source, substr(created_at, 1, 10) AS day FROM posts WHERE sampled IS NULL")
    marked = 0
    for place in days:
        held = store.rows(
            "SELECT id, sampled FROM posts WHERE source = ? AND created_at >= ? AND created_at < ?",
            [place["source"], place["day"], place["day"] + "U"],
        )
        chosen = {row["id"] for row in sorted(held, key=lambda row: _lot(row["id"]))[:per_source_day]}
        fresh = [(1, row["id"]) for row in held if row["id"] in chosen and row["sampled"] != 1]
        passed = [(0, row["id"]) for row in held if row["id"] not in chosen and row["sampled"] is None]
        with store.transaction():
            store.run_many("UPDATE posts SET sampled = ? WHERE id = ?", fresh + passed)
        marked += len(fresh)
    return marked


def _lot(post_id: str) -> bytes:
    return hashlib.blake2b(post_id.encode("utf-8"), digest_size=8).digest()
