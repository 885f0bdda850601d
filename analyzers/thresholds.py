"""The numbers the gates decide by: one frozen value, so that a replay can try others and a team can set its own.

The defaults come from the budget of at most half a false episode a brand-month on quiet data
(docs/how-it-decides.md), not from taste. `tocsin tune` proposes others; `thresholds` in the store keeps them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from analyzers.errors import ThresholdError

_CHANCES = ("angrier", "anger")
"""Those that are probabilities."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a window must pass.

    `surprise_days`: gate A of a backlash, a window not to be expected more than once in so many days.
    `attention_days`: the same for mere attention, which needs no hurry. `least_voices`, `times_usual`: gate B.
    `least_attention`: voices that attention needs. `angrier`: gate C, probability that the share of negative
    voices is above the usual one; `anger`: gate D, the same for the share of angry ones.
    `campaign_posts`: copied posts in 72 h from which a campaign is told.
    """

    surprise_days: float = 100.0
    attention_days: float = 30_000.0
    least_voices: float = 5.0
    times_usual: float = 2.5
    least_attention: float = 10.0
    angrier: float = 0.95
    anger: float = 0.8
    campaign_posts: float = 10.0

    def changed(self, values: Mapping[str, float]) -> Thresholds:
        """Return these with some values changed. Raises `ThresholdError` for a name or value that is none."""
        known = [field.name for field in fields(self)]
        for name, value in values.items():
            if name not in known:
                raise ThresholdError(f"no threshold is called {name!r}; known: {', '.join(known)}")
            if not value > 0 or (name in _CHANCES and value >= 1):
                raise ThresholdError(f"threshold {name} = {value:g}: must be above 0{', below 1' * (name in _CHANCES)}")
        return replace(self, **{name: float(value) for name, value in values.items()})


DEFAULTS = Thresholds()
