"""Posts cut into clauses, and what each clause claims: its content words, its numbers, and how sure, how wide it is.

A clause is read so that two ways to put one claim share their `frame` (content words without numbers and names),
while what a garbling changes stands apart as `facts`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from analyzers.quantities import Quantity, quantities
from analyzers.stop_words import STOP_WORDS, stem

Kind = Literal["number", "sureness", "denial", "extent", "name"]

MOST_CHARACTERS = 4_000
FEWEST_WORDS = 3
NAME_SHARE = 0.6
"""A word is a name when so many of its uses inside a clause have a capital, of at least two."""
_QUOTED = re.compile(r"^[ \t]*(?:>|&gt;).*$", re.MULTILINE)
_BLOCK = re.compile(r"\[quote[^\]]*\].*?\[/quote\]|<blockquote.*?</blockquote>", re.IGNORECASE | re.DOTALL)
_MASKED = re.compile(r"(?:https?://|www\.)\S+|@\w[\w.\-]*", re.IGNORECASE)
_SHORT = re.compile(
    r"\b(?:approx|ca|vs|no|mr|mrs|dr|e\.g|i\.e|incl|est|nr|st|inc|ltd|jan|feb|aug|sept|oct|nov|dec)\.\s*$",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"(?<=[.!?\u2026])[\"')\u201d\u2019]*\s+|\n+|;\s|\s[\u2013\u2014-]{1,2}\s|(?<=[\u3002\uff01\uff1f])"
    r"|,\s+(?=(?:but|and|so|because|while|although|yet|which)\s)|\s(?=(?:because|although|whereas)\s)",
    re.IGNORECASE,
)
_HEARD = re.compile(
    r"^\W*(?:(?:so|and|but|also|just|now|well|wait|wow|ok|no|yes|btw)\W+)*(?:(?:i|we)(?:'ve)?\s+(?:just\s+|also\s+|now\s+)?"
    r"(?:heard|hear|read|saw|see|learned|learnt|understand|believe|think|am told|was told|were told|are told)"
    r"|(?:someone|somebody|people|everyone|they|he|she|my \w+)\s+(?:said|says|say|told me|tell me|claims?)"
    r"|word is|turns out|it (?:says|seems)|did you (?:hear|know|see))\s*(?:that|:|,)?\s+",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?|[%\u20ac$\u00a3]")
_FILLER = re.compile(
    r"\b(?:after all|at all|all of a sudden|all the time|that's all|all (?:day|night|week|weekend|year|good|right|over)"
    r"|no (?:doubt|wonder|problem|idea)|not only|why not|or not|if not|in most cases|most likely"
    r"|(?:every|each) (?:day|night|time|week|month|year))\b",
    re.IGNORECASE,
)
_OWN = frozenset({"i", "i'm", "i've", "i'd", "i'll", "we", "we're", "we've", "we'd", "we'll", "my", "mine", "me"})
_NOT = frozenset({"not", "no", "never", "none", "nobody", "nothing", "neither", "nor", "cannot", "without"})
_PERHAPS_WORDS = """
may might could maybe perhaps possibly probably reportedly apparently allegedly supposedly rumoured rumored rumour rumor
likely considering considers consider unconfirmed suspected potentially presumably
"""
_PERHAPS = frozenset(_PERHAPS_WORDS.split())
_SURE = frozenset({"will", "shall", "definitely", "certainly", "surely", "confirmed", "officially"})
_OPENING = frozenset({"so", "and", "but", "now", "that", "this"})
_EXTENTS = {
    **dict.fromkeys(("some", "few", "several", "certain", "handful"), "some"),
    **dict.fromkeys(("many", "most", "lots"), "many"),
    **dict.fromkeys(
        ("all", "every", "everybody", "everyone", "everybody's", "everyone's", "entire", "whole", "each"), "all"
    ),
}


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of the post at `place`. `frame`: stems of its content words, without numbers, names and slot words.

    `numbers` as they stand; `extent`: (some, many, all; the word) or None; `perhaps`, `sure`, `denied`: the words
    that hedge, assert or negate it; `names`: (name, word before, word after), lower case. `personal`: it speaks of
    the poster's own case.
    """

    place: int
    text: str
    frame: frozenset[str]
    numbers: tuple[Quantity, ...]
    extent: tuple[str, str] | None
    perhaps: tuple[str, ...]
    sure: tuple[str, ...]
    denied: tuple[str, ...]
    names: tuple[tuple[str, str, str], ...]
    personal: bool
    asks: bool


