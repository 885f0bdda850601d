"""Fine-tune the trunk and its heads; goes on from its last checkpoint when it was killed."""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from rich.progress import Progress
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn.functional import cross_entropy

from analyzers.errors import TrainingError
from analyzers.heads import LABELS, POST_TASKS
from analyzers.model_files import TOKENIZER
from analyzers.reading import Reader, Reading
from analyzers.scores import scores
from analyzers.training.checkpoints import begin_with, resume, save_checkpoint
from analyzers.training.network import ListeningModel
from analyzers.training.recipe import Recipe
from analyzers.training.rows import Row, batches, draw

CHECKPOINT_EVERY = 250
"""Steps that a kill loses at most."""
JUDGED_ROWS = 800
"""Dev rows a task that are judged after each epoch; the finished model is judged on all."""


def read(reader: Reader, rows: Sequence[Row]) -> dict[Row, Reading]:
    """Return `rows` as the encoder reads them."""
    found: dict[Row, Reading] = {}
    for task in LABELS:
        mine = [row for row in rows if row.task == task]
        firsts, seconds = [row.text for row in mine], [row.other or "" for row in mine]
        readings = reader.posts(firsts) if task in POST_TASKS else reader.pairs(task, firsts, seconds)
        found |= dict(zip(mine, readings, strict=True))
    return found


def padded(readings: Sequence[Reading]) -> tuple[Tensor, Tensor, Tensor]:
    """Return token ids, token types and parts of `readings`, each (batch, longest), padded with 0."""
    width = max(len(reading.ids) for reading in readings)
    shape = (len(readings), width)
    ids, types, parts = (torch.zeros(shape, dtype=torch.long) for _ in range(3))
    for index, reading in enumerate(readings):
        ids[index, : len(reading.ids)] = torch.tensor(reading.ids)
        types[index, : len(reading.ids)] = torch.tensor(reading.types)
        parts[index, : len(reading.ids)] = torch.tensor(reading.parts)
    return ids, types, parts


def class_weights(rows: Sequence[Row], task: str, power: float) -> Tensor:
    """Return a weight a label, share ** -power, mean 1 over `rows` (rare classes count)."""
    counts = Counter(row.label for row in rows if row.task == task)
    weights = torch.tensor([counts[label] ** -power if counts[label] else 0.0 for label in range(len(LABELS[task]))])
    mean = sum(float(weights[label]) * count for label, count in counts.items()) / max(1, sum(counts.values()))
    return weights / max(mean, 1e-9)


