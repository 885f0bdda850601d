"""Clauses that put one claim in different words: families by the content words they share.

Frames are weighted by how rare their words are among the clauses (inverse document frequency; Sparck Jones 1972) and
joined by average linkage of the cosine distance (Sokal and Michener 1958), which does not chain like single linkage.
Nothing here depends on the order of the clauses.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from analyzers.clauses import Clause

FAR = 0.65
"""Cosine distance from which two groups of clauses are two claims."""
MOST_FRAMES = 1_200
"""Different frames that are compared with one another (the most repeated ones); memory grows with the square."""
RARE = 4
"""A misspelt word is the rarest of all, and says nothing: below so many clauses rareness adds no weight."""
CORE = 0.15
"""Share of a family's clauses that use a word of its core."""

Frame = frozenset[str]


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each word of a frame says; a word never seen says as much as the rarest."""

    of: Mapping[str, float]
    most: float

    def sum(self, words: Frame) -> float:
        """Return the weight of some words together."""
        return math.fsum(sorted(self.of.get(word, self.most) for word in words))

    def overlap(self, one: Frame, other: Frame) -> float:
        """Return the weighted Jaccard of two frames, 0..1."""
        together = self.sum(one | other)
        return self.sum(one & other) / together if together else 0.0


@dataclass(frozen=True, slots=True)
class Family:
    """Clauses of one claim, oldest first, and the words that many of them use."""

    clauses: tuple[Clause, ...]
    core: Frame

    def covers(self, frame: Frame, weights: Weights) -> float:
        """Return how much of `frame` is the family's core, 0..1; 0 when they share no word but a number's."""
        shared = frame & self.core
        if all(word.startswith("#") for word in shared):
            return 0.0
        return weights.sum(shared) / weights.sum(frame)


def weigh(clauses: Sequence[Clause]) -> Weights:
    """Return log(1 + clauses / clauses with the word) a word; a rare word weighs as one of `RARE` clauses."""
    uses = Counter(word for clause in clauses for word in clause.frame)
    most = math.log1p(len(clauses) / RARE)
    return Weights({word: min(math.log1p(len(clauses) / count), most) for word, count in uses.items()}, most)


def families(clauses: Sequence[Clause], weights: Weights) -> list[Family]:
    """Group clauses (of posts in order of time) into claims, the largest first; single clauses are left out."""
    by_frame: dict[Frame, list[Clause]] = defaultdict(list)
    for clause in clauses:
        by_frame[clause.frame].append(clause)
    frames = sorted(by_frame, key=lambda frame: (-len(by_frame[frame]), by_frame[frame][0].place, sorted(frame)))
    frames = frames[:MOST_FRAMES]
    groups: dict[int, list[Clause]] = defaultdict(list)
    for frame, group in zip(frames, _groups(frames, weights), strict=True):
        groups[group] += by_frame[frame]
    found = [sorted(members, key=lambda clause: (clause.place, clause.text)) for members in groups.values()]
    found.sort(key=lambda members: (-len(members), members[0].place, members[0].text))
    return [Family(tuple(members), _core(members)) for members in found if len(members) > 1]


def _core(members: Sequence[Clause]) -> Frame:
    uses = Counter(word for clause in members for word in clause.frame)
    return frozenset(word for word, count in uses.items() if count >= max(2, CORE * len(members)))


def _groups(frames: Sequence[Frame], weights: Weights) -> list[int]:
    if len(frames) < 2:
        return list(range(len(frames)))
    words = {word: at for at, word in enumerate(sorted(frozenset[str]().union(*frames)))}
    rows = np.zeros((len(frames), len(words)), np.float32)
    for row, frame in zip(rows, frames, strict=True):
        for word in frame:
            row[words[word]] = weights.of[word]
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    # Rounded, so that equal distances are equal whatever order the products were summed in.
    distances = np.clip(1.0 - np.round((rows @ rows.T).astype(np.float64), 5), 0.0, 1.0)
    np.fill_diagonal(distances, 0.0)
    joined = linkage(squareform(distances, checks=False), method="average")
    return [int(group) for group in fcluster(joined, FAR, criterion="distance")]
