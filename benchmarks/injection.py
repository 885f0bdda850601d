"""How soon is a real pile-on noticed, against EARS C2 and a 3-sigma rule? Real growth curves in quiet weeks, one run.

    .venv/bin/python benchmarks/injection.py [--draws 6] [--months 6] [--json] [--shared DIR]

Needs `replay/opentf_manifesto` and `replay/rms_letters` of the shared data: when each of hundreds of people signed an
open letter. A letter's first 72 h are thinned until its fullest day has 2, 5 or 10 times the people that speak of a
quiet brand in a day, and added to the quiet weeks of quiet_months.py (one thread a day, and four); each writes once,
`RECALL` of them are judged negative. Everybody counts distinct negative voices in the last 24 h and looks every hour:

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
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

import numpy as np
from injected import LETTERS, _post, _signed
from quiet_months import BUDGET, HISTORY_DAYS, MONTH_DAYS, START, ZONE, _posts
from rich.progress import track

from analyzers.baseline import Floats, Ints, distinct_voices, week_profile
from analyzers.episodes import replay
from analyzers.listening import Listening, is_negative
from tocsin.store.records import JudgedPost

ROOT = Path(__file__).resolve().parents[1]
RATES = (1.0, 4.0)
TIMES = (2, 5, 10)
RECALL = 0.8
QUIET_HOURS = 72
DAY = 24
Rule = Callable[[Ints, int], float]
"""Given hourly counts of 24 h windows and an hour: by how many sd that hour lies above the usual."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A rule, the multiple of sd it alarms at, and how often it looks, in hours."""

    rule: Rule
    sigmas: float
    every: int


def ears_c2(counts: Ints, hour: int) -> float:
    """Return the EARS C2 statistic: seven days that end two days before."""
    return _above(counts[hour], counts[[hour - DAY * back for back in range(3, 10)]])


def three_sigma(counts: Ints, hour: int) -> float:
    """Return by how many sd the window lies above the 28 days before the last one."""
    return _above(counts[hour], counts[[hour - DAY * back for back in range(2, 30) if hour >= DAY * back]])


def _above(count: int, usual: Ints) -> float:
    return float((count - usual.mean()) / max(float(usual.std(ddof=1)), 0.5))


PEERS = {
    "ears_c2": Peer(ears_c2, 3.0, 1),
    "three_sigma": Peer(three_sigma, 3.0, 1),
    "ears_c2_daily": Peer(ears_c2, 3.0, DAY),
    "three_sigma_daily": Peer(three_sigma, 3.0, DAY),
}