def fit(
    encoder: Path,
    rows: Sequence[Row],
    dev: Sequence[Row],
    out: Path,
    recipe: Recipe,
    progress: Progress,
    start: Path | None = None,
) -> ListeningModel:
    """Train on `rows`, judge on `dev` after each epoch, keep checkpoints in `out`, return the averaged model.

    `start` is the folder of an earlier run's checkpoint, or of an exported model, to begin with.
    Raises `TrainingError`, `ModelError`.
    """
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(recipe.seed)
    reader = load_reader(encoder / TOKENIZER, recipe.post_tokens)
    readings = read(reader, rows)
    lengths = {row: len(reading.ids) for row, reading in readings.items()}
    dev_readings = read(reader, dev)
    model = ListeningModel(encoder)
    if start is not None:
        begin_with(model, start)
    averaged: ListeningModel = copy.deepcopy(model)
    averaged.requires_grad_(requires_grad=False)
    optimizer = _optimizer(model, recipe)
    plan = [batch for epoch in range(recipe.epochs) for batch in _epoch(rows, lengths, recipe, epoch)]
    ends = {len(plan) * (epoch + 1) // recipe.epochs for epoch in range(recipe.epochs)}
    plan = plan[: recipe.steps or None]
    ends.add(len(plan))
    drawn = [row for batch in plan for row in batch]
    balance = dict(recipe.balance)
    weights = {task: class_weights(drawn, task, balance.get(task, 0.5)) for task in LABELS}
    done = resume(out, recipe, model, averaged, optimizer)
    bar = progress.add_task("training", total=len(plan), completed=done)
    for step in range(done, len(plan)):
        torch.manual_seed(recipe.seed * 1_000_003 + step)
        _set_rate(optimizer, recipe, step, len(plan))
        loss = _loss(model, plan[step], readings, weights, recipe)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        _average(averaged, model, min(recipe.average, (step + 1) / (step + 10)))
        progress.update(bar, advance=1, description=f"training, loss {loss.item():.3f}")
        if (step + 1) % CHECKPOINT_EVERY == 0 or step + 1 == len(plan):
            save_checkpoint(out, recipe, model, averaged, optimizer, step + 1)
        if step + 1 in ends:
            _log(out, {"step": step + 1, **judge(averaged, dev_readings)})
    if start is not None and recipe.keep_start:
        began = ListeningModel(encoder)
        begin_with(began, start)
        _average(averaged, began, 1.0 - recipe.keep_start)
        _log(out, {"step": len(plan), "keep_start": recipe.keep_start, **judge(averaged, dev_readings)})
    return averaged


def _loss(
    model: ListeningModel,
    batch: Sequence[Row],
    readings: Mapping[Row, Reading],
    weights: Mapping[str, Tensor],
    recipe: Recipe,
) -> Tensor:
    model.train()
    task = batch[0].task
    logits = model(task, *padded([readings[row] for row in batch]))
    labels = torch.tensor([row.label for row in batch])
    return cross_entropy(logits, labels, weights[task], label_smoothing=recipe.label_smoothing)


def _optimizer(model: ListeningModel, recipe: Recipe) -> torch.optim.Optimizer:
    # Word vectors do not decay: one that no row uses keeps its pretrained meaning.
    decayed = [p for name, p in model.named_parameters() if p.ndim > 1 and "word_embeddings" not in name]
    plain = [p for name, p in model.named_parameters() if p.ndim <= 1 or "word_embeddings" in name]
    return torch.optim.AdamW(
        [{"params": decayed, "weight_decay": recipe.weight_decay}, {"params": plain, "weight_decay": 0.0}],
        lr=recipe.learning_rate,
        fused=True,
    )


def _average(averaged: ListeningModel, model: ListeningModel, decay: float) -> None:
    """Move the running mean of the weights (Polyak and Juditsky 1992; exponential, as in Tarvainen 2017)."""
    with torch.no_grad():
        torch._foreach_lerp_(list(averaged.parameters()), list(model.parameters()), 1.0 - decay)


def judge(model: ListeningModel, dev: Mapping[Row, Reading]) -> dict[str, dict[str, float]]:
    """Return macro recall and macro F1 of every task on up to 800 or so rows of `dev`, by the fp32 network."""
    model.eval()
    result: dict[str, dict[str, float]] = {}
    for task, labels in LABELS.items():
        every = [row for row in dev if row.task == task]
        mine = sorted(every[:: max(1, len(every) // JUDGED_ROWS)], key=lambda row: len(dev[row].ids))
        if not mine:
            continue
        with torch.inference_mode():
            logits = [
                model(task, *padded([dev[row] for row in mine[i : i + 32]])).numpy() for i in range(0, len(mine), 32)
            ]
        guess = np.concatenate(logits).argmax(1)
        judged = scores([labels[row.label] for row in mine], [labels[index] for index in guess], labels)
        result[task] = {"macro_recall": judged.macro_recall, "macro_f1": judged.macro_f1, "n": len(mine)}
    return result


def load_reader(path: Path, post_tokens: int) -> Reader:
    """Return a reader with the tokenizer in `path` (a `tokenizer.json`). Raises `TrainingError`."""
    if not path.is_file():
        raise TrainingError(f"{path}: the encoder's tokenizer is missing")
    return Reader(Tokenizer.from_file(str(path)), post_tokens)


def _epoch(rows: Sequence[Row], lengths: Mapping[Row, int], recipe: Recipe, epoch: int) -> list[list[Row]]:
    seed = recipe.seed + 101 * epoch
    return list(batches(draw(rows, recipe.caps, recipe.seed, epoch), lengths, recipe.batch_tokens, seed))


def _set_rate(optimizer: torch.optim.Optimizer, recipe: Recipe, step: int, steps: int) -> None:
    if recipe.rate:
        scale = float(np.interp(step, [at for at, _ in recipe.rate], [share for _, share in recipe.rate]))
    else:
        share = step / steps
        scale = share / recipe.warmup if share < recipe.warmup else (1 - share) / (1 - recipe.warmup)
    for group in optimizer.param_groups:
        group["lr"] = recipe.learning_rate * max(scale, 1e-3)


def _log(out: Path, entry: dict[str, object]) -> None:
    with (out / "log.jsonl").open("a", encoding="utf-8") as log:
        log.write(json.dumps(entry) + "\n")
