"""What the parts of a thread risk weigh: a logistic model whose weights depend on the thread's age.

log-odds = intercept(age) + sum over the parts of weight(part, age) x (value - usual), the difference cut to
`reach` either way, so that no single part decides alone. A weight is never negative: every part was chosen
because more of it should mean more (DESIGN), and a fit that says otherwise is set to nothing rather than told
backwards. Between the fitted ages intercept and weights are interpolated over log(age); before the first
and after the last the nearest one serves.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

AGES = (1.0, 3.0, 6.0, 24.0)
"""Hours of age at which forecasts are labelled and weights are fitted."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one part is held against. `by_hand`: the log-odds a unit adds before anything was fitted."""

    by_hand: float
    usual: float
    reach: float

    def over_usual(self, value: float) -> float:
        """Return how far `value` lies above the usual one, cut to `reach` either way."""
        return max(-self.reach, min(self.reach, value - self.usual))


PARTS: Mapping[str, Part] = {
    "negative_voices": Part(1.5, math.log1p(1), 2.7),
    "acceleration": Part(0.3, 0.0, 3.0),
    "voices_per_post": Part(1.0, 0.6, 0.6),
    "new_author_share": Part(1.0, 0.3, 0.7),
    "negative_share_over_source": Part(2.0, 0.0, 0.75),
    "talk_of_target": Part(0.1, 0.0, 6.0),
    "reply_ratio": Part(0.3, 0.0, 3.0),
    "direct_reply_share": Part(0.5, 0.5, 0.6),
    "near_duplicates": Part(1.0, 0.0, 0.7),
    "links_in": Part(0.5, 0.0, 3.0),
    "derailment": Part(2.0, 0.5, 0.7),
    "deny_share": Part(1.0, 0.1, 0.8),
}
BASE_RATE_ODDS = -4.6
"""Log-odds of a thread of which nothing is known, set by hand: about 1 in 100."""


@dataclass(frozen=True, slots=True)
class RiskWeights:
    """A set of weights. `intercepts` and each part's `per_unit` hold one value an age, in the order of `ages`."""

    version: str
    ages: tuple[float, ...]
    intercepts: tuple[float, ...]
    per_unit: Mapping[str, tuple[float, ...]]

    def contributions(self, parts: Mapping[str, float | None], age_hours: float) -> dict[str, float]:
        """Return what each observed part adds to the log-odds at that age; a part that is None adds nothing."""
        return {
            name: round(_between(self.ages, self.per_unit[name], age_hours) * PARTS[name].over_usual(value), 4)
            for name, value in parts.items()
            if value is not None
        }

    def intercept(self, age_hours: float) -> float:
        """Return the log-odds, at that age, of a thread whose parts are all as usual or not observed."""
        return round(_between(self.ages, self.intercepts, age_hours), 4)

    def as_json(self) -> dict[str, Any]:
        """Return the weights as plain values, as `read_weights` takes them."""
        return {
            "version": self.version,
            "ages": list(self.ages),
            "intercepts": list(self.intercepts),
            "per_unit": {name: list(values) for name, values in self.per_unit.items()},
        }


def read_weights(stored: Mapping[str, Any]) -> RiskWeights:
    """Return what `as_json` gave. Raises ValueError when a part is missing or unknown, or a value does not fit."""
    try:
        ages, intercepts = (tuple(float(value) for value in stored[key]) for key in ("ages", "intercepts"))
        per_unit = {str(name): tuple(float(v) for v in values) for name, values in stored["per_unit"].items()}
        version = str(stored["version"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"these are no weights of a thread risk: {error}") from error
    if set(per_unit) != set(PARTS):
        raise ValueError(f"weights for other parts than ours: {sorted(set(per_unit) ^ set(PARTS))}")
    if {len(ages), len(intercepts), *map(len, per_unit.values())} != {len(ages)} or list(ages) != sorted(set(ages)):
        raise ValueError("not one weight for each age")
    if not ages or min(ages) <= 0 or any(value < 0 for values in per_unit.values() for value in values):
        raise ValueError("an age or a weight below zero")
    return RiskWeights(version, ages, intercepts, per_unit)


def by_hand() -> RiskWeights:
    """Return the weights that were thought out before anything was fitted, alike at every age."""
    return RiskWeights(
        version="thread-risk-2",
        ages=AGES,
        intercepts=(BASE_RATE_ODDS,) * len(AGES),
        per_unit={name: (part.by_hand,) * len(AGES) for name, part in PARTS.items()},
    )


def _between(ages: tuple[float, ...], values: tuple[float, ...], age: float) -> float:
    if age <= ages[0]:
        return values[0]
    for place in range(1, len(ages)):
        if age <= ages[place]:
            share = math.log(age / ages[place - 1]) / math.log(ages[place] / ages[place - 1])
            return values[place - 1] + share * (values[place] - values[place - 1])
    return values[-1]


SHIPPED = read_weights(json.loads(Path(__file__).with_name("thread_risk_3.json").read_text(encoding="utf-8")))
"""Fitted by benchmarks/fit_thread_risk.py; the file names what it was fitted on."""
