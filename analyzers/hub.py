"""Somebody else's model at work: a Hugging Face sequence classifier, asked as the embedded model is. Needs torch.

Posts go through it one at a time: torch's matrix products round by their number of rows (measured on a
BERT-base of six layers: up to 4e-7 between a batch of twelve equal lengths and the same rows alone), and a
post's tags must not depend on its neighbours. That costs a quarter of the speed at 40 tokens a post.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModelForSequenceClassification, AutoTokenizer
from transformers.utils import logging as chatter

from analyzers.calibration import Floats, log_softmax
from analyzers.choosing import weight_files
from analyzers.errors import ModelError
from analyzers.heads import POST_TASKS

MOST_TOKENS = 512
WAY = "hub-1"
"""Names how probabilities are made of logits here; part of every version."""


class HubModel:
    """A loaded classifier. `meanings` are (its label, ours) in the order of its logits.

    `labels` are ours by task: sentiment always, hostility where a label means hostile.
    """

    def __init__(
        self, folder: Path, name: str, meanings: Sequence[tuple[str, str]], tokenizer: Any, network: Any
    ) -> None:
        self.folder = folder
        self.name = name
        self.meanings = tuple(meanings)
        self.labels = {"sentiment": POST_TASKS["sentiment"]}
        if any(ours == "hostile" for _, ours in meanings):
            self.labels["hostility"] = POST_TASKS["hostility"]
        self._tokenizer = tokenizer
        self._network = network
        self._room = _room(tokenizer, network.config)

    @classmethod
    def load(cls, folder: Path, name: str, meanings: Sequence[tuple[str, str]]) -> Self:
        """Load the classifier in `folder` in 32-bit floats, for one thread. Raises `ModelError`.

        No code of the model's own is run.
        """
        torch.set_num_threads(1)
        chatter.set_verbosity_error()  # type: ignore[no-untyped-call]
        chatter.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
            network, report = AutoModelForSequenceClassification.from_pretrained(
                folder, local_files_only=True, trust_remote_code=False, dtype=torch.float32, output_loading_info=True
            )
        except ImportError as error:  # tokenizers of some models want a package of their own
            raise ModelError(f"the model {name} needs a package that is not installed: {error}") from error
        except Exception as error:  # what the libraries raise for broken files is not documented
            raise ModelError(f"{folder}: the model cannot be loaded ({error}); download it again") from error
        if report["missing_keys"]:
            raise ModelError(f"{folder}: its weights lack {min(report['missing_keys'])}: it was never trained to judge")
        if network.config.num_labels != len(meanings):
            raise ModelError(f"{folder}: {network.config.num_labels} outputs, but config.json names {len(meanings)}")
        return cls(folder, name, meanings, tokenizer, network.eval())

    @cached_property
    def version(self) -> str:
        """Twelve hex digits of everything that decides a tag: settings, tokenizer, weights, label map."""
        whole = hashlib.sha256(json.dumps([WAY, self._room, self.meanings]).encode())
        read = [path for path in self.folder.iterdir() if path.suffix in (".json", ".txt", ".model", ".codes")]
        for path in [*sorted(read), *weight_files(self.folder)]:
            with path.open("rb") as file:
                whole.update(path.name.encode() + hashlib.file_digest(file, "sha256").digest())
        return whole.hexdigest()[:12]

    def judge_posts(self, texts: Sequence[str]) -> dict[str, Floats]:
        """Return the probabilities of every task for normalized `texts`, each (len(texts), labels)."""
        logits = np.zeros((len(texts), len(self.meanings)))
        for row, text in enumerate(texts):
            logits[row] = self._logits(text)
        if not np.isfinite(logits).all():
            raise ModelError(f"{self.folder}: the model answers NaN; its weights are damaged: download it again")
        multiple = self._network.config.problem_type == "multi_label_classification"
        found = {"sentiment": self._sentiment(logits, multiple=multiple)}
        if "hostility" in self.labels:
            hostile = self._hostility(logits, multiple=multiple)
            found["hostility"] = np.stack([1 - hostile, hostile], axis=1)
        return {task: values.astype(np.float32) for task, values in found.items()}

    def judge_pairs(self, task: str, firsts: Sequence[str], seconds: Sequence[str]) -> Floats:  # noqa: ARG002 (`Model`)
        """Raise `ModelError`: a classifier of posts answers no question about two texts."""
        raise ModelError(f"{self.name} {self.version} does not answer {task!r}")

    def decide(self, task: str, probabilities: Floats) -> NDArray[np.int64]:  # noqa: ARG002 (`Model`)
        """Return the index of the label that is said of each row: the likeliest."""
        chosen: NDArray[np.int64] = probabilities.argmax(axis=1)
        return chosen

    def _logits(self, text: str) -> NDArray[np.float64]:
        with torch.inference_mode():
            read = self._tokenizer(text, truncation=True, max_length=self._room, return_tensors="pt")
            found: NDArray[np.float64] = self._network(**read).logits[0].double().numpy()
        return found

    def _sentiment(self, logits: NDArray[np.float64], *, multiple: bool) -> NDArray[np.float64]:
        """Share out the probability among the labels that mean a sentiment; those that mean the same add up."""
        wanted = self.labels["sentiment"]
        chances = _sigmoid(logits) if multiple else np.exp(log_softmax(logits[:, self._meaning(*wanted)]))
        if multiple:
            chances = chances[:, self._meaning(*wanted)] + 1e-12
            chances /= chances.sum(axis=1, keepdims=True)
        means = [ours for _, ours in self.meanings if ours in wanted]
        columns = [chances[:, [ours == label for ours in means]].sum(axis=1) for label in wanted]
        return np.stack(columns, axis=1)

    def _hostility(self, logits: NDArray[np.float64], *, multiple: bool) -> NDArray[np.float64]:
        """Return the probability of hostile: the surest of independent labels, else its share of those that exclude."""
        if multiple:
            surest: NDArray[np.float64] = _sigmoid(logits)[:, self._meaning("hostile")].max(axis=1)
            return surest
        against = self._meaning("civil", "hostile") if self._meaning("civil") else list(range(len(self.meanings)))
        chances = np.exp(log_softmax(logits[:, against]))
        share: NDArray[np.float64] = chances[:, [self.meanings[i][1] == "hostile" for i in against]].sum(axis=1)
        return np.minimum(share, 1.0)

    def _meaning(self, *wanted: str) -> list[int]:
        return [index for index, (_, ours) in enumerate(self.meanings) if ours in wanted]


def _room(tokenizer: Any, config: Any) -> int:
    """Return how many tokens of a post are read."""
    positions = int(getattr(config, "max_position_embeddings", 0) or 0)
    stated = int(tokenizer.model_max_length)
    if positions > 2:
        # Where a tokenizer does not say, RoBERTa's kin keep two positions for themselves.
        return min(MOST_TOKENS, stated, positions if stated <= positions else positions - 2)
    return min(MOST_TOKENS, stated)


def _sigmoid(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    chances: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(logits, -500, 500)))
    return chances
