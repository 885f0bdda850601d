"""Labelled rows for training: JSON lines with `text` and `label`, one file a task and split."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from analyzers.text import normalize

LABELS: dict[str, tuple[str, ...]] = {
    "sentiment": ("negative", "neutral", "positive"),
    "hostility": ("civil", "hostile"),
}
"""The heads of the model, each with its labels in the order of its logits."""


class TrainingError(Exception):
    """Training cannot go on; the message names the file or setting and what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled post. `label` is an index into `LABELS[task]`."""

    task: str
    text: str
    label: int


def read_rows(path: Path, task: str) -> list[Row]:
    """Read a `.jsonl` file of `task`, normalized, duplicates of (text, label) left out.

    Raises `TrainingError` naming the file and line where a row is not usable.
    """
    if not path.is_file():
        raise TrainingError(f"{path}: no such file; training needs {task} rows as JSON lines with text and label")
    labels = {name: index for index, name in enumerate(LABELS[task])}
    rows: dict[Row, None] = {}
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                record = json.loads(line)
                row = Row(task, normalize(record["text"]), labels[record["label"]])
            except (ValueError, KeyError, TypeError) as error:
                raise TrainingError(
                    f"{path}:{number}: not a row of {task} ({error}); labels are {', '.join(labels)}"
                ) from error
            if row.text:
                rows[row] = None
    return list(rows)


def sample(rows: Sequence[Row], cap: int, seed: int) -> list[Row]:
    """Return at most `cap` rows, drawn without replacement, the same for the same seed."""
    if len(rows) <= cap:
        return list(rows)
    return random.Random(seed).sample(list(rows), cap)


def batches(rows: Sequence[Row], size: int, seed: int) -> Iterator[list[Row]]:
    """Yield one epoch of batches, each of one task and of similar lengths, in a seeded order.

    Rows are shuffled, cut into windows of 50 batches, sorted by length within the window and cut:
    random enough for the gradient, and hardly any padding (length-bucketed batching).
    """
    rng = random.Random(seed)
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
