"""From the store to `Facts`: the only part of the digest that reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tocsin.digest.facts import (
    Before,
    EvidencePost,
    Facts,
    Listened,
    Moment,
    Occasion,
    SaidSo,
    TalkedAbout,
    Week,
    WorthPost,
)
from tocsin.digest.people import MOST, WORTH_OF
from tocsin.store.aims import manners_between, worth_posts
from tocsin.store.analysis import brand_week
from tocsin.store.database import Store
from tocsin.store.episodes import episodes_between, evidence_posts
from tocsin.store.feedback import Snooze, snoozes
from tocsin.store.judged import judged_posts
from tocsin.store.looking_back import episodes_at, last_digest_at, oldest_mention_at
from tocsin.store.posts import newest_post_at
from tocsin.store.records import WORTH_FOR, BrandRole, Episode, EpisodeState
from tocsin.store.runs import latest_coverage, open_gaps
from tocsin.store.stories import topics_of, wordings_of
from tocsin.store.tags import current_model
from tocsin.store.times import from_text

TALK_BEFORE = timedelta(days=3)
MOST_TALK = timedelta(days=35)
FIRST_LOOK = timedelta(days=7)
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Listening:
    """What we listen for and where, as configured: brands (name, role), crawled sources (name, silent after hours)."""

    zone: ZoneInfo
    brands: tuple[tuple[str, BrandRole], ...]
    sources: tuple[tuple[str, int], ...]
    templates: Path


@dataclass(frozen=True, slots=True)
class Audience:
    """Readers who want the same brands, and their deliveries as (channel, recipient)."""

    name: str
    brands: tuple[str, ...]
    deliveries: tuple[tuple[str, str], ...]


def gather(
    store: Store,
    listening: Listening,
    audience: Audience,
    now: datetime,
    for_date: str,
    occasion: Occasion,
) -> Facts:
    """Read what the digest of `audience` for `for_date` is made of, as of `now`. Raises `StoreError`."""
    last = last_digest_at(store, audience.name, for_date)
    # A first digest looks back a week, so that its readers see what counts as an episode here.
    since = min(last, now - timedelta(days=1)) if last else now - FIRST_LOOK
    found = [episode for episode in episodes_between(store, since, now + _TICK) if episode.brand in audience.brands]
    before = _before(store, found, last)
    news = [episode for episode in found if _is_news(episode, before.get(episode.id), since)]
    asleep = snoozes(store, [episode.id for episode in news], now)
    episodes = [episode for episode in news if not _sleeps(episode, asleep.get(episode.id))]
    model = current_model(store)
    return Facts(
        now=now,
        zone=listening.zone,
        for_date=for_date,
        brands=tuple(brand for brand in listening.brands if brand[0] in audience.brands),
        episodes=tuple(episodes),
        before=before,
        evidence={episode.id: _evidence(store, episode.id) for episode in episodes},
        talk={episode.id: _talk(store, episode, now) for episode in episodes},
        wordings={episode.id: _wordings(store, episode.id) for episode in episodes},
        topics={episode.id: _topics(store, episode.id) for episode in episodes},
        weeks={name: _weeks(store, name, now) for name, _ in listening.brands},
        sources=_sources(store, listening),
        gaps=tuple(open_gaps(store)),
        history_days={name: _history(store, name, now) for name in audience.brands},
        model=f"{model[0]} {model[1]}" if model else None,
        occasion=occasion,
        worth=_worth(store, listening, audience, now),
        snoozed=tuple(
            (episode, asleep[episode.id].until)
            for episode in news
            if episode not in episodes and episode.state != "over"
        ),
    )


def _worth(store: Store, listening: Listening, audience: Audience, now: datetime) -> tuple[WorthPost, ...]:
    roles = dict(listening.brands)
    return tuple(
        WorthPost(
            kind=kind,
            brand=row["brand"],
            manner=row["manner"],
            text=row["text"],
            author=row["handle"],
            source=row["source"],
            title=row["title"],
            created_at=from_text(row["created_at"]),
            url=row["url"],
            towards_us=row["towards_us"],
            by_staff=bool(row["by_staff"]),
        )
        for kind, role in WORTH_OF.items()
        for row in worth_posts(
            store,
            kind,
            [brand for brand in audience.brands if roles.get(brand) == role],
            since=now - WORTH_FOR,
            until=now + _TICK,
            limit=MOST[kind],
        )
    )


def _is_news(episode: Episode, before: Before | None, since: datetime) -> bool:
    """Return whether to tell of it: an end is told once, and only of what was reported or began since."""
    if episode.state != "over":
        return True
    return before.state != "over" if before else episode.opened_at >= since


def _sleeps(episode: Episode, snooze: Snooze | None) -> bool:
    """Return whether readers asked not to be told of it for a while, and it has not risen since."""
    return snooze is not None and (snooze.level is None or episode.level <= snooze.level)


def _before(store: Store, episodes: Sequence[Episode], last: datetime | None) -> dict[str, Before]:
    if last is None:
        return {}
    stood = episodes_at(store, [episode.id for episode in episodes], last)
    states: dict[str, EpisodeState] = {s: s for s in ("emerging", "growing", "peaked", "over")}
    return {id_: Before(states[state], level, voices) for id_, (state, level, voices) in stood.items()}


def _evidence(store: Store, episode_id: str) -> tuple[EvidencePost, ...]:
    return tuple(
        EvidencePost(
            post_id=row["post_id"],
            reason=row["reason"],
            text=row["text"],
            author=row["handle"],
            source=row["source"],
            title=row["title"],
            created_at=from_text(row["created_at"]),
            url=row["url"],
            likes=row["likes"],
            sentiment=row["sentiment"],
        )
        for row in evidence_posts(store, episode_id)
    )


def _wordings(store: Store, episode_id: str) -> tuple[SaidSo, ...]:
    return tuple(
        SaidSo(
            said=row["said"],
            added=row["added"],
            lost=row["lost"],
            posts=row["posts"],
            author=row["handle"],
            source=row["source"],
            created_at=from_text(row["created_at"]),
            url=row["url"],
        )
        for row in wordings_of(store, episode_id)
    )


def _topics(store: Store, episode_id: str) -> tuple[TalkedAbout, ...]:
    return tuple(
        TalkedAbout(row["words"], row["posts"], row["voices"], row["example_text"], row["example_url"])
        for row in topics_of(store, episode_id)
    )


def _talk(store: Store, episode: Episode, now: datetime) -> tuple[Moment, ...]:
    since = max(episode.onset_at - TALK_BEFORE, now - MOST_TALK)
    return tuple(
        Moment(post.created_at, _is_negative(post.negative, post.neutral, post.positive, post.abstained))
        for post in judged_posts(store, episode.brand, since=since, until=now + _TICK, seen_by=now + _TICK)
    )


def _is_negative(
    negative: float | None, neutral: float | None, positive: float | None, abstained: str | None
) -> bool | None:
    if negative is None or abstained is not None:
        return None
    return negative > max(neutral or 0.0, positive or 0.0)


def _weeks(store: Store, brand: str, now: datetime) -> tuple[Week, Week]:
    week = timedelta(days=7)
    until = now + _TICK
    return _week(store, brand, until - week, until), _week(store, brand, until - 2 * week, until - week)


def _week(store: Store, brand: str, since: datetime, until: datetime) -> Week:
    row = brand_week(store, brand, since, until)
    manners = manners_between(store, brand, since, until)
    return Week(
        *(row["posts"], row["voices"], row["negative"], row["neutral"], row["positive"], row["not_judged"]),
        angry=manners.get("anger", 0),
        critical=manners.get("criticism", 0),
    )


def _sources(store: Store, listening: Listening) -> tuple[Listened, ...]:
    coverage = {found.source: found for found in latest_coverage(store)}
    return tuple(
        Listened(name, silent, newest_post_at(store, name), coverage.get(name)) for name, silent in listening.sources
    )


def _history(store: Store, brand: str, now: datetime) -> float:
    oldest = oldest_mention_at(store, brand)
    return max((now - oldest) / timedelta(days=1), 0.0) if oldest else 0.0
