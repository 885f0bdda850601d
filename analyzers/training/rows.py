"""Which rows a training run sees, and in which order."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from analyzers.heads import LABELS
from analyzers.labelled import read_labelled
from analyzers.text import normalize


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled post. `label` is an index into `LABELS[task]`, `source` the corpus it is from."""

    task: str
    text: str
    label: int
    source: str = ""


def read_rows(path: Path, task: str) -> list[Row]:
    """Read a file of `task`, normalized, duplicates of (text, label, source) left out. Raises `LabelledRowError`."""
    labels = {name: index for index, name in enumerate(LABELS[task])}
    rows = (Row(task, normalize(row.text), labels[row.label], row.source) for row in read_labelled(path, LABELS[task]))
    return list(dict.fromkeys(row for row in rows if row.text))


def draw(rows: Sequence[Row], caps: Sequence[tuple[str, str, int]], seed: int) -> list[Row]:
    """Return at most `cap` rows for each (task, source, cap), without replacement, the same for the same seed.

    The source `*` stands for every source of the task that has no cap of its own.
    """
    named = {(task, source) for task, source, _ in caps}
    chosen: list[Row] = []
    for task, source, cap in caps:
        mine = [
            row
            for row in rows
            if row.task == task and (row.source == source or (source == "*" and (task, row.source) not in named))
        ]
        chosen += random.Random(seed).sample(mine, min(cap, len(mine)))  # noqa: S311 - repeatable, not a secret
    return chosen


def batches(rows: Sequence[Row], size: int, seed: int) -> Iterator[list[Row]]:
    """Yield one epoch of batches, each of one task and of similar lengths, in a seeded order.

    Rows are shuffled, cut into windows of 50 batches, sorted by length within the window and cut:
    random enough for the gradient, and hardly any padding (length-bucketed batching).
    """
    rng = random.Random(seed)  # noqa: S311 - an order to be repeated, not a secret
    plan: list[list[Row]] = []
    for task in LABELS:
        mine = [row for row in rows if row.task == task]
        rng.shuffle(mine)
        window = size * 50
        for start in range(0, len(mine), window):
            chunk = sorted(mine[start : start + window], key=lambda row: len(row.text))
            plan.extend(chunk[i : i + size] for i in range(0, len(chunk), size))
    rng.shuffle(plan)
    yield from plan
