"""Thresholds of the gates that people applied, for all brands or for one: what is in force, and what was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tocsin.store.database import Store
from tocsin.store.times import from_text, to_text


@dataclass(frozen=True, slots=True)
class AppliedThreshold:
    """One applied threshold. `brand` is '' for all brands."""

    id: int
    brand: str
    name: str
    value: float
    applied_at: datetime
    why: str


def thresholds_in_force(store: Store, brand: str, at: datetime) -> dict[str, float]:
    """Return name -> value of what was in force for `brand` at `at`; its own go before those for all brands."""
    return {row.name: row.value for row in applied_thresholds(store, at) if row.brand in ("", brand)}


def applied_thresholds(store: Store, at: datetime) -> list[AppliedThreshold]:
    """Return what was in force at `at`: those for all brands first, then by brand, each as applied, oldest first."""
    rows = store.rows(
        """SELECT id, brand, name, value, applied_at, why FROM thresholds
           WHERE applied_at <= :at AND (withdrawn_at IS NULL OR withdrawn_at > :at) ORDER BY brand, applied_at, id""",
        {"at": to_text(at)},
    )
    return [
        AppliedThreshold(row["id"], row["brand"], row["name"], row["value"], from_text(row["applied_at"]), row["why"])
        for row in rows
    ]


def apply_thresholds(store: Store, brand: str, values: Mapping[str, float], now: datetime, why: str) -> None:
    """Put `values` in force for `brand` ('' for all brands) from `now` on; earlier values of these names end then."""
    moment = to_text(now)
    with store.transaction():
        store.run_many(
            "UPDATE thresholds SET withdrawn_at = ? WHERE brand = ? AND name = ? AND withdrawn_at IS NULL",
            [(moment, brand, name) for name in values],
        )
        store.run_many(
            "INSERT INTO thresholds (brand, name, value, applied_at, why) VALUES (?, ?, ?, ?, ?)",
            [(brand, name, value, moment, why) for name, value in values.items()],
        )


def withdraw_thresholds(store: Store, brand: str, now: datetime) -> int:
    """End what is in force for `brand` ('' for all brands), so that the defaults hold again; return how many ended."""
    return store.run(
        "UPDATE thresholds SET withdrawn_at = ? WHERE brand = ? AND withdrawn_at IS NULL", [to_text(now), brand]
    )
