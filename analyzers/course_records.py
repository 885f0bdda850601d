"""Between the course of an episode and the record of it that the store keeps."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from analyzers.anger import Anger
from analyzers.courses import Course, Track, level_of
from analyzers.crowds import Crowd, crowd_of
from analyzers.evidence import choose_evidence
from analyzers.gates import Verdict
from analyzers.listening import Listening
from analyzers.voices import count_voices
from tocsin.store.records import Episode, JudgedPost, ThreadRisk, Voices

Parts = Mapping[str, float | int | str | None]


def episode_of(
    course: Course,
    brand: str,
    listening: Listening,
    risks: Sequence[ThreadRisk],
    at: datetime,
    history_days: float,
    before: Episode | None,
) -> Episode:
    """Return the record of `course` as seen at `at`. `before`: the record it was read from, None for a new one.

    Severity is capped at the history held: one cannot say "not seen in 200 days" after 40.
    """
    end = course.last_loud_at if course.state == "over" else at
    heard = list(listening.places(listening.hours(course.onset_at) - 1e-6, listening.hours(end)))
    inside = [place for place in heard if listening.posts[place].thread_id in course.threads]
    places, crowd = _made(course, listening, inside)
    made = [listening.posts[place] for place in places]
    if not made and before is not None:
        # Its posts lie before what was read: nothing new to say of them.
        return replace(before, state=course.state, at=course.at, over_at=course.over_at, peaked_at=course.peaked_at)
    voices = count_voices(made, crowd.copied)
    voices = replace(voices, campaign=crowd.named(voices.campaign))
    threads = _by_voices(made, lambda post: post.thread_id)
    severity = round(min(course.severity_days, history_days), 1)
    scored = [risk.probability for risk in risks if risk.thread_id in course.threads]
    return Episode(
        id=course.id,
        brand=brand,
        kind=course.kind,
        state=course.state,
        at=course.at,
        onset_at=course.onset_at,
        opened_at=course.opened_at,
        peaked_at=course.peaked_at,
        over_at=course.over_at,
        level=level_of(severity),
        severity_days=severity,
        window_hours=course.window,
        voices=voices,
        risk=max(scored, default=before.risk if before else None),
        parts=_parts(course, voices, before.parts if before else {}) | crowd.figures,
        threads=threads,
        sources=_by_voices(made, lambda post: post.source),
        evidence=choose_evidence([listening.posts[place] for place in inside], [post.post_id for post in made]),
    )


def course_of(episode: Episode) -> Course:
    """Return the course to follow further of a stored episode."""
    parts = episode.parts
    return Course(
        track=_track(parts.get("track"), episode),
        kind=episode.kind,
        state=episode.state,
        opened_at=episode.opened_at,
        onset_at=episode.onset_at,
        at=episode.at,
        last_loud_at=_moment(parts.get("last_loud_at"), episode.at),
        last_verdict_at=_moment(parts.get("last_verdict_at"), episode.opened_at),
        opening_voices=_whole(parts.get("opening_voices"), episode.voices.low),
        peak_voices=_whole(parts.get("peak_voices_6h"), 0),
        peak_at=_moment(parts.get("peak_at"), episode.at),
        severity_days=episode.severity_days,
        window=episode.window_hours,
        threads=episode.threads,
        peaked_at=episode.peaked_at,
        over_at=episode.over_at,
        id=episode.id,
    )


def _made(course: Course, listening: Listening, places: Sequence[int]) -> tuple[Sequence[int], Crowd]:
    """Return the posts that made an episode: negative ones a backlash, organised copies a campaign; and by whom."""
    onset = listening.hours(course.onset_at)
    if course.track == "backlash":
        places = [place for place in places if listening.negative[place]]
    crowd = crowd_of(listening, places, onset)
    if course.track == "campaign" and crowd.organised:
        places = [places[at] for at in crowd.organised]
        crowd = crowd_of(listening, places, onset)
    return places, crowd


def _parts(course: Course, voices: Voices, before: Parts) -> dict[str, float | int | str | None]:
    parts = dict(before)
    if course.loudest is not None:
        parts |= _figures(course.loudest)
    return parts | {
        "track": course.track,
        "opening_voices": course.opening_voices,
        "peak_voices_6h": course.peak_voices,
        "peak_at": course.peak_at.isoformat(),
        "last_loud_at": course.last_loud_at.isoformat(),
        "last_verdict_at": (course.last_verdict_at or course.opened_at).isoformat(),
        "unknown_voices": voices.high - voices.low,
    }


def _figures(verdict: Verdict) -> dict[str, float | int | str | None]:
    """Gate by gate: A surprise, B size, C anger. Shares and probabilities 0..1."""
    return {
        "voices": verdict.voices,
        "accounts": verdict.accounts,
        "expected_voices": round(verdict.expected, 2),
        "dispersion": round(verdict.dispersion, 2),
        "times_usual": round(verdict.voices / max(verdict.expected, 1e-9), 1),
        "return_days": round(min(verdict.return_days, 36_500.0), 1),
        "negative_share": None if verdict.negative_share is None else round(verdict.negative_share, 3),
        "usual_negative_share": None if verdict.usual_share is None else round(verdict.usual_share, 3),
        "angrier_probability": None if verdict.angrier is None else round(verdict.angrier, 4),
        "not_judged_share": round(1 - verdict.judged_share, 3),
    } | ({} if verdict.anger is None else _anger_figures(verdict.anger))


def _anger_figures(found: Anger) -> dict[str, float | int | str | None]:
    """Gate D. `anger_probability` None: it is not known of most negative voices if they are angry."""
    known = found.probability is not None
    return {
        "angry_voices": found.angry if known else None,
        "civil_voices": found.civil if known else None,
        "expected_angry_voices": round(found.expected, 2) if known else None,
        "usual_angry_share": round(found.usual_share, 3) if known else None,
        "anger_probability": None if found.probability is None else round(found.probability, 4),
    }


def _by_voices(posts: Sequence[JudgedPost], key: Callable[[JudgedPost], str]) -> tuple[str, ...]:
    voices: dict[str, set[str]] = defaultdict(set)
    for post in posts:
        voices[key(post)].add(post.author_id or post.post_id)
    counts = Counter({name: len(who) for name, who in voices.items()})
    return tuple(sorted(counts, key=lambda name: (-counts[name], name)))


def _track(told: object, episode: Episode) -> Track:
    if told == "campaign":
        return "campaign"
    return "backlash" if episode.kind == "backlash" else "attention"


def _moment(told: object, otherwise: datetime) -> datetime:
    return datetime.fromisoformat(told) if isinstance(told, str) else otherwise


def _whole(told: object, otherwise: int) -> int:
    return int(told) if isinstance(told, int | float) else otherwise
