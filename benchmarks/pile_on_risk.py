"""Fit and judge the pile-on risk of a post on the replay of 149 heated GitHub threads.

    .venv/bin/python benchmarks/pile_on_risk.py [--shared DIR] [--json]

A post's label is whether its thread meets the outcome (`meets_outcome`, with the embedded model's tags) within
the 72 h after it: posts written after the pile-on are left out. SLOPE and SHIFT of analyzers/post_risk.py are
fitted by likelihood, every thread counting the same, and judged leaving one thread out at a time (posts of one
thread are no independent rows): Brier score with a 95 % bootstrap interval over threads, against the constant
share of the other threads, and the area under the ROC curve. Few threads are pile-ons, so this says little
about the exact number; the share that the shift assumes (BASE_RATE) matters more.
"""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
from scipy.optimize import minimize
from thread_risk_github import asked, heated_threads

from analyzers.post_risk import BASE_RATE, BEFORE, evidence, with_voices
from analyzers.scores import bootstrapped
from analyzers.thread_risk import meets_outcome
from tocsin.store.records import JudgedPost

Array = np.ndarray[Any, Any]


def main() -> int:
    """Fit, leave threads out, print."""
    folder, as_json = asked(__doc__)
    if folder is None:
        return 0
    rows = labelled(list(heated_threads(folder).values()))
    groups, values, truth = (np.array(column) for column in zip(*rows, strict=True))
    weights = 1 / np.bincount(groups)[groups]
    slope, shift = fitted(values, truth, weights)
    share = float((weights * truth).sum() / weights.sum())
    out, constant = np.zeros(len(values)), np.zeros(len(values))
    for group in np.unique(groups):
        rest, mine = groups != group, groups == group
        a, b = fitted(values[rest], truth[rest], weights[rest])
        out[mine] = 1 / (1 + np.exp(-(a * values[mine] + b)))
        constant[mine] = (weights[rest] * truth[rest]).sum() / weights[rest].sum()
    by_thread = [
        np.array([((p[groups == g] - truth[groups == g]) ** 2).mean() for g in np.unique(groups)])
        for p in (out, constant)
    ]
    prior = math.log(BASE_RATE / (1 - BASE_RATE)) - math.log(share / (1 - share))
    found = {
        "posts": len(values),
        "threads": len(np.unique(groups)),
        "threads_with_a_pile_on_ahead": len(np.unique(groups[truth == 1])),
        "share_of_threads": round(share, 4),
        "slope": round(slope, 3),
        "shift_here": round(shift, 3),
        "shift_at_base_rate": round(shift + prior, 3),
        "brier": [round(getattr(bootstrapped(by_thread[0]), part), 4) for part in ("mean", "low", "high")],
        "brier_of_the_constant": [
            round(getattr(bootstrapped(by_thread[1]), part), 4) for part in ("mean", "low", "high")
        ],
        "auc": round(auc(out, truth), 3),
    }
    print(json.dumps(found, indent=2) if as_json else "\n".join(f"{k}: {v}" for k, v in found.items()))
    return 0


def labelled(threads: list[list[JudgedPost]]) -> list[tuple[int, float, int]]:
    """Return (thread number, evidence, label) of every judged post that a pile-on could still follow."""
    rows: list[tuple[int, float, int]] = []
    for number, posts in enumerate(threads):
        for post, voices in with_voices(posts):
            if post.hostility is None or post.negative is None:
                continue
            ahead = [
                other for other in posts if post.created_at - BEFORE <= other.created_at <= post.created_at + BEFORE
            ]
            past = [other for other in ahead if other.created_at <= post.created_at]
            if not meets_outcome(past):
                rows.append((number, evidence(post.hostility, post.negative, voices), int(meets_outcome(ahead))))
    return rows


def fitted(values: Array, truth: Array, weights: Array) -> tuple[float, float]:
    """Return slope and shift of the weighted logistic regression of `truth` on `values` (Platt 1999)."""

    def loss(point: Array) -> float:
        odds = point[0] * values + point[1]
        return float((weights * (np.logaddexp(0, odds) - truth * odds)).sum())

    found = minimize(loss, np.array([1.0, -3.0]), method="Nelder-Mead")
    return float(found.x[0]), float(found.x[1])


def auc(chances: Array, truth: Array) -> float:
    """Return the area under the ROC curve (Mann-Whitney)."""
    above, below = chances[truth == 1], chances[truth == 0]
    return float(((above[:, None] > below) + 0.5 * (above[:, None] == below)).mean())


if __name__ == "__main__":
    raise SystemExit(main())
