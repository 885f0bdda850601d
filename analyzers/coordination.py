"""Do accounts act together? Who posts within minutes of whom, again and again, more often than chance brings about.

Pacheco, Hui, Torres-Lugo, Truong, Flammini and Menczer, "Uncovering Coordinated Networks on Social Media", ICWSM 2021:
accounts are joined by what they do alike (here: the same thread, or the same text, within ten minutes), and only pairs
that do so improbably often are kept. Chance is the pace that is usual, or that of the thread itself when many write
in it: in a pile-on everybody posts within minutes of somebody.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import poisson

from analyzers.wordings import Groups
from tocsin.store.records import JudgedPost

TOGETHER_S = 600.0
LEAST_TIMES = 3
"""Threads, or hours in which both posted one text, in which two accounts must have met."""
FALSE_PAIRS = 0.01
"""So many pairs in all may be called coordinated by chance (Bonferroni)."""
CROWD = 12
"""Accounts in a thread from which its own pace says what is chance there."""
LEAST_PACE = 0.02
SHORTEST_S = 6 * 3600.0
"""Copies that came in a shorter time are taken to have had so long: else everything would be together by chance."""
_MOST = 400
"""Accounts looked at, the busiest first, so that a flood stays cheap."""


@dataclass(frozen=True, slots=True)
class _Meeting:
    """How often two accounts met, and how often chance would have them meet."""

    times: int = 0
    expected: float = 0.0

    def __add__(self, other: _Meeting) -> _Meeting:
        return _Meeting(self.times + other.times, self.expected + other.expected)


def usual_pace(posts: Sequence[JudgedPost]) -> float:
    """Return the share of pairs of posts in one thread that lie within ten minutes of each other, at least .02."""
    close = pairs = 0.0
    for times, _ in _threads(posts):
        close += _close_pairs(times)
        pairs += times.size * (times.size - 1) / 2
    return max(close / pairs, LEAST_PACE) if pairs >= CROWD else LEAST_PACE


def acting_together(posts: Sequence[JudgedPost], copies: Sequence[int], pace: float) -> list[frozenset[str]]:
    """Return the groups of accounts that post within ten minutes of each other again and again.

    `copies`: `copy_numbers` of the posts; what several accounts posted is compared by text, all else by thread.
    `pace` is `usual_pace` of the weeks before. The order of the posts does not matter.
    """
    busiest = Counter(post.author_id for post in posts if post.author_id is not None)
    watched = {author for author, count in busiest.most_common(_MOST) if count >= LEAST_TIMES}
    met: dict[tuple[str, str], _Meeting] = defaultdict(_Meeting)
    users: dict[int, set[str | None]] = defaultdict(set)
    for post, copy in zip(posts, copies, strict=True):
        users[copy].add(post.author_id)
    own = [post for post, copy in zip(posts, copies, strict=True) if copy == -1 or len(users[copy]) < 2]
    for times, authors in _threads(own):
        crowded = len(set(authors)) >= CROWD
        chance = max(pace, _close_pairs(times) / (times.size * (times.size - 1) / 2)) if crowded else pace
        _meet_in_thread(met, _times_of(times, authors, watched), min(chance, 0.99))
    for times, authors in _texts(posts, copies):
        _meet_in_text(met, _times_of(times, authors, watched), max(float(times[-1] - times[0]), SHORTEST_S))
    groups = Groups()
    joined: set[str] = set()
    for (one, other), meeting in met.items():
        if meeting.times >= LEAST_TIMES and poisson.sf(meeting.times - 1, meeting.expected) <= FALSE_PAIRS / len(met):
            groups.join(one, other)
            joined |= {one, other}
    members: dict[object, set[str]] = defaultdict(set)
    for author in joined:
        members[groups.root(author)].add(author)
    return sorted((frozenset(found) for found in members.values()), key=sorted)


def _meet_in_thread(
    met: dict[tuple[str, str], _Meeting], times_of: Mapping[str, NDArray[np.float64]], chance: float
) -> None:
    for one, other in combinations(sorted(times_of), 2):
        first, second = times_of[one], times_of[other]
        together = bool((_nearest(first, second) <= TOGETHER_S).any())
        met[one, other] += _Meeting(int(together), 1 - (1 - chance) ** (first.size * second.size))


def _meet_in_text(
    met: dict[tuple[str, str], _Meeting], times_of: Mapping[str, NDArray[np.float64]], span: float
) -> None:
    for one, other in combinations(sorted(times_of), 2):
        first, second = times_of[one], times_of[other]
        hours = np.unique(first[_nearest(first, second) <= TOGETHER_S] // 3600).size
        chance = 1 - float(np.exp(-second.size * 2 * TOGETHER_S / span))
        met[one, other] += _Meeting(hours, np.unique(first // 3600).size * chance)


def _nearest(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each of `first` the distance to the nearest of `second`; both ascend."""
    place = np.searchsorted(second, first)
    before, after = np.maximum(place - 1, 0), np.minimum(place, second.size - 1)
    nearest: NDArray[np.float64] = np.minimum(np.abs(first - second[before]), np.abs(first - second[after]))
    return nearest


def _close_pairs(times: NDArray[np.float64]) -> float:
    return float((np.searchsorted(times, times + TOGETHER_S, side="right") - np.arange(times.size) - 1).sum())


def _times_of(times: NDArray[np.float64], authors: Sequence[str], watched: set[str]) -> dict[str, NDArray[np.float64]]:
    found: dict[str, list[float]] = defaultdict(list)
    for time, author in zip(times.tolist(), authors, strict=True):
        if author in watched:
            found[author].append(time)
    return {author: np.array(own) for author, own in found.items()}


def _threads(posts: Sequence[JudgedPost]) -> Iterator[tuple[NDArray[np.float64], list[str]]]:
    return _by_key([(post.thread_id, post) for post in posts])


def _texts(posts: Sequence[JudgedPost], copies: Sequence[int]) -> Iterator[tuple[NDArray[np.float64], list[str]]]:
    return _by_key([(str(copy), post) for post, copy in zip(posts, copies, strict=True) if copy != -1])


def _by_key(posts: Sequence[tuple[str, JudgedPost]]) -> Iterator[tuple[NDArray[np.float64], list[str]]]:
    """Yield the times (seconds, ascending) and authors of the posts of each key that two known authors share."""
    found: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for key, post in posts:
        if post.author_id is not None:
            found[key].append((post.created_at.timestamp(), post.author_id))
    for rows in found.values():
        if len({author for _, author in rows}) > 1:
            rows.sort()
            yield np.array([time for time, _ in rows]), [author for _, author in rows]
