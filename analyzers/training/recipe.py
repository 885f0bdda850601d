"""What decides a training run, as a TOML file or the default."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from analyzers.errors import TrainingError
from analyzers.heads import LABELS


@dataclass(frozen=True, slots=True)
class Recipe:
    """What decides a training run; kept in its checkpoint, which another recipe does not resume.

    `caps` bounds the rows that a (task, source) gives to one epoch, so that a large or easy corpus does
    not drown a small or hard one; each epoch goes on where the last one ended. `balance` is the power p of
    a task's class weights, share ** -p (0: none, 1: every label counts the same). `batch_tokens` is the
    size of a batch; `post_tokens` cuts posts in training only; `average` is the decay of the running mean
    of the weights that is exported (0: the last weights).
    `assumed` are (task, label, other task, source): the rows of that source serve as rows of `task` too, with
    that label, under the source "assumed-SOURCE" (caps take no notice of them unless they name it).
    `refit` are (task, strength): heads fitted again in the end on the finished encoder, with the assumed rows too
    (`analyzers.training.refit`); the lower the strength the further they may move.
    `keep_start` is the share of the starting weights in what ships: the mean of two runs of one line is often better
    than either (Wortsman et al. 2022, "Model soups").
    `steps` ends the last epoch early (0: it is gone through).
    `rate` are (step, share of the learning rate) points between which the rate moves in straight lines; empty:
    up during `warmup`, then down to nothing at the end.
    """

    epochs: int = 4
    batch_tokens: int = 1_000
    learning_rate: float = 1e-4
    warmup: float = 0.06
    weight_decay: float = 0.01
    label_smoothing: float = 0.05
    post_tokens: int = 96
    average: float = 0.999
    keep_start: float = 0.0
    steps: int = 0
    rate: tuple[tuple[int, float], ...] = ()
    seed: int = 7
    assumed: tuple[tuple[str, str, str, str], ...] = ()
    refit: tuple[tuple[str, float], ...] = ()
    balance: tuple[tuple[str, float], ...] = ()
    caps: tuple[tuple[str, str, int], ...] = tuple((task, "*", 12_000) for task in LABELS)


def read_recipe(path: Path) -> Recipe:
    """Read a recipe: the fields of `Recipe`, `caps` a list of [task, source, rows]. Raises `TrainingError`."""
    try:
        stored = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrainingError(f"{path}: cannot be read as a recipe: {error}") from error
    known = {field.name: field.type for field in fields(Recipe)}
    for key, value in stored.items():
        if key not in known:
            raise TrainingError(f"{path}: unknown key {key!r}; known: {', '.join(known)}")
        if key in _COLUMNS:
            stored[key] = _table(path, key, value)
        elif isinstance(value, bool) or type(value).__name__ not in (known[key], "int"):
            raise TrainingError(f"{path}: {key} must be {known[key]}, got {value!r}")
    return Recipe(**stored)


_COLUMNS: dict[str, tuple[Callable[[Any], object], ...]] = {
    "caps": (str, str, int),
    "balance": (str, float),
    "rate": (int, float),
    "refit": (str, float),
    "assumed": (str, str, str, str),
}
_SHAPES = {
    "caps": '["task", "source", rows]',
    "balance": '["task", power]',
    "rate": "[step, share]",
    "refit": '["task", strength]',
    "assumed": '["task", "label", "other task", "source"]',
}


def _table(path: Path, key: str, value: object) -> tuple[tuple[object, ...], ...]:
    columns = _COLUMNS[key]
    try:
        if not isinstance(value, list):
            raise TypeError(key)
        rows = tuple(tuple(kind(cell) for kind, cell in zip(columns, row, strict=True)) for row in value)
    except (TypeError, ValueError) as error:
        raise TrainingError(f"{path}: {key} must be a list of {_SHAPES[key]}") from error
    unknown = sorted({str(row[0]) for row in rows} - LABELS.keys()) if key != "rate" else []
    if unknown:
        raise TrainingError(f"{path}: {key} names {', '.join(unknown)}; the tasks are {', '.join(LABELS)}")
    return rows
