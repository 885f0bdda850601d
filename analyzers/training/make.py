"""The whole way from labelled rows to a model that ships: read, fit, export, judge."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rich.progress import Progress

from analyzers.evaluation import evaluate
from analyzers.heads import LABELS
from analyzers.training.export import export
from analyzers.training.fit import fit
from analyzers.training.recipe import Recipe
from analyzers.training.refit import refit_heads
from analyzers.training.rows import Row, assumed, read_rows


@dataclass(frozen=True, slots=True)
class Made:
    """A model that was written, and its int8 scores on the dev rows by task."""

    name: str
    version: str
    dev: dict[str, dict[str, float]]


def make_model(
    data: Path,
    encoder: Path,
    out: Path,
    work: Path,
    recipe: Recipe,
    *,
    name: str,
    progress: Progress,
    start: Path | None = None,
) -> Made:
    """Train on `data`/TASK.train.jsonl, calibrate and judge on TASK.dev.jsonl, write the model to `out`.

    `start` is the checkpoint folder of an earlier run to begin with.
    Raises `LabelledRowError` or `TrainingError`, naming the file.
    """
    train, dev = (_rows(data, split) for split in ("train", "dev"))
    train += assumed(train, recipe.assumed)
    network = fit(encoder, train, dev, work, recipe, progress, start)
    network.eval()
    model = export(network, encoder, dev, out, name, lambda staged: refit_heads(staged, train, dev, recipe))
    judged = {task: evaluate(model, task, data / f"{task}.dev.jsonl") for task in LABELS}
    figures = {
        task: {"macro_recall": result.macro_recall, "macro_f1": result.macro_f1, "ece": result.ece}
        for task, result in judged.items()
    }
    return Made(model.name, model.version, figures)


def _rows(data: Path, split: str) -> list[Row]:
    return [row for task in LABELS for row in read_rows(data / f"{task}.{split}.jsonl", task)]
