"""Posts in time as bars, for a mail that shows no images."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tocsin.digest.facts import Moment

BAR_HEIGHT = 56
MOST_BARS = 30
_STEPS_H = (1, 2, 3, 6, 12, 24, 72, 168)


@dataclass(frozen=True, slots=True)
class Bar:
    """One stretch of time: its label, its counts, and the heights of its two parts in pixels."""

    label: str
    negative: int
    other: int
    negative_height: int
    other_height: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """Bars of `step_hours` each, first to last; `summary` says in words what they show."""

    step_hours: int
    bars: tuple[Bar, ...]
    summary: str


def timeline(talk: Sequence[Moment], onset: datetime, now: datetime, zone: ZoneInfo) -> Timeline | None:
    """Return the bars from a while before `onset` (aware UTC) to `now`; None when there is nothing to show.

    The step is the smallest of 1, 2, 3, 6, 12 h... that needs at most `MOST_BARS` bars; the last bar
    ends at the full hour after `now`.
    """
    length_h = max((now - onset) / timedelta(hours=1), 1.0)
    shown_h = length_h + max(6.0, length_h / 3)
    step_h = next((step for step in _STEPS_H if shown_h / step <= MOST_BARS), _STEPS_H[-1])
    count = min(int(-(-shown_h // step_h)), MOST_BARS)
    step = timedelta(hours=step_h)
    first = _next_hour(now) - count * step
    negative: Counter[int] = Counter()
    other: Counter[int] = Counter()
    for moment in talk:
        place = int((moment.created_at - first) / step) if first <= moment.created_at <= now else -1
        if place >= 0:
            (negative if moment.negative else other)[min(place, count - 1)] += 1
    top = max((negative[i] + other[i] for i in range(count)), default=0)
    if top == 0:
        return None
    bars = tuple(
        Bar(
            label=_clock(first + i * step, zone),
            negative=negative[i],
            other=other[i],
            negative_height=_height(negative[i], top),
            other_height=_height(other[i], top),
        )
        for i in range(count)
    )
    return Timeline(step_h, bars, _summary(bars, step_h))


def _next_hour(now: datetime) -> datetime:
    whole = now.replace(minute=0, second=0, microsecond=0)
    return whole if whole == now else whole + timedelta(hours=1)


def _height(count: int, top: int) -> int:
    return max(2, round(BAR_HEIGHT * count / top)) if count else 0


def _clock(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %H:%M}"


def _summary(bars: Sequence[Bar], step_h: int) -> str:
    highest = max(bars, key=lambda bar: bar.negative + bar.other)
    span = "an hour" if step_h == 1 else f"{step_h} h" if step_h < 24 else f"{step_h // 24} d"
    total = sum(bar.negative + bar.other for bar in bars)
    negative = sum(bar.negative for bar in bars)
    return (
        f"{total} posts, {negative} of them negative; most in {span} from {highest.label}: "
        f"{highest.negative + highest.other} posts, {highest.negative} negative"
    )
