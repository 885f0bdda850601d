"""Where a training begins, what it keeps on the way, and how it goes on after it was killed."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from analyzers.errors import TrainingError
from analyzers.model_files import ENCODER, HEADS, MANIFEST
from analyzers.training.dequantize import read_encoder
from analyzers.training.network import ListeningModel
from analyzers.training.recipe import Recipe


def begin_with(model: ListeningModel, start: Path) -> None:
    """Load the weights of an earlier run's checkpoint, or of an exported model as far as its heads have the shape."""
    if not (start / MANIFEST).is_file():
        model.load_state_dict(_read_checkpoint(start)["averaged"])
        return
    model.trunk.load_state_dict({name: torch.tensor(value) for name, value in read_encoder(start / ENCODER).items()})
    own = model.state_dict()
    with np.load(start / HEADS, allow_pickle=False) as stored:
        for name in stored:
            kind = "queries" if name.endswith(".query") else "heads"
            target = f"{kind}.{name.removesuffix('.query')}"
            if target in own and own[target].shape == stored[name].shape:
                own[target].copy_(torch.tensor(stored[name]))


def save_checkpoint(
    out: Path,
    recipe: Recipe,
    model: ListeningModel,
    averaged: ListeningModel,
    optimizer: torch.optim.Optimizer,
    step: int,
) -> None:
    """Write the state after `step` steps to `out`, whole or not at all."""
    state = {
        "step": step,
        "recipe": asdict(recipe),
        "model": model.state_dict(),
        "averaged": averaged.state_dict(),
        "optimizer": optimizer.state_dict(),
    }
    torch.save(state, out / "checkpoint.new")
    (out / "checkpoint.new").replace(out / "checkpoint.pt")


def resume(
    out: Path, recipe: Recipe, model: ListeningModel, averaged: ListeningModel, optimizer: torch.optim.Optimizer
) -> int:
    """Load the checkpoint in `out`, if there is one, and return after how many steps it was written.

    Raises `TrainingError` when it is of another recipe, or cannot be read.
    """
    path = out / "checkpoint.pt"
    if not path.is_file():
        return 0
    state = _read_checkpoint(out)
    if json.dumps(state["recipe"]) != json.dumps(asdict(recipe)):
        raise TrainingError(f"{path}: belongs to another recipe; name another folder with --work or remove it")
    model.load_state_dict(state["model"])
    averaged.load_state_dict(state["averaged"])
    optimizer.load_state_dict(state["optimizer"])
    return int(state["step"])


def _read_checkpoint(folder: Path) -> dict[str, Any]:
    try:
        state: dict[str, Any] = torch.load(folder / "checkpoint.pt", weights_only=True)
    except (OSError, RuntimeError, EOFError) as error:
        raise TrainingError(f"{folder}: holds no checkpoint of a training run ({error})") from error
    return state