def split(text: str) -> list[str]:
    """Return the clauses of a post, without what it quotes, links and handles."""
    text = _QUOTED.sub(" ", _BLOCK.sub(" ", text[:MOST_CHARACTERS].replace("\u2019", "'")))
    text = _MASKED.sub(" ", text)
    pieces: list[str] = []
    start = 0
    for end in _ENDS.finditer(text):
        if _SHORT.search(text[start : end.start()]) and "\n" not in end.group():
            continue
        pieces.append(text[start : end.start()])
        start = end.end()
    pieces.append(text[start:])
    return [piece for piece in (" ".join(piece.split()) for piece in pieces) if piece]


def names_in(pieces: Iterable[str]) -> frozenset[str]:
    """Return the words, lower case, that are written as names: mostly with a capital where a clause does not begin."""
    capital: Counter[str] = Counter()
    uses: Counter[str] = Counter()
    for piece in pieces:
        found = _WORD.findall(piece)
        if sum(word[0].isupper() for word in found) * 2 > len(found):
            continue  # shouted, or a title
        for word in found[1:]:
            key = word.casefold().removesuffix("'s")
            uses[key] += 1
            capital[key] += word[0].isupper()
    return frozenset(
        word
        for word, count in capital.items()
        if count >= 2 and count >= NAME_SHARE * uses[word] and word not in STOP_WORDS and word not in _OWN
    )


def read_clause(place: int, piece: str, names: frozenset[str]) -> Clause:
    """Read one clause of the post at `place`; `names`: what is a name among these posts."""
    said = _HEARD.sub("", piece, count=1) or piece
    bare = _FILLER.sub(" ", said)
    numbers = tuple(quantities(bare))
    found = [word.casefold() for word in _WORD.findall(_without(bare, numbers))]
    return Clause(
        place=place,
        text=piece,
        frame=_frame(found, numbers, names),
        numbers=numbers,
        extent=next(((_EXTENTS[word], word) for word in found if word in _EXTENTS), None),
        perhaps=tuple(word for word in found if word in _PERHAPS),
        sure=tuple(word for word in found if word in _SURE),
        denied=tuple(word for word in found if word in _NOT or word.endswith("n't")),
        names=_named([word.removesuffix("'s") for word in found], names),
        personal=any(word in _OWN for word in found),
        asks=said.rstrip("\"') ").endswith("?"),
    )


def _named(found: Sequence[str], names: frozenset[str]) -> tuple[tuple[str, str, str], ...]:
    around = ["", *found, ""]
    return tuple((word, around[place], stem(around[place + 2])) for place, word in enumerate(found) if word in names)


def _frame(found: Sequence[str], numbers: Sequence[Quantity], names: frozenset[str]) -> frozenset[str]:
    slots = _PERHAPS | _SURE | _NOT | _EXTENTS.keys()
    stems = {
        stem(word)
        for word in found
        if word not in STOP_WORDS and word not in slots and word.removesuffix("'s") not in names and len(word) > 1
    }
    # What is counted belongs to the claim; a share or an amount is a word of its own, whatever its figure.
    return frozenset(
        stems | {q.dimension if q.counted else f"#{q.dimension}" for q in numbers if q.dimension != "number"}
    )


def _without(text: str, numbers: Sequence[Quantity]) -> str:
    """Blank the numbers: `10 %` and `doubled` are no words of the frame."""
    for quantity in numbers:
        text = text[: quantity.start] + " " * (quantity.end - quantity.start) + text[quantity.end :]
    return text
