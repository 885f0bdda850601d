"""Threads whose outcome is known, for fitting and judging thread risk: made-up communities and heated GitHub threads.

Tags come from the embedded model; its answers are kept by text in the cache that benchmarks/detection_seeds.py
uses, outside the checkout.
"""

from __future__ import annotations

import csv
import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import detection_seeds as seeds

from analyzers.judging import judge_derailment
from analyzers.listening import towards_brand
from analyzers.model import EmbeddedModel, read_manifest
from analyzers.pairing import LAST_COMMENTS
from analyzers.reading import conversation
from analyzers.risk_outcomes import Around, outcomes_of, with_usual_most
from analyzers.text import text_key
from analyzers.thread_parts import Surroundings
from tocsin.store.judged import judged_posts, source_tone
from tocsin.store.records import JudgedPost, ThreadOutcome
from tocsin.store.sampling import draw_sample

MODEL = seeds.ROOT / "data" / "model"
FOREVER = timedelta(days=5_000)


@dataclass(frozen=True, slots=True)
class Material:
    """Forecasts with their outcome; `group` keeps what belongs together on one side of a cross-validation."""

    group: str
    outcome: ThreadOutcome


def made_up(seed: int) -> list[Material]:
    """Return the forecasts about the threads of one made-up community, its pile-on included."""
    threads, around = made_up_threads(seed)
    return [
        Material(f"seed {seed}", one)
        for thread, bar in threads
        for one in outcomes_of(thread, around, thread[-1].created_at + FOREVER, bar)
    ]


def made_up_threads(seed: int) -> tuple[list[tuple[list[JudgedPost], float]], Around]:
    """Return the threads of a made-up community, each with what is much in its source, and what is known around."""
    now = seeds.NOW + timedelta(hours=5 * seed)
    community = seeds.generate(seed, now, seeds.MATERIAL, pile_on=True)
    with tempfile.TemporaryDirectory() as folder, seeds.open_store(Path(folder) / "seeds.db") as store:
        seeds._crawl(store, community)
        brands = [community.brand, *community.rivals]
        seeds.scan_store(store, [seeds.BrandRules(brand) for brand in brands], now)
        draw_sample(store)
        seeds._tag(store, community, MODEL)
        counts = source_tone(store, since=now - timedelta(days=60), until=now - timedelta(days=1))
        tone = {source: negative / judged for source, (negative, judged) in counts.items()}
        posts = towards_brand(
            {b: judged_posts(store, b, since=now - FOREVER, until=now + FOREVER, seen_by=now) for b in brands}
        )
    history = min(post.created_at for rows in posts.values() for post in rows)

    def around(seen: Sequence[JudgedPost], _: datetime) -> Surroundings:
        return Surroundings(usual_negative=tone.get(seen[0].source), history_since=history, links_in=0)

    return with_usual_most(as_written(post) for those in posts.values() for post in those), around


def as_written(post: JudgedPost) -> JudgedPost:
    """Return a post of a first crawl as if it had been seen when it was written, its reactions unknown."""
    return replace(post, first_seen_at=post.created_at, likes=None, replies=None)


def github_threads(folder: Path) -> dict[str, list[JudgedPost]]:
    """Return the comments of each heated GitHub thread, oldest first, with the embedded model's tags."""
    with (folder / "comments.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    keys = [text_key(row["text"]) for row in rows]
    said = seeds._by_model(MODEL, dict(zip(keys, (row["text"] for row in rows), strict=True)))
    threads: dict[str, list[JudgedPost]] = defaultdict(list)
    for row, key in zip(rows, keys, strict=True):
        tone, at = said[key], datetime.fromisoformat(row["created_at"])
        threads[row["thread_id"]].append(
            JudgedPost(
                row["comment_id"], row["project"], "thread", "github", row["thread_id"], None, row["author_id"], at, at,
                row["text"], None, tone.negative, tone.neutral, tone.positive, tone.hostility, tone.abstained,
                tone=tone.label, post_tone=None if tone.abstained else tone.label,
            )
        )  # fmt: skip
    by_project: dict[str, list[JudgedPost]] = defaultdict(list)
    for posts in threads.values():
        by_project[posts[0].brand] += sorted(posts, key=lambda post: post.created_at)
    found: dict[str, list[JudgedPost]] = defaultdict(list)
    for posts in towards_brand(by_project).values():
        for post in posts:
            found[post.thread_id].append(post)
    return dict(found)


class Derailments:
    """The derailment head's forecasts about the last comments of a thread, kept in the cache."""

    def __init__(self) -> None:
        self._version = str(read_manifest(MODEL)["version"])
        self._model: EmbeddedModel | None = None
        self._cache = sqlite3.connect(seeds.CACHE)
        self._cache.execute("CREATE TABLE IF NOT EXISTS derails (version, key, p, PRIMARY KEY (version, key))")

    def forecast(self, posts: Sequence[JudgedPost]) -> float | None:
        """Return the probability that the talk turns, None under two posts (as `tocsin tag` asks)."""
        if len(posts) < 2:
            return None
        context = conversation([post.text for post in posts[-LAST_COMMENTS:]])
        key = text_key("\n\n".join(context))
        known = self._cache.execute("SELECT p FROM derails WHERE version = ? AND key = ?", [self._version, key])
        row = known.fetchone()
        if row is None:
            self._model = self._model or EmbeddedModel.load(MODEL)
            row = (judge_derailment(self._model, [context])[0],)
            self._cache.execute("INSERT OR REPLACE INTO derails VALUES (?, ?, ?)", [self._version, key, row[0]])
            self._cache.commit()
        return float(row[0])
