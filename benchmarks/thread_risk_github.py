"""Does thread risk put the threads that gather a crowd before the quarrels of a few? 149 real heated GitHub threads.

    .venv/bin/python benchmarks/thread_risk_github.py [--seeds 50] [--shared DIR] [--json]

Needs `replay/github_heated` of the shared data. Judged are the 17 threads that reach 15 distinct users in all
against the 81 quarrels of at most 4, on what was seen by an age of 6, 24 and 72 h, with the embedded model's tags:
once from the thread's opening, once from the beginning of its fullest 72 h (many of these threads lay still for
months or years before). The weights are fitted here on made-up communities alone: no thread that is judged was
fitted on. In the same run: the weights set by hand, the raw number of comments, of comments in the last 72 h, and
of distinct users. `by_its_parts` is no forecast of ours: the same parts fitted to this very question, each thread
left out in turn, to see what they could say of it.

Printed: the area under the ROC curve, and the precision among the highest 17 (as many as there are crowds: the
operating point at which recall is the same), where ties share. The base precision is 17 of 98.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np
from fit_thread_risk import weighed
from risk_material import Derailments, github_threads, made_up
from shared_data import add_shared, shared_folder

from analyzers.risk_figures import area_under_curve
from analyzers.risk_fit import fit, forecasts, left_out
from analyzers.risk_weights import RiskWeights, by_hand
from analyzers.thread_parts import Surroundings
from analyzers.thread_risk import meets_outcome, thread_risk
from tocsin.store.records import JudgedPost

AGES = (6, 24, 72)
CROWD, QUARREL = 15, 4
RECENT = timedelta(hours=72)


def main() -> int:
    """Score every thread at every age and print the figures."""
    options = _options()
    folder = shared_folder(options, "replay", "github_heated")
    if folder is None:
        return 0
    threads = github_threads(folder)
    with (folder / "threads.csv").open(encoding="utf-8", newline="") as stream:
        told = {row["issue_id"]: row for row in csv.DictReader(stream)}
    crowds = [name for name in threads if int(told[name]["users"]) >= CROWD]
    quarrels = [name for name in threads if int(told[name]["users"]) <= QUARREL]
    elsewhere = fit(weighed([one for seed in range(1, options.seeds + 1) for one in made_up(seed)]), by_hand(), "x")
    weights = {"thread_risk": elsewhere.weights, "set_by_hand": by_hand()}
    result: dict[str, object] = {
        "crowds": len(crowds),
        "quarrels": len(quarrels),
        "meet_the_outcome": sum(map(meets_outcome, threads.values())),
    }
    heard = Derailments()
    judged = [threads[name] for name in (*crowds, *quarrels)]
    truth = np.array([1.0] * len(crowds) + [0.0] * len(quarrels))
    for start in ("opening", "burst"):
        begins = [
            posts[0].created_at
            if start == "opening"
            else datetime.fromisoformat(told[posts[0].thread_id]["burst_start"])
            for posts in judged
        ]
        for age in AGES:
            said = scores(judged, [begin + timedelta(hours=age) for begin in begins], weights, heard, truth)
            result[f"{start}_{age}_h"] = {name: _figures(np.array(values), truth) for name, values in said.items()}
    print(json.dumps(result, indent=2) if options.json else _table(result))
    return 0


def scores(
    threads: Sequence[Sequence[JudgedPost]],
    moments: Sequence[datetime],
    weights: Mapping[str, RiskWeights],
    heard: Derailments,
    truth: np.ndarray,
) -> dict[str, list[float]]:
    """Return what each way of scoring says of each thread at its moment."""
    said: dict[str, list[float]] = defaultdict(list)
    rows = []
    for posts, moment, met in zip(threads, moments, truth, strict=True):
        seen = [post for post in posts if post.created_at <= moment] or list(posts[:1])
        at = max(moment, seen[-1].created_at)
        around = Surroundings(derailment=heard.forecast(seen))
        for name, those in weights.items():
            risk = thread_risk(seen, seen[0].brand, at, around, those)
            said[name].append(risk.probability)
        said["comments"].append(len(seen))
        said["comments_of_72_h"].append(sum(post.created_at > at - RECENT for post in seen))
        said["users"].append(len({post.author_id for post in seen}))
        rows.append((risk.parts, risk.age_hours, bool(met)))
    every = range(len(rows))
    said["by_its_parts"] = left_out(forecasts(rows, every, [1.0] * len(rows)), by_hand()).tolist()
    return said


def _figures(values: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Return the area under the curve and the precision among the highest, as many as there are crowds."""
    wanted = int(truth.sum())
    border = np.sort(values)[::-1][wanted - 1]
    above, level = values > border, values == border
    hits = truth[above].sum() + truth[level].mean() * (wanted - above.sum())
    return {"auc": round(area_under_curve(values, truth), 3), "precision": round(float(hits) / wanted, 3)}


def _table(result: Mapping[str, object]) -> str:
    lines = [f"{name}: {value}" for name, value in result.items() if not isinstance(value, dict)]
    for name, value in result.items():
        if isinstance(value, dict):
            lines.append(name)
            lines += [
                f"  {way:18} area {one['auc']:.3f}  precision {one['precision']:.3f}" for way, one in value.items()
            ]
    return "\n".join(lines)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=50, help="made-up communities to fit on")
    add_shared(parser)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
