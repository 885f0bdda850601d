"""Likes that rise without voices: which share of bought rises is flagged, and which of honest posts.

    .venv/bin/python benchmarks/bought.py [--posts 2000] [--json]

Made-up sources. Likes of a post are log-normal and come over a day, early ones first; the people who answer are Poisson
around likes x rate x a gamma factor of the post (mean 1, variance = spread). What is usual is learned from 300 such
posts. Honest posts are observed after 2, 8, 26 and 50 h; *viral* ones have twenty times the likes; *late* ones go round
again after a day. Bought posts are ordinary, and get so many likes between two observations that nobody answers; the
number is round in half of them. Printed, by source: the share that is flagged.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime, timedelta

import numpy as np

from analyzers.engagement import Usual, unanswered_rises, usual_answers
from tocsin.store.records import Reactions

START = datetime(2026, 9, 1, tzinfo=UTC)
SOURCES = ((0.5, 0.5), (0.17, 0.5), (0.17, 1.0), (0.17, 2.0), (0.05, 1.0))
"""People who answer for each like; variance of the posts' own factor."""
BOUGHT = (200, 1_000, 5_000)
HOURS = (2, 8, 26, 50)


def main() -> int:
    """Make up the sources and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, default=2_000, help="posts for each cell")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = []
    for place, (rate, spread) in enumerate(SOURCES):
        rng = np.random.default_rng(place)
        usual = usual_answers([_post(rng, rate, spread)[-1] for _ in range(300)])
        if usual is None:
            raise SystemExit("too few posts to learn from")

        row: dict[str, float] = {"rate": rate, "spread": spread, "learned_spread": round(usual.dispersion, 2)}
        for name in ("honest", "viral", "late", *map(str, BOUGHT)):
            row[name] = _flagged(rng, rate, spread, {"f": usual}, name, options.posts)
        rows.append(row)
        if not options.json:
            print(row, flush=True)
    if options.json:
        print(json.dumps({"sources": rows, "posts": options.posts}, indent=2))
    return 0


def _flagged(
    rng: np.random.Generator, rate: float, spread: float, usual: dict[str, Usual], name: str, posts: int
) -> float:
    times, bought = 20 if name == "viral" else 1, int(name) if name.isdigit() else 0
    series = (_post(rng, rate, spread, times=times, bought=bought, late=name == "late") for _ in range(posts))
    return round(sum(bool(unanswered_rises(one, usual)) for one in series) / posts, 4)


def _post(
    rng: np.random.Generator, rate: float, spread: float, *, times: int = 1, bought: int = 0, late: bool = False
) -> list[Reactions]:
    likes = int(times * rng.lognormal(3.0, 1.2))
    factor = rng.gamma(1 / spread, spread)
    moments = np.sort(rng.gamma(1.0, 5.0, likes))
    if late:
        moments = np.sort(np.concatenate((moments, 26 + rng.gamma(1.0, 5.0, 3 * likes))))
    answers = np.sort(rng.choice(moments, rng.poisson(rate * factor * moments.size))) if moments.size else moments
    bought_after = float(rng.choice(HOURS[:3]))
    added = bought - (int(rng.integers(1, 49)) if rng.random() < 0.5 else 0)
    return [
        Reactions(
            "f:1",
            "f",
            START,
            START + timedelta(hours=hours),
            int((moments <= hours).sum()) + (added if bought and hours > bought_after else 0),
            int((answers <= hours).sum()),
        )
        for hours in HOURS
    ]


if __name__ == "__main__":
    sys.exit(main())
