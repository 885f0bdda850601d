"""Everyday English words, and whether a name is made of them: then not everybody who says it means the brand.

`common_words.txt` was written for this purpose, by hand: short words, the days and months, and the nouns, verbs and
adjectives that companies like to be called by. It is not a frequency list, on purpose: in one, `google` and `microsoft`
are everyday words.
"""

from __future__ import annotations

import re
from pathlib import Path

_FREQUENT, _OTHERS = (
    frozenset(part.split("\n", 1)[1].split())
    for part in Path(__file__).with_name("common_words.txt").read_text(encoding="utf-8").split("# ")[1:]
)
FREQUENT_WORDS = _FREQUENT
COMMON_WORDS = _FREQUENT | _OTHERS

_CALENDAR = """
monday tuesday wednesday thursday friday saturday sunday
january february march april may june july august september october november december
"""
CALENDAR = frozenset(_CALENDAR.split())
"""Words that English writes with a capital in any sense."""


def everyday(name: str) -> bool:
    """Return whether `name` is an everyday word or made of frequent ones, plurals allowed: `Monday`, `Best Buy`.

    Two rarer words ("Helix Pump") do not meet by chance.
    """
    words = [word for word in re.split(r"[\s\-_]+", name.casefold()) if word]
    known = COMMON_WORDS if len(words) == 1 else FREQUENT_WORDS
    return bool(words) and all(not _with_singulars(word).isdisjoint(known) for word in words)


def _with_singulars(word: str) -> frozenset[str]:
    return frozenset({word, word.removesuffix("s"), word.removesuffix("es")})
