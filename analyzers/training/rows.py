"""Which rows a training run sees, and in which order."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from analyzers.heads import LABELS
from analyzers.labelled import read_labelled

ASSUMED = "assumed-"
"""Begins the source of rows that were made of another task's."""


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled row, normalized. `label` is an index into `LABELS[task]`, `source` the corpus it is from.

    `other` is the second text of a pair (`LabelledRow`), None for a post.
    """

    task: str
    text: str
    label: int
    source: str = ""
    other: str | None = None


def read_rows(path: Path, task: str) -> list[Row]:
    """Read a file of `task`, equal rows once, rows without any text left out. Raises `LabelledRowError`."""
    labels = {name: index for index, name in enumerate(LABELS[task])}
    rows = (
        Row(task, row.text, labels[row.label], row.source, row.other) for row in read_labelled(path, task, LABELS[task])
    )
    return list(dict.fromkeys(row for row in rows if row.text or row.other))


def assumed(rows: Sequence[Row], assumptions: Sequence[tuple[str, str, str, str]]) -> list[Row]:
    """Return rows of one task made of another's, given as (task, label, other task, source).

    For what a corpus leaves out because it is so common: irony's tweets were chosen for being possibly ironic,
    so that nothing in them says that plain thanks on a forum are meant.
    """
    return [
        Row(task, row.text, LABELS[task].index(label), f"{ASSUMED}{source}")
        for task, label, other, source in assumptions
        for row in rows
        if row.task == other and row.source == source
    ]


def draw(rows: Sequence[Row], caps: Sequence[tuple[str, str, int]], seed: int, epoch: int) -> list[Row]:
    """Return at most `cap` rows for each (task, source, cap); successive epochs go through all rows in turn.

    The source `*` stands for every source of the task that has no cap of its own. Equal seeds draw equal rows.
    """
    named = {(task, source) for task, source, _ in caps}
    chosen: list[Row] = []
    for task, source, cap in caps:
        mine = [
            row
            for row in rows
            if row.task == task
            and (row.source == source or (source == "*" and _plain(row) and (task, row.source) not in named))
        ]
        random.Random(f"{seed} {task} {source}").shuffle(mine)  # noqa: S311 - repeatable, not a secret
        taken = min(cap, len(mine))
        chosen += [mine[(epoch * taken + place) % len(mine)] for place in range(taken)]
    return chosen


def _plain(row: Row) -> bool:
    return not row.source.startswith(ASSUMED)


def batches(rows: Sequence[Row], lengths: Mapping[Row, int], tokens: int, seed: int) -> Iterator[list[Row]]:
    """Yield one epoch of batches, each of one task and of similar `lengths` (in tokens), in a seeded order.

    Rows are shuffled, cut into windows, sorted by length within the window and cut into batches of at most
    `tokens` tokens with their padding, 4 to 48 rows: random enough for the gradient, hardly any padding, and
    a long row costs no more than it must (length bucketing).
    """
    rng = random.Random(seed)  # noqa: S311 - an order to be repeated, not a secret
    by_task: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_task[row.task].append(row)
    plan: list[list[Row]] = []
    for task in LABELS:
        mine = by_task[task]
        rng.shuffle(mine)
        for start in range(0, len(mine), WINDOW):
            plan.extend(_cut(sorted(mine[start : start + WINDOW], key=lambda row: lengths[row]), lengths, tokens))
    rng.shuffle(plan)
    yield from plan


WINDOW = 2_400
MOST_ROWS = 48
FEWEST_ROWS = 4


def _cut(rows: Sequence[Row], lengths: Mapping[Row, int], tokens: int) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in rows:
        full = len(batch) >= MOST_ROWS or (len(batch) >= FEWEST_ROWS and (len(batch) + 1) * lengths[row] > tokens)
        if full:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch
