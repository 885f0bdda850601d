"""The wordings of a time that moves on: what was worked out for a text last night is not worked out again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analyzers.copies import Said, numbered_copies, said
from analyzers.wordings import Digests, digests

Ints = NDArray[np.int64]


class WordingMemory:
    """Remembers the words and the MinHash of the texts of the last call, and only those."""

    def __init__(self) -> None:
        self._said: dict[str, Said] = {}
        self._digests: dict[frozenset[str], Digests] = {}

    def labels(self, texts: Sequence[str]) -> Ints:
        """Return `copy_numbers` of the texts."""
        known = self._said
        self._said = {text: known[text] if text in known else said(text) for text in texts}
        return np.array(numbered_copies([self._said[text] for text in texts], self._digests_of), dtype=np.int64)

    def _digests_of(self, sets: Sequence[frozenset[str]]) -> Digests:
        new = [one for one in sets if one not in self._digests]
        fresh = dict(zip(new, digests(new), strict=True)) if new else {}
        self._digests = {one: fresh[one] if one in fresh else self._digests[one] for one in sets}
        return np.array([self._digests[one] for one in sets])
