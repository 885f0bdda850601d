"""Runs of the main job, what each source gave in them, and what is known to be missing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime

from tocsin.store.database import Store
from tocsin.store.errors import StoreError
from tocsin.store.records import Coverage, Gap, Run
from tocsin.store.times import from_text, maybe_text, maybe_time, to_text


def start_run(store: Store, kind: str, for_date: str | None, now: datetime) -> int:
    """Note that a run began and return its id."""
    with store.transaction():
        store.run(
            "INSERT INTO runs (kind, for_date, started_at, status, steps) VALUES (?, ?, ?, 'running', '{}')",
            [kind, for_date, to_text(now)],
        )
        return store.number("SELECT last_insert_rowid()")


def note_step(store: Store, run_id: int, step: str, outcome: str) -> None:
    """Note how a step of a run went."""
    store.run("UPDATE runs SET steps = json_set(steps, '$.' || json_quote(?), ?) WHERE id = ?", [step, outcome, run_id])


def finish_run(store: Store, run_id: int, status: str, now: datetime) -> None:
    """Note that a run ended: `ok`, `partial`, `failed` or `stopped`."""
    if not store.run("UPDATE runs SET status = ?, finished_at = ? WHERE id = ?", [status, to_text(now), run_id]):
        raise StoreError(f"run {run_id}: no such run in {store.path}")


def runs(store: Store, limit: int) -> list[Run]:
    """Return the last `limit` runs, newest first."""
    return [_run(row) for row in store.rows("SELECT * FROM runs ORDER BY id DESC LIMIT ?", [limit])]


def last_run(store: Store, kind: str) -> Run | None:
    """Return the newest run of `kind`, finished or not."""
    found = store.row("SELECT * FROM runs WHERE kind = ? ORDER BY id DESC LIMIT 1", [kind])
    return _run(found) if found else None


def finished_dates(store: Store, kind: str) -> set[str]:
    """Return the local dates (`YYYY-MM-DD`) for which a run of `kind` came through, at least in part."""
    found = store.rows(
        """SELECT DISTINCT for_date FROM runs
           WHERE kind = ? AND for_date IS NOT NULL AND finished_at IS NOT NULL AND status IN ('ok', 'partial')""",
        [kind],
    )
    return {row["for_date"] for row in found}


def write_coverage(store: Store, run_id: int, coverage: Coverage) -> None:
    """Write what a source gave in a run, replacing what was written of it before."""
    store.run(
        """INSERT OR REPLACE INTO coverage (run_id, source, status, started_at, finished_at, requests, seen, new,
             changed, dropped, newest_post_at, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        [
            *(run_id, coverage.source, coverage.status, to_text(coverage.started_at), to_text(coverage.finished_at)),
            *(coverage.requests, coverage.seen, coverage.new, coverage.changed, coverage.dropped),
            *(maybe_text(coverage.newest_post_at), coverage.detail),
        ],
    )


def coverage_of(store: Store, run_id: int) -> list[Coverage]:
    """Return what each source gave in a run, by name."""
    return [_coverage(row) for row in store.rows("SELECT * FROM coverage WHERE run_id = ? ORDER BY source", [run_id])]


def latest_coverage(store: Store) -> list[Coverage]:
    """Return the newest coverage of each source, by name."""
    return [
        _coverage(row) for row in store.rows("SELECT *, max(finished_at) FROM coverage GROUP BY source ORDER BY source")
    ]


def coverage_history(store: Store, since: datetime) -> list[tuple[int, Coverage]]:
    """Return (run id, coverage) of everything that finished at or after `since`, oldest first."""
    found = store.rows("SELECT * FROM coverage WHERE finished_at >= ? ORDER BY finished_at, source", [to_text(since)])
    return [(row["run_id"], _coverage(row)) for row in found]


def add_gaps(store: Store, gaps: Sequence[Gap]) -> None:
    """Note posts known to be missing; a gap already open for the same source and thread is renewed."""
    with store.transaction():
        for gap in gaps:
            renewed = store.run(
                """UPDATE gaps SET missing = ?, reason = ?
                   WHERE source = ? AND thread_id IS ? AND closed_at IS NULL""",
                [gap.missing, gap.reason, gap.source, gap.thread_id],
            )
            if not renewed:
                store.run(
                    "INSERT INTO gaps (source, thread_id, noticed_at, missing, reason) VALUES (?, ?, ?, ?, ?)",
                    [gap.source, gap.thread_id, to_text(gap.noticed_at), gap.missing, gap.reason],
                )


def open_gaps(store: Store) -> list[Gap]:
    """Return the gaps not closed yet, oldest first."""
    return [
        Gap(row["source"], row["thread_id"], from_text(row["noticed_at"]), row["missing"], row["reason"])
        for row in store.rows("SELECT * FROM gaps WHERE closed_at IS NULL ORDER BY noticed_at, id")
    ]


def close_gaps(store: Store, source: str, thread_id: str | None, now: datetime) -> None:
    """Close the open gap of a thread, or (None) of the source as such."""
    store.run(
        "UPDATE gaps SET closed_at = ? WHERE source = ? AND thread_id IS ? AND closed_at IS NULL",
        [to_text(now), source, thread_id],
    )


def _run(row: sqlite3.Row) -> Run:
    return Run(
        id=row["id"],
        kind=row["kind"],
        for_date=row["for_date"],
        started_at=from_text(row["started_at"]),
        finished_at=maybe_time(row["finished_at"]),
        status=row["status"],
        steps=json.loads(row["steps"]),
    )


def _coverage(row: sqlite3.Row) -> Coverage:
    return Coverage(
        source=row["source"],
        status=row["status"],
        started_at=from_text(row["started_at"]),
        finished_at=from_text(row["finished_at"]),
        requests=row["requests"],
        seen=row["seen"],
        new=row["new"],
        changed=row["changed"],
        dropped=row["dropped"],
        newest_post_at=maybe_time(row["newest_post_at"]),
        detail=row["detail"],
    )
