"""What `tagging.py` measures, in which order and how much, and the figures that come of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import mean
from typing import Any

from analyzers.heads import POST_TOKENS

SMALL = 1_000

Results = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Step:
    """One measurement: a function (`module.function`) and what it is given, run in a process of its own."""

    name: str
    function: str
    given: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    rounds: int
    posts: int
    """Posts of a round for the pipeline; one worker gets those of all rounds in every round, so do two."""
    large: int
    """Posts of the large store."""
    checked: int
    """Posts whose batches and 32-bit answers are compared; a third as many pairs."""


SIDES = ("ours", "b1", "b32", "b32 cut", "default")
"""Who is measured in every round: one worker, and the pipeline four ways."""
USUAL, FULL = Size(3, 256, 10_000, 600), Size(5, 1_000, 100_000, 3_000)
CUT = {"most_tokens": POST_TOKENS}


def plan(size: Size) -> list[Step]:
    """Return the measurements, in order."""
    steps = []
    for at in range(size.rounds):
        given = {"count": size.posts, "skip": at * size.posts}
        steps += [
            # All the posts each time: a night's page holds 2,000, and how full its batches are is part of the speed.
            Step(f"ours {at}", "tagging_ours.one_worker", {"count": size.rounds * size.posts}),
            Step(f"b1 {at}", "tagging_peer.pipelined", {**given, "batch": 1, "threads": 1}),
            Step(f"b32 {at}", "tagging_peer.pipelined", {**given, "batch": 32, "threads": 1}),
            Step(f"b32 cut {at}", "tagging_peer.pipelined", {**given, **CUT, "batch": 32, "threads": 1}),
            Step(f"default {at}", "tagging_peer.pipelined", {**given, "batch": 1}),
        ]
    return [
        *steps,
        Step("two", "tagging_ours.two_workers", {"count": size.rounds * size.posts}),
        Step("limit", "tagging_peer.int8_limit", {}),
        Step("loading", "tagging_ours.loading", {}),
        Step("flips", "tagging_ours.batch_flips", {"count": size.checked}),
        Step("changed posts", "tagging_peer.changed_posts", {"count": size.checked}),
        Step("changed pairs", "tagging_peer.changed_pairs", {"count": size.checked // 3}),
        Step("small", "tagging_ours.two_workers", {"count": SMALL, "repeat": 3}),
        Step("large", "tagging_ours.two_workers", {"count": size.large}),
    ]


def summary(found: Results, size: Size) -> dict[str, Any]:
    """Return the figures, given what every step of `plan` found."""
    rounds = range(size.rounds)

    def cpu(side: str) -> list[float]:
        return [float(found[f"{side} {at}"]["cpu"]) for at in rounds]

    def ratio(side: str) -> float:
        return mean(cpu(side)) / mean(cpu("ours"))

    lengths = {key: found["ours 0"][key] for key in ("mean_tokens", "read_tokens")}
    limit = found["limit"]["seconds"] * lengths["read_tokens"]
    default_wall = mean(found[f"default {at}"]["wall"] for at in rounds)
    changed = found["changed posts"] | found["changed pairs"]
    return {
        "vs_pipeline_b1": ratio("b1"),
        "vs_pipeline_b32": ratio("b32"),
        "vs_pipeline_b32_same_cut": ratio("b32 cut"),
        "vs_pipeline_default_threads": ratio("default"),
        "vs_pipeline_default_wall": default_wall / found["two"]["wall"],
        "share_of_int8_gemm": limit / mean(cpu("ours")),
        **found["flips"],
        "int8_changed": changed,
        "int8_changed_most": max(changed.values()),
        "peak_mb": max(found[step]["peak_mb"] for step in ("two", "large")),
        "load_s": found["loading"]["load_s"],
        "growth": found["large"]["wall"] / found["small"]["wall"],
        "growth_posts": size.large,
        "posts_per_core_second": {
            **{side: 1 / mean(cpu(side)) for side in SIDES},
            "int8_gemm_limit": 1 / limit,
        },
        "posts_per_second": {"two_workers": 1 / found["two"]["wall"], "pipeline_default": 1 / default_wall},
        **lengths,
        "int8_gemm": {key: found["limit"][key] for key in ("engine", "rows", "gops")},
        "rounds": {side: cpu(side) for side in SIDES},
    }


GOALS = {
    "vs_pipeline_b1": "2.9, never below 2.6",
    "vs_pipeline_b32": "7, never below 6",
    "vs_pipeline_default_wall": "4, never below 3.6",
    "share_of_int8_gemm": "higher is better",
    "batch_flips": "0",
    "batch_logits_unequal": "0",
    "int8_changed_most": "0.03 or less",
    "peak_mb": "400 or less",
    "load_s": "1 or less",
    "growth": "1: flat",
}


def rounded(value: Any) -> Any:
    """Return `value` with every float in it rounded to 4 digits."""
    if isinstance(value, dict):
        return {key: rounded(one) for key, one in value.items()}
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return round(value, 4) if isinstance(value, float) else value


def show(figures: dict[str, Any]) -> None:
    """Print a table."""
    from rich.console import Console  # noqa: PLC0415  as in `tagging._measure`
    from rich.table import Table  # noqa: PLC0415

    table = Table("figure", "measured", "asked for")
    for key, goal in GOALS.items():
        table.add_row(key, f"{figures[key]:.4g}", goal)
    for key in ("posts_per_core_second", "posts_per_second", "int8_changed", "int8_gemm", "machine"):
        table.add_row(key, ", ".join(f"{name} {value}" for name, value in figures[key].items()), "")
    Console().print(table)
