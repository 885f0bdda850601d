"""Fit one linear head to a few labels of the user's own, without forgetting what it knew.

The encoder and the pooling stay as they are; the head's weights move by penalised likelihood: multinomial logistic
regression on the pooled features with an L2 penalty on the distance from the head that ships (a Gaussian prior
around it; Chelba and Acero 2004, section 3, adapt a maximum-entropy model so). The likelihood is a sum over
the labels and the penalty is not, so a few dozen labels move a head a little and hundreds move it further. The
calibration stays too: its temperature and bias are part of the likelihood, so the fit is calibrated as it moves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyzers.calibration import Calibration, Floats, log_softmax
from analyzers.scores import scores

Doubles = NDArray[np.float64]
Whole = NDArray[np.int64]

HELD_BACK = 0.25
"""Share of the labels that no fit sees."""
FEWEST_LABELS = 20
FOLDS = 5
STRENGTHS = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
"""Penalties that cross-validation chooses from; features are scaled to unit mean square length first."""
SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Head:
    """A linear head: `weight` is (labels, pooled width), `bias` (labels,)."""

    weight: Floats
    bias: Floats

    def arrays(self, task: str) -> dict[str, Floats]:
        """Return the head as `heads.npz` holds it under `task`."""
        return {f"{task}.weight": self.weight, f"{task}.bias": self.bias}

    def probabilities(self, features: Floats, calibration: Calibration) -> Floats:
        """Return calibrated probabilities, (rows, labels)."""
        logits: Floats = features @ self.weight.T + self.bias
        return calibration.probabilities(logits)


@dataclass(frozen=True, slots=True)
class Examples:
    """Labelled rows of one head: what it reads of each, (rows, pooled width), its label's index, its identity."""

    features: Floats
    truth: Whole
    keys: tuple[str, ...]

    def only(self, chosen: NDArray[np.bool_]) -> Examples:
        """Return the rows where `chosen`."""
        keys = tuple(key for key, wanted in zip(self.keys, chosen, strict=True) if wanted)
        return Examples(self.features[chosen], self.truth[chosen], keys)


def is_held_back(key: str) -> bool:
    """Return whether rows of this identity are held back: by its hash, so it never changes."""
    return int.from_bytes(_hash(key, "held back")[:4]) < HELD_BACK * 2**32


def split(examples: Examples) -> tuple[Examples, Examples]:
    """Return the rows to learn from, and those held back."""
    held = np.array([is_held_back(key) for key in examples.keys], bool)
    return examples.only(~held), examples.only(held)


def why_not(truth: Sequence[int], held: Sequence[bool]) -> str | None:
    """Return why a head is left alone, given each label's index and whether it is held back; None: it is not."""
    if len(truth) < FEWEST_LABELS:
        return f"{len(truth)} of the {FEWEST_LABELS} labels it needs"
    for name, part in (("to learn from", False), ("held back", True)):
        if len({label for label, back in zip(truth, held, strict=True) if back is part}) < 2:
            return f"the labels {name} are all of one kind; label more posts"
    return None


def refit(anchor: Head, learn: Examples, calibration: Calibration) -> Head:
    """Return `anchor` moved towards the labels of `learn`, as far as cross-validation finds it to help.

    Where moving lowers the log loss by less than a standard error of that difference, `anchor` is returned.
    """
    unmoved = log_losses(anchor.probabilities(learn.features, calibration), learn.truth)
    folds = _folds(learn)
    losses = {strength: _cross_validated(anchor, learn, calibration, folds, strength) for strength in STRENGTHS}
    best = min(losses, key=lambda strength: (losses[strength].mean(), -strength))
    gain = unmoved - losses[best]
    if gain.mean() <= gain.std() / np.sqrt(len(gain)):
        return anchor
    return fit(anchor, learn, calibration, best)


