"""Ask the model about two texts where that is needed, and store what it says; resumable at any moment."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from analyzers.reading import conversation
from analyzers.workers import Judges
from tocsin.store.database import Store
from tocsin.store.pairs import (
    last_texts,
    stances_to_ask,
    targets_to_ask,
    threads_to_forecast,
    write_derailments,
    write_stances,
    write_target_tags,
)
from tocsin.store.records import Derailment, ReplyStance, TargetTag

PAGE = 2_000
ALIVE = timedelta(hours=72)
"""A thread nobody wrote in for so long is not forecast: thread risk is not scored for it either."""
LAST_COMMENTS = 8
"""Comments that the forecast reads at most; 224 tokens of them count."""

Progress = Callable[[int], None]
"""Called with how many more questions were answered."""


@dataclass(frozen=True, slots=True)
class PairReport:
    """How many questions about two texts were answered."""

    targets: int = 0
    stances: int = 0
    forecasts: int = 0


def tag_pairs(
    store: Store, judges: Judges, version: str, now: datetime, progress: Progress | None = None
) -> PairReport:
    """Answer every open question about two texts with the model of `version`. Raises `ModelError`, `StoreError`."""
    return PairReport(
        targets=_targets(store, judges, version, now, progress),
        stances=_stances(store, judges, version, now, progress),
        forecasts=_forecasts(store, judges, version, now, progress),
    )


def _targets(store: Store, judges: Judges, version: str, now: datetime, progress: Progress | None) -> int:
    done = 0
    while rows := _longest_first(targets_to_ask(store, version, PAGE), "text"):
        for start, answers in judges.towards([(str(row["text"]), str(row["alias"])) for row in rows]):
            found = [
                TargetTag(
                    *(row["post_id"], row["brand"], version, row["alias"], row["text_key"], now),
                    *(said.sentiment, said.negative, said.neutral, said.positive, said.abstained),
                )
                for row, said in zip(rows[start:], answers, strict=False)
            ]
            write_target_tags(store, found)
            done += len(found)
            if progress:
                progress(len(found))
    return done


def _stances(store: Store, judges: Judges, version: str, now: datetime, progress: Progress | None) -> int:
    done = 0
    while rows := _longest_first(stances_to_ask(store, version, PAGE), "parent", "text"):
        for start, answers in judges.stances([(str(row["parent"]), str(row["text"])) for row in rows]):
            found = [
                ReplyStance(
                    *(row["post_id"], version, row["text_key"], row["parent_key"], now),
                    *(said.stance, said.support, said.deny, said.query, said.comment),
                )
                for row, said in zip(rows[start:], answers, strict=False)
            ]
            write_stances(store, found)
            done += len(found)
            if progress:
                progress(len(found))
    return done


def _forecasts(store: Store, judges: Judges, version: str, now: datetime, progress: Progress | None) -> int:
    threads = threads_to_forecast(store, version, now - ALIVE)
    contexts = [conversation(last_texts(store, row["thread_id"], LAST_COMMENTS)) for row in threads]
    for start, answers in judges.forecasts(contexts):
        found = [
            Derailment(
                *(row["thread_id"], row["last_post_id"], version, datetime.fromisoformat(row["last_post_at"])),
                *(now, probability),
            )
            for row, probability in zip(threads[start:], answers, strict=False)
        ]
        write_derailments(store, found)
        if progress:
            progress(len(found))
    return len(threads)


def _longest_first(rows: list[sqlite3.Row], *texts: str) -> list[sqlite3.Row]:
    """Put like lengths side by side, as `analyzers.tagging` does."""
    return sorted(rows, key=lambda row: sum(len(row[text]) for text in texts), reverse=True)
