"""The life of an episode: opened by the gates, growing, peaked, over 72 h after it was last loud.

`replay` walks over the moments of a `Listening` one by one, hour after hour, and each step sees only
what was written by then. The same walk serves the nightly run and a replay of the past.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from analyzers.baseline import GUARD_HOURS, Flags
from analyzers.courses import SAME_THREADS, TRACKS, Course, Track, noted, opened, overlap, stepped
from analyzers.gates import NOTED_DAYS, Verdict, attention, backlash, campaign
from analyzers.listening import Listening, Period

_OTHERS: tuple[Track, ...] = ("attention", "campaign")
_CROWDS: tuple[Track, ...] = ("backlash", "attention")

OPENS_WITHIN = timedelta(hours=48)
"""A backlash opens only at a moment that lies at most so long before the decision: older ones are history."""
TURNS_WITHIN = timedelta(hours=24)
"""A burst of attention can turn into a backlash while it was surprising in the last so many hours."""
HISTORY_HOURS = 14 * 24
"""No claim before so many hours were listened to."""
LEAST_NORMAL = 7 * 24


def replay(
    listening: Listening,
    brand: str,
    courses: Sequence[Course] = (),
    past: Iterable[Period] = (),
    *,
    begin: datetime,
    opens_after: datetime,
    note_history: bool = False,
) -> list[Course]:
    """Follow `courses` and open new ones at the moments after `begin`; return all that lived.

    A new episode opens only after `opens_after`, never inside one of the `past` periods, and never
    before 14 days were listened to. At most one episode a track lives at a time.

    `note_history` (the first decision about a brand): bursts of attention and campaigns that lie
    before `opens_after` are noted as over, so that one sees what the baseline leaves out. A
    backlash of that time is history nobody could be warned of: it opens nothing and is not noted.
    """
    alive: dict[Track, Course] = {course.track: course for course in courses}
    ended: list[Course] = []
    closed = list(past)
    ready = _ready(listening)
    for place in (int(at) for at in np.flatnonzero(listening.points > listening.hours(begin))):
        now = listening.moment(listening.points[place])
        free = bool(ready[place]) and not any(period.start <= now <= period.end for period in closed)
        angry = backlash(listening, place) if ready[place] else None
        days = listening.thresholds.attention_days if now > opens_after else NOTED_DAYS
        if angry is not None and "backlash" not in alive:
            ended += _turn(listening, place, angry, alive, live=now > opens_after)
        elif ready[place]:
            ended += _unmask(listening, place, alive, angry, days)
        for track in TRACKS:
            course, verdict = alive.get(track), angry
            if course is not None and course.at >= now:
                continue
            if track != "backlash":
                verdict = _asked(track, listening, place, alive, angry, days) if ready[place] else None
            if course is not None and verdict is not None and _is_another(listening, now, course, verdict):
                ended.append(replace(alive.pop(track), state="over", at=now, over_at=now))
                course = None
            if course is not None:
                course = alive[track] = stepped(listening, place, course, verdict, ready=bool(ready[place]))
                if course.state == "over":
                    ended.append(alive.pop(track))
                    closed.append(Period(course.onset_at, course.last_loud_at))
            elif track == "backlash" and verdict is not None and _is_followed(listening, now, alive, verdict):
                continue
            elif verdict is not None and free and (now > opens_after or (note_history and track != "backlash")):
                alive[track] = opened(listening, place, brand, track, verdict)
    followed = [*ended, *alive.values()]
    return [noted(course, opens_after) for course in followed] if note_history else followed


def _turn(listening: Listening, place: int, angry: Verdict, alive: dict[Track, Course], *, live: bool) -> list[Course]:
    """Let open attention, or a campaign, turn into the backlash that stands in its threads: one episode, one alarm.

    Return what ended because the backlash took it up.
    """
    now = listening.moment(listening.points[place])
    ended = []
    for track in _OTHERS:
        before = alive.get(track)
        # Hours that an earlier night decided about stay as they were decided.
        if before is None or before.at >= now or now - (before.last_verdict_at or before.opened_at) > TURNS_WITHIN:
            continue
        if overlap(listening, angry, before.threads) < SAME_THREADS:
            continue
        del alive[track]
        if live and "backlash" not in alive:
            alive["backlash"] = replace(before, track="backlash", kind="backlash")
        elif live:
            ended.append(replace(before, state="over", at=now, over_at=now))
    return ended


def _unmask(
    listening: Listening, place: int, alive: dict[Track, Course], angry: Verdict | None, days: float
) -> list[Course]:
    """Let an episode become a campaign when within a day its crowd turns out to be few accounts with one text.

    The first copies come one by one and look like so many people; once they repeat the gates do not hold any more.
    Return what ended because a campaign was open already.
    """
    now, copies, ended = listening.moment(listening.points[place]), None, []
    for track in _CROWDS:
        course = alive.get(track)
        if (
            course is None
            or course.at >= now
            or now - course.opened_at > TURNS_WITHIN
            or (track == "backlash" and angry is not None)
        ):
            continue
        copies = copies or campaign(listening, place)
        if copies is None or overlap(listening, copies, course.threads) < SAME_THREADS:
            continue
        if track == "attention" and attention(listening, place, days=days) is not None:
            continue
        del alive[track]
        if "campaign" in alive:
            ended.append(replace(course, state="over", at=now, over_at=now))
            continue
        lowered = replace(course, severity_days=copies.return_days, loudest=copies)
        alive["campaign"] = replace(lowered, track="campaign", kind="campaign")
    return ended


def _is_followed(listening: Listening, now: datetime, alive: Mapping[Track, Course], verdict: Verdict) -> bool:
    """Return whether an earlier night decided about this hour, and called what it heard there something milder."""
    return any(
        course.opened_at <= now <= course.at and overlap(listening, verdict, course.threads) >= SAME_THREADS
        for course in alive.values()
    )


def _is_another(listening: Listening, now: datetime, course: Course, verdict: Verdict) -> bool:
    """Return whether `verdict` is a new burst of attention, elsewhere and a day after the one still followed."""
    held_at = course.last_verdict_at or course.opened_at
    return (
        course.track == "attention"
        and now - held_at > TURNS_WITHIN
        and overlap(listening, verdict, course.threads) < SAME_THREADS
    )


def _ready(listening: Listening) -> Flags:
    """Return at which moments a claim may be made: 14 days heard, a week of them normal and outside the guard."""
    heard: Flags = np.cumsum(listening.observed) >= HISTORY_HOURS
    for flags in listening.quiet.values():
        normal = np.cumsum(flags)
        before = np.searchsorted(listening.points, listening.points - GUARD_HOURS, side="right") - 1
        heard &= np.where(before >= 0, normal[np.maximum(before, 0)], 0) >= LEAST_NORMAL
    return heard


def _asked(
    track: Track, listening: Listening, place: int, alive: dict[Track, Course], angry: Verdict | None, days: float
) -> Verdict | None:
    if track == "attention" and "attention" not in alive and "backlash" in alive:
        return None  # people talk of a pile-on in other threads too, calmly: that is no second story
    muted = frozenset(angry.threads if angry is not None else ())
    if "backlash" in alive:
        muted |= frozenset(alive["backlash"].threads)
    if track == "campaign":
        return campaign(listening, place, muted)
    return attention(listening, place, muted, days)
