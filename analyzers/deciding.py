"""The decision about one brand at one moment: the same for the nightly run, `tocsin detect` and every replay.

Pure: posts and records in, records out. Who calls it says what was known by that moment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from analyzers.baseline import Flags, Floats
from analyzers.copies_heard import CAMPAIGN_HOURS
from analyzers.course_records import course_of, episode_of
from analyzers.episodes import OPENS_WITHIN, replay
from analyzers.heard import LEARNING, Heard, hour_of
from analyzers.listening import Listening, Period
from analyzers.post_arrays import PostArrays
from analyzers.thresholds import DEFAULTS, Thresholds
from analyzers.wording_memory import WordingMemory
from tocsin.store.records import Episode, ThreadRisk

READ_DAYS = 46
"""28 days of baseline, its guard, and the 14 days in which older bursts are looked for."""
REPLAY = timedelta(hours=72)
MOST_POSTS = 0.8
"""The sources with this share of the brand's recent posts must have been listened to for an hour to count."""
BLIND_SHARE = 0.2
"""A blind source makes an hour missing when it gives this share of the brand's posts."""


@dataclass(frozen=True, slots=True)
class Night:
    """What is the same for all brands at `at`: what was heard, the audience's week and its zone."""

    at: datetime
    heard: Heard
    profile: Floats
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Before:
    """What was decided about the brand before: episodes that live, those that are over, and whether it is the first."""

    alive: Sequence[Episode] = ()
    over: Sequence[Episode] = ()
    first: bool = True


@dataclass(frozen=True, slots=True)
class Decision:
    """One brand's episodes, alive or ended since the last decision, and the days that it was listened to."""

    episodes: tuple[Episode, ...]
    history_days: float


def decide(
    brand: str,
    posts: PostArrays,
    night: Night,
    before: Before,
    *,
    thresholds: Thresholds = DEFAULTS,
    risks: Sequence[ThreadRisk] = (),
    memory: WordingMemory | None = None,
) -> Decision:
    """Decide about `brand` at `night.at` from its posts of the last 46 days, seen by then, oldest first.

    The hours since the last decision are walked through one by one, at most 72 unless an episode lives
    longer. `risks` give the episodes their thread risk; `memory` spares a replay time, and changes nothing.
    """
    at, heard = night.at, night.heard
    counted = posts.of_sources(heard.since)
    used = [heard.since[source] for source in counted.posts_of_each_source()]
    days = (at - min(used)) / timedelta(days=1) if used else 0.0
    if not used and not before.alive:
        return Decision((), days)
    begun = max(_begun(counted, heard.since, at), at - timedelta(days=READ_DAYS))
    begin = begun if before.first else min([at - REPLAY, *(episode.at for episode in before.alive)])
    past = [Period(episode.onset_at, last_loud(episode)) for episode in before.over]
    listening = _listening(
        counted,
        night,
        begun,
        left_out=(*past, *(Period(episode.onset_at, episode.at) for episode in before.alive)),
        labels_from=begin,
        thresholds=thresholds,
        memory=memory,
    )
    courses = replay(
        listening,
        brand,
        [course_of(episode) for episode in before.alive],
        past,
        begin=begin,
        opens_after=at - OPENS_WITHIN,
        note_history=before.first,
    )
    known = {episode.id: episode for episode in before.alive}
    found = [episode_of(course, brand, listening, risks, at, days, known.get(course.id)) for course in courses]
    return Decision(tuple(found), days)


def last_loud(episode: Episode) -> datetime:
    """Return when gate B last held in an episode."""
    told = episode.parts.get("last_loud_at")
    return datetime.fromisoformat(told) if isinstance(told, str) else episode.over_at or episode.at


def _begun(posts: PostArrays, since: Mapping[str, datetime], at: datetime) -> datetime:
    """Return from when the sources that give most of the brand's posts were all listened to.

    A small source that came later may join at any time: it cannot make an ordinary day 2.5 times the usual.
    """
    recent = posts.written(at - LEARNING - timedelta(microseconds=1), at).posts_of_each_source()
    heard = 0
    for source in sorted(since, key=lambda name: since[name]):
        heard += recent.get(source, 0)
        if heard >= MOST_POSTS * sum(recent.values()):
            return since[source]
    return at


def _listening(
    posts: PostArrays,
    night: Night,
    begun: datetime,
    *,
    left_out: tuple[Period, ...],
    labels_from: datetime,
    thresholds: Thresholds,
    memory: WordingMemory | None,
) -> Listening:
    origin = hour_of(begun)
    end = (night.at - origin) / timedelta(hours=1)
    points = np.arange(1.0, np.floor(end) + 1.0)
    if not points.size or points[-1] < end:
        points = np.append(points, end)
    inside = posts.part(posts.place(origin), len(posts))
    return Listening(
        posts=inside.posts,
        origin=origin,
        points=points,
        profile=night.profile,
        zone=night.zone,
        observed=_observed(posts, night.heard, points, origin),
        left_out=left_out,
        labels_from=(labels_from - timedelta(hours=CAMPAIGN_HOURS) - origin) / timedelta(hours=1),
        thresholds=thresholds,
        arrays=inside,
        memory=memory,
    )


def _observed(posts: PostArrays, heard: Heard, points: Floats, origin: datetime) -> Flags:
    """Return at which points no source of weight was blind in the 24 h before."""
    observed = np.ones(points.size, dtype=np.bool_)
    given = posts.posts_of_each_source()
    for source, periods in heard.blind.items():
        if given.get(source, 0) < BLIND_SHARE * len(posts):
            continue
        for period in periods:
            start, end = ((moment - origin) / timedelta(hours=1) for moment in (period.start, period.end))
            observed &= (points <= start) | (points >= end + 24)
    return observed
