"""What a garbling changes in a claim, and from when: its numbers, how sure, how wide, whether denied, of whom it tells.

Each is a slot that the clauses of one family fill in one way or another. A change is a filling that replaces an
earlier one in nearly the same words, that others pass on, and that is not simply in use beside the old one all along
(hypergeometric: how likely are so many old fillings before the first new one, if the order were chance?).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from math import comb

from analyzers.clauses import Clause, Kind
from analyzers.families import Weights

LIKE_NUMBER = 0.35
"""Weighted overlap of two clauses from which a number in one replaces that in the other, when both are repeated."""
LIKE_NUMBER_ONCE = 0.55
"""The same when the old or the new number was said by one person only."""
LIKE_WORD = 0.6
"""The same for a word: clauses that differ in more are two things to say, not one garbled."""
PASSED_ON = 3
"""People who must say the old or the new number before it is one that is passed on, and not each one's own."""
OFTEN = 5
"""The same when the other number was said by one person only."""
FEWEST_SHARED = 2
"""Content words, beside numbers and names, that two clauses must share before a word of one replaces another."""
BY_CHANCE = 0.1
TYPO = 0.75
"""Likeness of two names (Ratcliff and Obershelp) from which one is a misspelling of the other."""


@dataclass(frozen=True, slots=True)
class Filling:
    """How one clause fills a slot: its values, each with the words for it. `voice`: who said it."""

    clause: Clause
    voice: str
    values: Mapping[Hashable, str]


@dataclass(frozen=True, slots=True)
class Change:
    """`clause` is the first that says `value`; `added` and `lost` are the words, '' for none.

    `slot` names what changed; `old` are the values that were said before; `before`, `after`: voices on either side.
    """

    clause: Clause
    slot: tuple[Kind, str]
    value: Hashable
    old: frozenset[Hashable]
    added: str
    lost: str
    before: int
    after: int


Slots = dict[tuple[Kind, str], Callable[[Clause], Mapping[Hashable, str] | None]]


def slots_of(clauses: Sequence[Clause]) -> Slots:
    """Return the slots that some clauses fill; each tells the values of a clause, None where it does not fill it."""
    dimensions = sorted({quantity.dimension for clause in clauses for quantity in clause.numbers})
    found: Slots = {("number", name): _numbers(name) for name in dimensions}
    words: Slots = {("sureness", ""): _sureness, ("denial", ""): _denial, ("extent", ""): _extent, ("name", ""): _names}
    return found | words


def changes(
    slot: tuple[Kind, str], fillings: Sequence[Filling], denying: frozenset[int], weights: Weights
) -> Iterator[Change]:
    """Yield the changes of one slot of a family. `fillings` oldest first; `denying`: places of posts that deny."""
    if slot[0] == "number" and _told_of_oneself(fillings):
        return
    seen: set[Hashable] = set()
    for at, filling in enumerate(fillings):
        fresh = [value for value in filling.values if value not in seen]
        if at and fresh and _compares(filling, fillings[:at]):
            continue
        if at and not (slot[0] == "denial" and filling.clause.place in denying):
            for value in fresh:
                change = _change(slot, fillings, at, value, weights)
                if change is not None:
                    yield change
        seen.update(filling.values)


def _compares(filling: Filling, earlier: Sequence[Filling]) -> bool:
    """Return whether a clause gives what most said before beside what is new: "10 %, not 40 %" garbles nothing."""
    usual = Counter(frozenset(old.values) for old in earlier)
    return max(usual, key=lambda values: usual[values]) <= filling.values.keys()


