"""How good a model is on labelled rows: the argmax is scored, abstentions are counted apart."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from analyzers.errors import ModelError
from analyzers.judging import LEAST_MARGIN
from analyzers.labelled import read_labelled
from analyzers.language import language_of
from analyzers.model import EmbeddedModel
from analyzers.scores import LabelScore, expected_calibration_error, scores
from analyzers.text import normalize

CHUNK = 512


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Scores of one task over `n` rows. Shares are 0..1; `posts_per_second` is wall clock in one process."""

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


def evaluate(
    model: EmbeddedModel, task: str, path: Path, progress: Callable[[int, int], None] | None = None
) -> Evaluation:
    """Judge the rows of `path` (JSON lines with `text`, `label`) with the head of `task`.

    Raises `ModelError` when the model has no such head, `LabelledRowError` when a row is not usable.
    """
    labels = model.labels.get(task)
    if labels is None:
        raise ModelError(f"{model.name} {model.version} does not answer {task!r}; it answers {', '.join(model.labels)}")
    rows = list(read_labelled(path, labels))
    if not rows:
        raise ModelError(f"{path}: holds no rows to judge")
    started = time.perf_counter()
    parts = []
    abstained = 0
    for start in range(0, len(rows), CHUNK):
        texts = [normalize(row.text) for row in rows[start : start + CHUNK]]
        found = model.probabilities(texts)[task]
        parts.append(found)
        margins = np.diff(np.sort(found, axis=1)[:, -2:], axis=1)[:, 0]
        abstained += sum(
            not language_of(text).readable or (task == "sentiment" and float(margin) < LEAST_MARGIN)
            for text, margin in zip(texts, margins, strict=True)
        )
        if progress:
            progress(min(start + CHUNK, len(rows)), len(rows))
    seconds = time.perf_counter() - started
    probabilities = np.concatenate(parts)
    guess = probabilities.argmax(1)
    truth = [row.label for row in rows]
    judged = scores(truth, [labels[index] for index in guess], labels)
    right = np.array([labels[index] == label for index, label in zip(guess, truth, strict=True)])
    return Evaluation(
        task=task,
        n=judged.n,
        accuracy=judged.accuracy,
        macro_recall=judged.macro_recall,
        macro_f1=judged.macro_f1,
        ece=expected_calibration_error(probabilities.max(1).astype(np.float64), right),
        posts_per_second=len(rows) / max(seconds, 1e-9),
        abstained=abstained,
        per_label=judged.per_label,
    )


def _rounded(values: dict[str, object]) -> dict[str, object]:
    return {key: round(value, 6) if isinstance(value, float) else value for key, value in values.items()}
