"""Gate D: are those who blame the brand angry, or are they civil? Constructive criticism is no backlash.

Where it is not known of the negative posts if they are angry (imports that give only a tone), the gate is open.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analyzers.baseline import GUARD_HOURS, LEVEL_HOURS, level_at, more_negative, tone_at
from analyzers.listening import Listening
from analyzers.thresholds import Thresholds

KNOWN_SHARE = 0.5
"""Below this share of negative voices of whom it is known if they are angry, nothing is said about anger."""


@dataclass(frozen=True, slots=True)
class Anger:
    """How angry the negative voices of one window are.

    `angry` voices wrote an angry post, `civil` ones only criticism. `expected`: the usual number of angry ones;
    `usual_share`: their usual share of the judged voices. `probability` that the share is above that, None where
    too little is known.
    """

    angry: int
    civil: int
    expected: float
    usual_share: float
    probability: float | None


def anger_in(
    listening: Listening, place: int, window: int, *, angry: int, known: int, negative: int, judged: int
) -> Anger:
    """Return the anger of the window of `window` hours that ends at the listening's point `place`.

    `angry`, `negative` and `judged` are voices as the gates count them; of `known` negative ones it is known if
    they are angry.
    """
    points, point = listening.points, float(listening.points[place])
    quiet = listening.quiet["negative", window]
    level = level_at(point, points, listening.counts["angry", window], listening.busy[window], quiet, float(window))
    used = quiet & listening.quiet["all", window]
    used = used & (points > point - LEVEL_HOURS - GUARD_HOURS) & (points <= point - GUARD_HOURS)
    usually_angry, usually_judged = (
        listening.counts[measure, window][used].astype(np.float64) for measure in ("angry", "judged")
    )
    tone = tone_at(usually_angry, usually_judged, float(window))
    enough = known > 0 and known >= KNOWN_SHARE * negative
    return Anger(
        angry=angry,
        civil=max(0, known - angry),
        expected=level.expected,
        usual_share=tone.share,
        probability=more_negative(angry, max(judged, angry), tone) if enough else None,
    )


def is_anger(found: Anger | None, limits: Thresholds) -> bool:
    """Return whether the window passes gate D: angry voices alone pass gate B, and their share is above the usual."""
    if found is None or found.probability is None:
        return True
    big = found.angry >= limits.least_voices and found.angry >= limits.times_usual * found.expected
    return big and found.probability >= limits.anger
