"""Pass the message: how the claim of an episode changed from its first post to now, as a few dated quotes.

Posts are cut into clauses, clauses grouped into claims (`analyzers.families`), and each claim is followed in time for
what was replaced in it (`analyzers.changes`). The claim with the best shown change is told. Pure; the order of the
posts does not matter.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from analyzers.changes import Change, Filling, changes, slots_of
from analyzers.clauses import FEWEST_WORDS, Clause, Kind, names_in, read_clause, split
from analyzers.families import Family, Weights, families, weigh
from analyzers.wordings import words
from tocsin.store.records import JudgedPost
from tocsin.store.stories import Wording

MOST_WORDINGS = 5
COVERED: dict[Kind, float] = {"number": 0.5, "name": 0.5, "extent": 0.8, "denial": 0.8, "sureness": 0.8}
"""Share of a clause, by weight, that must be the family's core words before what it says counts as the claim's."""
SAID_CHARACTERS = 300
FEWEST_VOICES = 3
_NUMBER_WEIGHT = 2


@dataclass(frozen=True, slots=True)
class _Told:
    """A claim with its changes, oldest first."""

    family: Family
    changes: tuple[Change, ...]

    @property
    def weight(self) -> int:
        """How well the changes are shown: by the people on both sides of each, numbers twice."""
        return sum(
            (min(change.before, 20) + min(change.after, 20)) * (_NUMBER_WEIGHT if change.slot[0] == "number" else 1)
            for change in self.changes
        )


def drift(posts: Sequence[JudgedPost]) -> tuple[Wording, ...]:
    """Return the earliest wording of the claim that changed most clearly, then each post where it changed.

    At most five, oldest first. Where that gives two, the newest post that still says it so ends the row, with nothing
    added or lost. Empty when no claim changed.
    """
    ordered = sorted(posts, key=lambda post: (post.created_at, post.post_id))
    clauses = _read(ordered)
    weights = weigh(clauses)
    told = [_Told(family, tuple(_changes(family, ordered, weights))) for family in families(clauses, weights)]
    changed = [one for one in told if one.changes]
    if not changed:
        return ()
    best = max(changed, key=lambda one: (one.weight, -one.changes[0].clause.place, -one.family.clauses[0].place))
    return _wordings(best, clauses, ordered, weights)


def _read(posts: Sequence[JudgedPost]) -> list[Clause]:
    pieces = [list(dict.fromkeys(split(post.text))) for post in posts]
    names = names_in(piece for found in pieces for piece in found)
    clauses = [read_clause(place, piece, names) for place, found in enumerate(pieces) for piece in found]
    return [clause for clause in clauses if clause.frame and len(clause.text.split()) >= FEWEST_WORDS]


def _voice(post: JudgedPost) -> str:
    return post.author_id or post.post_id


def _changes(family: Family, posts: Sequence[JudgedPost], weights: Weights) -> list[Change]:
    if len({_voice(posts[clause.place]) for clause in family.clauses}) < FEWEST_VOICES:
        return []
    denying = frozenset(clause.place for clause in family.clauses if posts[clause.place].stance == "deny")
    found: list[Change] = []
    slots = slots_of(family.clauses)
    for slot, values in slots.items():
        fillings = [
            Filling(clause, _voice(posts[clause.place]), said)
            for clause in family.clauses
            if (said := values(clause)) is not None
        ]
        found += changes(slot, fillings, denying, weights)
    brand = {word for clause in family.clauses for word in words(posts[clause.place].brand)}
    swapped = Counter(change.clause.place for change in found if change.slot[0] == "name")
    # "sold to Globex by Acme": the brand is in it as well, not instead.
    kept = [c for c in found if not (c.slot[0] == "name" and swapped[c.clause.place] > 1 and c.value in brand)]
    return sorted(kept, key=lambda change: (change.clause.place, change.slot))


def _wordings(
    told: _Told, clauses: Sequence[Clause], posts: Sequence[JudgedPost], weights: Weights
) -> tuple[Wording, ...]:
    begun = _saying(told.family, told.changes[0], clauses, weights, old=True)
    start = begun[0]
    moves = [
        (next(clause for clause in saying if clause.place > start.place), change, saying)
        for change in told.changes
        if (saying := _saying(told.family, change, clauses, weights))
        and any(clause.place > start.place for clause in saying)
    ]
    rows = [_wording(start, posts, "", "", begun)]
    for place in _shown(moves):
        together = [move for move in moves if move[0].place == place]
        clause, _, saying = together[0]
        added, lost = (
            ", ".join(dict.fromkeys(said for _, change, _ in together if (said := getattr(change, name))))
            for name in ("added", "lost")
        )
        rows.append(_wording(clause, posts, added, lost, saying))
    if len(rows) == 2 and posts[saying[-1].place].post_id != rows[-1].post_id:
        rows.append(_wording(saying[-1], posts, "", "", saying))
    return tuple(rows)


def _shown(moves: Sequence[tuple[Clause, Change, list[Clause]]]) -> list[int]:
    """Return the places of the posts to show, in order: the first that changed, then those most followed."""
    followed: dict[int, int] = defaultdict(int)
    for clause, change, _ in moves:
        followed[clause.place] = max(followed[clause.place], change.after)
    first = min(followed)
    best = sorted(followed, key=lambda place: (place != first, -followed[place], place))
    return sorted(best[: MOST_WORDINGS - 1])


def _saying(
    family: Family, change: Change, clauses: Sequence[Clause], weights: Weights, *, old: bool = False
) -> list[Clause]:
    """Return the clauses that say what is new in a change (or what it replaced), oldest first.

    Those of the family, and for numbers also others whose words the family's are: one may put the claim so shortly, or
    so wordily, that it was not grouped with it. Who gives both numbers compares them, and says neither.
    """
    values = slots_of(family.clauses)[change.slot]
    members = {(clause.place, clause.text) for clause in family.clauses}
    wanted, other = (change.old, {change.value}) if old else ({change.value}, change.old)
    found = []
    for clause in clauses:
        said = values(clause)
        if said is None or not said.keys() & wanted or said.keys() & other:
            continue
        if (clause.place, clause.text) in members or (family.covers(clause.frame, weights) >= COVERED[change.slot[0]]):
            found.append(clause)
    return found


def _wording(clause: Clause, posts: Sequence[JudgedPost], added: str, lost: str, saying: Sequence[Clause]) -> Wording:
    said = clause.text if len(clause.text) <= SAID_CHARACTERS else clause.text[: SAID_CHARACTERS - 1] + "\u2026"
    return Wording(posts[clause.place].post_id, said, added, lost, len({each.place for each in saying}))
