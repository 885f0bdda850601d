"""How good a head is: accuracy, macro recall, macro F1, per-label scores, calibration error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class LabelScore:
    """Scores of one label, as shares 0..1; `n` rows truly have it."""

    precision: float
    recall: float
    f1: float
    n: int


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of one task. Macro figures are means over the labels that occur in the truth."""

    n: int
    accuracy: float
    macro_recall: float
    macro_f1: float
    per_label: dict[str, LabelScore]


def scores(truth: Sequence[str], guess: Sequence[str], labels: Sequence[str]) -> Scores:
    """Compare `guess` with `truth`, row by row. Labels absent from the truth do not enter the means."""
    per_label: dict[str, LabelScore] = {}
    for label in labels:
        hit = sum(1 for t, g in zip(truth, guess, strict=True) if t == label and g == label)
        real, said = truth.count(label), guess.count(label)
        precision = hit / said if said else 0.0
        recall = hit / real if real else 0.0
        f1 = 2 * precision * recall / (precision + recall) if hit else 0.0
        per_label[label] = LabelScore(precision, recall, f1, real)
    seen = [score for score in per_label.values() if score.n]
    right = sum(1 for t, g in zip(truth, guess, strict=True) if t == g)
    return Scores(
        n=len(truth),
        accuracy=right / len(truth) if truth else 0.0,
        macro_recall=sum(score.recall for score in seen) / len(seen) if seen else 0.0,
        macro_f1=sum(score.f1 for score in seen) / len(seen) if seen else 0.0,
        per_label=per_label,
    )


class Scored(Protocol):
    """The figures of one task: `Scores`, or what holds the same."""

    @property
    def accuracy(self) -> float: ...  # noqa: D102
    @property
    def macro_recall(self) -> float: ...  # noqa: D102
    @property
    def macro_f1(self) -> float: ...  # noqa: D102
    @property
    def per_label(self) -> dict[str, LabelScore]: ...  # noqa: D102


def figure(judged: Scored, measure: str) -> float:
    """Return the `measure` of `judged`: the F1 of the label of that name, else the figure of that name."""
    if measure in judged.per_label:
        return judged.per_label[measure].f1
    return float(getattr(judged, measure))


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float


def brier(probabilities: NDArray[np.float32], truth: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return each row's squared distance of its probabilities from the truth, 0..2 (Brier 1950, eq. 2)."""
    hit = np.zeros(probabilities.shape)
    hit[np.arange(len(truth)), truth] = 1.0
    off: NDArray[np.float64] = ((probabilities.astype(np.float64) - hit) ** 2).sum(axis=1)
    return off


def bootstrapped(values: NDArray[np.float64], draws: int = 1_000, seed: int = 1) -> Interval:
    """Return the mean of `values` with its 95 % percentile interval (Efron 1979), the same for the same seed."""
    rng = np.random.default_rng(seed)
    means = np.array([values[rng.integers(0, len(values), len(values))].mean() for _ in range(draws)])
    low, high = np.quantile(means, [0.025, 0.975])
    return Interval(float(values.mean()), float(low), float(high))


def expected_calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_], bins: int = 15) -> float:
    """Return the ECE over `bins` equal-width bins of the top probability (Guo et al. 2017, eq. 3)."""
    if confidence.size == 0:
        return 0.0
    place = np.clip((confidence * bins).astype(int), 0, bins - 1)
    error = 0.0
    for index in range(bins):
        inside = place == index
        if inside.any():
            error += float(inside.mean()) * abs(float(right[inside].mean()) - float(confidence[inside].mean()))
    return error
