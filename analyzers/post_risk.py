"""The pile-on risk of one post, first version: base rate x hostility x thread so far.

In odds: base x e^(2.2 (h - .3)) x e^(1.1 (n - .35)) x (1 + v)^1.1 with h the post's hostility, n its
negative probability and v the distinct negative voices in its thread in the 72 h before it. The
three numbers are chosen, not fitted: the model issue replaces them by a calibrated head.
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


def pile_on_risk(hostility: float, negative: float, voices: int) -> float:
    """Return the probability 0..1 that the thread of a post becomes a pile-on.

    `hostility` and `negative`: the model's probabilities for the post; `voices`: distinct negative
    voices in its thread in the 72 h before it. Rises with each of them.
    """
    base = math.log(BASE_RATE / (1 - BASE_RATE))
    odds = base + 2.2 * (hostility - 0.3) + 1.1 * (negative - 0.35) + 1.1 * math.log1p(max(voices, 0))
    return 1 / (1 + math.exp(-odds))


def pile_on_risks(posts: Sequence[JudgedPost]) -> dict[str, float]:
    """Return post id -> pile-on risk for the judged ones of `posts` (whole threads, any order)."""
    threads: dict[str, list[JudgedPost]] = defaultdict(list)
    for post in sorted(posts, key=lambda post: (post.created_at, post.post_id)):
        threads[post.thread_id].append(post)
    risks: dict[str, float] = {}
    for thread in threads.values():
        angry: dict[str, JudgedPost] = {}
        for post in thread:
            voices = sum(post.created_at - last.created_at <= BEFORE for last in angry.values())
            if post.negative is not None and post.hostility is not None:
                risks[post.post_id] = round(pile_on_risk(post.hostility, post.negative, voices), 6)
            if is_negative(post) and post.author_id is not None:
                angry[post.author_id] = post
    return risks
