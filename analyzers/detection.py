"""From the store to episodes and back: reads once, decides with the pure parts, writes.

A decision about `at` reads only what was seen by `at`, so a replay of an earlier moment gives what
the night would have given. Repeating it changes nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

import numpy as np

from analyzers.baseline import Floats, week_profile
from analyzers.course_records import course_of, episode_of
from analyzers.episodes import OPENS_WITHIN, replay
from analyzers.heard import LEARNING, Heard, hour_of, what_was_heard
from analyzers.listening import Listening, Period, is_negative, towards_brand
from analyzers.post_risk import pile_on_risks
from analyzers.thread_risk import HORIZON, Surroundings, reply_ratio, thread_risk
from tocsin.store.database import Store
from tocsin.store.episodes import delete_episodes_after, open_episodes, past_episodes, write_episodes
from tocsin.store.judged import judged_posts, source_tone
from tocsin.store.pairs import derailments_by
from tocsin.store.records import Derailment, Episode, JudgedPost, ThreadRisk
from tocsin.store.risks import write_thread_risks
from tocsin.store.tags import current_model, write_pile_on_risks
from tocsin.store.times import to_text

READ_DAYS = 46
"""28 days of baseline, its guard, and the 14 days in which older bursts are looked for."""
REPLAY = timedelta(hours=72)
MOST_POSTS = 0.8
"""The sources with this share of the brand's recent posts must have been listened to for an hour to count."""
BLIND_SHARE = 0.2
"""A blind source makes an hour missing when it gives this share of the brand's posts."""


@dataclass(frozen=True, slots=True)
class BrandReport:
    """What was decided about one brand. `history_days`: how long it was listened to.

    `status`: `quiet`, `episode` (at least one is alive) or `learning` (under 14 days of history: no claim).
    `posts_24h`, `voices_24h`, `negative_voices_24h`: the last 24 h.
    """

    brand: str
    status: str
    history_days: float
    posts_24h: int
    voices_24h: int
    negative_voices_24h: int


@dataclass(frozen=True, slots=True)
class DetectReport:
    """What one detection found: `episodes` are alive at `at`, `ended` were over by it and written in this run."""

    at: datetime
    brands: tuple[BrandReport, ...]
    episodes: tuple[Episode, ...]
    ended: tuple[Episode, ...]
    thread_risks: int
    learning_sources: tuple[str, ...]


def detect_store(store: Store, brands: Sequence[str], at: datetime, zone: ZoneInfo) -> DetectReport:
    """Decide about every brand at `at` and write thread risks, pile-on risks and episodes.

    The hours since the last detection are replayed one by one, at most 72. `zone`: whose hours of
    the week the audience keeps. Raises StoreError.
    """
    heard = what_was_heard(store, at)
    since, until = at - timedelta(days=READ_DAYS), at + timedelta(microseconds=1)
    posts = towards_brand({brand: judged_posts(store, brand, since=since, until=until, seen_by=at) for brand in brands})
    profile = week_profile(heard.posts_an_hour, zone)
    tone = _usual_tone(store, since, at)
    model = current_model(store)
    forecasts = derailments_by(store, model[1], at) if model else {}
    reports, episodes, risks = [], [], []
    for brand in brands:
        rows = [post for post in posts[brand] if post.post_id not in heard.undated]
        delete_episodes_after(store, brand, at)
        first = not _decided_before(store, brand, at)
        risks_of_brand = _thread_risks(rows, brand, at, tone, heard, forecasts)
        found, days = _decide(store, brand, rows, risks_of_brand, heard, profile, at, zone, first=first)
        write_episodes(store, found)
        risks += risks_of_brand
        episodes += found
        reports.append(_report(brand, rows, found, days, at))
    write_thread_risks(store, risks)
    _write_post_risks(store, posts, at)
    return DetectReport(
        at=at,
        brands=tuple(reports),
        episodes=tuple(episode for episode in episodes if episode.state != "over"),
        ended=tuple(episode for episode in episodes if episode.state == "over"),
        thread_risks=len(risks),
        learning_sources=heard.learning,
    )


def _decide(
    store: Store,
    brand: str,
    rows: Sequence[JudgedPost],
    risks: Sequence[ThreadRisk],
    heard: Heard,
    profile: Floats,
    at: datetime,
    zone: ZoneInfo,
    *,
    first: bool,
) -> tuple[list[Episode], float]:
    """Return one brand's episodes, alive at `at` or ended since the last decision, and the days of history."""
    stored = [episode for episode in open_episodes(store, brand) if episode.opened_at <= at]
    over = past_episodes(store, brand, at)
    counted = [post for post in rows if post.source in heard.since]
    used = {heard.since[post.source] for post in counted}
    days = (at - min(used)) / timedelta(days=1) if used else 0.0
    if not used and not stored:
        return [], days
    begun = max(_begun(counted, heard.since, at), at - timedelta(days=READ_DAYS))
    begin = begun if first else min([at - REPLAY, *(episode.at for episode in stored)])
    past = [Period(episode.onset_at, _last_loud(episode)) for episode in over]
    listening = _listen(counted, heard, profile, zone, begun, at, past=past, stored=stored, labels_from=begin)
    courses = replay(
        listening,
        brand,
        [course_of(episode) for episode in stored],
        past,
        begin=begin,
        opens_after=at - OPENS_WITHIN,
        note_history=first,
    )
    before = {episode.id: episode for episode in stored}
    found = [episode_of(course, brand, listening, risks, at, days, before.get(course.id)) for course in courses]
    return found, days