def _change(
    slot: tuple[Kind, str], fillings: Sequence[Filling], at: int, value: Hashable, weights: Weights
) -> Change | None:
    new, earlier = fillings[at], fillings[:at]
    replaced = [old for old in earlier if old.values.keys() - new.values.keys()]
    if not replaced:
        return None
    nearest = max(
        reversed(range(len(replaced))), key=lambda i: weights.overlap(replaced[i].clause.frame, new.clause.frame)
    )
    model = replaced[nearest]
    if any(_misspelt(str(old), str(value)) for filling in earlier for old in filling.values) and slot[0] == "name":
        return None
    shared = [word for word in model.clause.frame & new.clause.frame if not word.startswith("#")]
    if len(shared) < (1 if slot[0] == "number" else FEWEST_SHARED):
        return None
    later = [filling for filling in fillings[at:] if value in filling.values]
    likeness = max(
        (weights.overlap(model.clause.frame, filling.clause.frame) for filling in (new, *later[:20])), default=0.0
    )
    lost = {old: said for old, said in model.values.items() if old not in new.values}
    before = _voices([old for old in earlier if old.values.keys() & lost.keys()])
    after = _voices(later)
    if slot[0] == "name" and not _in_place_of(value, lost, later, earlier):
        return None
    if not _believable(slot[0], likeness, before, after, len(fillings) - at):
        return None
    return Change(
        clause=new.clause,
        slot=slot,
        value=value,
        old=frozenset(lost),
        added=new.values[value],
        lost=", ".join(dict.fromkeys(said for said in lost.values() if said)),
        before=before,
        after=after,
    )


def _believable(kind: Kind, likeness: float, before: int, after: int, since: int) -> bool:
    """Return whether one that `before` voices did not say, and `after` did in `since` later fillings, is a change."""
    if kind == "number":
        if min(before, after) > 1:
            return max(before, after) >= PASSED_ON and likeness >= LIKE_NUMBER
        return max(before, after) >= OFTEN and likeness >= LIKE_NUMBER_ONCE
    repeated = after >= 2 and (before >= 2 or after >= 4)
    return repeated and likeness >= LIKE_WORD and by_chance(before, after, before + since) <= BY_CHANCE


def by_chance(before: int, new: int, together: int) -> float:
    """Return how likely the first `before` of `together` are all old when `new` are new and the order is chance."""
    new = min(new, together)
    return comb(together - before, new) / comb(together, new)


def _told_of_oneself(fillings: Sequence[Filling]) -> bool:
    """Return whether everybody has a number of their own: then nobody passes one on."""
    values = {value for filling in fillings for value in filling.values}
    return len(values) > max(2, _voices(fillings) / 3)


def _voices(fillings: Sequence[Filling]) -> int:
    return len({filling.voice for filling in fillings})


def _misspelt(one: str, other: str) -> bool:
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= TYPO


def _numbers(dimension: str) -> Callable[[Clause], Mapping[Hashable, str] | None]:
    def values(clause: Clause) -> Mapping[Hashable, str] | None:
        if clause.personal:
            return None
        return {(q.value, q.unit): q.said for q in clause.numbers if q.dimension == dimension} or None

    return values


def _sureness(clause: Clause) -> Mapping[Hashable, str] | None:
    if clause.asks:
        return None
    return {"perhaps": clause.perhaps[0]} if clause.perhaps else {"sure": clause.sure[0] if clause.sure else ""}


def _denial(clause: Clause) -> Mapping[Hashable, str] | None:
    if clause.asks:
        return None
    return {"denied": clause.denied[0]} if clause.denied else {"told": ""}


def _extent(clause: Clause) -> Mapping[Hashable, str] | None:
    if clause.extent is not None:
        return {clause.extent[0]: clause.extent[1]}
    counted = [quantity for quantity in clause.numbers if quantity.counted]
    return {"some": counted[0].said} if counted and not clause.personal else None


def _names(clause: Clause) -> Mapping[Hashable, str] | None:
    return {name: name for name, _, _ in clause.names} or None


def _in_place_of(
    value: Hashable, lost: Mapping[Hashable, str], later: Sequence[Filling], earlier: Sequence[Filling]
) -> bool:
    """Return whether a new name stands where a lost one stood: before or after the same word."""
    new = {
        (side, word)
        for filling in later
        for name, *words in filling.clause.names
        for side, word in enumerate(words)
        if name == value and word
    }
    old = {
        (side, word)
        for filling in earlier
        for name, *words in filling.clause.names
        for side, word in enumerate(words)
        if name in lost and word
    }
    return bool(new & old)
