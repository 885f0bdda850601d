"""Contagion: how much angrier posts after a hostile reply are than is normal for the source there in a thread.

Each judged post is one outcome (angry or not), so nothing is counted twice. It is exposed when one of the three posts
before it in its thread is a hostile reply by somebody else. Its normal is the share of angry posts, before the episode,
in the same source, at a like position in the thread, with as many angry posts among the three before (exact matching in
cells; Cochran 1968). The effect is the mean excess over the exposed posts; its interval comes from Beta posteriors of
both shares in each cell (Jeffreys prior), drawn with a fixed seed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from analyzers.listening import is_judged, is_negative
from tocsin.store.records import JudgedPost

LOOK_BACK = 3
HOSTILE = 0.5
ANGRY = 0.5
FEWEST_EXPOSED = 10
FEWEST_NORMAL = 10
"""Outcomes a cell needs before the episode; else the position, then the source, is no longer matched."""
_EARLY = (3, 10)
"""Positions from which a thread is in its middle, and in its length."""
_DRAWS = 4_000
_SEED = 20_251

Cell = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Contagion:
    """`excess` (`low` to `high`, 95 %): how much larger the share of angry posts is after a hostile reply than normal.

    `after` and `normal` are the two shares, `exposed` the posts it is seen on. Shares are 0..1, the excess -1..1.
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

    A post at a point that the source was never at before (as many angry ones before it) has no normal, and is left
    out. The order of the posts does not matter.
    """
    normal = _Normal(usual)
    counted: dict[Cell, list[int]] = defaultdict(lambda: [0, 0])
    for outcome in _outcomes(episode):
        cell = normal.cell(outcome.cell) if outcome.exposed else None
        if cell is not None:
            counted[cell][0] += outcome.angry
            counted[cell][1] += 1
    exposed = sum(posts for _, posts in counted.values())
    if exposed < FEWEST_EXPOSED:
        return None
    rng = np.random.default_rng(_SEED)
    after, usually, drawn = 0.0, 0.0, np.zeros(_DRAWS)
    for cell, (angry, posts) in sorted(counted.items()):
        angry_then, posts_then = normal.angry[cell], normal.posts[cell]
        weight = posts / exposed
        after += weight * angry / posts
        usually += weight * angry_then / posts_then
        drawn += weight * rng.beta(angry + 0.5, posts - angry + 0.5, _DRAWS)
        drawn -= weight * rng.beta(angry_then + 0.5, posts_then - angry_then + 0.5, _DRAWS)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return Contagion(after - usually, float(low), float(high), after, usually, exposed)


class _Normal:
    """Angry and all outcomes by cell, each also in the two wider cells (-1: any position, '': any source)."""

    def __init__(self, usual: Sequence[JudgedPost]) -> None:
        self.angry: Counter[Cell] = Counter()
        self.posts: Counter[Cell] = Counter()
        for outcome in _outcomes(usual):
            for cell in _wider(outcome.cell):
                self.angry[cell] += outcome.angry
                self.posts[cell] += 1

    def cell(self, cell: Cell) -> Cell | None:
        """Return the narrowest cell around `cell` with enough outcomes, None when there is none."""
        return next((wide for wide in _wider(cell) if self.posts[wide] >= FEWEST_NORMAL), None)


def _wider(cell: Cell) -> tuple[Cell, ...]:
    source, _, prior = cell
    return (cell, (source, -1, prior), ("", -1, prior))


def _outcomes(posts: Sequence[JudgedPost]) -> Iterator[_Outcome]:
    threads: dict[str, list[JudgedPost]] = defaultdict(list)
    for post in sorted(posts, key=lambda post: (post.created_at, post.post_id)):
        threads[post.thread_id].append(post)
    for _, thread in sorted(threads.items()):
        for place in range(1, len(thread)):
            post, before = thread[place], range(max(0, place - LOOK_BACK), place)
            if not is_judged(post):
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
