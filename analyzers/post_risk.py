"""The pile-on risk of one post: the probability that its thread meets the outcome within 72 h.

In log-odds: SHIFT + SLOPE x (2.2 (h - .3) + 1.1 (n - .35) + 1.1 log(1 + v)), with h the post's hostility,
n its negative probability and v the distinct negative voices in its thread in the 72 h before it. What is
in brackets orders the posts and is set by hand; SLOPE and SHIFT make it a probability (Platt 1999). They
were fitted on the replay of 149 heated GitHub threads (benchmarks/pile_on_risk.py) and shifted from the
share of pile-ons among these to BASE_RATE (Saerens et al. 2002, eq. 4), because they were chosen for heat.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from analyzers.listening import is_negative
from tocsin.store.records import JudgedPost

BASE_RATE = 0.01
"""Share of threads that become a pile-on: 3 of 149 locked "too heated" GitHub threads did, ordinary ones fewer."""
BEFORE = timedelta(hours=72)
SLOPE = 0.78
SHIFT = -5.34
"""Two of the 149 threads still had their pile-on ahead of them: what was fitted is a first idea, not a measurement."""


def evidence(hostility: float, negative: float, voices: int) -> float:
    """Return what speaks for a pile-on, without unit; rises with each of the three (see above)."""
    return 2.2 * (hostility - 0.3) + 1.1 * (negative - 0.35) + 1.1 * math.log1p(max(voices, 0))


def pile_on_risk(hostility: float, negative: float, voices: int) -> float:
    """Return the probability 0..1 that the thread of a post becomes a pile-on.

    `hostility` and `negative`: the model's probabilities for the post; `voices`: distinct negative
    voices in its thread in the 72 h before it. Rises with each of them.
    """
    return 1 / (1 + math.exp(-(SHIFT + SLOPE * evidence(hostility, negative, voices))))


def pile_on_risks(posts: Sequence[JudgedPost]) -> dict[str, float]:
    """Return post id -> pile-on risk for the judged ones of `posts` (whole threads, any order)."""
    return {
        post.post_id: round(pile_on_risk(post.hostility, post.negative, voices), 6)
        for post, voices in with_voices(posts)
        if post.hostility is not None and post.negative is not None
    }


def with_voices(posts: Sequence[JudgedPost]) -> list[tuple[JudgedPost, int]]:
    """Return every post with the distinct negative voices in its thread in the 72 h before it."""
    threads: dict[str, list[JudgedPost]] = defaultdict(list)
    for post in sorted(posts, key=lambda post: (post.created_at, post.post_id)):
        threads[post.thread_id].append(post)
    found: list[tuple[JudgedPost, int]] = []
    for thread in threads.values():
        angry: dict[str, JudgedPost] = {}
        for post in thread:
            found.append((post, sum(post.created_at - last.created_at <= BEFORE for last in angry.values())))
            if is_negative(post) and post.author_id is not None:
                angry[post.author_id] = post
    return found
