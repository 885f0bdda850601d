"""A text as its words and marks, and what its capitals can tell."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from analyzers.neighbours import GERMAN

_TOKEN = re.compile(r"[^\W_]+(?:['\u2019][^\W\d_]+)*|\n|[^\w\s]")
_WORD = re.compile(r"[^\W\d_]+")
_ENDS = frozenset(".!?;:\u2026\n")
REACH = 120
"""How far the sentence around a name is read: what tells its meaning stands near."""
_MIN_WORDS = 4
"""Fewer words say nothing about how a text uses capitals."""


class Token(NamedTuple):
    """A word or a mark, where it stands, and the same in lower case."""

    text: str
    lower: str
    start: int
    end: int

    @property
    def word(self) -> bool:
        """Whether it is a word or a number."""
        return self.text[0].isalnum()

    @property
    def capital(self) -> bool:
        """Whether it begins with a capital."""
        return self.text[0].isupper()


@dataclass(frozen=True, slots=True)
class Passage:
    """A text read for its names.

    `cased`: it has capitals, so that lower case means something. `blunt`: nearly every word has one (a headline, a
    shout), or German, whose nouns all have: capitals mean nothing. `words`: its words in lower case.
    """

    text: str
    words: frozenset[str]
    cased: bool
    blunt: bool
    german: bool

    def before(self, start: int) -> tuple[Token, ...]:
        """Return the words and marks in front of `start`, of the same sentence and at most `REACH` characters away."""
        tokens = _tokens(self.text[max(0, start - REACH) : start], max(0, start - REACH))
        begin = len(tokens)
        while begin and tokens[begin - 1].text not in _ENDS:
            begin -= 1
        return tokens[begin:]

    def after(self, end: int) -> tuple[Token, ...]:
        """Return the words and marks behind `end`, of the same sentence and at most `REACH` characters away."""
        tokens = _tokens(self.text[end : end + REACH], end)
        return tokens[: next((at for at, token in enumerate(tokens) if token.text in _ENDS), len(tokens))]


@lru_cache(maxsize=1_024)
def passage_of(text: str) -> Passage:
    """Read `text`, accents folded."""
    found = _WORD.findall(text)
    words = frozenset(word.lower() for word in found)
    german = len(words & GERMAN) >= max(2, len(words) // 10)
    return Passage(
        text=text,
        words=words,
        cased=any(word[0].isupper() and len(word) > 1 for word in found),
        blunt=german or _all_capital(found),
        german=german,
    )


def _tokens(text: str, offset: int) -> tuple[Token, ...]:
    return tuple(
        Token(found[0], found[0].lower().replace("\u2019", "'"), found.start() + offset, found.end() + offset)
        for found in _TOKEN.finditer(text)
    )


def _all_capital(words: list[str]) -> bool:
    long = [word for word in words if len(word) >= 4]
    return len(long) >= _MIN_WORDS and sum(word[0].isupper() for word in long) >= 0.75 * len(long)
