"""Contagion: does anger rise after hostile replies, and more than is normal for the source.

Each judged post is one outcome (angry or not), so nothing is counted twice. It is exposed when one of the three posts
before it in its thread is a hostile reply by somebody else; two who quarrel infect only each other, and are left out
as outcomes. The rise is the share of angry posts among the exposed less
that among the others at a like position in a thread of the same source with as many angry posts among the three before
(exact matching in cells; Cochran 1968): without the matching, a heated thread alone would look like contagion. The rise
in the episode less the usual rise before it is the excess (difference in differences); its interval comes from Beta
posteriors of the shares in each cell (Jeffreys prior), drawn with a fixed seed. Where hardly any hostile reply was seen
before, a usual rise after them is not known, and the rise in the episode stands against none.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyzers.listening import is_judged, is_negative
from analyzers.voices import quarrellers
from tocsin.store.records import JudgedPost

LOOK_BACK = 3
HOSTILE = 0.5
ANGRY = 0.5
FEWEST_EXPOSED = 10
FEWEST_MATCHED = 5
"""Outcomes a cell needs to be held against; else the position, then the source, is no longer matched."""
_EARLY = (3, 10)
"""Positions from which a thread is in its middle, and in its length."""
_DRAWS = 4_000
_SEED = 20_251

Cell = tuple[str, int, int]
"""Source, position in the thread (0 early, 1 middle, 2 late), angry posts among those before it."""
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Contagion:
    """`excess` (`low` to `high`, 95 %): how much more anger rises after hostile replies than it usually does there.

    `after` is the share of angry posts after a hostile reply, `normal` what it would be with the usual rise, `exposed`
    the posts it is seen on. Shares are 0..1, the excess -1..1.
    """

    excess: float
    low: float
    high: float
    after: float
    normal: float
    exposed: int

    @property
    def words(self) -> str:
        """The finding in a sentence."""
        shares = f"{self.after:.0%} of {self.exposed} posts are angry, {self.normal:.0%} would be normal".replace(
            "%", " %"
        )
        if self.low > 0:
            return f"Anger spreads: after hostile replies {shares}."
        if self.high < 0:
            return f"Hostile replies calm it: after them {shares}."
        return f"No sign that hostile replies spread anger: after them {shares}."


@dataclass(frozen=True, slots=True)
class _Outcome:
    cell: Cell
    exposed: bool
    angry: bool


def contagion(episode: Sequence[JudgedPost], usual: Sequence[JudgedPost]) -> Contagion | None:
    """Compare an episode's posts with the `usual` ones before it (of the same brand); None where too little was seen.

    Exposed posts that nothing can be held against are left out. The order of the posts does not matter.
    """
    rng = np.random.default_rng(_SEED)
    here, before = _rise(_Counted(episode), rng), _rise(_Counted(usual), rng)
    if here is None:
        return None
    usually = before.after - before.without if before else 0.0
    low, high = np.clip(np.quantile(here.drawn - (before.drawn if before else 0.0), (0.025, 0.975)), -1.0, 1.0)
    normal = min(max(here.without + usually, 0.0), 1.0)
    return Contagion(here.after - normal, float(low), float(high), here.after, normal, here.exposed)


@dataclass(frozen=True, slots=True)
class _Rise:
    """Shares of angry posts after hostile replies and, matched, without them; draws of their difference."""

    exposed: int
    after: float
    without: float
    drawn: Floats


def _rise(counted: _Counted, rng: np.random.Generator) -> _Rise | None:
    exposed, after, without, drawn = 0, 0.0, 0.0, np.zeros(_DRAWS)
    for cell in counted.exposed_cells():
        matched = counted.matched(cell)
        if matched is None:
            continue
        angry, posts = counted.angry[cell, True], counted.posts[cell, True]
        exposed += posts
        after += angry
        without += posts * matched[0] / matched[1]
        drawn += posts * (_drawn(rng, angry, posts) - _drawn(rng, *matched))
    if exposed < FEWEST_EXPOSED:
        return None
    return _Rise(exposed, after / exposed, without / exposed, drawn / exposed)


def _drawn(rng: np.random.Generator, angry: int, posts: int) -> Floats:
    return rng.beta(angry + 0.5, posts - angry + 0.5, _DRAWS)


class _Counted:
    """Angry and all outcomes by (cell, exposed), each also in two wider cells (-1: any position; '': any source)."""

    def __init__(self, posts: Sequence[JudgedPost]) -> None:
        self.angry: Counter[tuple[Cell, bool]] = Counter()
        self.posts: Counter[tuple[Cell, bool]] = Counter()
        for outcome in _outcomes(posts):
            for cell in _wider(outcome.cell):
                self.angry[cell, outcome.exposed] += outcome.angry
                self.posts[cell, outcome.exposed] += 1

    def exposed_cells(self) -> list[Cell]:
        """Return the narrow cells that hold an exposed outcome, in order."""
        return sorted(cell for cell, exposed in self.posts if exposed and cell[1] >= 0)

    def matched(self, cell: Cell) -> tuple[int, int] | None:
        """Return (angry, all) not exposed of the narrowest cell around `cell` with enough of them, None without one."""
        for wide in _wider(cell):
            if self.posts[wide, False] >= FEWEST_MATCHED:
                return self.angry[wide, False], self.posts[wide, False]
        return None


def _wider(cell: Cell) -> tuple[Cell, ...]:
    source, _, prior = cell
    return (cell, (source, -1, prior), ("", -1, prior))


def _outcomes(posts: Sequence[JudgedPost]) -> Iterator[_Outcome]:
    threads: dict[str, list[JudgedPost]] = defaultdict(list)
    for post in sorted(posts, key=lambda post: (post.created_at, post.post_id)):
        threads[post.thread_id].append(post)
    for _, thread in sorted(threads.items()):
        fighters = quarrellers(thread)
        for place in range(1, len(thread)):
            post, before = thread[place], range(max(0, place - LOOK_BACK), place)
            if not is_judged(post) or post.author_id in fighters:
                continue
            yield _Outcome(
                cell=(post.source, sum(place >= step for step in _EARLY), sum(_angry(thread[at]) for at in before)),
                exposed=any(_hostile(thread[at]) and at > 0 and not _same(thread[at], post) for at in before),
                angry=_angry(post),
            )


def _angry(post: JudgedPost) -> bool:
    return is_negative(post) or _hostile(post) or (post.anger or 0.0) >= ANGRY


def _hostile(post: JudgedPost) -> bool:
    return (post.hostility or 0.0) >= HOSTILE


def _same(one: JudgedPost, other: JudgedPost) -> bool:
    return one.author_id is not None and one.author_id == other.author_id
