"""From logits to probabilities that mean what they say, and from these to the label that is said.

A head's logits are divided by one temperature and shifted by one bias a label, fitted on the dev rows by
likelihood (temperature scaling, Guo et al. 2017, section 4.2; the bias is the shift part of their vector
scaling, and corrects the class weights of the training). A label is *said* by the likeliest one after the
head's offsets, which were chosen for the head's own measure: a rare class that matters is said earlier
than at one half, while its probability stays what it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Calibration:
    """`temperature` and `bias` make probabilities of logits, `offset` (in log-probability) a label of these."""

    temperature: float = 1.0
    bias: tuple[float, ...] = ()
    offset: tuple[float, ...] = ()

    def probabilities(self, logits: Floats) -> Floats:
        """Return calibrated probabilities, in the shape of `logits`."""
        shift = np.array(self.bias or 0.0, np.float32)
        found: Floats = np.exp(log_softmax(logits / np.float32(self.temperature) + shift))
        return found

    def decide(self, probabilities: Floats) -> NDArray[np.int64]:
        """Return the index of the label said of each row."""
        shifted = np.log(np.maximum(probabilities, 1e-9)) + np.array(self.offset or 0.0, np.float32)
        chosen: NDArray[np.int64] = shifted.argmax(axis=1)
        return chosen

    def as_json(self) -> dict[str, object]:
        """Return the three as plain values."""
        return {"temperature": self.temperature, "bias": list(self.bias), "offset": list(self.offset)}


def read_calibration(stored: Mapping[str, Any], labels: Sequence[str]) -> Calibration:
    """Return what `as_json` gave. Raises `ValueError` when it has another number of labels."""
    bias, offset = (tuple(float(value) for value in stored[key]) for key in ("bias", "offset"))
    if {len(bias), len(offset)} - {0, len(labels)}:
        raise ValueError(f"calibration for {len(bias)} labels, the head has {len(labels)}")
    return Calibration(float(stored["temperature"]), bias, offset)


def fit_probabilities(logits: Floats, truth: NDArray[np.int64], *, shifted: bool) -> Calibration:
    """Return the temperature, and with `shifted` the biases, that minimise the negative log-likelihood."""
    labels = logits.shape[1]

    from scipy.optimize import minimize  # noqa: PLC0415  half a second of import, and judging does not fit

    def parts(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        bias = np.concatenate([point[1:], [0.0]]) if shifted else np.zeros(labels)
        return float(np.exp(point[0])), bias - bias.mean()

    def loss(point: NDArray[np.float64]) -> float:
        temperature, bias = parts(point)
        scaled = log_softmax(logits / temperature + bias)
        return float(-scaled[np.arange(len(truth)), truth].mean())

    start = np.zeros(labels if shifted else 1)
    found = minimize(loss, start, method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-7, "maxiter": 4_000})
    temperature, bias = parts(found.x)
    return Calibration(round(temperature, 4), tuple(round(float(value), 4) for value in bias) if shifted else ())


STEPS = np.round(np.linspace(-1.5, 1.5, 21), 2)


def fit_offsets(probabilities: Floats, measure: Callable[[NDArray[np.int64]], float]) -> tuple[float, ...]:
    """Return the offsets that give the best `measure` of the labels said, smoothed over the neighbouring steps.

    `measure` takes the label indices said of each row. The last label has offset 0. One dev set chooses among
    21 values a label, so a lone peak is luck: each value counts as the mean of itself and its two neighbours.
    """
    logs = np.log(np.maximum(probabilities, 1e-9))
    labels = probabilities.shape[1]
    steps = STEPS if labels <= 3 else STEPS[::2]
    found = np.zeros((len(steps),) * (labels - 1))
    for place in product(range(len(steps)), repeat=labels - 1):
        shift = np.array([*(steps[index] for index in place), 0.0])
        found[place] = measure((logs + shift).argmax(axis=1))
    for axis in range(labels - 1):
        padded = np.pad(found, [(1, 1) if here == axis else (0, 0) for here in range(labels - 1)], mode="edge")
        length = found.shape[axis]
        found = np.mean([np.take(padded, range(at, at + length), axis=axis) for at in range(3)], axis=0)
    best = np.unravel_index(int(found.argmax()), found.shape)
    return (*(float(steps[index]) for index in best), 0.0)


def log_softmax(logits: NDArray[Any]) -> NDArray[Any]:
    """Return log-probabilities along the last axis."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    normal: NDArray[Any] = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return normal
