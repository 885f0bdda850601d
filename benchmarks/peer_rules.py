"""The rules that detection is held against: EARS C2 and 3 sigma, on the negative voices of the last 24 h.

A rule looks every hour, or once a day at midnight; its alarms within 72 h of one another are one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from quiet_posts import BUDGET, HISTORY_DAYS, START

from analyzers.baseline import Floats, Ints, distinct_voices
from analyzers.listening import is_negative
from tocsin.store.records import JudgedPost

QUIET_HOURS = 72
DAY = 24
Rule = Callable[[Ints, int], float]
"""Given hourly counts of 24 h windows and an hour: by how many sd that hour lies above the usual."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A rule, the multiple of sd it alarms at, and how often it looks, in hours."""

    rule: Rule
    sigmas: float
    every: int


def ears_c2(counts: Ints, hour: int) -> float:
    """Return the EARS C2 statistic: seven days that end two days before."""
    return _above(counts[hour], counts[[hour - DAY * back for back in range(3, 10)]])


def three_sigma(counts: Ints, hour: int) -> float:
    """Return by how many sd the window lies above the 28 days before the last one."""
    return _above(counts[hour], counts[[hour - DAY * back for back in range(2, 30) if hour >= DAY * back]])


def _above(count: int, usual: Ints) -> float:
    return float((count - usual.mean()) / max(float(usual.std(ddof=1)), 0.5))


PEERS = {
    "ears_c2": Peer(ears_c2, 3.0, 1),
    "three_sigma": Peer(three_sigma, 3.0, 1),
    "ears_c2_daily": Peer(ears_c2, 3.0, DAY),
    "three_sigma_daily": Peer(three_sigma, 3.0, DAY),
}


def _counts(posts: Sequence[JudgedPost]) -> Ints:
    """Return the distinct negative voices of the 24 h that end at each hour since the start."""
    angry = [post for post in posts if is_negative(post)]
    codes = {name: code for code, name in enumerate(sorted({str(post.author_id) for post in angry}))}
    times: Floats = np.array([(post.created_at - START) / timedelta(hours=1) for post in angry])
    hours = np.arange(0.0, np.ceil((posts[-1].created_at - START) / timedelta(hours=1)) + 1.0)
    return distinct_voices(np.array([codes[str(post.author_id)] for post in angry]), times, hours, float(DAY))


def alarms(peer: Peer, posts: Sequence[JudgedPost], since: float) -> list[int]:
    """Return the hours since the start at which `peer` alarms, from `since` on."""
    counts = _counts(posts)
    hours = (hour for hour in range(int(np.ceil(since)), counts.size) if hour % peer.every == 0)
    found = [hour for hour in hours if peer.rule(counts, hour) > peer.sigmas]
    return [hour for place, hour in enumerate(found) if place == 0 or hour - found[place - 1] > QUIET_HOURS]


def delay(peer: Peer, posts: Sequence[JudgedPost], onset: float) -> float | None:
    """Return the hours from `onset` to the first alarm, None when there was none."""
    heard = alarms(peer, posts, onset)
    return heard[0] - onset if heard else None


def false_a_month(peer: Peer, months: Sequence[Sequence[JudgedPost]]) -> float:
    """Return the alarms a month in quiet `months`."""
    return sum(len(alarms(peer, posts, HISTORY_DAYS * DAY)) for posts in months) / len(months)


def at_budget(peer: Peer, months: Sequence[Sequence[JudgedPost]]) -> Peer:
    """Return `peer` with the smallest multiple, in steps of .5, that keeps the budget on quiet `months`."""
    for sigmas in np.arange(3.0, 60.0, 0.5):
        raised = Peer(peer.rule, float(sigmas), peer.every)
        if false_a_month(raised, months) <= BUDGET:
            return raised
    raise ValueError("no multiple keeps the budget")
