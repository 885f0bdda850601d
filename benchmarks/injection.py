"""How soon is a real pile-on noticed, against EARS C2 and a 3-sigma rule? Real growth curves in quiet weeks, one run.

    .venv/bin/python benchmarks/injection.py [--draws 6] [--months 6] [--people 15 30 60] [--angry .5 .7] [--json]

Needs `replay/opentf_manifesto` and `replay/rms_letters` of the shared data: when each of hundreds of people signed an
open letter. A letter's first 72 h are thinned until its fullest day has 2, 5 or 10 times the people that speak of a
quiet brand in a day (or until `--people` are left), and added to the quiet weeks of quiet_posts.py (one thread a day,
and four); each writes once, `RECALL` of them are judged negative. Who is angry is not known, so gate D stands open;
`--angry` makes up which share of the negative posts in quiet weeks and in the crowd are. Everybody counts distinct
negative voices in the last 24 h and looks every hour:

- `tocsin`: the gates as they are; only a backlash counts.
- `ears_c2`: (x - mean) / sd > 3 over seven days that end two days before (Hutwagner et al. 2003, the EARS C2 of the
  CDC; sd at least .5). `three_sigma`: the same over the 28 days before the last one.
- `..._daily`: looks once a day, at midnight, as these rules are run in practice.
- `..._budget`: its multiple of sd raised in steps of .5 until it has at most .5 false alarms a brand-month.

A peer's alarms within 72 h of one another are one. Printed: false alarms a brand-month on quiet months of the same
two brands, and by size the share found within 72 h and the median hours from the first signature of those found.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median

import numpy as np
from letters import LETTERS, signed
from peer_rules import DAY, PEERS, at_budget, delay, false_a_month
from quiet_posts import (
    HISTORY_DAYS,
    MONTH_DAYS,
    RATES,
    START,
    backlashes,
    crowd_post,
    heated,
    listening_of,
    quiet_posts,
    with_crowd,
)
from rich.progress import track
from shared_data import add_shared, shared_folder

from tocsin.store.records import JudgedPost

TIMES = (2, 5, 10)
RECALL = 0.8
Shares = Sequence[float] | None
"""Which shares (0..1) of the negative posts are angry, in quiet weeks and in the crowd; None: not known of any."""


def main() -> int:
    """Run quiet months, then injections, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=6, help="draws for each letter, brand and size")
    parser.add_argument("--months", type=int, default=6, help="quiet months for each brand")
    parser.add_argument("--people", nargs="+", type=int, help="sizes in people over 72 h, in place of multiples")
    parser.add_argument("--angry", nargs=2, type=float, metavar=("QUIET", "CROWD"), help="shares 0..1 that are angry")
    parser.add_argument("--json", action="store_true")
    add_shared(parser)
    options = parser.parse_args()
    folder = shared_folder(options, "replay")
    if folder is None:
        return 0
    quiet = {rate: [_quiet(rate, month, options.angry) for month in range(options.months)] for rate in RATES}
    months = [posts for held in quiet.values() for posts in held]
    peers = PEERS | {f"{name}_budget": at_budget(peer, months) for name, peer in PEERS.items() if peer.every == 1}
    alarms = {name: false_a_month(peer, months) for name, peer in peers.items()}
    shown = track(months, "quiet months", disable=not sys.stderr.isatty())
    since = START + timedelta(days=HISTORY_DAYS)
    alarms["tocsin"] = sum(len(backlashes(listening_of(posts), since)) for posts in shown) / len(months)
    usual = {rate: _people_a_day(held) for rate, held in quiet.items()}
    delays: dict[tuple[str, str], list[float | None]] = defaultdict(list)
    sizes = [f"{people} people" for people in options.people or ()] or [f"{times}x" for times in TIMES]
    cases = [(letter, rate, size, draw) for letter in LETTERS for rate in RATES for size in sizes
             for draw in range(options.draws)]  # fmt: skip
    for letter, rate, size, draw in track(cases, "injections", disable=not sys.stderr.isatty()):
        hours = signed(folder / letter)
        wanted = int(size.split()[0]) if options.people else int(size[:-1]) * usual[rate]
        people = min(len(hours), int(wanted)) if options.people else _thinned(hours, wanted)
        rng = np.random.default_rng([draw, int(wanted), len(hours)])
        posts, onset = _injected(rng, hours, rate, people, options.angry)
        opened = min(backlashes(listening_of(posts), onset), default=None)
        delays["tocsin", size].append(None if opened is None else (opened - onset) / timedelta(hours=1))
        for name, peer in peers.items():
            delays[name, size].append(delay(peer, posts, (onset - START) / timedelta(hours=1)))
    result = {
        "quiet_months": len(months),
        "people_a_day": {str(rate): round(value, 1) for rate, value in usual.items()},
        "crowds_a_size": len(cases) // len(sizes),
        "rules": {
            name: {
                "sigmas": peers[name].sigmas if name in peers else None,
                "false_a_brand_month": round(alarms[name], 3),
                **{size: _told(delays[name, size]) for size in sizes},
            }
            for name in ("tocsin", *peers)
        },
    }
    print(json.dumps(result, indent=2) if options.json else _table(result["rules"], sizes))
    return 0