def main() -> int:
    """Run quiet months, then injections, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=6, help="draws for each letter, brand and size")
    parser.add_argument("--months", type=int, default=6, help="quiet months for each brand")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--shared", type=Path, default=Path(os.environ.get("TOCSIN_SHARED", ROOT.parent / "shared")))
    options = parser.parse_args()
    folder = options.shared / "data" / "replay"
    if not folder.is_dir():
        print(f"skipped: {folder} is not there (set TOCSIN_SHARED)")
        return 0
    quiet = [(rate, _quiet(rate, month)) for rate in RATES for month in range(options.months)]
    peers = PEERS | {f"{name}_budget": _at_budget(peer, quiet) for name, peer in PEERS.items() if peer.every == 1}
    alarms = {name: _false(peer, quiet) for name, peer in peers.items()}
    shown = track(quiet, "quiet months", disable=not sys.stderr.isatty())
    alarms["tocsin"] = sum(len(_ours(posts, START + timedelta(days=HISTORY_DAYS))) for _, posts in shown) / len(quiet)
    baseline = {rate: _usual([posts for of, posts in quiet if of == rate]) for rate in RATES}
    delays: dict[tuple[str, int], list[float | None]] = defaultdict(list)
    cases = [(letter, rate, times, draw) for letter in LETTERS for rate in RATES for times in TIMES
             for draw in range(options.draws)]  # fmt: skip
    for letter, rate, times, draw in track(cases, "injections", disable=not sys.stderr.isatty()):
        posts, onset = _injected(_signed(folder / letter), rate, times * baseline[rate], draw)
        opened = min(_ours(posts, onset), default=None)
        delays["tocsin", times].append(None if opened is None else (opened - onset) / timedelta(hours=1))
        for name, peer in peers.items():
            delays[name, times].append(_delay(peer, posts, (onset - START) / timedelta(hours=1)))
    result = {
        "quiet_months": len(quiet),
        "people_a_day": {str(rate): round(value, 1) for rate, value in baseline.items()},
        "rules": {
            name: {
                "sigmas": peers[name].sigmas if name in peers else None,
                "false_a_brand_month": round(alarms[name], 3),
                **{f"{times}x": _told(delays[name, times]) for times in TIMES},
            }
            for name in ("tocsin", *peers)
        },
    }
    print(json.dumps(result, indent=2) if options.json else _table(result["rules"]))
    return 0


def _quiet(rate: float, month: int) -> list[JudgedPost]:
    return _posts(np.random.default_rng([month, int(rate * 100), 4]), rate, 4, 1.0)


def _usual(months: Sequence[Sequence[JudgedPost]]) -> float:
    """Return how many different people speak of the brand in a mean day."""
    days: dict[tuple[int, str], set[str | None]] = defaultdict(set)
    for number, posts in enumerate(months):
        for post in posts:
            days[number, f"{post.created_at:%Y-%m-%d}"].add(post.author_id)
    return sum(map(len, days.values())) / (len(months) * (HISTORY_DAYS + MONTH_DAYS))


def _injected(signed: Sequence[float], rate: float, people: float, draw: int) -> tuple[list[JudgedPost], datetime]:
    rng = np.random.default_rng([draw, int(people), len(signed)])
    fullest = max(sum(start <= hour < start + DAY for hour in signed) for start in range(72 - DAY + 1))
    size = min(len(signed), max(1, round(people * len(signed) / fullest)))
    onset = START + timedelta(days=HISTORY_DAYS + 4, hours=int(rng.integers(24)))
    hours = np.sort(rng.choice(np.array(signed), size=size, replace=False))
    crowd = [_post(n, onset + timedelta(hours=float(hour)), rng.random() < RECALL) for n, hour in enumerate(hours)]
    posts = sorted((*_posts(rng, rate, 4, 1.0), *crowd), key=lambda post: post.created_at)
    return [post for post in posts if post.created_at <= onset + timedelta(hours=72)], onset


def _ours(posts: Sequence[JudgedPost], begin: datetime) -> list[datetime]:
    points = np.arange(1.0, np.ceil((posts[-1].created_at - START) / timedelta(hours=1)) + 1.0)
    per_hour = Counter(post.created_at.replace(minute=0, second=0, microsecond=0) for post in posts)
    observed = np.ones(points.size, dtype=np.bool_)
    listening = Listening(tuple(posts), START, points, week_profile(per_hour, ZONE), ZONE, observed)
    courses = replay(listening, "injected", begin=begin, opens_after=begin)
    return [course.opened_at for course in courses if course.kind == "backlash"]


def _counts(posts: Sequence[JudgedPost]) -> Ints:
    """Return the distinct negative voices of the 24 h that end at each hour since the start."""
    angry = [post for post in posts if is_negative(post)]
    codes = {name: code for code, name in enumerate(sorted({str(post.author_id) for post in angry}))}
    times: Floats = np.array([(post.created_at - START) / timedelta(hours=1) for post in angry])
    hours = np.arange(0.0, np.ceil((posts[-1].created_at - START) / timedelta(hours=1)) + 1.0)
    return distinct_voices(np.array([codes[str(post.author_id)] for post in angry]), times, hours, float(DAY))


def _alarms(peer: Peer, posts: Sequence[JudgedPost], since: float) -> list[int]:
    counts = _counts(posts)
    hours = (hour for hour in range(int(np.ceil(since)), counts.size) if hour % peer.every == 0)
    found = [hour for hour in hours if peer.rule(counts, hour) > peer.sigmas]
    return [hour for place, hour in enumerate(found) if place == 0 or hour - found[place - 1] > QUIET_HOURS]


def _delay(peer: Peer, posts: Sequence[JudgedPost], onset: float) -> float | None:
    alarms = _alarms(peer, posts, onset)
    return alarms[0] - onset if alarms else None


def _false(peer: Peer, quiet: Sequence[tuple[float, Sequence[JudgedPost]]]) -> float:
    return sum(len(_alarms(peer, posts, HISTORY_DAYS * DAY)) for _, posts in quiet) / len(quiet)


def _at_budget(peer: Peer, quiet: Sequence[tuple[float, Sequence[JudgedPost]]]) -> Peer:
    for sigmas in np.arange(3.0, 60.0, 0.5):
        raised = Peer(peer.rule, float(sigmas), peer.every)
        if _false(raised, quiet) <= BUDGET:
            return raised
    raise ValueError("no multiple keeps the budget")


def _told(delays: Sequence[float | None]) -> dict[str, float | None]:
    found = [delay for delay in delays if delay is not None]
    return {
        "found": round(len(found) / len(delays), 3),
        "median_hours": round(median(found), 1) if found else None,
    }


def _table(rules: dict[str, dict[str, object]]) -> str:
    lines = [f"{'rule':22} {'false/month':>11} " + " ".join(f"{f'{times} x':>16}" for times in TIMES)]
    for name, row in rules.items():
        cells = [row[f"{times}x"] for times in TIMES]
        lines.append(
            f"{name:22} {row['false_a_brand_month']:>11} "
            + " ".join(f"{100 * cell['found']:5.0f} % {cell['median_hours'] or '-':>6} h" for cell in cells)
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
