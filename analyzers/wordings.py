"""Near-duplicate texts: how many wordings a heap of posts really is.

Two texts are one wording when their sets of 3-word shingles overlap with Jaccard >= .7. Candidates
come from MinHash with banding (Broder 1997; Leskovec et al., Mining of Massive Datasets, ch. 3);
each candidate is checked exactly, so the estimate decides nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash

Digests = NDArray[np.uint64]

SAME = 0.7
"""Jaccard of the shingle sets from which two texts are one wording (DESIGN)."""
SHINGLE = 3
_PERMUTATIONS = 128
_ROWS = 4
"""128 hashes in 32 bands of 4 rows: a pair at Jaccard .7 is missed with probability (1 - .7^4)^32 = 1.5e-4."""
_SEED = 20_161
_MIX = np.uint64(0x9E3779B97F4A7C15)
"""2^64 over the golden ratio: spreads the bits of a band over its key (Knuth, TAOCP 3, 6.4)."""
_COMPARED = 12
"""Members of a bucket that a newcomer is checked against, so that a huge bucket stays linear."""
_CHARACTERS = 4_000
_TOKEN = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]|[^\W_]+(?:'[^\W_]+)?")
_MASKED = re.compile(r"(?:https?://|www\.)\S+|@\w[\w.\-]*", re.IGNORECASE)


class Groups:
    """A union-find over hashable things: `join` pairs, then ask for the `root` of each."""

    def __init__(self) -> None:
        self._above: dict[Hashable, Hashable] = {}

    def root(self, thing: Hashable) -> Hashable:
        """Return the representative of the group that `thing` is in."""
        path = []
        while (above := self._above.get(thing, thing)) != thing:
            path.append(thing)
            thing = above
        for step in path:
            self._above[step] = thing
        return thing

    def join(self, one: Hashable, other: Hashable) -> None:
        """Put two things into one group."""
        first, second = self.root(one), self.root(other)
        if first != second:
            self._above[second] = first


def words(text: str) -> list[str]:
    """Return the words of `text` without case, links and handles; scripts without spaces give a word a sign."""
    return tokens(masked(text))


def masked(text: str) -> str:
    """Return the first 4,000 characters without case, links and handles."""
    return _MASKED.sub(" ", text[:_CHARACTERS].replace("\u2019", "'")).casefold()


def tokens(plain: str) -> list[str]:
    """Return the words of a text that is `masked`."""
    return _TOKEN.findall(plain)


def shingles(text: str) -> frozenset[str]:
    """Return the 3-word shingles of `text`; a shorter text is one shingle, an empty one none."""
    found = words(text)
    if len(found) <= SHINGLE:
        return frozenset([" ".join(found)]) if found else frozenset()
    return frozenset(" ".join(found[start : start + SHINGLE]) for start in range(len(found) - SHINGLE + 1))


def wordings(texts: Sequence[str]) -> list[int]:
    """Return for each text the number of its wording: equal numbers are near-duplicates, counted from 0.

    Texts without a word (only a picture or a link) are each their own wording.
    """
    return numbered([shingles(text) for text in texts], digests)


def numbered(sets: Sequence[frozenset[str]], digests_of: Callable[[Sequence[frozenset[str]]], Digests]) -> list[int]:
    """Return `wordings` of texts whose shingles are `sets`; `digests_of` gives the MinHash of different sets."""
    different = list(dict.fromkeys(one for one in sets if one))
    groups = grouped(different, digests_of, lambda one, other: jaccard(different[one], different[other]) >= SAME)
    place_of = {one: place for place, one in enumerate(different)}
    numbers: dict[Hashable, int] = {}
    return [
        numbers.setdefault(groups.root(place_of[one]) if one else ("wordless", place), len(numbers))
        for place, one in enumerate(sets)
    ]


def digests(sets: Sequence[frozenset[str]]) -> Digests:
    """Return the MinHash of each set, one row of 128 numbers each."""
    found = RMinHash.digests_from_token_sets([sorted(one) for one in sets], _PERMUTATIONS, _SEED)
    return np.array(found, dtype=np.uint64).reshape(len(sets), _PERMUTATIONS)


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the overlap of two sets, 0..1; two empty sets overlap by 0."""
    together = len(one | other)
    return len(one & other) / together if together else 0.0


def grouped(
    sets: Sequence[frozenset[str]],
    digests_of: Callable[[Sequence[frozenset[str]]], Digests],
    same: Callable[[int, int], bool],
) -> Groups:
    """Join the places of sets that share a band and are the `same`, asked of two places.

    Places already joined are not compared again, so a flood stays cheap.
    """
    groups = Groups()
    if len(sets) < 2:
        return groups
    keys = _band_keys(digests_of(sets))
    shared = np.column_stack([_repeated(column) for column in keys.T])
    buckets: dict[tuple[int, int], list[int]] = defaultdict(list)
    for place, band in zip(*(found.tolist() for found in np.nonzero(shared)), strict=True):
        bucket = buckets[band, int(keys[place, band])]
        for other in bucket:
            if groups.root(place) != groups.root(other) and same(place, other):
                groups.join(other, place)
        if len(bucket) < _COMPARED:
            bucket.append(place)
    return groups


def _band_keys(found: Digests) -> Digests:
    """Return one number for each band of 4 hashes: equal bands have equal ones, others by a chance of 2^-64."""
    bands = found.reshape(found.shape[0], -1, _ROWS)
    keys = np.zeros(bands.shape[:2], dtype=np.uint64)
    for row in range(_ROWS):
        keys = (keys ^ bands[:, :, row]) * _MIX
        keys ^= keys >> np.uint64(29)
    return keys


def _repeated(column: Digests) -> NDArray[np.bool_]:
    _, place, count = np.unique(column, return_inverse=True, return_counts=True)
    flags: NDArray[np.bool_] = count[place] > 1
    return flags
