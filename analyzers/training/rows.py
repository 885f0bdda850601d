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
    """One labelled post. `label` is an index into `LABELS[task]`."""

    task: str
    text: str
    label: int


def read_rows(path: Path, task: str) -> list[Row]:
    """Read a file of `task`, normalized, duplicates of (text, label) left out. Raises `LabelledRowError`."""
    labels = {name: index for index, name in enumerate(LABELS[task])}
    rows = (Row(task, normalize(row.text), labels[row.label]) for row in read_labelled(path, LABELS[task]))
    return list(dict.fromkeys(row for row in rows if row.text))


def sample(rows: Sequence[Row], cap: int, seed: int) -> list[Row]:
    """Return at most `cap` rows, drawn without replacement, the same for the same seed."""
    if len(rows) <= cap:
        return list(rows)
    return random.Random(seed).sample(list(rows), cap)  # noqa: S311 - a draw to be repeated, not a secret


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
