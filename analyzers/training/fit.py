"""Fine-tune the trunk and its heads; goes on from its last checkpoint when it was killed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.progress import Progress
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn.functional import cross_entropy

from analyzers.errors import TrainingError
from analyzers.heads import LABELS
from analyzers.scores import scores
from analyzers.training.network import ListeningModel
from analyzers.training.recipe import Recipe
from analyzers.training.rows import Row, batches, draw

CHECKPOINT_EVERY = 250
"""Steps that a kill loses at most."""


def encode(tokenizer: Tokenizer, rows: Sequence[Row]) -> tuple[Tensor, Tensor]:
    """Return token ids and attention mask of `rows`, both (batch, longest), padded with 0."""
    ids = [encoding.ids for encoding in tokenizer.encode_batch([row.text for row in rows])]
    width = max(map(len, ids))
    tokens = torch.zeros((len(ids), width), dtype=torch.long)
    mask = torch.zeros((len(ids), width), dtype=torch.long)
    for index, row in enumerate(ids):
        tokens[index, : len(row)] = torch.tensor(row)
        mask[index, : len(row)] = 1
    return tokens, mask


def class_weights(rows: Sequence[Row], task: str) -> Tensor:
    """Return a weight a label, inverse square root of its share, mean 1 over rows (rare classes count)."""
    counts = Counter(row.label for row in rows if row.task == task)
    weights = torch.tensor([counts[label] ** -0.5 if counts[label] else 0.0 for label in range(len(LABELS[task]))])
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
    """Train on `rows`, judge on `dev` after each epoch, keep checkpoints in `out`, return the model.

    `start` is the folder of an earlier run whose weights this one begins with. Raises `TrainingError`.
    """
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(recipe.seed)
    tokenizer = load_tokenizer(encoder / "tokenizer.json", recipe.max_tokens)
    model = ListeningModel(encoder)
    if start is not None:
        model.load_state_dict(_read_checkpoint(start)["model"])
    trained = [p for p in model.parameters() if p.requires_grad]
    decayed = [p for p in trained if p.ndim > 1]
    plain = [p for p in trained if p.ndim <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": recipe.weight_decay}, {"params": plain, "weight_decay": 0.0}],
        lr=recipe.learning_rate,
        fused=True,
    )
    plan = [batch for epoch in range(recipe.epochs) for batch in _epoch(rows, recipe, epoch)]
    ends = {len(plan) * (epoch + 1) // recipe.epochs for epoch in range(recipe.epochs)}
    drawn = [row for batch in plan for row in batch]
    weights = {task: class_weights(drawn, task) for task in LABELS}
    done = _resume(out, recipe, model, optimizer)
    bar = progress.add_task("training", total=len(plan), completed=done)
    for step in range(done, len(plan)):
        torch.manual_seed(recipe.seed * 1_000_003 + step)
        _set_rate(optimizer, recipe, step / max(1, len(plan)))
        task = plan[step][0].task
        model.train()
        logits = model(task, *encode(tokenizer, plan[step]))
        labels = torch.tensor([row.label for row in plan[step]])
        loss = cross_entropy(logits, labels, weights[task], label_smoothing=recipe.label_smoothing)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        progress.update(bar, advance=1, description=f"training, loss {loss.item():.3f}")
        if (step + 1) % CHECKPOINT_EVERY == 0 or step + 1 == len(plan):
            save_checkpoint(out, recipe, model, optimizer, step + 1)
        if step + 1 in ends:
            _log(out, {"step": step + 1, **judge(model, tokenizer, dev)})
    return model


def judge(model: ListeningModel, tokenizer: Tokenizer, dev: Sequence[Row]) -> dict[str, dict[str, float]]:
    """Return macro recall and macro F1 of every task on `dev`, by the fp32 network."""
    model.eval()
    result: dict[str, dict[str, float]] = {}
    for task, labels in LABELS.items():
        mine = sorted((row for row in dev if row.task == task), key=lambda row: len(row.text))
        if not mine:
            continue
        with torch.inference_mode():
            logits = [model(task, *encode(tokenizer, mine[i : i + 64])).numpy() for i in range(0, len(mine), 64)]
        guess = np.concatenate(logits).argmax(1)
        judged = scores([labels[row.label] for row in mine], [labels[index] for index in guess], labels)
        result[task] = {"macro_recall": judged.macro_recall, "macro_f1": judged.macro_f1, "n": len(mine)}
    return result


def load_tokenizer(path: Path, max_tokens: int) -> Tokenizer:
    """Load a `tokenizer.json`, cut at `max_tokens`, unpadded."""
    if not path.is_file():
        raise TrainingError(f"{path}: the encoder's tokenizer is missing")
    tokenizer: Tokenizer = Tokenizer.from_file(str(path))
    tokenizer.enable_truncation(max_tokens)
    tokenizer.no_padding()
    return tokenizer


def _epoch(rows: Sequence[Row], recipe: Recipe, epoch: int) -> list[list[Row]]:
    seed = recipe.seed + 101 * epoch
    return list(batches(draw(rows, recipe.caps, seed), recipe.batch, seed))


def _set_rate(optimizer: torch.optim.Optimizer, recipe: Recipe, share: float) -> None:
    scale = share / recipe.warmup if share < recipe.warmup else (1 - share) / (1 - recipe.warmup)
    for group in optimizer.param_groups:
        group["lr"] = recipe.learning_rate * max(scale, 1e-3)


def save_checkpoint(
    out: Path, recipe: Recipe, model: ListeningModel, optimizer: torch.optim.Optimizer, step: int
) -> None:
    """Write the state after `step` steps to `out`, whole or not at all."""
    state = {"step": step, "recipe": asdict(recipe), "model": model.state_dict(), "optimizer": optimizer.state_dict()}
    torch.save(state, out / "checkpoint.new")
    (out / "checkpoint.new").replace(out / "checkpoint.pt")


def _resume(out: Path, recipe: Recipe, model: ListeningModel, optimizer: torch.optim.Optimizer) -> int:
    path = out / "checkpoint.pt"
    if not path.is_file():
        return 0
    state = _read_checkpoint(out)
    if json.dumps(state["recipe"]) != json.dumps(asdict(recipe)):
        raise TrainingError(f"{path}: belongs to another recipe; name another folder with --out or remove it")
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    return int(state["step"])


def _read_checkpoint(folder: Path) -> dict[str, Any]:
    try:
        state: dict[str, Any] = torch.load(folder / "checkpoint.pt", weights_only=True)
    except (OSError, RuntimeError, EOFError) as error:
        raise TrainingError(f"{folder}: holds no checkpoint of a training run ({error})") from error
    return state


def _log(out: Path, entry: dict[str, object]) -> None:
    with (out / "log.jsonl").open("a", encoding="utf-8") as log:
        log.write(json.dumps(entry) + "\n")
