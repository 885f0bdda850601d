"""How things stand: one look at the store, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from tocsin.store.database import Store
from tocsin.store.digests import pending_deliveries
from tocsin.store.episodes import open_episodes
from tocsin.store.posts import newest_post_at
from tocsin.store.records import Coverage, Delivery, Episode, Gap, Run
from tocsin.store.runs import latest_coverage, open_gaps, runs
from tocsin.store.tags import count_to_tag, current_model

LATE = timedelta(hours=36)
"""A nightly job that has not finished for so long has missed a night."""


_BLIND = ("failed", "refused", "timed_out", "off")


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """One source: its last coverage (None: never crawled), its newest dated post, and for how long it is silent.

    `silent_hours` is None while the source is not silent for longer than it usually is.
    """

    name: str
    coverage: Coverage | None
    newest_post_at: datetime | None
    silent_hours: int | None


@dataclass(frozen=True, slots=True)
class Status:
    """How things stand at `at`. `model` is (name, version), None before anything was tagged."""

    at: datetime
    store: Path
    size_bytes: int
    posts: int
    threads: int
    model: tuple[str, str] | None
    waiting_for_tags: int
    last_run: Run | None
    last_finished: Run | None
    sources: Sequence[SourceStatus]
    gaps: Sequence[Gap]
    episodes: Sequence[Episode]
    pending: Sequence[Delivery]
    next_steps: Sequence[str]


def status(store: Store, now: datetime, silent_after: Mapping[str, int]) -> Status:
    """Return how things stand. `silent_after`: hours after which each enabled source counts as silent."""
    model = current_model(store)
    recent = runs(store, 50)
    nightly = [run for run in recent if run.kind == "nightly"]
    coverage = {found.source: found for found in latest_coverage(store)}
    sources = [_source(store, name, coverage.get(name), hours, now) for name, hours in silent_after.items()]
    brands = [row["name"] for row in store.rows("SELECT name FROM brands ORDER BY name")]
    found = Status(
        at=now,
        store=store.path,
        size_bytes=size_of(store.path),
        posts=store.number("SELECT count(*) FROM posts"),
        threads=store.number("SELECT count(*) FROM threads"),
        model=model,
        waiting_for_tags=count_to_tag(store, model[1]) if model else 0,
        last_run=nightly[0] if nightly else None,
        last_finished=next((run for run in nightly if run.finished_at), None),
        sources=sources,
        gaps=open_gaps(store),
        episodes=[episode for brand in brands for episode in open_episodes(store, brand)],
        pending=pending_deliveries(store),
        next_steps=(),
    )
    return replace(found, next_steps=tuple(next_steps(found)))


def size_of(store: Path) -> int:
    """Return the bytes of the store with its log."""
    files = (store, store.with_name(f"{store.name}-wal"))
    return sum(file.stat().st_size for file in files if file.exists())


def _source(store: Store, name: str, coverage: Coverage | None, hours: int, now: datetime) -> SourceStatus:
    newest = newest_post_at(store, name)
    silent = int((now - newest) / timedelta(hours=1)) if newest else None
    return SourceStatus(name, coverage, newest, silent if silent is not None and silent > hours else None)


def next_steps(found: Status) -> list[str]:
    """Return what a person should do, most urgent first; empty when all is well."""
    steps = []
    if found.last_run is None:
        return ["run `tocsin nightly`: there has been no run yet"]
    if found.last_finished is None or found.at - (found.last_finished.finished_at or found.at) > LATE:
        steps.append(
            "no nightly run has finished for over 36 h: check that `tocsin schedule` runs, or run `tocsin nightly`"
        )
    elif found.last_finished.status == "failed":
        steps.append("the last nightly run failed: read its steps above, then run `tocsin nightly` again")
    if found.episodes:
        steps.append("read the open episodes: `tocsin digest --preview`, or `tocsin serve`")
    if found.pending:
        errors = sorted({delivery.last_error for delivery in found.pending if delivery.last_error})
        said = f" ({errors[0]})" if errors else ""
        steps.append(
            f"{len(found.pending)} mails wait{said}: run `tocsin deliver`; `tocsin doctor` tries the mail server"
        )
    blind = [source.name for source in found.sources if source.coverage is None or source.coverage.status in _BLIND]
    if blind:
        steps.append(f"not seen in the last crawl: {', '.join(blind)}; the sources above say why")
    if found.waiting_for_tags:
        steps.append(f"{found.waiting_for_tags} posts wait for tags: run `tocsin tag`")
    return steps
