"""The embedded model at work: int8 encoder, attention pooling, one linear head a question, no torch.

A post's answer never depends on its neighbours: posts are batched only with posts of exactly the
same number of tokens, so nothing is padded and every row meets the same arithmetic.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from analyzers.calibration import Calibration, Floats, read_calibration
from analyzers.errors import ModelError
from analyzers.heads import PAIR_TASKS, POST_TASKS
from analyzers.language import prepare
from analyzers.model_files import ENCODER, HEADS, MANIFEST, TOKENIZER
from analyzers.reading import FIRST, NAMED, SECOND, Reader, Reading

if TYPE_CHECKING:
    import ctranslate2

BATCH_TOKENS = 512
"""Small batches beat padded ones on a CPU core: the activations stay in its cache."""


class Model(Protocol):
    """What can be asked about posts: the embedded model or another (`analyzers.hub`); see `EmbeddedModel`."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def version(self) -> str: ...  # noqa: D102
    @property
    def labels(self) -> dict[str, tuple[str, ...]]: ...  # noqa: D102
    def judge_posts(self, texts: Sequence[str]) -> dict[str, Floats]: ...  # noqa: D102
    def judge_pairs(self, task: str, firsts: Sequence[str], seconds: Sequence[str]) -> Floats: ...  # noqa: D102
    def decide(self, task: str, probabilities: Floats) -> NDArray[np.int64]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class EmbeddedModel:
    """A loaded model. `labels` and `calibration` are by task; `version` names everything that decides a tag.

    `queries` pool the tokens of a text for a task (`TASK_first`, `TASK_second`), `heads` are (weight, bias) by task.
    """

    name: str
    version: str
    labels: dict[str, tuple[str, ...]]
    calibration: dict[str, Calibration]
    reader: Reader
    encoder: ctranslate2.Encoder
    queries: dict[str, Floats]
    heads: dict[str, tuple[Floats, Floats]]

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Load the model in `folder`, for one thread. Raises `ModelError` naming what is missing or damaged."""
        manifest = read_manifest(folder)
        prepare()
        # Here, not above: it is imported while the language identifier is unpacked on another core.
        import ctranslate2  # noqa: PLC0415

        try:
            reader = Reader(Tokenizer.from_file(str(folder / TOKENIZER)), int(manifest["post_tokens"]))
            encoder = ctranslate2.Encoder(
                str(folder / ENCODER), device="cpu", compute_type="int8", inter_threads=1, intra_threads=1
            )
            labels = {task: tuple(names) for task, names in manifest["labels"].items()}
            with np.load(folder / HEADS, allow_pickle=False) as arrays:
                queries = {name.removesuffix(".query"): arrays[name] for name in arrays if name.endswith(".query")}
                heads = {task: (arrays[f"{task}.weight"], arrays[f"{task}.bias"]) for task in labels}
            calibration = {task: read_calibration(manifest["calibration"][task], labels[task]) for task in labels}
        except Exception as error:  # the three libraries share no error class; each means: this folder is no model
            raise ModelError(f"{folder}: the model cannot be loaded ({error}); install Tocsin again") from error
        return cls(manifest["name"], manifest["version"], labels, calibration, reader, encoder, queries, heads)

    def judge_posts(self, texts: Sequence[str]) -> dict[str, Floats]:
        """Return calibrated probabilities of every post task for normalized `texts`, each (len(texts), labels)."""
        return self._calibrated(self.post_logits(texts))

    def judge_pairs(self, task: str, firsts: Sequence[str], seconds: Sequence[str]) -> Floats:
        """Return calibrated probabilities of a pair task for normalized pairs, (len(firsts), labels)."""
        return self._calibrated({task: self.pair_logits(task, firsts, seconds)})[task]

    def decide(self, task: str, probabilities: Floats) -> NDArray[np.int64]:
        """Return the index of the label that is said of each row: the likeliest one, after the task's offsets."""
        return self.calibration[task].decide(probabilities)

    def post_logits(self, texts: Sequence[str]) -> dict[str, Floats]:
        """Return the logits of every post task for normalized `texts`, one pass for all."""
        return self._logits([task for task in POST_TASKS if task in self.labels], self.reader.posts(texts))

    def pair_logits(self, task: str, firsts: Sequence[str], seconds: Sequence[str]) -> Floats:
        """Return the logits of a pair task for normalized pairs. Raises `ModelError` where it has no such head."""
        if task not in PAIR_TASKS or task not in self.labels:
            raise ModelError(f"{self.name} {self.version} does not answer {task!r}")
        return self._logits([task], self.reader.pairs(task, firsts, seconds))[task]

    def features(self, task: str, firsts: Sequence[str], seconds: Sequence[str] | None = None) -> Floats:
        """Return what the head of `task` reads of each text (or pair), (rows, pooled width): its inputs."""
        readings = self.reader.posts(firsts) if seconds is None else self.reader.pairs(task, firsts, seconds)
        found = np.zeros((len(readings), self.heads[task][0].shape[1]), np.float32)
        for batch, pools in self._pooled([task], readings):
            found[batch] = pools[task]
        return found

    def _logits(self, tasks: Sequence[str], readings: Sequence[Reading]) -> dict[str, Floats]:
        result = {task: np.zeros((len(readings), len(self.labels[task])), np.float32) for task in tasks}
        for batch, pools in self._pooled(tasks, readings):
            for task in tasks:
                weight, bias = self.heads[task]
                # Stacked: one product a row, since a product of all rows may round by their number.
                result[task][batch] = (weight @ pools[task][..., None])[..., 0] + bias
        return result

    def _pooled(
        self, tasks: Sequence[str], readings: Sequence[Reading]
    ) -> Iterator[tuple[list[int], dict[str, Floats]]]:
        """Yield a batch of `readings` (their indices) and what each of `tasks` reads of it, (indices, pooled width)."""
        for batch in equal_length_batches([len(reading.ids) for reading in readings], BATCH_TOKENS):
            ids, types = ([list(getattr(readings[i], what)) for i in batch] for what in ("ids", "types"))
            hidden = np.array(self.encoder.forward_batch(ids, token_type_ids=types).last_hidden_state)
            pools = self._of_posts(hidden) if any(task in POST_TASKS for task in tasks) else {}
            for task in tasks:
                if task in PAIR_TASKS:
                    pairs = zip(hidden, batch, strict=True)
                    pools[task] = np.stack([self._of_pair(task, row, np.array(readings[i].parts)) for row, i in pairs])
            yield batch, pools

    def _of_posts(self, hidden: Floats) -> dict[str, Floats]:
        """Pool the tokens of posts, hidden (posts, tokens, width), for every post task, each (posts, width)."""
        asked = [task for task in POST_TASKS if task in self.labels]
        queries = np.stack([self.queries[f"{task}_first"] for task in asked])
        pools = _attend(hidden, queries)
        return {task: pools[:, at] for at, task in enumerate(asked)}

    def _of_pair(self, task: str, hidden: Floats, parts: NDArray[np.int64]) -> Floats:
        """Pool as `analyzers.training.network.ListeningModel.pooled` does, for one row: hidden is (tokens, width)."""
        second, named = parts == SECOND, parts == NAMED
        pools = [
            _attend(hidden[named | (parts == FIRST)], self.queries[f"{task}_first"][None])[0],
            _attend(hidden[second], self.queries[f"{task}_second"][None])[0],
        ]
        if task == "target_sentiment":
            pools.append(hidden[named if named.any() else second].mean(axis=0, dtype=np.float32))
        return np.concatenate(pools)

    def _calibrated(self, logits: Mapping[str, Floats]) -> dict[str, Floats]:
        return {task: self.calibration[task].probabilities(values) for task, values in logits.items()}


def _attend(hidden: Floats, queries: Floats) -> Floats:
    """Pool tokens, hidden (..., tokens, width), once a query, (queries, width): (..., queries, width)."""
    scores = queries @ hidden.swapaxes(-1, -2)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    pooled: Floats = (weights / weights.sum(axis=-1, keepdims=True)) @ hidden
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
    missing = {"name", "version", "post_tokens", "labels", "calibration"} - manifest.keys()
    if missing:
        raise ModelError(
            f"{path}: lacks {', '.join(sorted(missing))}; it was not written by `tocsin train` of this version"
        )
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
