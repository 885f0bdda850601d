"""The volume stage: is more being said than usual? From counts alone, before anybody asks who speaks or in which tone.

Counts come every five minutes. The count of the last half hour is held against a high level of this
series' own last fortnight: what the half-hour count passes in 2 % of the time, half an hour a day. A
quantile, because counts have bursts that would drown a mean and its deviation; so high a one, because
what is to be told from an alarm is the burst of an ordinary day, not the ordinary minute (peaks over
a high threshold: Leadbetter 1991, Statistics & Probability Letters 12:357; as a streaming alarm:
Siffer et al. 2017, KDD, "Anomaly detection in streams with extreme value theory", whose fit of a
Pareto tail did not hold on series left out, see docs/how-it-decides.md). After an alarm the same
burst says nothing new: there is no second alarm for a day.

Everything here is causal: what is said of a row uses that row and those before it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from analyzers.errors import VolumeSeriesError

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

STEP = timedelta(minutes=5)
DAY_ROWS = 288
BURST_ROWS = 6
"""Half an hour: one row alone is too often one automatic account; an hour finds no more and later."""
PLUS = 0.5
"""Added to both means: a post or two in a silent series are no news, three in half an hour are."""
LEVEL_ROWS = 14 * DAY_ROWS
LEVEL_SHARE = 0.98
LEVEL_EVERY = 12
"""The level is taken anew every hour."""
LEAST_ROWS = DAY_ROWS
"""No claim before a day was counted."""
LIMIT_TIMES = 1.8
"""An alarm is at least so many times the level; frozen on five series (docs/how-it-decides.md)."""
REST_ROWS = DAY_ROWS
ALARM_SCORE = 0.5
"""A row is an alarm when its score reaches this."""


@dataclass(frozen=True, slots=True)
class Volume:
    """What the counts say, row by row.

    `excess` is the log of (half-hour mean + .5) over (level + .5), nan where nothing can be said: a
    missing count, or too little history. `alarms` are the rows that open an alarm. `scores` lie in
    0..1 and reach `ALARM_SCORE` at alarms only.
    """

    excess: Floats
    alarms: Flags
    scores: Floats


def volume(counts: Sequence[float] | Floats, limit_times: float = LIMIT_TIMES) -> Volume:
    """Judge `counts` of every five minutes, in order of time; nan where a count is missing (blind is not 0).

    An alarm is at least `limit_times` the level. Raises VolumeSeriesError when a count is negative or infinite.
    """
    values = np.asarray(counts, dtype=np.float64).reshape(-1)
    bad = np.flatnonzero((values < 0) | np.isinf(values))
    if bad.size:
        raise VolumeSeriesError(f"row {bad[0] + 1}: {values[bad[0]]:g} is no count; counts are 0 or more")
    excess = _excess(values)
    over = np.nan_to_num(excess, nan=-np.inf) - math.log(limit_times)
    alarms = _alarms(over)
    return Volume(excess, alarms, _scores(over, alarms))


def places(moments: Sequence[datetime]) -> Ints:
    """Return the place of each moment on a grid of five minutes that starts with the first.

    A pause leaves places empty (no more than the memory holds: what is older is forgotten anyway).
    Raises VolumeSeriesError where two rows lie closer than half a step or time runs backwards.
    """
    found = np.zeros(len(moments), dtype=np.int64)
    for row in range(1, len(moments)):
        gap = moments[row] - moments[row - 1]
        if gap < STEP / 2:
            raise VolumeSeriesError(
                f"rows {row} and {row + 1}: {gap.total_seconds():g} s apart; one count every {STEP.seconds} s is needed"
            )
        found[row] = found[row - 1] + min(max(1, round(gap / STEP)), LEVEL_ROWS + BURST_ROWS)
    return found


def on_grid(moments: Sequence[datetime], counts: Sequence[float]) -> tuple[Floats, Ints]:
    """Return the counts with pauses filled by nan, and where in it each row stands. Raises VolumeSeriesError."""
    at = places(moments)
    values = np.full(int(at[-1]) + 1 if at.size else 0, np.nan)
    values[at] = counts
    return values, at


def _excess(values: Floats) -> Floats:
    """Return the log of the half-hour mean over the level, both plus `PLUS`."""
    logs = np.log(_burst(values) + PLUS)
    excess = np.full(values.size, np.nan)
    for start in range(LEAST_ROWS, values.size, LEVEL_EVERY):
        before = logs[max(0, start - LEVEL_ROWS) : start]
        known = before[~np.isnan(before)]
        if known.size >= LEAST_ROWS:
            hour = slice(start, start + LEVEL_EVERY)
            excess[hour] = logs[hour] - np.quantile(known, LEVEL_SHARE)
    return excess


def _burst(values: Floats) -> Floats:
    """Return the mean of the counts known in the half hour up to each row; nan where the row itself is missing."""
    known = ~np.isnan(values)
    sums = np.concatenate(([0.0], np.cumsum(np.where(known, values, 0.0))))
    seen = np.concatenate(([0], np.cumsum(known)))
    end = np.arange(1, values.size + 1)
    begin = np.maximum(end - BURST_ROWS, 0)
    mean = (sums[end] - sums[begin]) / np.maximum(seen[end] - seen[begin], 1)
    return np.where(known, mean, np.nan)


def _alarms(over: Floats) -> Flags:
    alarms = np.zeros(over.size, dtype=np.bool_)
    rested = 0
    for row in np.flatnonzero(over >= 0).tolist():
        if row >= rested:
            alarms[row] = True
            rested = row + REST_ROWS + 1
    return alarms


def _scores(over: Floats, alarms: Flags) -> Floats:
    """Return .5 and more for alarms (.75 at twice the limit), less for all others, rising with what is over it."""
    quiet = ALARM_SCORE * 0.98 * np.exp(np.minimum(over, 0.0))
    scores: Floats = np.where(alarms, 1.0 - ALARM_SCORE * np.exp(-np.maximum(over, 0.0)), quiet)
    return scores
