"""Fit the weights of a thread risk on forecasts whose outcome is known, and judge them on threads they have not seen.

A penalised logistic regression (Hastie, Tibshirani, Friedman 2009, section 4.4.4) with a normal prior around
weights that one starts from: little data changes little. The ages are fitted together, each age's weight being
drawn towards what all ages have in common (partial pooling; Gelman, Hill 2007, section 12.2). No weight may
become negative. The log-odds are then stretched and shifted so that a probability means what it says (Platt
1999), on forecasts that cross-validation made for threads it had left out.

Pure: rows in, values out, and the same rows give the same weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from analyzers.errors import TooFewOutcomesError
from analyzers.risk_figures import RiskFigures, figures_of
from analyzers.risk_weights import AGES, PARTS, RiskWeights

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FOLDS = 5
LEAST_OUTCOMES = 10
"""Threads that became a pile-on, below which nothing is fitted; as many that did not are asked for."""
SPREAD = 1.0
"""How far a weight may lie from where it started, as a standard deviation in units of the weight set by hand."""
SPREAD_OF_AGES = 0.5
"""How far one age's weight may lie from what all ages have in common, in the same units."""
INTERCEPT_SPREAD, INTERCEPT_SPREAD_OF_AGES = 2.0, 1.0
SLOPE_SPREAD, SHIFT_SPREAD = 0.5, 1.0


