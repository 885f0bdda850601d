"""Fit the weights of thread risk that Tocsin ships, and draw how reliable they are.

    nice .venv/bin/python benchmarks/fit_thread_risk.py [--seeds 50] [--shared DIR] [--json]   # prints
    nice .venv/bin/python benchmarks/fit_thread_risk.py --write    # also thread_risk_3.json and docs/thread-risk.svg

Fitted on forecasts at 1, 3, 6 and 24 h about the threads of made-up communities (each with one pile-on) and
about 149 heated GitHub threads (`replay/github_heated` of the shared data), with the embedded model's tags.
A GitHub thread counts as one. A made-up community counts as twenty threads, though it has 290: fifty
communities by one generator are not 14,800 independent threads. Together 7 in 1,000 become a pile-on. The start
is the set of weights made by hand; what stands in neither material (reactions, links, stances) keeps it.
Cross-validated over communities and GitHub threads, in five folds.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

from reliability_plot import reliability_svg
from risk_material import FOREVER, Derailments, Material, github_threads, made_up
from shared_data import add_shared, shared_folder

from analyzers.risk_fit import Forecasts, fit, forecasts
from analyzers.risk_outcomes import outcomes_of
from analyzers.risk_weights import PARTS, by_hand
from analyzers.thread_parts import Surroundings
from tocsin.store.records import JudgedPost

ROOT = Path(__file__).resolve().parents[1]
VERSION = "thread-risk-3"
COMMUNITY_COUNTS = 20.0


def main() -> int:
    """Gather, fit, print, and with `--write` write the two files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=50)
    add_shared(parser)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder = shared_folder(options, "replay", "github_heated")
    if folder is None:
        return 0
    made = [one for seed in range(1, options.seeds + 1) for one in made_up(seed)]
    real = github_material(github_threads(folder))
    done = fit(weighed([*made, *real]), by_hand(), VERSION)
    found = {
        "made_up": {"forecasts": len(made), "came_true": sum(one.outcome.met for one in made)},
        "github": {"forecasts": len(real), "came_true": sum(one.outcome.met for one in real)},
        "slope": done.slope,
        "shift": done.shift,
        "figures": asdict(done.figures),
        "by_hand": asdict(done.started_from),
    }
    if options.write:
        told = done.weights.as_json() | {"fitted_by": "benchmarks/fit_thread_risk.py", **found}
        (ROOT / "analyzers" / "thread_risk_3.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
        title = "Thread risk: what was forecast and what became a pile-on, on threads left out of the fit"
        (ROOT / "docs" / "thread-risk.svg").write_text(reliability_svg(done.figures.bins, title), encoding="utf-8")
    if options.json:
        print(json.dumps(found | done.weights.as_json(), indent=2))
        return 0
    for name, value in found.items():
        print(f"{name}: {value}")
    print(f"{'intercept':28}", *(f"{value:8.2f}" for value in done.weights.intercepts))
    for name in PARTS:
        print(f"{name:28}", *(f"{value:8.2f}" for value in done.weights.per_unit[name]))
    return 0


def github_material(threads: dict[str, list[JudgedPost]]) -> list[Material]:
    """Return the forecasts about the GitHub threads; of what is around them only derailment is known."""
    heard = Derailments()

    def around(seen: Sequence[JudgedPost], _: object) -> Surroundings:
        return Surroundings(derailment=heard.forecast(seen))

    return [
        Material(name, one)
        for name, posts in threads.items()
        for one in outcomes_of(posts, around, posts[-1].created_at + FOREVER + timedelta(days=1))
    ]


def weighed(material: Sequence[Material]) -> Forecasts:
    """Return the forecasts as rows of which a GitHub thread counts 1 in all and a community `COMMUNITY_COUNTS`."""
    places: dict[str, int] = {}
    groups = [places.setdefault(one.group, len(places)) for one in material]
    of_thread = Counter((one.group, one.outcome.brand, one.outcome.thread_id) for one in material)
    of_group = Counter(group for group, *_ in of_thread)
    counts = [
        (COMMUNITY_COUNTS / of_group[one.group] if one.group.startswith("seed ") else 1.0)
        / of_thread[one.group, one.outcome.brand, one.outcome.thread_id]
        for one in material
    ]
    rows = [(one.outcome.parts, one.outcome.age_hours, one.outcome.met) for one in material]
    return forecasts(rows, groups, counts)


if __name__ == "__main__":
    sys.exit(main())
