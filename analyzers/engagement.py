"""Likes and reposts that rise without voices, as bought ones and those of bots do.

Where people like a post, some of them answer. How many is learned from the source: voices for each like or repost, and
how much that varies from post to post. A rise is flagged when so few people answered it as hardly ever happens there;
sooner, when it is also a round number or came long after the post was written. A post that goes round for good reasons
gets its answers too, and in a source where likes say nothing of answers nothing is ever flagged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from scipy.stats import nbinom

from tocsin.store.records import Reactions

LEAST_RISE = 50
LEAST_EXPECTED = 5.0
"""A rise must be so big, and so many people must have been expected to answer it, before their absence says much."""
LEAST_POSTS = 30
LEAST_REACTIONS = 3
"""What is usual is learned from at least 30 posts with three reactions and more."""
LEAST_DISPERSION = 0.25
RARE, RARE_WITH_SIGN = 0.001, 0.01
"""Chance of so few answers from which a rise is flagged; the second when it is also round or late."""
ROUND, LEAST_ROUND = 50, 100
LATE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual in a source: people who answer for each like or repost, and the dispersion of their number."""

    rate: float
    dispersion: float


@dataclass(frozen=True, slots=True)
class Rise:
    """A rise of likes and reposts between two observations that hardly anybody answered.

    `answered`: people who answered meanwhile, `expected`: how many usually would have; `chance`: of so few.
    """

    post_id: str
    reactions: int
    hours: float
    answered: int
    expected: float
    chance: float
    is_round: bool
    is_late: bool


def usual_answers(observed: Sequence[Reactions]) -> Usual | None:
    """Return what is usual, from the last observation of each of a source's posts; None when of too few.

    Moments estimate of the negative binomial's dispersion: the mean of ((v - m)^2 - m) / m^2 with m = rate x reactions,
    over the posts with m of one and more. Weighted by m^2, as the books have it, a few big posts would say too little.
    """
    told = [one for one in observed if one.reactions >= LEAST_REACTIONS]
    if len(told) < LEAST_POSTS:
        return None
    rate = (sum(one.answered for one in told) + 0.5) / sum(one.reactions for one in told)
    means = [rate * one.reactions for one in told]
    spreads = [
        ((one.answered - mean) ** 2 - mean) / mean**2 for one, mean in zip(told, means, strict=True) if mean >= 1
    ]
    return Usual(rate, max(sum(spreads) / len(spreads), LEAST_DISPERSION)) if len(spreads) >= LEAST_POSTS / 3 else None


def unanswered_rises(observed: Sequence[Reactions], usual: Mapping[str, Usual]) -> list[Rise]:
    """Return the rises that look bought or bot-like, given all observations of some posts and `usual` by source.

    A post's first observation is a rise from nothing since it was written. The order does not matter.
    """
    posts: dict[str, list[Reactions]] = defaultdict(list)
    for one in sorted(observed, key=lambda one: (one.post_id, one.observed_at)):
        posts[one.post_id].append(one)
    found = []
    for series in posts.values():
        known = usual.get(series[0].source)
        if known is None:
            continue
        start = Reactions(series[0].post_id, series[0].source, series[0].created_at, series[0].created_at, 0, 0)
        for before, after in zip([start, *series], series, strict=False):
            rise = _rise(before, after, known)
            if rise is not None:
                found.append(rise)
    return found


def bought_figures(rises: Sequence[Rise], usual: Mapping[str, Usual]) -> dict[str, float | int | str | None]:
    """Return the figures for `Episode.parts`; None where no source shows reactions, so that nothing can be said."""
    if not usual:
        return {"bought_reactions": None, "bought": None}
    figures: dict[str, float | int | str | None] = {"bought_reactions": sum(rise.reactions for rise in rises)}
    if not rises:
        return figures | {"bought": None}
    most = max(rises, key=lambda rise: (rise.reactions, rise.post_id))
    return figures | {
        "bought_posts": len({rise.post_id for rise in rises}),
        "bought_answered": sum(rise.answered for rise in rises),
        "bought_expected": round(sum(rise.expected for rise in rises), 1),
        "bought_post": most.post_id,
        "bought": _words(most),
    }


def _rise(before: Reactions, after: Reactions, usual: Usual) -> Rise | None:
    """Return the rise when it is flagged. What the post itself drew before sharpens what is expected of it.

    Gamma-Poisson: a post's own factor has the posterior gamma(1/d + answered, 1/d + expected so far), so that the
    answers to come are negative binomial (Gelman et al., Bayesian Data Analysis, section 2.6).
    """
    gained = after.reactions - before.reactions
    shape = 1 / usual.dispersion + before.answered
    expected = gained * usual.rate * shape / (1 / usual.dispersion + before.reactions * usual.rate)
    if gained < LEAST_RISE or expected < LEAST_EXPECTED:
        return None
    answered = max(after.answered - before.answered, 0)
    chance = float(nbinom.cdf(answered, shape, shape / (shape + expected)))
    is_round = gained >= LEAST_ROUND and gained % ROUND == 0 and before.reactions > 0
    is_late = before.observed_at - before.created_at >= LATE and gained >= before.reactions
    if chance > (RARE_WITH_SIGN if is_round or is_late else RARE):
        return None
    hours = (after.observed_at - before.observed_at) / timedelta(hours=1)
    return Rise(after.post_id, gained, hours, answered, expected, chance, is_round, is_late)


def _words(rise: Rise) -> str:
    answered = "nobody" if rise.answered == 0 else "1 person" if rise.answered == 1 else f"{rise.answered} people"
    sign = ", a round number" if rise.is_round else ", long after it was written" if rise.is_late else ""
    return (
        f"{rise.reactions} likes and reposts of one post within {max(rise.hours, 1):.0f} h{sign}, "
        f"and {answered} answered, where {rise.expected:.0f} usually would"
    )
