"""What was known at a moment when all there is is a file: every post was seen when it was written. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

import numpy as np

from analyzers.deciding import READ_DAYS
from analyzers.heard import LEARNING, LOOK_BACK, Heard, listened_since, reaching_back
from analyzers.post_arrays import EPOCH, Ints, PostArrays, micros
from tocsin.store.records import JudgedPost

TICK = timedelta(microseconds=1)
_HOUR = 3_600_000_000


class KnownFile:
    """A file's posts on some brands, and when anything at all was written in each of its sources.

    `written`: source -> the times of all its posts, microseconds since 1970, in any order.
    """

    def __init__(self, posts: Mapping[str, Sequence[JudgedPost]], written: Mapping[str, Sequence[int]]) -> None:
        self._posts = {
            brand: PostArrays(sorted(rows, key=lambda post: (post.created_at, post.post_id)))
            for brand, rows in posts.items()
        }
        self._written = {source: np.sort(np.array(times, dtype=np.int64)) for source, times in sorted(written.items())}

    def posts(self, brand: str, at: datetime) -> PostArrays:
        """Return the posts on `brand` of the 46 days before `at`, oldest first."""
        return self._posts[brand].written(at - timedelta(days=READ_DAYS) - TICK, at)

    def heard(self, at: datetime) -> Heard:
        """Return what was heard by `at`: nobody was ever blind, and every post has its date."""
        per_hour: Counter[datetime] = Counter()
        since: dict[str, datetime] = {}
        for source, times in self._written.items():
            hours, counts = np.unique(_between(times, at - LOOK_BACK, at + TICK) // _HOUR, return_counts=True)
            if not hours.size:
                continue
            moments = [EPOCH + timedelta(hours=hour) for hour in hours.tolist()]
            days = listened_since({moment.replace(hour=0) for moment in moments}, at)
            since[source] = reaching_back(days, at, partial(_spoke, times))
            for moment, count in zip(moments, counts.tolist(), strict=True):
                if moment < at - timedelta(days=1):
                    per_hour[moment] += count
        return Heard(
            since={source: moment for source, moment in since.items() if at - moment >= LEARNING},
            learning=tuple(source for source, moment in since.items() if at - moment < LEARNING),
            posts_an_hour=per_hour,
            blind={},
            undated=frozenset(),
        )


def _spoke(times: Ints, start: datetime, end: datetime) -> bool:
    return bool(_between(times, start, end).size)


def _between(times: Ints, start: datetime, end: datetime) -> Ints:
    """Return those of sorted `times` in [start, end)."""
    first, last = np.searchsorted(times, (micros(start), micros(end)), side="left")
    return times[first:last]
