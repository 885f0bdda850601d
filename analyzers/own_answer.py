"""What a word of the brand itself did: how fast new voices came before its first answer, and after it. Pure.

A change after an answer is no proof that the answer made it: a pile-on also tires by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from analyzers.listening import is_negative
from tocsin.store.records import Episode, JudgedPost

SPAN_HOURS = 12
"""Hours on either side of the answer that are looked at, at most."""
LEAST_HOURS = 3
"""Fewer say nothing about a pace."""


def with_own_answer(episode: Episode, own: Sequence[JudgedPost], rows: Sequence[JudgedPost]) -> Episode:
    """Return `episode` with the brand's first answer in its parts, where there was one in its threads.

    `own`: posts by the brand's own accounts; `rows`: the brand's other posts; both oldest first. Added:
    `own_answer_at`, `own_answer_post`; and, where three hours or more lie on both sides of it, new negative voices
    an hour (`pace_before_answer`, `pace_after_answer`) and by how many that changed from hour to hour
    (`slope_before_answer`, `slope_after_answer`: least squares over the hours), each over at most 12 h.
    """
    threads = frozenset(episode.threads)
    end = episode.over_at or episode.at
    answers = [post for post in own if post.thread_id in threads and episode.onset_at <= post.created_at <= end]
    if not answers:
        return episode
    first = answers[0]
    parts: dict[str, float | int | str | None] = {
        "own_answer_at": first.created_at.isoformat(),
        "own_answer_post": first.post_id,
    }
    arrivals = _arrivals([post for post in rows if post.thread_id in threads and is_negative(post)], episode.onset_at)
    for name, since, until in (
        ("before", max(episode.onset_at, first.created_at - timedelta(hours=SPAN_HOURS)), first.created_at),
        ("after", first.created_at, min(end, first.created_at + timedelta(hours=SPAN_HOURS))),
    ):
        found = _pace(arrivals, since, until)
        if found is not None:
            parts[f"pace_{name}_answer"], parts[f"slope_{name}_answer"] = found
    return replace(episode, parts={**episode.parts, **parts})


def _arrivals(posts: Sequence[JudgedPost], onset: datetime) -> list[datetime]:
    """Return when each known voice first spoke against the brand, from the onset on."""
    first: dict[str, datetime] = {}
    for post in posts:
        if post.author_id is not None and post.created_at >= onset:
            first.setdefault(post.author_id, post.created_at)
    return sorted(first.values())


def _pace(arrivals: Sequence[datetime], since: datetime, until: datetime) -> tuple[float, float] | None:
    """Return (voices an hour, their change an hour) over the whole hours that end at `until`."""
    hours = int((until - since) / timedelta(hours=1))
    if hours < LEAST_HOURS:
        return None
    counts = np.zeros(hours)
    for moment in arrivals:
        back = (until - moment) / timedelta(hours=1)
        if 0 <= back <= hours:
            counts[max(hours - 1 - int(back), 0)] += 1
    slope = np.polyfit(np.arange(hours), counts, 1)[0]
    return round(float(counts.mean()), 2), round(float(slope), 3)
