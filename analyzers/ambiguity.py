"""Does an everyday word mean the brand that is called so? A score with its reasons.

A logistic score: the cues that are seen (`cues`), each with a weight in log-odds, are added up. The weights are set by
hand and were weighed on `benchmarks/gate/mentions/dev.jsonl`. The kinds of cue are the usual ones of telling word
senses apart (neighbouring words; one sense per discourse: Gale, Church and Yarowsky 1992) and of truecasing (a capital
inside a sentence: Lita and others 2003).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from analyzers.cues import cues
from analyzers.occurrences import Occurrence, Setting

THRESHOLD = 0.5
"""Below it a name is no mention."""

WEIGHTS = {
    "an everyday word": -0.8,
    "also the name of something else": -1.0,
    "a day or a month": -2.0,
    "capital inside a sentence": 2.3,
    "lower case beside capitals": -1.4,
    "lower case everywhere": -0.2,
    "article or number before": -2.4,
    "definite article before": -1.8,
    "my or our before": 0.2,
    "my or our before lower case": -0.9,
    "an everyday compound": -1.0,
    "part of another name": -2.4,
    "another capital word before at the start": -1.6,
    "title of a person before": -4.0,
    "a verb": -2.0,
    "using or dealing with it": 1.6,
    "moving to or from it": 1.7,
    "in, with, by ... it": 0.7,
    "in, with, by ... it, lower case": 0.4,
    "asked about": 1.2,
    "spoken to": 1.6,
    "product word behind": 2.0,
    "word of trade behind": 0.7,
    "legal form behind": 4.0,
    "company verb behind": 1.9,
    "state of a product behind": 1.4,
    "everyday complement behind": -1.8,
    "particle of a verb behind": -1.6,
    "unknown word behind at the start": -0.5,
    "a number behind": 0.8,
    "genitive": 1.0,
    "compared": 1.8,
    "in a list with companies": 2.0,
    "time word beside": -3.0,
    "another day near": -1.5,
    "joined to another word": -2.6,
    "joined to a product word": 1.8,
    "German compound": 2.4,
    "bare s": -1.2,
    "hashtag": 0.3,
    "hint": 1.0,
    "hint in the title or opening": 0.6,
    "context word": 1.4,
    "other companies named": 0.7,
    "talk of the trade": 0.4,
    "the thread is about it": 2.5,
}
MOST = {"hint": 2, "hint in the title or opening": 1, "other companies named": 2, "talk of the trade": 3}
"""How often a reason counts."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One piece of evidence, and what it adds to the log-odds."""

    what: str
    weight: float


def score_of(reasons: Sequence[Reason]) -> float:
    """Return the probability (0..1) that stands behind `reasons`."""
    return 1 / (1 + math.exp(-sum(reason.weight for reason in reasons)))


def reasons_for(found: Occurrence, setting: Setting) -> tuple[Reason, ...]:
    """Return what speaks for and against `found` being the brand."""
    counts = Counter(cues(found, setting))
    return tuple(Reason(what, WEIGHTS[what] * min(count, MOST.get(what, 1))) for what, count in counts.items())
