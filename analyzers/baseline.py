"""What is normal: how many voices a window usually has, and how surprising a count is.

Moments are float hours since an origin that the caller chose; a window of `w` hours that ends at
`p` covers (p - w, p]. A voice counts once in a window. The expected count of a window is a level
(voices an hour, over the 28 days before) times the sum of the audience's hour-of-week factors in
it; the spread around it is a negative binomial with variance mean + dispersion * mean^2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaincinv
from scipy.stats import nbinom

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

WEEK = 168
LEVEL_HOURS = 28 * 24
GUARD_HOURS = 24
"""The level ends this long before the decision, so that what is going on does not hide itself."""
PRIOR_VOICES = 0.5
"""Added to the voices counted in 28 days: a brand never spoken of still has a level."""
PRIOR_DISPERSION = 1.0
PRIOR_WEIGHT = 20.0
"""The dispersion a brand starts from, worth 20 windows with a mean of one voice (docs/how-it-decides.md)."""
LEAST_DISPERSION = 0.05
CELL_WEIGHT = 40.0
"""Posts that an hour of the week must have to count as much as its hour of day times its day of week."""
SCAN = 3.0
"""Looking every hour at overlapping windows tries this many times more often than once a window (measured)."""
PRIOR_ALIKE = 0.1
"""How alike in tone the voices of one window are (intraclass correlation) before a brand has shown it."""
PRIOR_ALIKE_WEIGHT = 200.0
"""Pairs of voices in one window that the prior is worth."""
TONE_WEIGHTS = (4.0, 40.0)
"""The usual share is known no better, and no worse, than from so many independent voices."""


@dataclass(frozen=True, slots=True)
class Level:
    """What a window ending at one moment usually has: voices expected, and their dispersion."""

    expected: float
    dispersion: float


@dataclass(frozen=True, slots=True)
class Tone:
    """The usual negative share of a window, the judged voices it comes from, and what one window's share is worth."""

    share: float
    judged: float
    weight: float


def distinct_voices(voices: Ints, times: Floats, points: Floats, window: float) -> Ints:
    """Return how many different `voices` wrote in each window of `window` hours that ends at one of `points`.

    `voices[i]` wrote at `times[i]`; `points` ascend. Cost is that of sorting the posts.
    """
    counts = np.zeros(points.size + 1, dtype=np.int64)
    if voices.size:
        order = np.lexsort((times, voices))
        who, start = voices[order], times[order]
        end = start + window
        again = who[1:] == who[:-1]
        end[:-1] = np.where(again, np.minimum(end[:-1], start[1:]), end[:-1])
        np.add.at(counts, np.searchsorted(points, start, side="left"), 1)
        np.add.at(counts, np.searchsorted(points, end, side="left"), -1)
    return np.cumsum(counts[:-1])


def week_profile(posts_an_hour: Mapping[datetime, int], zone: ZoneInfo) -> Floats:
    """Return 168 factors with mean 1, Monday 00:00 first: how busy the audience is at each hour of its week.

    `posts_an_hour`: all posts held, whatever they speak of, by the aware hour they were written in.
    A cell is shrunk towards its hour of the day times its day of the week, and those towards 1; a
    single hour counts at most four times the usual, so that one big day does not become a habit.
    """
    cells, days = np.zeros((7, 24)), np.zeros((7, 24))
    if posts_an_hour:
        first, last = min(posts_an_hour), max(posts_an_hour)
        hours = [first + timedelta(hours=step) for step in range(1 + int((last - first) / timedelta(hours=1)))]
        counts = np.array([posts_an_hour.get(hour, 0) for hour in hours], dtype=np.float64)
        for _ in range(2):  # The first clip takes the big hour out of the mean that the second clips by.
            counts = np.minimum(counts, 4 * max(float(counts.mean()), 1.0))
        for hour, count in zip(hours, counts.tolist(), strict=True):
            cell = _hour_of_week(hour, zone)
            cells[cell] += count
            days[cell] += 1
    mean = cells.sum() / max(days.sum(), 1.0) or 1.0
    by_hour = (cells.sum(axis=0) + CELL_WEIGHT) / (mean * days.sum(axis=0) + CELL_WEIGHT)
    by_day = (cells.sum(axis=1) + CELL_WEIGHT) / (mean * days.sum(axis=1) + CELL_WEIGHT)
    usual = np.outer(by_day, by_hour)
    factors = (cells + CELL_WEIGHT * usual) / (mean * days + CELL_WEIGHT)
    flat: Floats = (factors / factors.mean()).ravel()
    return flat


@lru_cache(maxsize=20_000)
def _hour_of_week(moment: datetime, zone: ZoneInfo) -> tuple[int, int]:
    """Return the day of the week and the hour there; the same hours are asked for night after night."""
    local = moment.astimezone(zone)
    return local.weekday(), local.hour


def busy_hours(origin: datetime, points: Floats, window: float, profile: Floats, zone: ZoneInfo) -> Floats:
    """Return the sum of the profile's factors over each window, in hours (a fraction of an hour counts in part)."""
    first, last = int(np.floor(points.min() - window)), int(np.ceil(points.max())) + 1
    grid = np.arange(first, last + 1)
    factors = np.empty(grid.size)
    for place, hour in enumerate(grid):
        day, cell = _hour_of_week(origin + timedelta(hours=int(hour)), zone)
        factors[place] = profile[day * 24 + cell]
    running = np.concatenate(([0.0], np.cumsum(factors)))
    edges = np.concatenate((grid, [grid[-1] + 1])).astype(np.float64)
    upto: Floats = np.interp(points, edges, running) - np.interp(points - window, edges, running)
    return upto


