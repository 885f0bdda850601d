"""Fit a head again on the finished encoder, with rows that are assumed to have one of its labels.

The encoder and the other heads stay as they are. Irony's tweets were chosen for being possibly ironic: a head
trained on them alone reads plain thanks on a forum as sarcasm, and nothing in its own rows can tell it otherwise.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from analyzers.calibration import Floats
from analyzers.head_fit import Examples, Head, fit
from analyzers.model import EmbeddedModel
from analyzers.training.calibrate import calibrate
from analyzers.training.recipe import Recipe
from analyzers.training.rows import ASSUMED, Row

MOST_ASSUMED = 1_600
"""Assumed rows a task; about half as many as irony's own."""


def refit_heads(model: EmbeddedModel, rows: Sequence[Row], dev: Sequence[Row], recipe: Recipe) -> dict[str, Head]:
    """Return the heads of the post tasks that `recipe.refit` names, fitted on the rows of the task in `rows`.

    `rows` hold the task's own and the assumed ones; `dev` gives the calibration under which the fit is judged.
    """
    found: dict[str, Head] = {}
    for task, strength in recipe.refit:
        own = [row for row in rows if row.task == task and not row.source.startswith(ASSUMED)]
        extra = [row for row in rows if row.task == task and row.source.startswith(ASSUMED)]
        random.Random(recipe.seed).shuffle(extra)  # noqa: S311 - repeatable, not a secret
        chosen = [*own, *extra[:MOST_ASSUMED]]
        features: Floats = model.features(task, [row.text for row in chosen])
        examples = Examples(features, np.array([row.label for row in chosen]), tuple(row.text for row in chosen))
        calibration = calibrate(model, [row for row in dev if row.task == task])[task]
        found[task] = fit(Head(*model.heads[task]), examples, replace(calibration, offset=()), strength)
    return found
