"""Fit what stands between a head's logits and the label it says, on the dev rows, after quantization."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from analyzers.calibration import Calibration, Floats, fit_offsets, fit_probabilities
from analyzers.heads import LABELS, MEASURES
from analyzers.model import EmbeddedModel
from analyzers.scores import figure, scores
from analyzers.training.rows import Row

UNSHIFTED = frozenset({"sentiment"})
"""Heads whose probabilities keep the even shares they were trained with: how many posts of a place are negative
differs so much from place to place that the shares of one dev set would be a guess about all others."""
SAID_AS_LIKELY = frozenset({"derailment"})
"""Heads without offsets: the likeliest label is said. The other heads' are chosen for their measure."""


def calibrate(model: EmbeddedModel, dev: Sequence[Row]) -> dict[str, Calibration]:
    """Return a calibration for every head of `model`, fitted on the rows of `dev` that are its task's."""
    fitted: dict[str, Calibration] = {}
    for task in LABELS:
        mine = [row for row in dev if row.task == task]
        if not mine:
            fitted[task] = Calibration()
            continue
        truth = np.array([row.label for row in mine])
        fitted[task] = calibrate_head(task, logits(model, task, mine), truth)
    return fitted


def calibrate_head(task: str, values: Floats, truth: NDArray[np.int64]) -> Calibration:
    """Return the calibration of one head, given its logits for rows whose label indices are `truth`."""
    fitted = fit_probabilities(values, truth, shifted=task not in UNSHIFTED)
    if task in SAID_AS_LIKELY:
        return fitted
    offset = fit_offsets(fitted.probabilities(values), measured(task, truth))
    return Calibration(fitted.temperature, fitted.bias, offset)


def measured(task: str, truth: NDArray[np.int64]) -> Callable[[NDArray[np.int64]], float]:
    """Return a function from the label indices said to the measure of `task`, given the true ones."""
    labels = LABELS[task]
    real = [labels[index] for index in truth]

    def value(said: NDArray[np.int64]) -> float:
        return figure(scores(real, [labels[index] for index in said], labels), MEASURES[task])

    return value


def logits(model: EmbeddedModel, task: str, rows: Sequence[Row]) -> Floats:
    """Return the logits of `task` for `rows`, (rows, labels)."""
    texts = [row.text for row in rows]
    if rows[0].other is None:
        return model.post_logits(texts)[task]
    return model.pair_logits(task, texts, [row.other or "" for row in rows])
