"""The parent's side of trying a source once and of looking at a site: nothing of it reaches the store."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawler.checking import NOTES, Checked, Met, Seen, checked, robots_words
from crawler.finding_answers import Answer
from crawler.plan import CrawlPlan, SourcePlan
from crawler.process import crawl
from tocsin.store.database import Store, open_store
from tocsin.store.records import Coverage
from tocsin.store.runs import start_run
from tocsin.store.times import maybe_time

REQUESTS = 8
"""The most requests that trying a source may cost, robots.txt included."""

LOOK_REQUESTS = 12
"""The most requests that looking at a site may cost, robots.txt and redirects included."""

MINUTES = 2.0
HISTORY_DAYS = 3_650
"""So that the newest post is found, however quiet the source is."""

_FIELDS = {
    "author": "author_id IS NULL",
    "time": "dated = 0",
    "text": "text = ''",
    "permalink": "posts.url IS NULL",
    "parent": """parent_id IS NULL AND posts.id <> (SELECT first.id FROM posts AS first
      WHERE first.thread_id = posts.thread_id ORDER BY coalesce(first.position, 1) > 0, first.created_at LIMIT 1)""",
    **{name: f"{name} IS NULL" for name in ("likes", "dislikes", "replies", "reposts", "views")},
}


@dataclass(frozen=True, slots=True)
class Looked:
    """What looking at a site gave: its answers, how many requests it took, its robots.txt, and what went wrong."""

    url: str
    answers: tuple[Answer, ...]
    requests: int
    robots: str
    detail: str | None


def check(plan: CrawlPlan, on_source: Callable[[Coverage], None] | None = None) -> list[Checked]:
    """Try each source of `plan` once with a handful of requests. Its store is left alone; daily quotas are counted.

    Raises `ChildError` when no child process can be started, `StoreError` when there is no room for a scratch store.
    """
    sources = tuple(
        replace(source, budget=min(source.budget, REQUESTS), history_days=HISTORY_DAYS) for source in plan.sources
    )
    with _scratch(plan, sources) as probing:
        found = crawl(probing, on_source=on_source, child_program=("crawler.probe_child",))
        met = {row["source"]: Met(**row) for row in _notes(probing)["met"]}
        with open_store(Path(probing.store)) as store:
            return [
                checked(
                    source,
                    coverage,
                    met.get(source.name, Met(source.name)),
                    _seen(store, source.name),
                    obey_robots=plan.obey_robots,
                )
                for source, coverage in zip(sources, found, strict=True)
            ]


def look(plan: CrawlPlan, url: str, *, allow_private: bool = False) -> Looked:
    """Ask the site at `url` what `finding` wants to know; `plan` says how to behave. Raises as `check` does."""
    site = SourcePlan("site", "forum", url, budget=LOOK_REQUESTS, allow_private=allow_private)
    with _scratch(plan, (site,)) as probing:
        (coverage,) = crawl(probing, child_program=("crawler.probe_child", "look"))
        notes = _notes(probing)
    met = next((Met(**row) for row in notes["met"]), Met("site"))
    # Of the pages that a site might have had, most are not there: only what keeps us out is worth telling.
    trouble = coverage.detail if not notes["answers"] or notes["answers"][0]["status"] >= 400 else met.closed
    words = robots_words(met, coverage.detail, obey_robots=plan.obey_robots)
    return Looked(url, tuple(Answer(**row) for row in notes["answers"]), coverage.requests, words, trouble)


@contextmanager
def _scratch(plan: CrawlPlan, sources: tuple[SourcePlan, ...]) -> Iterator[CrawlPlan]:
    """Give the plan of a probing run, with a store that is thrown away; the cache holds the quotas and stays."""
    with tempfile.TemporaryDirectory(prefix="tocsin-") as folder:
        path = Path(folder) / "scratch.db"
        with open_store(path) as store:
            run = start_run(store, "crawl", None, datetime.now(UTC))
        minutes = min(plan.minutes, MINUTES)
        yield replace(plan, store=str(path), run_id=run, sources=sources, minutes=minutes, keep_days=0)


def _notes(plan: CrawlPlan) -> dict[str, Any]:
    path = Path(plan.store).with_name(NOTES)
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {"met": [], "answers": [], **found}


def _seen(store: Store, source: str) -> Seen:
    counts = ", ".join(f"count(DISTINCT posts.id) FILTER (WHERE {test}) AS {name}" for name, test in _FIELDS.items())
    row = store.row(
        f"""SELECT count(DISTINCT posts.id) AS posts, max(created_at) FILTER (WHERE dated = 1) AS newest, {counts}
            FROM posts LEFT JOIN engagement ON engagement.post_id = posts.id WHERE posts.source = ?""",  # noqa: S608 (constants of ours)
        [source],
    )
    assert row is not None  # noqa: S101 (an aggregate without GROUP BY always has its one row)
    return Seen(row["posts"], maybe_time(row["newest"]), {name: row[name] for name in _FIELDS})
