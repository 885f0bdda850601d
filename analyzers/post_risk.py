"""The pile-on risk of one post: the probability that its thread meets the outcome within the 72 h after it.

In log-odds: SHIFT + SLOPE x t + HOSTILE x (h - .3), with t the log-odds of the thread's risk at the moment of the
post, from the parts that are cheap to follow from post to post (RUNNING; the others count as not observed), and
h the post's hostility. SLOPE and SHIFT make it a probability (Platt 1999), because posts stand where something
happens, and RUNNING leaves parts out. Fitted by benchmarks/pile_on_risk.py.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from analyzers.listening import is_judged, is_negative
from analyzers.risk_weights import SHIPPED, RiskWeights
from tocsin.store.records import JudgedPost

RUNNING = ("negative_voices", "acceleration", "voices_per_post")
SLOPE, SHIFT, HOSTILE = 1.39, 2.62, 0.53
USUAL_HOSTILITY = 0.3
HOUR = timedelta(hours=1)


def pile_on_risk(thread_odds: float, hostility: float) -> float:
    """Return the probability 0..1 that the thread of a post becomes a pile-on; rises with both.

    `thread_odds`: log-odds of the thread's risk at the post, from RUNNING; `hostility`: of the post, 0..1.
    """
    odds = SHIFT + SLOPE * thread_odds + HOSTILE * (hostility - USUAL_HOSTILITY)
    return 1 / (1 + math.exp(-odds))


def pile_on_risks(posts: Sequence[JudgedPost], weights: RiskWeights = SHIPPED) -> dict[str, float]:
    """Return post id -> pile-on risk for the judged ones of `posts` (whole threads, any order)."""
    return {
        post.post_id: round(pile_on_risk(odds, post.hostility), 6)
        for post, odds in with_thread_odds(posts, weights)
        if post.hostility is not None and post.negative is not None
    }


def with_thread_odds(posts: Sequence[JudgedPost], weights: RiskWeights) -> Iterator[tuple[JudgedPost, float]]:
    """Return every post with the log-odds of its thread's risk at its moment, itself included, from RUNNING."""
    threads: dict[str, list[JudgedPost]] = defaultdict(list)
    for post in sorted(posts, key=lambda post: (post.created_at, post.post_id)):
        threads[post.thread_id].append(post)
    for thread in threads.values():
        for post, parts in _running(thread):
            age = (post.created_at - thread[0].created_at) / HOUR
            yield post, weights.intercept(age) + sum(weights.contributions(parts, age).values())


def _running(thread: Sequence[JudgedPost]) -> Iterator[tuple[JudgedPost, Mapping[str, float | None]]]:
    """Return each post with the parts RUNNING as `analyzers.thread_parts` would give them at its moment."""
    times = [post.created_at for post in thread]
    authors: set[str] = set()
    angry: set[str] = set()
    judged = False
    for place, post in enumerate(thread):
        judged |= is_judged(post)
        if post.author_id is not None:
            authors.add(post.author_id)
            if is_negative(post):
                angry.add(post.author_id)
        now = post.created_at
        last, before = (bisect_right(times, now - hours * HOUR, hi=place + 1) for hours in (1, 2))
        old = now - times[0] >= 2 * HOUR
        yield (
            post,
            {
                "negative_voices": math.log1p(len(angry)) if judged and authors else None,
                "acceleration": math.log2((place + 2 - last) / (last - before + 1)) if old else None,
                "voices_per_post": len(authors) / (place + 1) if authors else None,
            },
        )
