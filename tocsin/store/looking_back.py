"""What a digest needs to say what is new: how things stood when the last one was written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from tocsin.store.database import Store
from tocsin.store.times import from_text, maybe_time, to_text


def last_digest_at(store: Store, audience: str, before_date: str) -> datetime | None:
    """Return when the newest digest of `audience` for a date before `before_date` was written, None: there is none."""
    found = store.row(
        "SELECT max(created_at) FROM digests WHERE audience = ? AND for_date < ?", [audience, before_date]
    )
    return maybe_time(found[0]) if found else None


def episodes_at(store: Store, episode_ids: Sequence[str], at: datetime) -> dict[str, tuple[str, int, int]]:
    """Return (state, level, lower bound of voices) of each episode as its history held it at `at`."""
    found = store.rows(
        """SELECT h.episode_id, h.state, h.level, h.voices_low, max(h.at) FROM json_each(?) AS wanted
           JOIN episode_history h ON h.episode_id = wanted.value WHERE h.at <= ? GROUP BY h.episode_id""",
        [json.dumps(list(episode_ids)), to_text(at)],
    )
    return {row["episode_id"]: (row["state"], row["level"], row["voices_low"]) for row in found}


def oldest_mention_at(store: Store, brand: str) -> datetime | None:
    """Return when the oldest post held on `brand` was written, None when there is none."""
    found = store.row(
        "SELECT min(posts.created_at) FROM mentions JOIN posts ON posts.id = mentions.post_id WHERE brand = ?", [brand]
    )
    return from_text(found[0]) if found and found[0] else None


def first_started_at(store: Store) -> datetime | None:
    """Return when a nightly run or the clock was first started on this store, None: never."""
    found = store.row("SELECT min(started_at) FROM runs WHERE kind IN ('nightly', 'schedule')")
    return maybe_time(found[0]) if found else None
