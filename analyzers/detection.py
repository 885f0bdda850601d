"""From the store to episodes and back: reads once, decides with the pure parts, writes.

A decision about `at` reads only what was seen by `at`, so a replay of an earlier moment gives what
the night would have given. Repeating it changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from analyzers.aims import aims, is_staff
from analyzers.baseline import week_profile
from analyzers.bought import with_bought
from analyzers.deciding import READ_DAYS, Before, Night, decide
from analyzers.heard import what_was_heard
from analyzers.listening import is_negative, towards_brand
from analyzers.live_risks import live_risks, what_is_known
from analyzers.own_answer import with_own_answer
from analyzers.post_arrays import PostArrays
from analyzers.post_risk import pile_on_risks
from analyzers.risk_weights import RiskWeights
from analyzers.same_story import link_stories
from analyzers.stories import tell
from analyzers.thread_risk import HORIZON
from analyzers.thresholds import DEFAULTS
from analyzers.worth import NOBODY, Known, asked_threads, worth_a_person
from tocsin.store.aims import thread_posts, write_aims, write_worth
from tocsin.store.database import Store
from tocsin.store.episodes import delete_episodes_after, open_episodes, past_episodes, write_episodes
from tocsin.store.judged import judged_posts
from tocsin.store.records import WORTH_FOR, Aimed, Episode, JudgedPost, ThreadRisk
from tocsin.store.risks import write_thread_risks
from tocsin.store.stories import Story, write_stories
from tocsin.store.tags import current_model, write_pile_on_risks
from tocsin.store.thresholds import thresholds_in_force
from tocsin.store.times import to_text


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


def detect_store(
    store: Store, brands: Sequence[str], at: datetime, zone: ZoneInfo, known: Known = NOBODY
) -> DetectReport:
    """Decide about every brand at `at`; write thread risks, pile-on risks, episodes, aims, what is worth answering.

    The hours since the last detection are replayed one by one, at most 72. `zone`: whose hours of
    the week the audience keeps. `known`: the brands' roles and own accounts. Raises StoreError.
    """
    heard = what_was_heard(store, at)
    since, until = at - timedelta(days=READ_DAYS), at + timedelta(microseconds=1)
    heard_of = {brand: judged_posts(store, brand, since=since, until=until, seen_by=at) for brand in brands}
    told = aims(heard_of, known.staff)
    write_aims(store, told, at)
    posts = towards_brand(heard_of, told)
    night = Night(at, heard, week_profile(heard.posts_an_hour, zone), zone)
    alive = {post.thread_id for rows in posts.values() for post in rows if at - post.created_at <= HORIZON}
    around = what_is_known(store, alive, heard.since, since, at)
    reports: list[BrandReport] = []
    episodes: list[Episode] = []
    risks: list[ThreadRisk] = []
    stories: dict[str, Story] = {}
    for brand in brands:
        rows = [post for post in posts[brand] if post.post_id not in heard.undated]
        delete_episodes_after(store, brand, at)
        risks_of_brand = live_risks(rows, brand, at, around)
        decision = decide(
            brand,
            PostArrays(rows),
            night,
            _before(store, brand, at),
            thresholds=DEFAULTS.changed(thresholds_in_force(store, brand, at)),
            risks=risks_of_brand,
        )
        with_figures, told_of = tell(with_bought(store, decision.episodes, at), rows, brands)
        own = [post for post in heard_of[brand] if is_staff(post.author_id, known.staff.get(brand, ()))]
        episodes += [with_own_answer(episode, own, rows) for episode in with_figures]
        stories |= told_of
        risks += risks_of_brand
        reports.append(_report(brand, rows, decision.episodes, decision.history_days, at))
    episodes = link_stories(episodes, known.roles)
    write_episodes(store, episodes)
    write_stories(store, stories)
    write_thread_risks(store, risks)
    _write_post_risks(store, posts, at, around.weights)
    _write_worth(store, heard_of, told, known, episodes, at)
    return DetectReport(
        at=at,
        brands=tuple(reports),
        episodes=tuple(episode for episode in episodes if episode.state != "over"),
        ended=tuple(episode for episode in episodes if episode.state == "over"),
        thread_risks=len(risks),
        learning_sources=heard.learning,
    )


def _write_post_risks(
    store: Store, posts: Mapping[str, Sequence[JudgedPost]], at: datetime, weights: RiskWeights
) -> None:
    """Write the risk of each judged post in threads alive in the last 72 h; of two brands the higher one stands."""
    model = current_model(store)
    if model is None:
        return
    highest: dict[str, float] = {}
    for rows in posts.values():
        alive = {post.thread_id for post in rows if at - post.created_at <= HORIZON}
        for post_id, risk in pile_on_risks([post for post in rows if post.thread_id in alive], weights).items():
            highest[post_id] = max(risk, highest.get(post_id, 0.0))
    write_pile_on_risks(store, [(post_id, model[1], risk) for post_id, risk in highest.items()])


def _write_worth(
    store: Store,
    posts: Mapping[str, Sequence[JudgedPost]],
    told: Sequence[Aimed],
    known: Known,
    episodes: Sequence[Episode],
    at: datetime,
) -> None:
    """Write which posts are worth a reply or thanks; threads that carry a backlash are left out."""
    later = thread_posts(store, asked_threads(posts, told, at), seen_by=at)
    busy = {thread for e in episodes if e.kind == "backlash" and e.state != "over" for thread in e.threads}
    found = worth_a_person(posts, told, later, known, at, busy=busy)
    write_worth(store, list(posts), found, since=at - WORTH_FOR)


def _before(store: Store, brand: str, at: datetime) -> Before:
    """Return what was decided about `brand` by `at`."""
    return Before(
        alive=[episode for episode in open_episodes(store, brand) if episode.opened_at <= at],
        over=past_episodes(store, brand, at),
        first=not _decided_before(store, brand, at),
    )


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
