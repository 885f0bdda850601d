"""The embedded model at work: int8 encoder, mean pooling, one linear head a task, no torch.

A post's answer never depends on its neighbours: posts are batched only with posts of exactly the
same number of tokens, so nothing is padded and every row meets the same arithmetic.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import ctranslate2
import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from analyzers.errors import ModelError

MANIFEST = "manifest.json"
BATCH_TOKENS = 512
"""Small batches beat padded ones on a CPU core: the activations stay in its cache."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class EmbeddedModel:
    """A loaded model. `labels` and `temperature` are by task; `version` names everything that decides a tag."""

    name: str
    version: str
    labels: dict[str, tuple[str, ...]]
    temperature: dict[str, float]
    tokenizer: Tokenizer
    encoder: ctranslate2.Encoder
    heads: dict[str, tuple[Floats, Floats]]

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Load the model in `folder`, for one thread. Raises `ModelError` naming what is missing or damaged."""
        manifest = read_manifest(folder)
        try:
            tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            tokenizer.enable_truncation(int(manifest["max_tokens"]))
            tokenizer.no_padding()
            encoder = ctranslate2.Encoder(
                str(folder / "encoder"), device="cpu", compute_type="int8", inter_threads=1, intra_threads=1
            )
            labels = {task: tuple(names) for task, names in manifest["labels"].items()}
            with np.load(folder / "heads.npz", allow_pickle=False) as arrays:
                heads = {task: (arrays[f"{task}.weight"], arrays[f"{task}.bias"]) for task in labels}
        except Exception as error:  # the three libraries share no error class; each means: this folder is no model
            raise ModelError(f"{folder}: the model cannot be loaded ({error}); install Tocsin again") from error
        temperature = {task: float(manifest["temperature"][task]) for task in labels}
        return cls(manifest["name"], manifest["version"], labels, temperature, tokenizer, encoder, heads)

    def logits(self, texts: Sequence[str]) -> dict[str, Floats]:
        """Return the logits of every head for normalized `texts`, each array (len(texts), labels)."""
        tokens = [encoding.ids for encoding in self.tokenizer.encode_batch(list(texts))]
        result = {task: np.zeros((len(texts), len(names)), np.float32) for task, names in self.labels.items()}
        for batch in equal_length_batches([len(ids) for ids in tokens], BATCH_TOKENS):
            pooled = self._pooled([tokens[index] for index in batch])
            for task, (weight, bias) in self.heads.items():
                for row, index in enumerate(batch):
                    # One row at a time: a matrix product may round by its number of rows.
                    result[task][index] = weight @ pooled[row] + bias
        return result

    def probabilities(self, texts: Sequence[str]) -> dict[str, Floats]:
        """Return calibrated probabilities of every head for normalized `texts`, each array (len(texts), labels)."""
        return {
            task: np.exp(log_softmax(logits / np.float32(self.temperature[task])))
            for task, logits in self.logits(texts).items()
        }

    def _pooled(self, batch: list[list[int]]) -> Floats:
        hidden = np.array(self.encoder.forward_batch(batch).last_hidden_state)
        pooled: Floats = hidden.mean(axis=1, dtype=np.float32)
        return pooled


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of the model in `folder`. Raises `ModelError` when it has none."""
    path = folder / MANIFEST
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(
            f'{path}: no model here ({error}); set model = "embedded" or the folder that `tocsin train` wrote'
        ) from error
    missing = {"name", "version", "max_tokens", "labels", "temperature"} - manifest.keys()
    if missing:
        raise ModelError(f"{path}: lacks {', '.join(sorted(missing))}; it was not written by `tocsin train`")
    return manifest


def equal_length_batches(lengths: Sequence[int], most_tokens: int) -> list[list[int]]:
    """Return batches of indices whose `lengths` are equal, at most `most_tokens` tokens each (one post at least)."""
    by_length: dict[int, list[int]] = {}
    for index, length in enumerate(lengths):
        by_length.setdefault(length, []).append(index)
    batches: list[list[int]] = []
    for length, indices in sorted(by_length.items()):
        size = max(1, most_tokens // max(1, length))
        batches.extend(indices[start : start + size] for start in range(0, len(indices), size))
    return batches


def log_softmax(logits: Floats) -> Floats:
    """Return log-probabilities along the last axis."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    normal: Floats = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return normal
