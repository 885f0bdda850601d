"""Hashtags as the words they are made of: `#ServiceWithASmile`, `#servicewithasmile` -> `# service with a smile`.

Split at capitals where there are any, otherwise by the likeliest words (Viterbi over a unigram model, as
Segaran and Hammerbacher, Beautiful Data, chapter 14). The words and their likelihood come from the encoder's
own vocabulary, which is ordered by frequency (Zipf: probability falls as 1 / rank).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

_TAG = re.compile(r"(?<![\w&/])#(\w+)")
_HUMPS = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]+|[a-z]+|\d+")
LONGEST = 40
"""A longer hashtag is left alone: nobody's words, and the search is quadratic."""
_FIRST_WORD = 1996
"""The first whole word of the BERT vocabulary; special tokens and single characters stand before it."""
_UNKNOWN = 30.0
_SINGLE = frozenset("ai")


class HashtagSplitter:
    """Splits hashtags with `vocabulary`, word -> id, ids ordered by frequency."""

    def __init__(self, vocabulary: Mapping[str, int]) -> None:
        self._cost = {
            word: 2.0 + math.log(identity - _FIRST_WORD + 2)
            for word, identity in vocabulary.items()
            if identity >= _FIRST_WORD and word.isascii() and word.isalpha() and (len(word) > 1 or word in _SINGLE)
        }
        self._cost |= dict.fromkeys(_SINGLE, 4.0)
        self._known: dict[str, str] = {}

    def split(self, text: str) -> str:
        """Return `text` with every hashtag written as words."""
        return _TAG.sub(lambda found: "# " + self._words(found[1]), text) if "#" in text else text

    def _words(self, tag: str) -> str:
        if tag not in self._known:
            if len(self._known) > 10_000:
                self._known.clear()
            self._known[tag] = self._split(tag)
        return self._known[tag]

    def _split(self, tag: str) -> str:
        if not tag.isascii() or len(tag) > LONGEST:
            return tag
        humps = _HUMPS.findall(tag)
        if len(humps) > 1 and any(hump[0].isupper() and hump[1:].islower() for hump in humps):
            return " ".join(humps)
        return " ".join(" ".join(self._likeliest(hump.lower())) if hump.isalpha() else hump for hump in humps) or tag

    def _likeliest(self, letters: str) -> list[str]:
        if letters in self._cost:
            return [letters]
        best: list[tuple[float, int]] = [(0.0, 0)]
        for end in range(1, len(letters) + 1):
            best.append(
                min(
                    (best[at][0] + self._cost.get(letters[at:end], _UNKNOWN), at) for at in range(max(0, end - 20), end)
                )
            )
        words: list[str] = []
        end = len(letters)
        while end:
            start = best[end][1]
            words.append(letters[start:end])
            end = start
        unknown = sum(word not in self._cost for word in words)
        return [letters] if unknown else words[::-1]