def _quiet(rate: float, month: int, angry: Shares) -> list[JudgedPost]:
    rng = np.random.default_rng([month, int(rate * 100), 4])
    return _angry(quiet_posts(rng, rate), angry and angry[0], rng)


def _angry(posts: Sequence[JudgedPost], share: float | None, rng: np.random.Generator) -> list[JudgedPost]:
    return list(posts) if share is None else [heated(post, rng.random() < share) for post in posts]


def _people_a_day(months: Sequence[Sequence[JudgedPost]]) -> float:
    """Return how many different people speak of the brand in a mean day."""
    days: dict[tuple[int, str], set[str | None]] = defaultdict(set)
    for number, posts in enumerate(months):
        for post in posts:
            days[number, f"{post.created_at:%Y-%m-%d}"].add(post.author_id)
    return sum(map(len, days.values())) / (len(months) * (HISTORY_DAYS + MONTH_DAYS))


def _thinned(hours: Sequence[float], people: float) -> int:
    """Return to how many people a letter is thinned so that `people` of them sign on its fullest day."""
    fullest = max(sum(start <= hour < start + DAY for hour in hours) for start in range(72 - DAY + 1))
    return min(len(hours), max(1, round(people * len(hours) / fullest)))


def _injected(
    rng: np.random.Generator, hours: Sequence[float], rate: float, people: int, angry: Shares
) -> tuple[list[JudgedPost], datetime]:
    """Return the posts up to 72 h after a crowd of `people` began to sign, and when it began."""
    onset = START + timedelta(days=HISTORY_DAYS + 4, hours=int(rng.integers(24)))
    drawn = np.sort(rng.choice(np.array(hours), size=people, replace=False))
    crowd = [crowd_post(n, onset + timedelta(hours=float(hour)), rng.random() < RECALL) for n, hour in enumerate(drawn)]
    quiet = _angry(quiet_posts(rng, rate), angry and angry[0], rng)
    return with_crowd(quiet, _angry(crowd, angry and angry[1], rng), onset + timedelta(hours=72)), onset


def _told(delays: Sequence[float | None]) -> dict[str, float | None]:
    found = [delay for delay in delays if delay is not None]
    return {
        "found": round(len(found) / len(delays), 3),
        "median_hours": round(median(found), 1) if found else None,
    }


def _table(rules: dict[str, dict[str, object]], sizes: Sequence[str]) -> str:
    lines = [f"{'rule':22} {'false/month':>11} " + " ".join(f"{size:>16}" for size in sizes)]
    for name, row in rules.items():
        cells = [row[size] for size in sizes]
        lines.append(
            f"{name:22} {row['false_a_brand_month']:>11} "
            + " ".join(f"{100 * cell['found']:5.0f} % {cell['median_hours'] or '-':>6} h" for cell in cells)
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
