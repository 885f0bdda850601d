"""What each rule of detection is worth: the same crowds and quiet months with one rule taken away at a time.

    .venv/bin/python benchmarks/ablations.py [--draws 10] [--months 6] [--json]

Scenes on the quiet brands of quiet_posts.py (one thread a day, and four): quiet months; *pile-ons* (60 people in 14 h,
80 % negative, half of the negative ones angry); *calm crowds* (60 people in 14 h, a fifth negative, nobody angry);
*civil crowds* (30 people in 14 h, 80 % negative, nobody angry). Rules:

- `whole`: as it is; an alarm is a backlash that opens.
- `no_episode`: every hour in which the gates are passed is an alarm.
- `no_anger`: gates A and B alone make a backlash, whatever the tone (C and D taken away, all voices counted).
- `no_gate_d`: negative is enough, angry is not asked.
- `ratio_only`: every hour with 2.5 times the usual negative voices and at least five (gate B), once in 72 h.

Printed: alarms a quiet brand-month; of pile-ons the share found, the median hours and the alarms each; alarms a calm
and a civil crowd (none is right). The folk ratio on real stories is in attention_hn.py.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from statistics import mean, median

import numpy as np
from peer_rules import QUIET_HOURS
from quiet_posts import (
    HISTORY_DAYS,
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

from analyzers.gates import attention, backlash, is_loud
from analyzers.listening import Listening
from analyzers.thresholds import DEFAULTS
from tocsin.store.records import JudgedPost

CROWD_HOURS = 14
SCENES = {"pile_on": (60, 0.8, 0.5), "calm": (60, 0.2, 0.0), "civil": (30, 0.8, 0.0)}
"""People, share of negative ones, share of angry ones among these."""
Rule = Callable[[Sequence[JudgedPost], float], list[float]]
"""Given posts and the hour from which to look: the hours of the alarms."""


def whole(posts: Sequence[JudgedPost], since: float) -> list[float]:
    """Return when a backlash opened."""
    return _opened(listening_of(posts), since)


def no_gate_d(posts: Sequence[JudgedPost], since: float) -> list[float]:
    """Return when a backlash opened where nothing is known of anger, so that gate D stands open."""
    return _opened(listening_of([replace(post, hostility=None, anger=None) for post in posts]), since)


def no_episode(posts: Sequence[JudgedPost], since: float) -> list[float]:
    """Return every hour in which gates A to D were passed."""
    listening = listening_of(posts)
    return [float(listening.points[at]) for at in _places(listening, since) if backlash(listening, at)]


def no_anger(posts: Sequence[JudgedPost], since: float) -> list[float]:
    """Return the hours of alarms by gates A and B on all voices, once in 72 h."""
    listening = listening_of(posts)
    days = DEFAULTS.surprise_days
    return _rested(
        [float(listening.points[at]) for at in _places(listening, since) if attention(listening, at, days=days)]
    )


def ratio_only(posts: Sequence[JudgedPost], since: float) -> list[float]:
    """Return the hours of alarms by gate B alone, once in 72 h."""
    listening = listening_of(posts)
    return _rested(
        [float(listening.points[at]) for at in _places(listening, since) if is_loud(listening, at, "negative")]
    )


RULES: dict[str, Rule] = {
    "whole": whole,
    "no_episode": no_episode,
    "no_anger": no_anger,
    "no_gate_d": no_gate_d,
    "ratio_only": ratio_only,
}


def main() -> int:
    """Run every rule on every scene and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=10, help="draws for each scene and brand")
    parser.add_argument("--months", type=int, default=6, help="quiet months for each brand")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    quiet = [_ordinary(rate, month) for rate in RATES for month in range(options.months)]
    scenes = {
        name: [_crowded(rate, draw, *crowd) for rate in RATES for draw in range(options.draws)]
        for name, crowd in SCENES.items()
    }
    rows = {
        name: _judged(rule, quiet, scenes)
        for name, rule in track(RULES.items(), "rules", disable=not sys.stderr.isatty())
    }
    print(json.dumps(rows, indent=2) if options.json else _table(rows))
    return 0


def _judged(
    rule: Rule, quiet: Sequence[Sequence[JudgedPost]], scenes: dict[str, list[tuple[list[JudgedPost], float]]]
) -> dict[str, float | None]:
    alarms = {name: [rule(posts, onset) for posts, onset in crowds] for name, crowds in scenes.items()}
    onsets = [onset for _, onset in scenes["pile_on"]]
    late = [found[0] - onset for found, onset in zip(alarms["pile_on"], onsets, strict=True) if found]
    return {
        "quiet_alarms_a_month": round(mean(len(rule(posts, HISTORY_DAYS * 24.0)) for posts in quiet), 2),
        "pile_ons_found": round(len(late) / len(onsets), 2),
        "median_hours": round(median(late), 1) if late else None,
        "alarms_a_pile_on": round(mean(map(len, alarms["pile_on"])), 2),
        "alarms_a_calm_crowd": round(mean(map(len, alarms["calm"])), 2),
        "alarms_a_civil_crowd": round(mean(map(len, alarms["civil"])), 2),
    }


def _ordinary(rate: float, number: int) -> list[JudgedPost]:
    """Return a quiet brand's posts; a fifth of its negative ones are angry."""
    rng = np.random.default_rng([number, int(rate * 100), 5])
    return [heated(post, rng.random() < 0.2) for post in quiet_posts(rng, rate)]


def _crowded(rate: float, draw: int, people: int, negative: float, angry: float) -> tuple[list[JudgedPost], float]:
    """Return posts up to three days after a crowd began, and the hour it began."""
    rng = np.random.default_rng([draw, people, int(negative * 10), int(rate)])
    onset = START + timedelta(days=HISTORY_DAYS + 4, hours=int(rng.integers(24)))
    crowd = []
    for number, hour in enumerate(np.sort(rng.uniform(0, CROWD_HOURS, people))):
        cross = rng.random() < negative
        one = crowd_post(number, onset + timedelta(hours=float(hour)), cross)
        crowd.append(heated(one, cross and rng.random() < angry))
    posts = with_crowd(_ordinary(rate, 100 + draw), crowd, onset + timedelta(hours=QUIET_HOURS))
    return posts, (onset - START) / timedelta(hours=1)


def _opened(listening: Listening, since: float) -> list[float]:
    return [listening.hours(moment) for moment in backlashes(listening, listening.moment(since))]


def _places(listening: Listening, since: float) -> list[int]:
    places: list[int] = np.flatnonzero(listening.points > since).tolist()
    return places


def _rested(hours: Sequence[float]) -> list[float]:
    """Return the alarms that are left when each one silences the next 72 h."""
    kept: list[float] = []
    for hour in hours:
        if not kept or hour - kept[-1] > QUIET_HOURS:
            kept.append(hour)
    return kept


def _table(rows: dict[str, dict[str, float | None]]) -> str:
    names = list(next(iter(rows.values())))
    lines = [f"{'rule':12} " + " ".join(f"{name:>21}" for name in names)]
    lines += [f"{rule:12} " + " ".join(f"{row[name]!s:>21}" for name in names) for rule, row in rows.items()]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