@dataclass(frozen=True, slots=True)
class Forecasts:
    """Forecasts whose outcome is known, one a row.

    `parts` (rows x PARTS): how far each part lies over its usual value, 0 where it was not observed. `ages`:
    the place in `AGES`. `met`: 1.0 where the thread met the outcome. `groups`: rows of one group (a thread, a
    community) are never on both sides of a cross-validation. `weights`: what a row counts.
    """

    parts: Floats
    ages: Ints
    met: Floats
    groups: Ints
    weights: Floats

    def some(self, chosen: NDArray[np.bool_]) -> Forecasts:
        """Return the chosen rows."""
        return Forecasts(
            self.parts[chosen], self.ages[chosen], self.met[chosen], self.groups[chosen], self.weights[chosen]
        )


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a fit gave: calibrated weights, and how it and the weights it started from do on threads left out."""

    weights: RiskWeights
    figures: RiskFigures
    started_from: RiskFigures
    slope: float
    shift: float


def forecasts(
    rows: Sequence[tuple[Mapping[str, float | None], float, bool]], groups: Sequence[int], weights: Sequence[float]
) -> Forecasts:
    """Return rows of (parts, age in hours, met) as arrays; an age counts as the nearest of `AGES`."""
    values = [
        [0.0 if parts.get(name) is None else part.over_usual(float(parts[name] or 0.0)) for name, part in PARTS.items()]
        for parts, _, _ in rows
    ]
    hours = np.array([age for _, age, _ in rows], dtype=np.float64)
    return Forecasts(
        parts=np.array(values, dtype=np.float64).reshape(len(rows), len(PARTS)),
        ages=np.abs(hours[:, None] - np.array(AGES)).argmin(axis=1).astype(np.int64),
        met=np.array([met for *_, met in rows], dtype=np.float64),
        groups=np.array(groups, dtype=np.int64),
        weights=np.array(weights, dtype=np.float64),
    )


def fit(rows: Forecasts, prior: RiskWeights, version: str) -> Fitted:
    """Return weights fitted on `rows` with `prior` (at the ages of `AGES`) as the start, and how good they are.

    Raises `TooFewOutcomesError` when fewer than `LEAST_OUTCOMES` groups have a thread that met the outcome, or
    that did not.
    """
    with_one, without = (len(np.unique(rows.groups[rows.met == met])) for met in (1.0, 0.0))
    if min(with_one, without) < LEAST_OUTCOMES:
        raise TooFewOutcomesError(
            f"{with_one} threads became a pile-on and {without} did not; a fit needs {LEAST_OUTCOMES} of each"
        )
    folds = _folds(rows)
    odds = np.zeros(len(rows.met))
    for fold in range(FOLDS):
        odds[folds == fold] = log_odds(rows.some(folds == fold), *_fitted(rows.some(folds != fold), prior))
    judged = np.zeros(len(rows.met))
    for fold in range(FOLDS):
        rest = folds != fold
        slope, shift = _calibrated(odds[rest], rows.met[rest], rows.weights[rest])
        judged[folds == fold] = expit(slope * odds[folds == fold] + shift)
    slope, shift = _calibrated(odds, rows.met, rows.weights)
    intercepts, weights = _fitted(rows, prior)
    return Fitted(
        weights=RiskWeights(
            version=version,
            ages=AGES,
            intercepts=tuple(round(float(slope * value + shift), 4) for value in intercepts),
            per_unit={
                name: tuple(round(float(slope * value), 4) for value in weights[:, place])
                for place, name in enumerate(PARTS)
            },
        ),
        figures=figures_of(judged, rows.met, rows.groups, rows.weights, _constant(rows, folds)),
        started_from=figures_of(
            expit(log_odds(rows, *_arrays(prior))), rows.met, rows.groups, rows.weights, _constant(rows, folds)
        ),
        slope=round(slope, 4),
        shift=round(shift, 4),
    )


def log_odds(rows: Forecasts, intercepts: Floats, weights: Floats) -> Floats:
    """Return the log-odds of each row; `intercepts` (ages) and `weights` (ages x parts)."""
    odds: Floats = intercepts[rows.ages] + (rows.parts * weights[rows.ages]).sum(axis=1)
    return odds


def left_out(rows: Forecasts, prior: RiskWeights) -> Floats:
    """Return the log-odds of each row from weights fitted on all other groups, not calibrated."""
    odds = np.zeros(len(rows.met))
    for group in np.unique(rows.groups):
        mine = rows.groups == group
        odds[mine] = log_odds(rows.some(mine), *_fitted(rows.some(~mine), prior))
    return odds


def _fitted(rows: Forecasts, prior: RiskWeights) -> tuple[Floats, Floats]:
    """Return the intercepts (ages) and weights (ages x parts) that maximise the penalised likelihood."""
    start_at, start = _arrays(prior)
    count, width = start.shape
    spread = SPREAD * np.array([part.by_hand for part in PARTS.values()])
    ends = np.cumsum([1, count, width])

    def loss(point: Floats) -> tuple[float, Floats]:
        shared_shift, shift, shared, weights = np.split(point, ends)
        weights = weights.reshape(count, width)
        odds = log_odds(rows, start_at + shift, weights)
        off = rows.weights * (expit(odds) - rows.met)
        by_age = np.stack([np.bincount(rows.ages, off * column, count) for column in rows.parts.T], axis=1)
        apart, aside = (weights - start - shared) / (SPREAD_OF_AGES * spread), shift - shared_shift
        value = float((rows.weights * (np.logaddexp(0.0, odds) - rows.met * odds)).sum())
        value += 0.5 * float(((shared / spread) ** 2).sum() + (apart**2).sum())
        value += 0.5 * float((shared_shift[0] / INTERCEPT_SPREAD) ** 2 + (aside**2).sum() / INTERCEPT_SPREAD_OF_AGES**2)
        back = apart / (SPREAD_OF_AGES * spread)
        aside = aside / INTERCEPT_SPREAD_OF_AGES**2
        return value, np.concatenate(
            [
                shared_shift / INTERCEPT_SPREAD**2 - aside.sum(),
                np.bincount(rows.ages, off, count) + aside,
                shared / spread**2 - back.sum(axis=0),
                (by_age + back).ravel(),
            ]
        )

    first = np.concatenate([np.zeros(1 + count + width), start.ravel()])
    bounds = [(None, None)] * (1 + count + width) + [(0.0, None)] * (count * width)
    found = minimize(
        loss, first, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 2_000, "maxfun": 4_000}
    )
    _, shift, _, weights = np.split(found.x, ends)
    return start_at + shift, weights.reshape(count, width)


def _calibrated(odds: Floats, met: Floats, weights: Floats) -> tuple[float, float]:
    """Return the slope (never negative) and the shift that make `odds` say what they mean, drawn towards 1 and 0."""

    def loss(point: Floats) -> tuple[float, Floats]:
        shifted = point[0] * odds + point[1]
        off = weights * (expit(shifted) - met)
        value = float((weights * (np.logaddexp(0.0, shifted) - met * shifted)).sum())
        value += 0.5 * float(((point[0] - 1.0) / SLOPE_SPREAD) ** 2 + (point[1] / SHIFT_SPREAD) ** 2)
        slope = (off * odds).sum() + (point[0] - 1.0) / SLOPE_SPREAD**2
        return value, np.array([slope, off.sum() + point[1] / SHIFT_SPREAD**2])

    found = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=[(0.0, None), (None, None)])
    return float(found.x[0]), float(found.x[1])


def _folds(rows: Forecasts) -> Ints:
    """Return the fold of each row: groups with an outcome are dealt round, then the others, in their order."""
    numbers, place = np.unique(rows.groups, return_inverse=True)
    has_one = np.bincount(place, rows.met, len(numbers)) > 0
    dealt = np.zeros(len(numbers), dtype=np.int64)
    for kind in (has_one, ~has_one):
        dealt[kind] = np.arange(kind.sum()) % FOLDS
    found: Ints = dealt[place]
    return found


def _constant(rows: Forecasts, folds: Ints) -> Floats:
    """Return, for each row, the share of outcomes in the other folds: what one would say knowing nothing."""
    shares = np.array(
        [np.average(rows.met[folds != fold], weights=rows.weights[folds != fold]) for fold in range(FOLDS)]
    )
    found: Floats = shares[folds]
    return found


def _arrays(weights: RiskWeights) -> tuple[Floats, Floats]:
    if weights.ages != AGES:
        raise ValueError(f"weights at other ages than {AGES}")
    return np.array(weights.intercepts), np.array([weights.per_unit[name] for name in PARTS]).T
