"""How good a model is on labelled rows: the label it says is scored, abstentions are counted apart."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from analyzers.calibration import Floats
from analyzers.errors import ModelError
from analyzers.judging import unsure
from analyzers.labelled import LabelledRow, read_labelled
from analyzers.language import language_of
from analyzers.model import Model
from analyzers.scores import LabelScore, expected_calibration_error, scores

CHUNK = 512


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Scores of one task over `n` rows. Shares are 0..1; `posts_per_second` is wall clock in one process.

    `ece` compares the likeliest label's probability with how often it is right.
    """

    task: str
    n: int
    accuracy: float
    macro_recall: float
    macro_f1: float
    ece: float
    posts_per_second: float
    abstained: int
    per_label: dict[str, LabelScore]

    def as_json(self) -> dict[str, object]:
        """Return the result as plain values, figures rounded to 6 digits."""
        per_label = {label: _rounded(asdict(score)) for label, score in self.per_label.items()}
        return {**_rounded(asdict(self)), "per_label": per_label}


def evaluate(model: Model, task: str, path: Path, progress: Callable[[int, int], None] | None = None) -> Evaluation:
    """Judge the rows of `path` (see `analyzers.labelled` for their keys) with the head of `task`.

    Raises `ModelError` when the model has no such head, `LabelledRowError` when a row is not usable.
    """
    labels = model.labels.get(task)
    if labels is None:
        raise ModelError(f"{model.name} {model.version} does not answer {task!r}; it answers {', '.join(model.labels)}")
    rows = list(read_labelled(path, task, labels))
    if not rows:
        raise ModelError(f"{path}: holds no rows to judge")
    return evaluate_rows(model, task, rows, progress)


def evaluate_rows(
    model: Model, task: str, rows: Sequence[LabelledRow], progress: Callable[[int, int], None] | None = None
) -> Evaluation:
    """As `evaluate`, for rows in memory."""
    labels = model.labels[task]
    started = time.perf_counter()
    parts = []
    abstained = 0
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        parts.append(answers(model, task, chunk))
        abstained += sum(_abstains(task, row, chances) for row, chances in zip(chunk, parts[-1].tolist(), strict=True))
        if progress:
            progress(min(start + CHUNK, len(rows)), len(rows))
    seconds = time.perf_counter() - started
    probabilities = np.concatenate(parts)
    truth = np.array([labels.index(row.label) for row in rows])
    said = model.decide(task, probabilities)
    judged = scores([row.label for row in rows], [labels[index] for index in said], labels)
    return Evaluation(
        task=task,
        n=judged.n,
        accuracy=judged.accuracy,
        macro_recall=judged.macro_recall,
        macro_f1=judged.macro_f1,
        ece=expected_calibration_error(probabilities.max(1).astype(np.float64), probabilities.argmax(1) == truth),
        posts_per_second=len(rows) / max(seconds, 1e-9),
        abstained=abstained,
        per_label=judged.per_label,
    )


def answers(model: Model, task: str, rows: Sequence[LabelledRow]) -> Floats:
    """Return the calibrated probabilities of `task` for `rows`, (rows, labels)."""
    texts = [row.text for row in rows]
    if all(row.other is None for row in rows):
        return model.judge_posts(texts)[task]
    return model.judge_pairs(task, texts, [row.other or "" for row in rows])


def _abstains(task: str, row: LabelledRow, chances: Sequence[float]) -> bool:
    if not language_of(row.text).readable:
        return True
    return task in ("sentiment", "target_sentiment") and unsure(chances)


def _rounded(values: dict[str, object]) -> dict[str, object]:
    return {key: round(value, 6) if isinstance(value, float) else value for key, value in values.items()}
