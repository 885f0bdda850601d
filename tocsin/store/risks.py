"""Thread risks: how likely a thread is to become a pile-on, at one moment, with its parts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from tocsin.store.database import Store
from tocsin.store.records import ThreadRisk
from tocsin.store.times import from_text, to_text

HORIZON = timedelta(hours=72)
"""How far ahead a risk looks; an older one says nothing about now."""


def write_thread_risks(store: Store, risks: Sequence[ThreadRisk]) -> None:
    """Write risks; one of the same thread, brand and moment is replaced."""
    with store.transaction():
        store.run_many(
            """INSERT OR REPLACE INTO thread_risks
                 (thread_id, brand, at, age_hours, probability, parts, contributions, model_version)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
            [
                (
                    *(risk.thread_id, risk.brand, to_text(risk.at), risk.age_hours, risk.probability),
                    *(json.dumps(dict(risk.parts)), json.dumps(dict(risk.contributions)), risk.model_version),
                )
                for risk in risks
            ],
        )


def latest_thread_risks(store: Store, brand: str, at: datetime) -> list[ThreadRisk]:
    """Return the newest risk of each thread for `brand` known at `at` and not over 72 h old, highest first."""
    found = store.rows(
        """SELECT thread_id, max(at) AS at, age_hours, probability, parts, contributions, model_version
           FROM thread_risks WHERE brand = ? AND at > ? AND at <= ?
           GROUP BY thread_id ORDER BY probability DESC, thread_id""",
        [brand, to_text(at - HORIZON), to_text(at)],
    )
    return [
        ThreadRisk(
            thread_id=row["thread_id"],
            brand=brand,
            at=from_text(row["at"]),
            age_hours=row["age_hours"],
            probability=row["probability"],
            parts=json.loads(row["parts"]),
            contributions=json.loads(row["contributions"]),
            model_version=row["model_version"],
        )
        for row in found
    ]
