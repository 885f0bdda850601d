"""Fit and judge the pile-on risk of a post on made-up communities that thread risk was not fitted on.

    nice .venv/bin/python benchmarks/pile_on_risk.py [--fit-on 40] [--judge 10] [--shared DIR] [--json]

Thread risk is fitted here on the first 40 communities and the heated GitHub threads; the posts of the next 10 are
judged. A post's label is whether its thread meets the outcome (`meets_outcome`, the embedded model's tags) within
the 72 h after it; posts written after the pile-on are left out. SLOPE, SHIFT and HOSTILE of analyzers/post_risk.py
are fitted by likelihood around (1, 0, 0), every thread counting the same, and judged leaving out one community at a
time (posts of one thread are no independent rows): Brier score with a 95 % bootstrap interval over threads, and
the area under the ROC curve. In the same run: the share as a constant, and the formula that was in use before
(2.2 (h - .3) + 1.1 (n - .35) + 1.1 log(1 + v), Platt-scaled on GitHub threads).
"""

from __future__ import annotations

import argparse
import json
import math
from typing import Any

import numpy as np
from fit_thread_risk import github_material, weighed
from risk_material import github_threads, made_up, made_up_threads
from scipy.optimize import minimize
from scipy.special import expit
from shared_data import add_shared, shared_folder

from analyzers.listening import is_negative
from analyzers.post_risk import USUAL_HOSTILITY, with_thread_odds
from analyzers.risk_figures import area_under_curve
from analyzers.risk_fit import fit
from analyzers.risk_weights import RiskWeights, by_hand
from analyzers.scores import bootstrapped
from analyzers.thread_risk import HORIZON, meets_outcome
from tocsin.store.records import JudgedPost

Array = np.ndarray[Any, Any]


def main() -> int:
    """Fit, leave communities out, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fit-on", type=int, default=40)
    parser.add_argument("--judge", type=int, default=10)
    add_shared(parser)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder = shared_folder(options, "replay", "github_heated")
    if folder is None:
        return 0
    real = github_material(github_threads(folder))
    material = [one for seed in range(1, options.fit_on + 1) for one in made_up(seed)]
    weights = fit(weighed([*material, *real]), by_hand(), "x").weights
    rows = [
        (seed, *row)
        for seed in range(options.fit_on + 1, options.fit_on + options.judge + 1)
        for number, (posts, bar) in enumerate(made_up_threads(seed)[0])
        for row in labelled(posts, bar, weights, 1_000 * seed + number)
    ]
    seeds, threads, odds, heat, before, truth = (
        np.array(column, dtype=np.float64) for column in zip(*rows, strict=True)
    )
    _, groups = np.unique(threads, return_inverse=True)
    counts = 1 / np.bincount(groups)[groups]
    columns = np.stack([odds, np.ones_like(odds), heat - USUAL_HOSTILITY], axis=1)
    said = {"post_risk": np.zeros_like(truth), "constant": np.zeros_like(truth), "before": expit(before)}
    for seed in np.unique(seeds):
        rest, mine = seeds != seed, seeds == seed
        said["post_risk"][mine] = expit(columns[mine] @ fitted(columns[rest], truth[rest], counts[rest]))
        said["constant"][mine] = np.average(truth[rest], weights=counts[rest])
    slope, shift, hostile = fitted(columns, truth, counts)
    found: dict[str, object] = {
        "posts": len(truth),
        "threads": int(groups.max()) + 1,
        "threads_with_a_pile_on_ahead": len(np.unique(groups[truth == 1])),
        "slope": round(slope, 3),
        "shift": round(shift, 3),
        "hostile": round(hostile, 3),
    }
    for name, chances in said.items():
        off = np.bincount(groups, counts * (chances - truth) ** 2)
        mean = bootstrapped(off)
        found[name] = {
            "brier": [round(value, 5) for value in (mean.mean, mean.low, mean.high)],
            "auc": round(area_under_curve(chances, truth, counts), 4),
        }
    print(json.dumps(found, indent=2) if options.json else "\n".join(f"{k}: {v}" for k, v in found.items()))
    return 0


def labelled(
    posts: list[JudgedPost], bar: float, weights: RiskWeights, thread: int
) -> list[tuple[int, float, float, float, int]]:
    """Return (thread, thread odds, hostility, earlier log-odds, label) of each judged post before the pile-on."""
    found = []
    for post, odds in with_thread_odds(posts, weights):
        near = [other for other in posts if abs(other.created_at - post.created_at) <= HORIZON]
        past = [other for other in near if other.created_at <= post.created_at]
        if post.hostility is None or post.negative is None or meets_outcome(past, bar):
            continue
        angry = {other.author_id for other in past if is_negative(other) and other.created_at < post.created_at} - {
            None
        }
        before = 2.2 * (post.hostility - 0.3) + 1.1 * (post.negative - 0.35) + 1.1 * math.log1p(len(angry))
        found.append((thread, odds, post.hostility, 0.78 * before - 5.34, int(meets_outcome(near, bar))))
    return found


def fitted(columns: Array, truth: Array, counts: Array) -> Array:
    """Return the three numbers of the weighted logistic regression around (1, 0, 0), none but the shift below zero."""
    start = np.array([1.0, 0.0, 0.0])

    def loss(point: Array) -> float:
        odds = columns @ point
        return float((counts * (np.logaddexp(0, odds) - truth * odds)).sum() + 0.5 * ((point - start) ** 2).sum())

    found: Array = minimize(loss, start, method="L-BFGS-B", bounds=[(0, None), (None, None), (0, None)]).x
    return found


if __name__ == "__main__":
    raise SystemExit(main())
