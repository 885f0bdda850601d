"""Copied text: which posts are one text, word for word, nearly, or filled into one template.

Numbers are blanked, and links, handles, emoji and quoted lines are left out, so that a template with other names,
figures or signs in its slots stays one text. Candidates come from MinHash of word pairs with banding, each is checked
exactly by the words that stand in both in the same order. Texts put together from a pool of sentences are one text
when sentences that others use too make up most of them.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from analyzers.wordings import Digests, Groups, digests, grouped, masked, tokens

LONG_ENOUGH = 8
"""Words from which equal wording is no accident: "same problem here" is not copied."""
COPIERS = 3
"""Accounts that must share one text before it is called copied."""
REPEATS = 2
"""Copies from which an account repeats itself; of a short text 3, since people say "same here" twice."""
SHORT_REPEATS = 3
REPEATED_SHARE = 2 / 3
"""Share of the copies of a text that repeating accounts must have posted before it is called organised."""
REPEATED_MEAN = 2.0
"""Copies an account, in the mean: in a crowd that talks in one phrase many speak twice, and most once."""
KIN = 0.5
"""Two texts are pasted by one group when they share so many of the accounts of the one that has more."""
SHORT_COPIES = 10
"""Copies of a text under eight words, word for word, before it counts as copied at all."""
SHARERS = 10
"""Accounts from which a text that is passed on counts as more than one voice: fewer may be one person's."""
ALIKE = 0.1
"""How alike people are who pass on one text (intraclass correlation): however many, they count as ten at most."""
_SAME_ORDER = 0.75
_SAME_ORDER_SHORT = 0.85
"""Share of the words in the same order, from which two texts are one template; under 12 words the higher one."""
_SENTENCE_WORDS = 6
_POOLED = 0.6
_SENTENCES = re.compile(r"[.!?\n\u2026\u3002\uff01\uff1f]+")
_BLANK = "0"
_NUMBER = re.compile(r"\w*\d[\w.,:%\u20ac$]*")
_QUOTED = re.compile(r"^[ \t]*>.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Copied:
    """One text that several accounts posted. `places`: which posts. `organised`: by accounts that repeat it or are new.

    A text that is not organised is shared: a petition, a quotation, a press release.
    """

    places: tuple[int, ...]
    accounts: frozenset[str]
    organised: bool


@dataclass(frozen=True, slots=True)
class Said:
    """A text as it is compared: its words with the numbers blanked, word pairs, sentences; `exact` for a short one."""

    words: tuple[str, ...]
    pairs: frozenset[str]
    sentences: frozenset[tuple[str, ...]]
    exact: tuple[str, ...]

    @property
    def is_long(self) -> bool:
        """Whether equal wording is no accident: eight words and more, numbers not counted."""
        return bool(self.pairs)


def said(text: str) -> Said:
    """Return `text` as it is compared."""
    plain = masked(_QUOTED.sub("", text))
    parts = [tuple(tokens(part)) for part in _SENTENCES.split(_NUMBER.sub(_BLANK, plain))]
    found = tuple(word for part in parts for word in part)
    if sum(word != _BLANK for word in found) < LONG_ENOUGH:
        return Said(found, frozenset(), frozenset(), tuple(tokens(plain)))
    pairs = frozenset(map(" ".join, pairwise(found)))
    return Said(found, pairs, frozenset(part for part in parts if len(part) >= _SENTENCE_WORDS), ())


def copy_numbers(texts: Sequence[str]) -> list[int]:
    """Return for each text the number of what it is a copy of; equal numbers are copies of one text.

    From 0 for texts of eight words and more. Below -1 for shorter ones, which are copies only word for word;
    -1 for texts without a word.
    """
    return numbered_copies([said(text) for text in texts], digests)


def numbered_copies(heard: Sequence[Said], digests_of: Callable[[Sequence[frozenset[str]]], Digests]) -> list[int]:
    """Return `copy_numbers` of texts as they are compared; `digests_of` gives the MinHash of different sets."""
    different = list({one.words: one for one in heard if one.is_long}.values())
    groups = grouped(
        [one.pairs for one in different],
        digests_of,
        lambda one, other: _one_template(different[one].words, different[other].words),
    )
    _join_pools(groups, different)
    place_of = {one.words: place for place, one in enumerate(different)}
    long: dict[object, int] = {}
    short: dict[tuple[str, ...], int] = {}
    found = []
    for one in heard:
        if one.is_long:
            found.append(long.setdefault(groups.root(place_of[one.words]), len(long)))
        else:
            found.append(short.setdefault(one.exact, -2 - len(short)) if one.exact else -1)
    return found


def copied_texts(
    places: Sequence[int],
    authors: Sequence[str | None],
    numbers: Sequence[int],
    are_new: Callable[[Mapping[str, int]], bool] | None = None,
) -> list[Copied]:
    """Return the texts that several known accounts posted; `places`, `authors` and `numbers` (of copies) are parallel.

    `are_new` is asked about accounts (with a place of each) that posted a text once: did they come for it?
    """
    members: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for place, author, number in zip(places, authors, numbers, strict=True):
        if number != -1 and author is not None:
            members[number].append((place, author))
    found = []
    by_text = {number: Counter(author for _, author in group) for number, group in members.items()}
    copied = {number: copies for number, copies in by_text.items() if len(copies) >= COPIERS}
    long = [copies for number, copies in copied.items() if number >= 0]
    for number, copies in sorted(copied.items()):
        group = members[number]
        everywhere = _of_the_same(copies, long) if number >= 0 else copies
        repeated = _is_repeated(copies, everywhere, REPEATS if number >= 0 else SHORT_REPEATS)
        if number < 0 and not (repeated and len(group) >= SHORT_COPIES):
            continue
        first = {author: place for place, author in reversed(group)}
        organised = repeated or (number >= 0 and are_new is not None and are_new(first))
        found.append(Copied(tuple(place for place, _ in group), frozenset(copies), organised))
    return found


def effective_voices(people: int) -> int:
    """Return what so many people who pass on one text count for: n / (1 + (n - 1) x .1), Kish's design effect.

    Under ten of them count as one.

    Kish, Survey Sampling, 1965, ch. 8: answers that are alike within a cluster are worth fewer independent ones.
    """
    return round(people / (1 + (people - 1) * ALIKE)) if people >= SHARERS else min(people, 1)


def count_copied(places: Sequence[int], authors: Sequence[str], copied: Sequence[Copied]) -> int:
    """Return how many voices `places` (their `authors` are parallel) are, given what is copied among them.

    Accounts that organise one text are one voice, sharers count for less than their number. Who also wrote something
    of their own is a voice of their own, unless they organise.
    """
    groups = Groups()
    organisers: set[str] = set()
    copies: set[int] = set()
    for text in copied:
        copies.update(text.places)
        if text.organised:
            first, *rest = sorted(text.accounts)
            organisers |= text.accounts
            for account in rest:
                groups.join(first, account)
    counted = organisers | {author for place, author in zip(places, authors, strict=True) if place not in copies}
    voices = len({groups.root(author) for author in counted})
    for text in sorted(copied, key=lambda one: one.places):
        if not text.organised:
            sharers = text.accounts - counted
            counted |= sharers
            voices += effective_voices(len(sharers))
    return voices


def in_same_order(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the length of the longest common subsequence of words.

    Bit-parallel: Hyyro, "Bit-parallel LCS-length computation revisited", AWOCA 2004.
    """
    where: dict[str, int] = defaultdict(int)
    for place, word in enumerate(one):
        where[word] |= 1 << place
    full = (1 << len(one)) - 1
    row = full
    for word in other:
        shared = row & where.get(word, 0)
        row = ((row + shared) | (row - shared)) & full
    return len(one) - row.bit_count()


def _one_template(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    longer = max(len(one), len(other))
    needed = (_SAME_ORDER if longer >= 12 else _SAME_ORDER_SHORT) * longer
    return min(len(one), len(other)) >= needed and in_same_order(one, other) >= needed


def _join_pools(groups: Groups, heard: Sequence[Said]) -> None:
    """Join texts made of the same sentences in another choice or order: most of their words are in shared ones."""
    uses = Counter(sentence for one in heard for sentence in one.sentences)
    home: dict[tuple[str, ...], int] = {}
    for place, one in enumerate(heard):
        shared = sorted(sentence for sentence in one.sentences if uses[sentence] >= COPIERS)
        if sum(map(len, shared)) < _POOLED * len(one.words):
            continue
        for sentence in shared:
            groups.join(home.setdefault(sentence, place), place)


def _of_the_same(copies: Counter[str], others: Sequence[Counter[str]]) -> Counter[str]:
    """Return the copies an account of all texts that mostly the same accounts pasted, the text itself among them.

    By chance a crowd whose texts are alike shares accounts too, but not half of them.
    """
    kin = (other for other in others if len(copies.keys() & other.keys()) >= KIN * max(len(copies), len(other)))
    return sum(kin, Counter[str]())


def _is_repeated(copies: Counter[str], everywhere: Counter[str], least: int) -> bool:
    """Return whether most copies of a text are by accounts that pasted at least so often, this text or others."""
    repeated = sum(count for account, count in copies.items() if everywhere[account] >= least)
    pasted = sum(everywhere[account] for account in copies)
    return repeated >= REPEATED_SHARE * copies.total() and pasted >= REPEATED_MEAN * len(copies)