def level_at(point: float, points: Floats, counts: Ints, busy: Floats, quiet: Flags, window: float) -> Level:
    """Return what the window ending at `point` usually has, from the quiet windows of the 28 days before.

    Where a long episode left less than a week of them, older quiet windows serve too. Raises
    ValueError when there is none at all: then nothing can be called unusual.
    """
    first, last = np.searchsorted(points, (point - LEVEL_HOURS - GUARD_HOURS, point - GUARD_HOURS), side="right")
    if np.count_nonzero(quiet[first:last]) < WEEK:
        first = 0
    used = quiet[first:last]
    seen_before, busy_before = counts[first:last][used], busy[first:last][used]
    if not seen_before.size:
        raise ValueError("no quiet window before")
    # Windows overlap: `window` of them in a row count as one.
    seen, span = seen_before.sum() / window, busy_before.sum() / window
    rate = (seen + PRIOR_VOICES) / max(span, 1e-9)
    means = rate * busy_before
    excess = float((((seen_before - means) ** 2) - means).sum() / window)
    size = float((means**2).sum() / window)
    dispersion = (excess + PRIOR_WEIGHT * PRIOR_DISPERSION) / (size + PRIOR_WEIGHT)
    here = float(np.interp(point, points, busy))
    return Level(float(rate * here), max(dispersion, LEAST_DISPERSION))


def tail(count: int, level: Level) -> float:
    """Return P(X >= count) under the level's negative binomial."""
    if count <= 0:
        return 1.0
    shape = 1.0 / level.dispersion
    return float(nbinom.sf(count - 1, shape, shape / (shape + level.expected)))


def return_period(count: int, level: Level, window: float) -> float:
    """Return the days between windows with `count` voices or more when all is well ("not seen in N days")."""
    return window / 24 / (SCAN * max(tail(count, level), 1e-12))


def tone_at(negative: Floats, judged: Floats, window: float) -> Tone:
    """Return the usual negative share from the counts of voices in quiet windows (parallel, overlapping).

    Voices of one window sit in the same few threads and are alike in tone. `weight` is how many
    independent voices one window's share is worth: (1 - c) / c with c the intraclass correlation
    by moments (Ridout, Demetrio and Firth 1999), shrunk towards `PRIOR_ALIKE`.
    """
    seen, heard = float(negative.sum()) / window, float(judged.sum()) / window
    share = (seen + 1.0) / (heard + 4.0)
    spread = float(((negative - judged * share) ** 2).sum()) / window / (share * (1 - share))
    pairs = float((judged * (judged - 1)).sum()) / window
    alike = (spread - heard + PRIOR_ALIKE * PRIOR_ALIKE_WEIGHT) / (pairs + PRIOR_ALIKE_WEIGHT)
    weight = min(max(1 / max(alike, 1e-3) - 1, TONE_WEIGHTS[0]), TONE_WEIGHTS[1])
    return Tone(share, heard, weight)


def more_negative(negative: int, judged: int, tone: Tone) -> float:
    """Return P(negative share > the usual share), both beta-distributed, given `negative` of `judged` voices now."""
    usual, weight = tone.share, tone.weight
    quantiles = betaincinv(usual * weight, (1 - usual) * weight, (np.arange(128) + 0.5) / 128)
    alpha, beta = negative + 2 * usual, judged - negative + 2 * (1 - usual)
    return float(np.mean(1.0 - betainc(alpha, beta, quantiles)))


def quiet_windows(
    points: Floats,
    counts: Ints,
    busy: Floats,
    observed: Flags,
    window: float,
    *,
    least: int,
    factor: float,
    days: float,
) -> Flags:
    """Return which windows may count as normal: observed, and not part of a burst.

    A burst is a window that itself would pass the gates of an episode (`least` voices, `factor`
    times the usual, not seen in `days`); everything that shares an hour with it is left out. The
    first pass clips the counts, so that a burst cannot hide behind the level it raised.
    """
    quiet = observed.copy()
    clipped = np.minimum(counts, max(least - 1, int(np.quantile(counts[observed], 0.9)))) if observed.any() else counts
    for values in (clipped, counts, counts):
        if not quiet.any():
            return observed
        seen, span = values[quiet].sum() / window, busy[quiet].sum() / window
        means = (seen + PRIOR_VOICES) / max(span, 1e-9) * busy
        excess = float((((values[quiet] - means[quiet]) ** 2) - means[quiet]).sum() / window)
        size = float((means[quiet] ** 2).sum() / window)
        spread = max((excess + PRIOR_WEIGHT * PRIOR_DISPERSION) / (size + PRIOR_WEIGHT), LEAST_DISPERSION)
        shape = 1.0 / spread
        tails = nbinom.sf(counts - 1, shape, shape / (shape + means))
        burst = (counts >= least) & (counts >= factor * means) & (tails < window / 24 / (SCAN * days))
        quiet = observed & ~_spread(points, burst, window)
    return quiet


def _spread(points: Floats, flags: Flags, hours: float) -> Flags:
    """Return the points within `hours` of a flagged one."""
    marks = np.zeros(points.size + 1, dtype=np.int64)
    np.add.at(marks, np.searchsorted(points, points[flags] - hours, side="left"), 1)
    np.add.at(marks, np.searchsorted(points, points[flags] + hours, side="right"), -1)
    spread: Flags = np.cumsum(marks[:-1]) > 0
    return spread
