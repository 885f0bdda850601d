"""What became of a thread: forecasts at fixed ages, recomputed from what was seen by then, and whether they came true.

Pure. A forecast is judged once the 72 h it looks ahead are over. One whose thread was a pile-on already, as far
as was seen, is left out: there was nothing left to forecast.
"""

from __future__ import annotations

import math
from bisect import insort
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from analyzers.risk_weights import AGES
from analyzers.thread_parts import Surroundings, thread_parts
from analyzers.thread_risk import HORIZON, meets_outcome, most_negative_voices
from tocsin.store.records import JudgedPost, ThreadOutcome

Around = Callable[[Sequence[JudgedPost], datetime], Surroundings]
"""What is known beyond a thread, given its posts seen by a moment, and that moment."""
PERCENTILE = 0.99
KNOWN_FROM = 100
"""Threads of a source, below which its 99th percentile is not known."""


def outcomes_of(
    posts: Sequence[JudgedPost],
    around: Around,
    until: datetime,
    usual_most: float = 0.0,
    ages: Iterable[float] = AGES,
) -> list[ThreadOutcome]:
    """Return the forecasts about one thread of one brand that can be judged at `until`, youngest first.

    `posts`: the whole thread as known at `until`, oldest first; a forecast at `at` sees those written and first
    seen by `at`, and there is none where nothing was. `usual_most`: as in `meets_outcome`.
    """
    found = []
    for age in ages:
        at = posts[0].created_at + timedelta(hours=age)
        if at + HORIZON > until:
            break
        seen = [post for post in posts if post.created_at <= at and post.first_seen_at <= at]
        if not seen or meets_outcome(seen, usual_most):
            continue
        found.append(
            ThreadOutcome(
                thread_id=posts[0].thread_id,
                brand=posts[0].brand,
                at=at,
                age_hours=age,
                met=meets_outcome([post for post in posts if post.created_at <= at + HORIZON], usual_most),
                parts=thread_parts(seen, at, around(seen, at)),
            )
        )
    return found


def with_usual_most(posts: Iterable[JudgedPost]) -> list[tuple[list[JudgedPost], float]]:
    """Return each thread of each brand in `posts`, oldest post first, with what is much in its source: `usual_most`.

    That is the 99th percentile of the negative voices (of the fullest 72 h) in the source's threads that began
    before it; 0.0 while fewer than a hundred did. Later threads do not count: a pile-on does not raise the bar for
    itself. Threads come source by source, in the order in which they began.
    """
    threads: dict[tuple[str, str], list[JudgedPost]] = defaultdict(list)
    for post in sorted(posts, key=lambda post: (post.created_at, post.post_id)):
        threads[post.brand, post.thread_id].append(post)
    before: dict[str, list[int]] = defaultdict(list)
    found = []
    for thread in threads.values():
        known = before[thread[0].source]
        rank = max(0, math.ceil(PERCENTILE * len(known)) - 1)
        found.append((thread, float(known[rank]) if len(known) >= KNOWN_FROM else 0.0))
        insort(known, most_negative_voices(thread))
    return sorted(found, key=lambda pair: pair[0][0].source)
