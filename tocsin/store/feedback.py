"""What people said of alarms: the last word on each, what is snoozed, and ids that are nearly right."""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tocsin.store.database import Store
from tocsin.store.times import from_text, to_text


@dataclass(frozen=True, slots=True)
class Verdict:
    """The last word on an episode. `verdict` is `useful` or `false_alarm`."""

    episode_id: str
    verdict: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class Snooze:
    """A snooze in force: until when, and the level the episode had when it was given (None: it was not told yet)."""

    until: datetime
    level: int | None


def verdicts(store: Store, brand: str | None = None) -> list[Verdict]:
    """Return the last `useful` or `false_alarm` of each episode that the store holds, oldest episode first."""
    rows = store.rows(
        """SELECT feedback.episode_id, verdict, given_at, max(feedback.id) FROM feedback
           JOIN episodes ON episodes.id = feedback.episode_id
           WHERE verdict IN ('useful', 'false_alarm') AND (:brand IS NULL OR episodes.brand = :brand)
           GROUP BY feedback.episode_id ORDER BY episodes.opened_at, episodes.id""",
        {"brand": brand},
    )
    return [Verdict(row["episode_id"], row["verdict"], from_text(row["given_at"])) for row in rows]


def snoozes(store: Store, episode_ids: Sequence[str], now: datetime) -> dict[str, Snooze]:
    """Return which of these episodes are snoozed at `now`: the last word on each counts, whatever it is."""
    rows = store.rows(
        """SELECT f.episode_id, f.until,
             (SELECT level FROM episode_history h WHERE h.episode_id = f.episode_id AND h.at <= f.given_at
              ORDER BY h.at DESC LIMIT 1) AS level
           FROM json_each(:ids) AS wanted JOIN feedback f ON f.episode_id = wanted.value
           WHERE f.id = (SELECT max(id) FROM feedback WHERE episode_id = f.episode_id AND given_at <= :now)
             AND f.verdict = 'snooze' AND f.until > :now""",
        {"ids": json.dumps(list(episode_ids)), "now": to_text(now)},
    )
    return {row["episode_id"]: Snooze(from_text(row["until"]), row["level"]) for row in rows}


def near_ids(store: Store, episode_id: str, most: int = 3) -> list[str]:
    """Return the ids of episodes that look most like `episode_id`; the newest where none does."""
    known = [row["id"] for row in store.rows("SELECT id FROM episodes ORDER BY opened_at DESC, id")]
    return difflib.get_close_matches(episode_id, known, n=most, cutoff=0.6) or known[:most]