def _begun(posts: Sequence[JudgedPost], since: Mapping[str, datetime], at: datetime) -> datetime:
    """Return from when the sources that give most of the brand's posts were all listened to.

    A small source that came later may join at any time: it cannot make an ordinary day 2.5 times the usual.
    """
    recent = Counter(post.source for post in posts if at - post.created_at <= LEARNING)
    heard = 0
    for source in sorted(since, key=lambda name: since[name]):
        heard += recent[source]
        if heard >= MOST_POSTS * recent.total():
            return since[source]
    return at


def _listen(
    posts: Sequence[JudgedPost],
    heard: Heard,
    profile: Floats,
    zone: ZoneInfo,
    begun: datetime,
    at: datetime,
    *,
    past: Sequence[Period],
    stored: Sequence[Episode],
    labels_from: datetime,
) -> Listening:
    origin = hour_of(begun)
    end = (at - origin) / timedelta(hours=1)
    points = np.arange(1.0, np.floor(end) + 1.0)
    if not points.size or points[-1] < end:
        points = np.append(points, end)
    observed = np.ones(points.size, dtype=np.bool_)
    for source, periods in heard.blind.items():
        if sum(post.source == source for post in posts) < BLIND_SHARE * len(posts):
            continue
        for period in periods:
            start, stop = ((moment - origin) / timedelta(hours=1) for moment in (period.start, period.end))
            observed &= (points <= start) | (points >= stop + 24)
    return Listening(
        posts=tuple(post for post in posts if post.created_at > origin),
        origin=origin,
        points=points,
        profile=profile,
        zone=zone,
        observed=observed,
        left_out=(*past, *(Period(episode.onset_at, episode.at) for episode in stored)),
        labels_from=(labels_from - timedelta(hours=24) - origin) / timedelta(hours=1),
    )


def _thread_risks(
    rows: Sequence[JudgedPost],
    brand: str,
    at: datetime,
    tone: Mapping[str, float],
    heard: Heard,
    forecasts: Mapping[str, Derailment],
) -> list[ThreadRisk]:
    threads: dict[str, list[JudgedPost]] = defaultdict(list)
    for post in rows:
        threads[post.thread_id].append(post)
    ratios: dict[str, list[float]] = defaultdict(list)
    for posts in threads.values():
        ratio = reply_ratio(posts[0])
        if ratio is not None:
            ratios[posts[0].source].append(ratio)
    return [
        thread_risk(
            posts,
            brand,
            at,
            Surroundings(
                usual_negative=tone.get(posts[0].source),
                usual_reply_ratio=median(ratios[posts[0].source]) if ratios[posts[0].source] else None,
                history_since=heard.since.get(posts[0].source),
                derailment=forecasts[posts[0].thread_id].probability if posts[0].thread_id in forecasts else None,
            ),
        )
        for posts in threads.values()
        if at - posts[-1].created_at <= HORIZON
    ]


def _usual_tone(store: Store, since: datetime, at: datetime) -> dict[str, float]:
    counts = source_tone(store, since=since, until=at)
    return {source: negative / judged for source, (negative, judged) in counts.items() if judged >= 20}


def _write_post_risks(store: Store, posts: Mapping[str, Sequence[JudgedPost]], at: datetime) -> None:
    """Write the risk of each judged post in threads alive in the last 72 h; of two brands the higher one stands."""
    model = current_model(store)
    if model is None:
        return
    highest: dict[str, float] = {}
    for rows in posts.values():
        alive = {post.thread_id for post in rows if at - post.created_at <= HORIZON}
        for post_id, risk in pile_on_risks([post for post in rows if post.thread_id in alive]).items():
            highest[post_id] = max(risk, highest.get(post_id, 0.0))
    write_pile_on_risks(store, [(post_id, model[1], risk) for post_id, risk in highest.items()])


def _decided_before(store: Store, brand: str, at: datetime) -> bool:
    moment = to_text(at)
    return bool(
        store.number(
            """SELECT EXISTS (SELECT 1 FROM thread_risks WHERE brand = :brand AND at < :at)
                 OR EXISTS (SELECT 1 FROM episodes JOIN episode_history h ON h.episode_id = episodes.id
                            WHERE brand = :brand AND h.at < :at)""",
            {"brand": brand, "at": moment},
        )
    )


def _last_loud(episode: Episode) -> datetime:
    told = episode.parts.get("last_loud_at")
    return datetime.fromisoformat(told) if isinstance(told, str) else episode.over_at or episode.at


def _report(brand: str, rows: Sequence[JudgedPost], found: Sequence[Episode], days: float, at: datetime) -> BrandReport:
    day = [post for post in rows if at - post.created_at < timedelta(hours=24)]
    alive = any(episode.state != "over" for episode in found)
    return BrandReport(
        brand=brand,
        status="episode" if alive else "quiet" if days >= 14 else "learning",
        history_days=round(days, 1),
        posts_24h=len(day),
        voices_24h=len({post.author_id for post in day if post.author_id is not None}),
        negative_voices_24h=len({post.author_id for post in day if post.author_id is not None and is_negative(post)}),
    )
