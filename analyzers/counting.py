"""What the gates count at one moment: voices of a window, how many are usual, and the threads that carry them.

Only voices count: accounts that organise one text are one voice, people who share one count for less than
their number, two people who quarrel and unknown authors are none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analyzers.baseline import GUARD_HOURS, LEVEL_HOURS, Level, Tone, level_at, tone_at
from analyzers.copies import count_copied
from analyzers.copies_heard import copies_in
from analyzers.listening import Listening

CARRYING_SHARE = 0.08
"""A thread carries an episode when it has this share of the window's voices, and at least two."""
BYSTANDERS = 5
"""Fewer people beside two who quarrel are no crowd."""


@dataclass(frozen=True, slots=True)
class Count:
    """Voices that count, all accounts (pasting ones are one each), and the places of their posts."""

    voices: int
    accounts: int
    places: tuple[int, ...]


def count_at(listening: Listening, places: Sequence[int], fighters: Mapping[str, frozenset[str]]) -> Count:
    """Count who wrote the posts at `places`, without unknown authors and the `fighters` of each thread.

    A handful who stand around a fight are part of it: they count from `BYSTANDERS` on.
    """
    kept = [
        at
        for at in places
        if (author := listening.posts[at].author_id) is not None
        and author not in fighters.get(listening.posts[at].thread_id, frozenset())
    ]
    if fighters:
        around: dict[str, set[str | None]] = defaultdict(set)
        for at in kept:
            around[listening.posts[at].thread_id].add(listening.posts[at].author_id)
        few = {thread for thread in fighters if len(around[thread]) < BYSTANDERS}
        kept = [at for at in kept if listening.posts[at].thread_id not in few]
    voices = count_copied(kept, [listening.posts[at].author_id or "" for at in kept], copies_in(listening, kept))
    return Count(voices, len({listening.posts[at].author_id for at in kept}), tuple(kept))


def usual_level(listening: Listening, place: int, measure: str, window: int) -> Level:
    """Return what is usual of `measure` in windows of so many hours at a point; worked out once for a listening."""
    held = listening.levels.get((place, measure, window))
    if held is None:
        held = listening.levels[place, measure, window] = _level_of(listening, place, measure, window)
    return held


def _level_of(listening: Listening, place: int, measure: str, window: int) -> Level:
    return level_at(
        float(listening.points[place]),
        listening.points,
        listening.counts[measure, window],
        listening.busy[window],
        listening.quiet[measure, window],
        float(window),
    )


def usual_tone(listening: Listening, place: int, window: int) -> tuple[Tone, float]:
    """Return the tone of the 28 quiet days before, and the share of voices that was judged then."""
    point, points = listening.points[place], listening.points
    used = listening.quiet["all", window] & listening.quiet["negative", window]
    used = used & (points > point - LEVEL_HOURS - GUARD_HOURS) & (points <= point - GUARD_HOURS)
    negative, judged, everybody = (
        listening.counts[measure, window][used].astype(np.float64) for measure in ("negative", "judged", "all")
    )
    return tone_at(negative, judged, float(window)), share(float(judged.sum()), float(everybody.sum()))


def carrying_threads(listening: Listening, places: Sequence[int]) -> tuple[str, ...]:
    """Return the threads that carry it, most voices first: ordinary complaints elsewhere are left out.

    Where no thread has two voices (microblogs) all of them carry it.
    """
    voices: dict[str, set[str | None]] = defaultdict(set)
    for at in places:
        voices[listening.posts[at].thread_id].add(listening.posts[at].author_id)
    ranked = sorted(voices, key=lambda thread: (-len(voices[thread]), thread))
    least = max(2.0, CARRYING_SHARE * len(set().union(*voices.values())))
    return tuple(thread for thread in ranked if len(voices[thread]) >= least) or tuple(ranked)


def share(part: float, whole: float) -> float:
    """Return `part` of `whole`, 0 where there is nothing."""
    return part / whole if whole else 0.0
