"""What decides a training run, as a TOML file or the default."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from analyzers.errors import TrainingError


@dataclass(frozen=True, slots=True)
class Recipe:
    """What decides a training run; kept in its checkpoint, which another recipe does not resume.

    `caps` bounds the rows that a (task, source) gives to one epoch, so that a large or easy corpus does
    not drown a small or hard one; each epoch draws anew. `max_tokens` cuts training rows only.
    """

    epochs: int = 2
    batch: int = 32
    learning_rate: float = 8e-5
    warmup: float = 0.06
    weight_decay: float = 0.01
    label_smoothing: float = 0.05
    max_tokens: int = 72
    seed: int = 7
    caps: tuple[tuple[str, str, int], ...] = (("sentiment", "*", 40_000), ("hostility", "*", 12_000))


def read_recipe(path: Path) -> Recipe:
    """Read a recipe: the fields of `Recipe`, `caps` as a list of [task, source, rows]. Raises `TrainingError`."""
    try:
        stored = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrainingError(f"{path}: cannot be read as a recipe: {error}") from error
    known = {field.name: field.type for field in fields(Recipe)}
    for key, value in stored.items():
        if key not in known:
            raise TrainingError(f"{path}: unknown key {key!r}; known: {', '.join(known)}")
        if key != "caps" and (isinstance(value, bool) or type(value).__name__ not in (known[key], "int")):
            raise TrainingError(f"{path}: {key} must be {known[key]}, got {value!r}")
    if "caps" in stored:
        try:
            stored["caps"] = tuple((str(task), str(source), int(cap)) for task, source, cap in stored["caps"])
        except (TypeError, ValueError) as error:
            raise TrainingError(f'{path}: caps must be a list of ["task", "source", rows]') from error
    return Recipe(**stored)
