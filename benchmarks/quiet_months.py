"""How many episodes open when nothing is the matter? The false-alarm budget, on made-up quiet months.

    .venv/bin/python benchmarks/quiet_months.py [--months 4] [--json]

Threads about a brand begin at random, more of them in busy hours; how many people answer is
log-normal (most threads are small, some are big), answers come over hours, and each thread has its
own share of negative ones (beta-distributed around .25). Nothing happens in these months, so every
episode is a false one. Who of them is angry is not made up, so gate D stands open.
The grid spans brands from one thread in three days to twelve a day.
Detection replays every hour after 28 days of history. The budget is .5 a brand-month (DESIGN).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from analyzers.baseline import week_profile
from analyzers.episodes import replay
from analyzers.listening import Listening
from tocsin.store.records import JudgedPost

START = datetime(2026, 8, 3, tzinfo=UTC)
HISTORY_DAYS, MONTH_DAYS = 28, 30
ZONE = ZoneInfo("Europe/Berlin")
BUDGET = 0.5
GRID = tuple(
    (rate, median, spread) for rate in (0.33, 1.0, 4.0, 12.0) for median, spread in ((2, 0.8), (4, 1.0), (8, 1.2))
)
"""Threads a day; median people in a thread; sigma of their logarithm."""
BUSY = np.array([2, 1, 1, 1, 1, 2, 5, 14, 26, 34, 38, 36, 28, 32, 36, 34, 30, 24, 18, 16, 16, 14, 9, 5]) / 38
DAYS = np.array([1.0, 1.0, 1.0, 1.0, 0.9, 0.45, 0.4])


def main() -> int:
    """Run the grid and print false episodes a brand-month; exit code 1 when the budget is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--months", type=int, default=4, help="brand-months for each cell of the grid")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = []
    for rate, median, spread in GRID:
        kinds: Counter[str] = Counter()
        for month in range(options.months):
            rng = np.random.default_rng([month, int(rate * 100), median])
            kinds.update(_episodes(_posts(rng, rate, median, spread)))
        row = {"threads_a_day": rate, "median_people": median, "spread": spread} | {
            kind: round(kinds[kind] / options.months, 3) for kind in ("backlash", "attention", "attention_tone_unknown")
        }
        rows.append(row)
        if not options.json:
            print(row, flush=True)
    means = {kind: round(float(np.mean([row[kind] for row in rows])), 3) for kind in ("backlash", "attention")}
    summary = {"false_a_brand_month": means, "budget": BUDGET, "brand_months": options.months * len(GRID)}
    print(json.dumps(summary | {"grid": rows}, indent=2) if options.json else summary)
    return 0 if sum(means.values()) <= BUDGET else 1


def _episodes(posts: list[JudgedPost]) -> list[str]:
    hours = (HISTORY_DAYS + MONTH_DAYS) * 24
    per_hour = Counter(post.created_at.replace(minute=0, second=0, microsecond=0) for post in posts)
    points = np.arange(1.0, hours + 1.0)
    listening = Listening(
        posts=tuple(posts),
        origin=START,
        points=points,
        profile=week_profile(per_hour, ZONE),
        zone=ZONE,
        observed=np.ones(points.size, dtype=np.bool_),
    )
    begin = START + timedelta(days=HISTORY_DAYS)
    return [course.kind for course in replay(listening, "quiet", begin=begin, opens_after=begin)]


def _posts(rng: np.random.Generator, rate: float, median: float, spread: float) -> list[JudgedPost]:
    posts = []
    for hour in range((HISTORY_DAYS + MONTH_DAYS) * 24):
        at = START + timedelta(hours=hour)
        local = at.astimezone(ZONE)
        busy = BUSY[local.hour] * DAYS[local.weekday()] / (BUSY.mean() * DAYS.mean())
        for number in range(rng.poisson(rate / 24 * busy)):
            posts += _thread(rng, f"{hour}-{number}", at + timedelta(minutes=int(rng.integers(60))), median, spread)
    end = START + timedelta(days=HISTORY_DAYS + MONTH_DAYS)
    return sorted((post for post in posts if post.created_at < end), key=lambda post: post.created_at)


def _thread(rng: np.random.Generator, name: str, at: datetime, median: float, spread: float) -> list[JudgedPost]:
    people = min(400, max(1, round(float(rng.lognormal(np.log(median), spread)))))
    angry = rng.random(people) < rng.beta(0.25 * 5, 0.75 * 5)
    while angry.sum() >= max(10, people / 2):  # By the outcome's definition that is a pile-on, not quiet.
        angry = rng.random(people) < rng.beta(0.25 * 5, 0.75 * 5)
    posts = []
    for place in range(people):
        delay = 0.0 if place == 0 else float(rng.lognormal(np.log(3.0), 1.2))
        negative = 0.8 if angry[place] else 0.1
        author = f"a{int(rng.zipf(1.5)) if rng.random() < 0.5 else int(rng.integers(1_000, 100_000))}"
        posts.append(
            JudgedPost(
                post_id=f"{name}-{place}", brand="quiet", via="text", source="forum", thread_id=name, parent_id=None,
                author_id=author, created_at=at + timedelta(hours=delay), first_seen_at=at + timedelta(hours=delay),
                text=f"{name} {place}", url=None, negative=negative, neutral=0.9 - negative, positive=0.1,
                hostility=None, abstained=None,
            )
        )  # fmt: skip
    return posts


if __name__ == "__main__":
    sys.exit(main())
