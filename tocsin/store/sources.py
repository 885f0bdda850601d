"""Sources: the places we listen in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from tocsin.store.database import Store
from tocsin.store.errors import StoreError
from tocsin.store.times import from_text, maybe_time, to_text


def ensure_sources(store: Store, specs: Iterable[tuple[str, str, str | None]], now: datetime) -> None:
    """Add or renew sources given as (name, kind, url); the others stay, with what they gave."""
    with store.transaction():
        store.run_many(
            """INSERT INTO sources (name, kind, url, added_at) VALUES (?, ?, ?, ?)
               ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, url = excluded.url
               WHERE kind <> excluded.kind OR url IS NOT excluded.url""",
            [(name, kind, url, to_text(now)) for name, kind, url in specs],
        )


def added_at(store: Store, source: str) -> datetime:
    """Return when `source` was first configured. Raises `StoreError` for a source that is not known."""
    found = store.row("SELECT added_at FROM sources WHERE name = ?", [source])
    if found is None:
        raise StoreError(f"{source}: no such source in {store.path}")
    return from_text(found[0])


def source_names(store: Store) -> list[str]:
    """Return the names of all sources, sorted."""
    return [row["name"] for row in store.rows("SELECT name FROM sources ORDER BY name")]


def mark_first_crawl_finished(store: Store, source: str, now: datetime) -> None:
    """Note that the history of `source` is complete; the first such note stands."""
    store.run(
        "UPDATE sources SET first_crawl_finished_at = ? WHERE name = ? AND first_crawl_finished_at IS NULL",
        [to_text(now), source],
    )


def first_crawl_finished(store: Store, source: str) -> datetime | None:
    """Return when the first crawl of `source` was complete, None while it is not."""
    found = store.row("SELECT first_crawl_finished_at FROM sources WHERE name = ?", [source])
    return maybe_time(found[0]) if found else None


def first_crawls(store: Store) -> dict[str, datetime]:
    """Return when the first crawl of each source was complete; sources still in theirs are left out."""
    found = store.rows(
        "SELECT name, first_crawl_finished_at FROM sources WHERE first_crawl_finished_at IS NOT NULL ORDER BY name"
    )
    return {row["name"]: from_text(row["first_crawl_finished_at"]) for row in found}
