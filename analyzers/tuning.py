"""Which thresholds would have spared the false alarms and kept the useful ones? Pure: figures in, proposals out.

Only thresholds whose figure every alarm carries are moved, only upwards, and never past what a useful
alarm needs. How many false alarms are too many is the budget (DESIGN: half a one a brand-month).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analyzers.replaying import told_kind
from analyzers.thresholds import Thresholds
from tocsin.store.records import Episode

LEAST_VERDICTS = 5
LEAST_FALSE = 2
"""Fewer verdicts than these say nothing: one false alarm is an accident, not a threshold."""
ABOVE = 1.05
"""A threshold is put so far above the figure of a false alarm, or half way to a useful one where that is nearer."""

FIGURES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "surprise_days": ("return_days", ("backlash",)),
    "attention_days": ("return_days", ("attention",)),
    "least_voices": ("voices", ("backlash",)),
    "least_attention": ("accounts", ("attention",)),
    "times_usual": ("times_usual", ("backlash", "attention")),
    "angrier": ("angrier_probability", ("backlash",)),
}
"""Threshold -> the part of an episode that it is held against, and the kinds of episodes it opens."""


@dataclass(frozen=True, slots=True)
class Verdicted:
    """An alarm and what was said of it."""

    episode: Episode
    useful: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """One threshold moved. `spares`: false alarms it would have spared; every useful one passes it."""

    name: str
    value: float
    before: float
    spares: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tuning:
    """What is proposed, best first, and in words why, or why nothing is.

    `false_a_month`: false alarms a brand-month as people told them; None where the time is not known.
    """

    proposals: tuple[Proposal, ...]
    why: str
    false_a_month: float | None


def propose(told: Sequence[Verdicted], usual: Thresholds, brand_months: float, budget: float) -> Tuning:
    """Return the thresholds that spare most of the false alarms, each alone, and keep every useful one."""
    false = [one.episode for one in told if not one.useful]
    rate = len(false) / brand_months if brand_months > 0 else None
    if len(told) < LEAST_VERDICTS or len(false) < LEAST_FALSE:
        return Tuning(
            (),
            f"too little feedback: judged alarms {len(told)} of at least {LEAST_VERDICTS}, false ones {len(false)} "
            f"of at least {LEAST_FALSE} (tocsin feedback EPISODE useful|false-alarm)",
            rate,
        )
    if rate is not None and rate <= budget:
        return Tuning((), f"{rate:.2f} false alarms a brand-month are within the budget of {budget:g}", rate)
    found = [proposal for name in FIGURES if (proposal := _best(name, told, usual)) is not None]
    found.sort(key=lambda one: (-len(one.spares), one.value / one.before, one.name))
    why = f"{len(false)} false alarms in {brand_months:.1f} brand-months, the budget is {budget:g} a brand-month"
    if not found:
        why += "; no single threshold tells the false ones from the useful ones"
    return Tuning(tuple(found), why, rate)


def _best(name: str, told: Sequence[Verdicted], usual: Thresholds) -> Proposal | None:
    """Return the value of one threshold that spares most false alarms and no useful one, None where none does."""
    before = float(getattr(usual, name))
    false = {one.episode.id: figure for one in told if not one.useful and (figure := _most(name, one.episode))}
    useful = [figure for one in told if one.useful and (figure := _figure(name, one.episode)) is not None]
    limit = min(useful, default=float("inf"))
    spared = {id_: figure for id_, figure in false.items() if figure < limit}
    if not spared:
        return None
    highest = max(spared.values())
    value = min(highest * ABOVE, (highest + limit) / 2)
    if name == "angrier":
        value = min((highest + min(limit, 1.0)) / 2, 0.9999)
    value = _rounded(name, value, highest, limit)
    if value <= max(before, highest) or value > limit:
        return None
    return Proposal(name, value, before, tuple(sorted(spared)))


def _figure(name: str, episode: Episode) -> float | None:
    part, kinds = FIGURES[name]
    value = episode.parts.get(part)
    return float(value) if told_kind(episode) in kinds and isinstance(value, int | float) else None


def _most(name: str, episode: Episode) -> float | None:
    """Return the most the figure may have been: a fuller window, though less rare, would open it all the same."""
    figure = _figure(name, episode)
    if figure is None or name != "least_voices":
        return figure
    usual = episode.parts.get("expected_voices")
    return max(figure, episode.voices.low + (float(usual) if isinstance(usual, int | float) else 0.0))


def _rounded(name: str, value: float, above: float, limit: float) -> float:
    """Return a number that people can read and that still lies above one figure and not above the other."""
    for digits in (0, 1, 2) if name not in ("angrier", "anger") else (3, 4):
        short = round(value, digits)
        if above < short <= limit and (name != "angrier" or short < 1):
            return short
    return value
