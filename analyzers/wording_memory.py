"""The wordings of a time that moves on: what was worked out for a text last night is not worked out again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analyzers.voices import LONG_ENOUGH
from analyzers.wordings import Digests, digests, numbered, shingles, words

Ints = NDArray[np.int64]


class WordingMemory:
    """Remembers the shingles and the MinHash of the texts of the last call, and only those."""

    def __init__(self) -> None:
        self._shingles: dict[str, frozenset[str] | None] = {}
        self._digests: dict[frozenset[str], Digests] = {}

    def labels(self, texts: Sequence[str]) -> Ints:
        """Return `wordings` of the texts that are long enough to be copied (`LONG_ENOUGH` words), -1 for the others."""
        known = self._shingles
        self._shingles = {text: known[text] if text in known else _long_shingles(text) for text in texts}
        sets = [self._shingles[text] for text in texts]
        long = [place for place, one in enumerate(sets) if one is not None]
        found = np.full(len(texts), -1, dtype=np.int64)
        found[long] = numbered([one for one in sets if one is not None], self._digests_of)
        return found

    def _digests_of(self, sets: Sequence[frozenset[str]]) -> Digests:
        new = [one for one in sets if one not in self._digests]
        fresh = dict(zip(new, digests(new), strict=True)) if new else {}
        self._digests = {one: fresh[one] if one in fresh else self._digests[one] for one in sets}
        return np.array([self._digests[one] for one in sets])


def _long_shingles(text: str) -> frozenset[str] | None:
    return shingles(text) if len(words(text)) >= LONG_ENOUGH else None
