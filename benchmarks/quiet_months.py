"""How many episodes open when nothing is the matter? The false-alarm budget, on made-up quiet months.

    .venv/bin/python benchmarks/quiet_months.py [--months 4] [--json]

The months are those of quiet_posts.py, in which nothing happens, so every episode is a false one, whatever its kind;
DESIGN's budget is .5 a brand-month. Who of the negative ones is angry is not made up, so gate D stands open.
The grid spans brands from one thread in three days to twelve a day. Detection replays every hour after 28 days of
history. Printed: episodes a brand-month by kind, for each cell of the grid and in the mean.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from datetime import timedelta
from typing import get_args

import numpy as np
from quiet_posts import BUDGET, HISTORY_DAYS, MONTH_DAYS, START, listening_of, quiet_posts

from analyzers.episodes import replay
from tocsin.store.records import EpisodeKind, JudgedPost

GRID = tuple(
    (rate, median, spread) for rate in (0.33, 1.0, 4.0, 12.0) for median, spread in ((2, 0.8), (4, 1.0), (8, 1.2))
)
"""Threads a day; median people in a thread; sigma of their logarithm."""
KINDS = get_args(EpisodeKind)


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
            kinds.update(_episodes(quiet_posts(rng, rate, median, spread)))
        row = {"threads_a_day": rate, "median_people": median, "spread": spread} | {
            kind: round(kinds[kind] / options.months, 3) for kind in KINDS
        }
        rows.append(row)
        if not options.json:
            print(row, flush=True)
    means = {kind: round(float(np.mean([row[kind] for row in rows])), 3) for kind in KINDS}
    summary = {"false_a_brand_month": means, "budget": BUDGET, "brand_months": options.months * len(GRID)}
    print(json.dumps(summary | {"grid": rows}, indent=2) if options.json else summary)
    return 0 if sum(means.values()) <= BUDGET else 1


def _episodes(posts: list[JudgedPost]) -> list[EpisodeKind]:
    begin = START + timedelta(days=HISTORY_DAYS)
    listening = listening_of(posts, START + timedelta(days=HISTORY_DAYS + MONTH_DAYS))
    return [course.kind for course in replay(listening, "quiet", begin=begin, opens_after=begin)]


if __name__ == "__main__":
    sys.exit(main())
