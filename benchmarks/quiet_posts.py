"""The quiet weeks of a made-up brand, posts of a crowd to put into them, and what detection hears and says of both.

Threads begin at random, more of them in busy hours; how many people answer is log-normal (most threads are small, some
are big), answers come over hours, and each thread has its own share of negative ones (beta-distributed around .25).
Used by quiet_months.py, injection.py and ablations.py; `listening_of` also by those that bring posts of their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from analyzers.baseline import Floats, week_profile
from analyzers.episodes import replay
from analyzers.listening import Listening
from tocsin.store.records import JudgedPost

START = datetime(2026, 8, 3, tzinfo=UTC)
HISTORY_DAYS, MONTH_DAYS = 28, 30
ZONE = ZoneInfo("Europe/Berlin")
BUDGET = 0.5
"""False episodes a brand-month that DESIGN allows."""
RATES = (1.0, 4.0)
"""Threads a day of the two brands that crowds are put into; four people in the median thread."""
BUSY = np.array([2, 1, 1, 1, 1, 2, 5, 14, 26, 34, 38, 36, 28, 32, 36, 34, 30, 24, 18, 16, 16, 14, 9, 5]) / 38
DAYS = np.array([1.0, 1.0, 1.0, 1.0, 0.9, 0.45, 0.4])
NEGATIVE, NEUTRAL = (0.8, 0.1, 0.1), (0.1, 0.8, 0.1)


def quiet_posts(rng: np.random.Generator, rate: float, median: float = 4, spread: float = 1.0) -> list[JudgedPost]:
    """Return the posts of 58 days: `rate` threads a day, `median` people in one, `spread`: sigma of their logarithm."""
    posts = []
    for hour in range((HISTORY_DAYS + MONTH_DAYS) * 24):
        at = START + timedelta(hours=hour)
        local = at.astimezone(ZONE)
        busy = BUSY[local.hour] * DAYS[local.weekday()] / (BUSY.mean() * DAYS.mean())
        for number in range(rng.poisson(rate / 24 * busy)):
            posts += _thread(rng, f"{hour}-{number}", at + timedelta(minutes=int(rng.integers(60))), median, spread)
    end = START + timedelta(days=HISTORY_DAYS + MONTH_DAYS)
    return sorted((post for post in posts if post.created_at < end), key=lambda post: post.created_at)


def crowd_post(number: int, at: datetime, negative: bool) -> JudgedPost:
    """Return the one post of the `number`th member of a crowd, all of them in one thread."""
    tone, name = NEGATIVE if negative else NEUTRAL, f"crowd {number}"
    return JudgedPost(name, "quiet", "text", "forum", "crowd", None, name, at, at, name, None, *tone, None, None)


def heated(post: JudgedPost, angry: bool) -> JudgedPost:
    """Return the post as a model with hostility and anger would tag it; only a negative one can be angry."""
    hot = 0.8 if angry and (post.negative or 0.0) > 0.5 else 0.1
    return replace(post, hostility=hot, anger=hot)


def with_crowd(quiet: Sequence[JudgedPost], crowd: Sequence[JudgedPost], until: datetime) -> list[JudgedPost]:
    """Return both as they were written, up to `until`."""
    posts = sorted((*quiet, *crowd), key=lambda post: post.created_at)
    return [post for post in posts if post.created_at <= until]


def listening_of(
    posts: Sequence[JudgedPost],
    end: datetime | None = None,
    *,
    origin: datetime = START,
    zone: ZoneInfo = ZONE,
    profile: Floats | None = None,
) -> Listening:
    """Return what is heard of `posts`, oldest first, in every hour from `origin` to `end` (the last post), never blind.

    `profile`: the hours of the week, 168 factors; those of the posts themselves where none is given.
    """
    last = (end or posts[-1].created_at) - origin
    points = np.arange(1.0, np.ceil(last / timedelta(hours=1)) + 1.0)
    if profile is None:
        profile = week_profile(Counter(_hour(post.created_at) for post in posts), zone)
    return Listening(tuple(posts), origin, points, profile, zone, np.ones(points.size, dtype=np.bool_))


def backlashes(listening: Listening, begin: datetime) -> list[datetime]:
    """Return when a backlash opened after `begin`, in order."""
    courses = replay(listening, "quiet", begin=begin, opens_after=begin)
    return sorted(course.opened_at for course in courses if course.kind == "backlash")


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _thread(rng: np.random.Generator, name: str, at: datetime, median: float, spread: float) -> list[JudgedPost]:
    people = min(400, max(1, round(float(rng.lognormal(np.log(median), spread)))))
    angry = rng.random(people) < rng.beta(0.25 * 5, 0.75 * 5)
    while angry.sum() >= max(10, people / 2):  # By the outcome's definition that is a pile-on, not quiet.
        angry = rng.random(people) < rng.beta(0.25 * 5, 0.75 * 5)
    posts = []
    for place in range(people):
        delay = 0.0 if place == 0 else float(rng.lognormal(np.log(3.0), 1.2))
        tone = NEGATIVE if angry[place] else NEUTRAL
        author = f"a{int(rng.zipf(1.5)) if rng.random() < 0.5 else int(rng.integers(1_000, 100_000))}"
        key, when = f"{name}-{place}", at + timedelta(hours=delay)
        told = (f"{name} {place}", None, *tone, None, None)
        posts.append(JudgedPost(key, "quiet", "text", "forum", name, None, author, when, when, *told))
    return posts
