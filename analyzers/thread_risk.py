"""How likely a thread is to become a pile-on within 72 h: a logistic score whose parts are all shown.

A part that could not be observed is None and adds nothing (analyzers/thread_parts.py). What each part weighs
is fitted (analyzers/risk_weights.py, analyzers/risk_fit.py) and named in `model_version`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from analyzers.listening import is_negative
from analyzers.risk_weights import SHIPPED, RiskWeights
from analyzers.thread_parts import Surroundings, reply_ratio, thread_parts
from tocsin.store.records import JudgedPost, ThreadRisk

HORIZON = timedelta(hours=72)
LEAST_VOICES = 10.0

__all__ = [
    "HORIZON",
    "Surroundings",
    "meets_outcome",
    "most_negative_voices",
    "reply_ratio",
    "thread_parts",
    "thread_risk",
]


def thread_risk(
    posts: Sequence[JudgedPost],
    brand: str,
    at: datetime,
    around: Surroundings | None = None,
    weights: RiskWeights = SHIPPED,
) -> ThreadRisk:
    """Score one thread for one brand at `at`, from its posts written by then (at least one, any order).

    Raises ValueError when none was.
    """
    seen = sorted((post for post in posts if post.created_at <= at), key=lambda post: (post.created_at, post.post_id))
    if not seen:
        raise ValueError("a thread without a post has no risk")
    parts = thread_parts(seen, at, around or Surroundings())
    age = (at - seen[0].created_at) / timedelta(hours=1)
    added = weights.contributions(parts, age)
    return ThreadRisk(
        thread_id=seen[0].thread_id,
        brand=brand,
        at=at,
        age_hours=round(age, 3),
        probability=round(1 / (1 + math.exp(-(weights.intercept(age) + sum(added.values())))), 6),
        parts=parts,
        contributions=added,
        model_version=weights.version,
    )


def meets_outcome(posts: Sequence[JudgedPost], usual_most: float = 0.0) -> bool:
    """Return whether a thread became what the risk forecasts (DESIGN): a pile-on, in some 72 h window.

    At least max(10, `usual_most`: the source's 99th percentile) distinct negative voices, at least
    half of the window's authors, and nobody wrote over 20 % of its posts.
    """
    least = max(LEAST_VOICES, usual_most)
    if most_negative_voices(posts) < least:
        return False
    ordered = sorted((post for post in posts if post.author_id is not None), key=lambda post: post.created_at)
    first = 0
    for last in range(len(ordered)):
        while ordered[last].created_at - ordered[first].created_at > HORIZON:
            first += 1
        window = ordered[first : last + 1]
        if len(window) < least:
            continue
        wrote = Counter(post.author_id for post in window)
        angry = {post.author_id for post in window if is_negative(post)}
        if len(angry) >= max(least, len(wrote) / 2) and max(wrote.values()) <= 0.2 * len(window):
            return True
    return False


def most_negative_voices(posts: Sequence[JudgedPost]) -> int:
    """Return the distinct negative voices of the fullest 72 h of a thread; unknown authors are none."""
    angry = sorted(
        ((post.created_at, post.author_id) for post in posts if post.author_id is not None and is_negative(post)),
    )
    held: Counter[str] = Counter()
    first, most = 0, 0
    for moment, author in angry:
        held[author] += 1
        while moment - angry[first][0] > HORIZON:
            held[angry[first][1]] -= 1
            held += Counter()
            first += 1
        most = max(most, len(held))
    return most
