"""The course of an episode while it is followed: how it opens, what one more hour makes of it, and how it ends.

`episodes` walks over the hours and says which verdict belongs to which course.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from analyzers.gates import Verdict, is_loud
from analyzers.listening import Listening
from tocsin.store.records import EpisodeKind, EpisodeState

Track = Literal["backlash", "attention", "campaign"]
TRACKS: tuple[Track, ...] = ("backlash", "attention", "campaign")

OVER_AFTER = timedelta(hours=72)
LEVELS = (7.0, 30.0, 120.0)
"""Days of return period from which an episode has level 1, 2, 3."""
SAME_THREADS = 0.5
"""A burst of attention becomes a backlash when half of the angry posts stand in its threads, and takes up other
threads only then: a pile-on elsewhere is an episode of its own."""


@dataclass(frozen=True, slots=True)
class Course:
    """An episode while it is followed. Times are moments; `last_loud_at` is when gate B last held.

    `at`: the last moment decided about. `peak_voices` and `peak_at`: the fullest 6 h so far.
    `loudest` is its most surprising verdict, None when that was reached before this replay.
    """

    track: Track
    kind: EpisodeKind
    state: EpisodeState
    opened_at: datetime
    onset_at: datetime
    at: datetime
    last_loud_at: datetime
    opening_voices: int
    peak_voices: int
    peak_at: datetime
    severity_days: float
    window: int
    threads: tuple[str, ...]
    peaked_at: datetime | None = None
    over_at: datetime | None = None
    last_verdict_at: datetime | None = None
    loudest: Verdict | None = None
    id: str = field(default="")


def level_of(severity_days: float) -> int:
    """Return the level of a return period: 0 below 7 days, then 1, 2, 3 at 7, 30, 120."""
    return sum(severity_days >= least for least in LEVELS)


def episode_id(brand: str, track: Track, opened_at: datetime) -> str:
    """Return the stable id of the episode on `track` of `brand` that opened at `opened_at`."""
    seed = "\n".join((brand, track, opened_at.isoformat()))
    return f"ep-{hashlib.blake2b(seed.encode(), digest_size=6).hexdigest()}"


def opened(listening: Listening, place: int, brand: str, track: Track, verdict: Verdict) -> Course:
    """Return the course that `verdict` opens at a point of the listening."""
    now = listening.moment(listening.points[place])
    return Course(
        track=track,
        kind=verdict.kind,
        state="emerging",
        opened_at=now,
        onset_at=_onset(listening, verdict, now),
        at=now,
        last_loud_at=now,
        last_verdict_at=now,
        opening_voices=verdict.voices,
        peak_voices=_voices_of_six_hours(listening, place, track),
        peak_at=now,
        severity_days=verdict.return_days,
        window=verdict.window,
        threads=verdict.threads,
        loudest=verdict,
        id=episode_id(brand, track, now),
    )


def stepped(listening: Listening, place: int, course: Course, verdict: Verdict | None, *, ready: bool) -> Course:
    """Return the course one point of the listening on; `verdict` is what the gates say of it there, if anything.

    `ready`: whether a claim may be made at that point, so that gate B alone can keep the course alive.
    """
    now = listening.moment(listening.points[place])
    measure = "negative" if course.track == "backlash" else "all"
    loud = verdict is not None or (ready and course.track != "campaign" and is_loud(listening, place, measure))
    last_loud = now if loud else course.last_loud_at
    if now - last_loud >= OVER_AFTER:
        return replace(course, state="over", at=now, over_at=last_loud + OVER_AFTER)
    six = _voices_of_six_hours(listening, place, course.track)
    course = replace(course, at=now, last_loud_at=last_loud, state=_state(course, six))
    if six > course.peak_voices:
        course = replace(course, peak_voices=six, peak_at=now)
    if course.state == "peaked" and course.peaked_at is None:
        course = replace(course, peaked_at=course.peak_at)
    elif course.state == "growing":
        course = replace(course, peaked_at=None)
    if verdict is None:
        return course
    louder = verdict.return_days > course.severity_days
    joins = course.track != "attention" or overlap(listening, verdict, course.threads) >= SAME_THREADS
    kind = course.kind if course.kind == "backlash" else verdict.kind
    return replace(
        course,
        kind=kind,
        severity_days=max(course.severity_days, verdict.return_days),
        window=verdict.window if louder else course.window,
        threads=tuple(dict.fromkeys((*course.threads, *verdict.threads))) if joins else course.threads,
        last_verdict_at=now,
        loudest=verdict if louder or kind != course.kind else course.loudest,
    )


def noted(course: Course, opens_after: datetime) -> Course:
    """Close what was only found in history: nothing has held since `opens_after`."""
    held_at = course.last_verdict_at or course.opened_at
    if course.state == "over" or held_at > opens_after:
        return course
    return replace(course, state="over", over_at=min(course.last_loud_at + OVER_AFTER, course.at))


def overlap(listening: Listening, verdict: Verdict, threads: Sequence[str]) -> float:
    """Return the share (0..1) of the verdict's posts that stand in `threads`."""
    inside = sum(listening.posts[at].thread_id in threads for at in verdict.posts)
    return inside / len(verdict.posts) if verdict.posts else 0.0


def _state(course: Course, six: int) -> EpisodeState:
    """Peaked: the last 6 h have at most half of the fullest. Growing: fuller than ever, and half again the opening."""
    if six * 2 <= course.peak_voices:
        return "peaked"
    if six > course.peak_voices and six * 2 >= course.opening_voices * 3:
        return "growing"
    return course.state


def _voices_of_six_hours(listening: Listening, place: int, track: Track) -> int:
    return int(listening.counts["negative" if track == "backlash" else "all", 6][place])


def _onset(listening: Listening, verdict: Verdict, now: datetime) -> datetime:
    """Return when it began, in hindsight: the first counted post after the last 3 h without one, or the first copy."""
    written = sorted(
        listening.posts[at].created_at for at in verdict.posts if listening.posts[at].thread_id in verdict.threads
    )
    if verdict.kind == "campaign" and written:
        return written[0]
    onset = written[-1] if written else now
    for moment in reversed(written):
        if onset - moment > timedelta(hours=3):
            break
        onset = moment
    return onset
