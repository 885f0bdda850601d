"""Ask the model about two texts where that is needed, and store what it says; resumable at any moment."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from analyzers.judging import Stance, Towards
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

Said = TypeVar("Said")
Tagged = TypeVar("Tagged", TargetTag, ReplyStance, Derailment)

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
    def tag(row: sqlite3.Row, said: Towards) -> TargetTag:
        return TargetTag(
            *(row["post_id"], row["brand"], version, row["alias"], row["text_key"], now),
            *(said.sentiment, said.negative, said.neutral, said.positive, said.abstained),
        )

    done = 0
    while rows := _longest_first(targets_to_ask(store, version, PAGE), "text"):
        said = judges.towards([(str(row["text"]), str(row["alias"])) for row in rows])
        done += _write(rows, said, tag, partial(write_target_tags, store), progress)
    return done


def _stances(store: Store, judges: Judges, version: str, now: datetime, progress: Progress | None) -> int:
    def tag(row: sqlite3.Row, said: Stance) -> ReplyStance:
        return ReplyStance(
            *(row["post_id"], version, row["text_key"], row["parent_key"], now),
            *(said.stance, said.support, said.deny, said.query, said.comment),
        )

    done = 0
    while rows := _longest_first(stances_to_ask(store, version, PAGE), "parent", "text"):
        said = judges.stances([(str(row["parent"]), str(row["text"])) for row in rows])
        done += _write(rows, said, tag, partial(write_stances, store), progress)
    return done


def _forecasts(store: Store, judges: Judges, version: str, now: datetime, progress: Progress | None) -> int:
    def tag(row: sqlite3.Row, probability: float) -> Derailment:
        at = datetime.fromisoformat(row["last_post_at"])
        return Derailment(row["thread_id"], row["last_post_id"], version, at, now, probability)

    rows = threads_to_forecast(store, version, now - ALIVE)
    said = judges.forecasts([conversation(last_texts(store, row["thread_id"], LAST_COMMENTS)) for row in rows])
    return _write(rows, said, tag, partial(write_derailments, store), progress)


def _write(
    rows: Sequence[sqlite3.Row],
    said: Iterable[tuple[int, list[Said]]],
    tag: Callable[[sqlite3.Row, Said], Tagged],
    write: Callable[[list[Tagged]], None],
    progress: Progress | None,
) -> int:
    """Write what is said of `rows`, chunk by chunk as it comes (see `Judges`), and return how many were answered."""
    done = 0
    for start, answers in said:
        write([tag(row, answer) for row, answer in zip(rows[start:], answers, strict=False)])
        done += len(answers)
        if progress:
            progress(len(answers))
    return done


def _longest_first(rows: list[sqlite3.Row], *texts: str) -> list[sqlite3.Row]:
    """Put like lengths side by side, as `analyzers.tagging` does."""
    return sorted(rows, key=lambda row: sum(len(row[text]) for text in texts), reverse=True)
