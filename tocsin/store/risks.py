"""Thread risks: how likely a thread is to become a pile-on, what became of it, and what its parts weigh."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tocsin.store.database import Store
from tocsin.store.records import ThreadOutcome, ThreadRisk
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


def write_outcomes(store: Store, outcomes: Sequence[ThreadOutcome]) -> None:
    """Write what became of threads in place of all that was written before."""
    with store.transaction():
        store.run("DELETE FROM thread_outcomes")
        store.run_many(
            """INSERT OR REPLACE INTO thread_outcomes (thread_id, brand, at, age_hours, met, parts)
               VALUES (?, ?, ?, ?, ?, ?)""",
            [
                (
                    *(found.thread_id, found.brand, to_text(found.at), found.age_hours, int(found.met)),
                    json.dumps(dict(found.parts)),
                )
                for found in outcomes
            ],
        )


def forecasts_of(store: Store, version: str) -> dict[str, list[tuple[datetime, float]]]:
    """Return every derailment forecast of a model version, a thread: (time of its newest post, probability)."""
    found: dict[str, list[tuple[datetime, float]]] = defaultdict(list)
    for row in store.rows(
        "SELECT thread_id, last_post_at, probability FROM derailments WHERE model_version = ? ORDER BY last_post_at",
        [version],
    ):
        found[row["thread_id"]].append((from_text(row["last_post_at"]), float(row["probability"])))
    return found


def current_weights(store: Store) -> dict[str, Any] | None:
    """Return the fitted weights in force as they were written, None when those that are shipped are."""
    found = store.row("SELECT weights FROM risk_weights WHERE current = 1")
    return None if found is None else dict(json.loads(found["weights"]))


def adopt_weights(
    store: Store, version: str, fitted_at: datetime, weights: Mapping[str, Any], figures: Mapping[str, Any]
) -> bool:
    """Put a fitted version in force; return False when it is in force already."""
    with store.transaction():
        if store.row("SELECT 1 FROM risk_weights WHERE version = ? AND current = 1", [version]):
            return False
        store.run("UPDATE risk_weights SET current = 0")
        store.run(
            """INSERT INTO risk_weights (version, fitted_at, weights, figures, current) VALUES (?, ?, ?, ?, 1)
               ON CONFLICT (version) DO UPDATE SET current = 1""",
            [version, to_text(fitted_at), json.dumps(dict(weights)), json.dumps(dict(figures))],
        )
    return True


def withdraw_weights(store: Store) -> str | None:
    """Put the shipped weights in force again; return the version that was, None when the shipped ones were."""
    with store.transaction():
        found = store.row("SELECT version FROM risk_weights WHERE current = 1")
        store.run("UPDATE risk_weights SET current = 0 WHERE current = 1")
    return None if found is None else str(found["version"])