def fit(anchor: Head, learn: Examples, calibration: Calibration, strength: float) -> Head:
    """Return the head that minimises log loss (summed) + `strength` / 2 x squared distance from `anchor`."""
    from scipy.optimize import minimize  # noqa: PLC0415  as in `calibration`: tagging imports this file and fits nothing

    centre = learn.features.mean(axis=0, dtype=np.float64)
    features = learn.features.astype(np.float64) - centre
    scale = float(np.sqrt((features**2).sum(axis=1).mean())) or 1.0
    features = np.hstack([features / scale, np.ones((len(features), 1))])
    start = anchor.probabilities(learn.features, calibration).astype(np.float64)
    logits = np.log(np.maximum(start, 1e-12))
    rows = np.arange(len(learn.truth))
    shape = (start.shape[1], features.shape[1])

    def loss(point: Doubles) -> tuple[float, Doubles]:
        move = point.reshape(shape)
        logs = log_softmax(logits + features @ move.T / calibration.temperature)
        off = np.exp(logs)
        off[rows, learn.truth] -= 1.0
        slope = off.T @ features / calibration.temperature + strength * move
        return float(-logs[rows, learn.truth].sum() + strength / 2 * (move**2).sum()), slope.ravel()

    found = minimize(loss, np.zeros(shape[0] * shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 500})
    move = found.x.reshape(shape)
    weight, shift = move[:, :-1] / scale, move[:, -1]
    return Head((anchor.weight + weight).astype(np.float32), (anchor.bias + shift - weight @ centre).astype(np.float32))


@dataclass(frozen=True, slots=True)
class Figures:
    """How a head does on the held-back labels: macro F1 of the labels it says, mean log loss in nats."""

    macro_f1: float
    log_loss: float


def judged(head: Head, held: Examples, calibration: Calibration, labels: Sequence[str]) -> Figures:
    """Return the figures of `head` on `held`."""
    found = head.probabilities(held.features, calibration)
    said = [labels[index] for index in calibration.decide(found)]
    f1 = scores([labels[index] for index in held.truth], said, labels).macro_f1
    return Figures(f1, float(log_losses(found, held.truth).mean()))


def guessing(learn: Examples, held: Examples, labels: int) -> float:
    """Return the log loss on `held` of saying the same of every row: the shares of the labels in `learn`."""
    shares = (np.bincount(learn.truth, minlength=labels) + 1.0) / (len(learn.truth) + labels)
    return float(-np.log(shares[held.truth]).mean())


def why_refused(old: Figures, new: Figures, guessed: float) -> str | None:
    """Return why a refitted head is not kept, given the log loss of guessing; None: it is.

    A head that learns to be unsure gains log loss on labels that do not follow from the texts at all; it must
    therefore beat guessing as well.
    """
    if new.macro_f1 < old.macro_f1 - SLACK:
        return "macro F1 fell"
    if new.log_loss > old.log_loss + SLACK:
        return "log loss rose"
    if new.log_loss >= guessed:
        return "guessing does as well: these labels do not follow from the texts"
    return None


def log_losses(probabilities: Floats, truth: Whole) -> Doubles:
    """Return each row's negative log probability of its true label, in nats, at most that of 1e-9."""
    found: Doubles = -np.log(np.maximum(probabilities[np.arange(len(truth)), truth].astype(np.float64), 1e-9))
    return found


def _cross_validated(anchor: Head, learn: Examples, calibration: Calibration, folds: Whole, strength: float) -> Doubles:
    losses = np.zeros(len(folds))
    for fold in range(int(folds.max()) + 1):
        inside = folds == fold
        moved = fit(anchor, learn.only(~inside), calibration, strength)
        left = learn.only(inside)
        losses[inside] = log_losses(moved.probabilities(left.features, calibration), left.truth)
    return losses


def _folds(learn: Examples) -> Whole:
    """Return each row's fold: rows of one identity together, the labels dealt out evenly."""
    label_of = dict(zip(learn.keys, map(int, learn.truth), strict=True))
    deal = sorted(label_of, key=lambda key: (label_of[key], _hash(key, "fold")))
    fold_of = {key: place % FOLDS for place, key in enumerate(deal)}
    return np.array([fold_of[key] for key in learn.keys])


def _hash(key: str, purpose: str) -> bytes:
    return hashlib.blake2b(key.encode(), digest_size=8, person=purpose.encode()).digest()
