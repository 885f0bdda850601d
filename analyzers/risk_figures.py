"""How good forecasts of a thread's outcome are: Brier score, area under the ROC curve, reliability."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
EDGES = (0.0, 0.003, 0.01, 0.03, 0.1, 0.3, 0.6, 1.0)
"""Pile-ons are rare: bins of equal width would put nearly every forecast into the first."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Forecasts between `low` and `high`: their mean, the share that met the outcome, how many rows and threads."""

    low: float
    high: float
    forecast: float
    met: float
    rows: int
    outcomes: int


@dataclass(frozen=True, slots=True)
class RiskFigures:
    """How good forecasts are. `outcomes`: rows that met it, in `threads_with_one` of the `threads`.

    `brier`: the mean squared distance from the truth (Brier 1950), `brier_of_the_constant` that of the share of
    outcomes among the threads left in. `auc`: how often a row that met it has the higher forecast (Mann-Whitney).
    """

    rows: int
    outcomes: int
    threads: int
    threads_with_one: int
    share: float
    brier: float
    brier_of_the_constant: float
    auc: float
    bins: tuple[Bin, ...]


def figures_of(
    forecast: Floats, met: Floats, groups: NDArray[np.int64], weights: Floats, constant: Floats
) -> RiskFigures:
    """Judge `forecast` (0..1) against `met` (0 or 1), each row counting its weight; see `RiskFigures`."""
    return RiskFigures(
        rows=len(met),
        outcomes=int(met.sum()),
        threads=len(np.unique(groups)),
        threads_with_one=len(np.unique(groups[met == 1.0])),
        share=_mean(met, weights),
        brier=_mean((forecast - met) ** 2, weights),
        brier_of_the_constant=_mean((constant - met) ** 2, weights),
        auc=round(area_under_curve(forecast, met, weights), 4),
        bins=_bins(forecast, met, weights),
    )


def area_under_curve(forecast: Floats, met: Floats, weights: Floats | None = None) -> float:
    """Return the area under the ROC curve, ties counting half, rows counting their weight; nan without both kinds."""
    heavy = np.ones(len(met)) if weights is None else weights
    _, place = np.unique(forecast, return_inverse=True)
    with_it = np.bincount(place, heavy * met)
    without = np.bincount(place, heavy * (1.0 - met))
    below = np.cumsum(without) - without
    pairs = with_it.sum() * without.sum()
    return float((with_it * (below + 0.5 * without)).sum() / pairs) if pairs else float("nan")


def _bins(forecast: Floats, met: Floats, weights: Floats) -> tuple[Bin, ...]:
    place = np.clip(np.searchsorted(EDGES, forecast, side="right") - 1, 0, len(EDGES) - 2)
    found = []
    for number in range(len(EDGES) - 1):
        inside = place == number
        if inside.any():
            mean, share = _mean(forecast[inside], weights[inside]), _mean(met[inside], weights[inside])
            outcomes = int(met[inside].sum())
            found.append(Bin(EDGES[number], EDGES[number + 1], mean, share, int(inside.sum()), outcomes))
    return tuple(found)


def _mean(values: Floats, weights: Floats) -> float:
    return round(float(np.average(values, weights=weights)), 6)
