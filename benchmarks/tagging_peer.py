"""The other sides of `tagging.py`: a transformers pipeline, 32-bit floats, the machine's best int8 products.

Needs torch. All have the weights of the model that is measured, or their shapes.
Every function runs in a fresh process, and those that time torch never load CTranslate2 into it: it would set
torch's threads to one.
"""

from __future__ import annotations

import dataclasses
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from tagging_posts import made_up_posts
from torch import Tensor
from transformers import BertConfig, BertForSequenceClassification, BertModel, PreTrainedTokenizerFast, pipeline

from analyzers.heads import PAIR_TASKS, POST_TASKS
from analyzers.text import normalize
from analyzers.training.dequantize import read_encoder

if TYPE_CHECKING:
    from analyzers.calibration import Floats
    from analyzers.model import EmbeddedModel

ENGINES = ("fbgemm", "onednn", "x86")
ROWS = (128, 256, 512, 1024)
"""Rows of a product: what CTranslate2 multiplies at once lies between; the best of them is the limit."""
SPECIAL = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
BRANDS = ("Torvane", "Quennel", "Ostrel", "the gateway", "the trend view")


def pipelined(
    model: str, count: int, skip: int, batch: int, threads: int | None = None, most_tokens: int | None = None
) -> dict[str, float]:
    """Put `count` posts after `skip` others through a text-classification pipeline, in the order they arrive.

    Everything as transformers and torch have it by default (posts are cut at the 512 tokens that the encoder takes),
    but for the batch size, the threads and `most_tokens` where they are given, and no network. The texts are
    normalized before; ours pays for that itself.
    """
    if threads is not None:
        torch.set_num_threads(threads)
    network = BertForSequenceClassification(_config(num_labels=len(POST_TASKS["sentiment"])))
    _fill(network.eval().bert, model)  # type: ignore[no-untyped-call]
    tokenizer = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_file=f"{model}/tokenizer.json",
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
        model_max_length=network.config.max_position_embeddings,
        **SPECIAL,
    )
    classify: Any = pipeline("text-classification", model=network, tokenizer=tokenizer, device="cpu")
    settings = {"batch_size": batch, "truncation": True, "max_length": most_tokens}
    texts = [normalize(text) for text in made_up_posts(skip + count)[skip:]]
    classify([normalize(text) for text in made_up_posts(32, seed=2)], **settings)
    clocks = time.process_time(), time.perf_counter()
    said = classify(texts, **settings)
    cpu, wall = time.process_time() - clocks[0], time.perf_counter() - clocks[1]
    if len(said) != count:
        raise RuntimeError(f"the pipeline answered {len(said)} of {count} posts")
    return {"cpu": cpu / count, "wall": wall / count, "threads": torch.get_num_threads()}


def int8_limit() -> dict[str, Any]:
    """Time the int8 products of one pass of the encoder, one thread, and nothing else of it; seconds a token.

    Six layers of four products (query, key and value in one; attention output; feed-forward in and out), weights
    packed before, activations given in uint8, through every engine of `torch.ops.quantized.linear` and at several
    numbers of rows. The best sum of the four counts: no encoder of these weights can be faster in int8 by these
    libraries, since attention, normalization and (de)quantization come on top.
    """
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")  # torch announces that these operators move to another package
    found: dict[tuple[str, int], float] = {}
    for engine in (name for name in ENGINES if name in torch.backends.quantized.supported_engines):
        torch.backends.quantized.engine = engine
        for rows in ROWS:
            seconds = sum(_best(_product(rows, width, out)) for width, out in _shapes())
            found[engine, rows] = seconds * _config().num_hidden_layers / rows
    (engine, rows), seconds = min(found.items(), key=lambda item: item[1])
    operations = 2 * sum(width * out for width, out in _shapes()) * _config().num_hidden_layers
    return {"seconds": seconds, "engine": engine, "rows": rows, "gops": operations / seconds / 1e9}


def changed_posts(model: str, count: int) -> dict[str, float]:
    """Judge posts with int8 and with 32-bit activations; the share of labels that differ, by task.

    The 32-bit encoder is torch's, with the weights of the int8 file multiplied out; pooling, heads and offsets
    are the same. What rounding the weights changed is not in it: that takes the checkpoint of the training.
    """
    sides = _sides(model)
    texts = [normalize(text) for text in made_up_posts(count)]
    ours, theirs = (side.judge_posts(texts) for side in sides)
    return {task: _differ(sides[0], task, ours[task], theirs[task]) for task in ours}


def changed_pairs(model: str, count: int) -> dict[str, float]:
    """As `changed_posts`, for pairs of made-up posts, and posts with a brand of the sample community."""
    sides = _sides(model)
    texts = [normalize(text) for text in made_up_posts(2 * count)]
    firsts, others = texts[:count], texts[count:]
    brands = [BRANDS[at % len(BRANDS)] for at in range(count)]
    changed = {}
    for task in PAIR_TASKS:
        seconds = brands if task == "target_sentiment" else others
        ours, theirs = (side.judge_pairs(task, firsts, seconds) for side in sides)
        changed[task] = _differ(sides[0], task, ours, theirs)
    return changed


def _sides(model: str) -> tuple[EmbeddedModel, EmbeddedModel]:
    from analyzers.model import EmbeddedModel  # noqa: PLC0415  loads CTranslate2: see above

    threads = torch.get_num_threads()
    ours = EmbeddedModel.load(Path(model))
    torch.set_num_threads(threads)
    network = BertModel(_config(), add_pooling_layer=False)
    _fill(network.eval(), model)  # type: ignore[no-untyped-call]
    return ours, dataclasses.replace(ours, encoder=SimpleNamespace(forward_batch=_forward(network)))


def _differ(model: EmbeddedModel, task: str, ours: Floats, theirs: Floats) -> float:
    return float((model.decide(task, ours) != model.decide(task, theirs)).mean())


def _config(**further: Any) -> BertConfig:
    return BertConfig(
        hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536, **further
    )  # the rest is BERT's own


def _fill(trunk: BertModel, model: str) -> None:
    weights = {name: torch.from_numpy(value.copy()) for name, value in read_encoder(Path(model) / "encoder").items()}
    found = trunk.load_state_dict(weights, strict=False)
    wrong = [*found.unexpected_keys, *(name for name in found.missing_keys if not name.startswith("pooler."))]
    if wrong:
        raise RuntimeError(f"{model}/encoder: not the encoder that is compared: {', '.join(wrong)}")


def _forward(network: BertModel) -> Callable[..., SimpleNamespace]:
    def forward(ids: list[list[int]], token_type_ids: list[list[int]]) -> SimpleNamespace:
        with torch.inference_mode():
            found = network(input_ids=torch.tensor(ids), token_type_ids=torch.tensor(token_type_ids))
        return SimpleNamespace(last_hidden_state=found.last_hidden_state.numpy())

    return forward


def _shapes() -> list[tuple[int, int]]:
    width, inner = _config().hidden_size, _config().intermediate_size
    return [(width, 3 * width), (width, width), (width, inner), (inner, width)]


def _product(rows: int, width: int, out: int) -> Callable[[], Tensor]:
    generator = np.random.default_rng(1)
    weight = torch.from_numpy(generator.normal(0, 0.05, (out, width)).astype(np.float32))
    scales, zeros = torch.full((out,), 0.001, dtype=torch.double), torch.zeros(out, dtype=torch.long)
    packed = torch.ops.quantized.linear_prepack(
        torch.quantize_per_channel(weight, scales, zeros, 0, torch.qint8), torch.zeros(out)
    )
    activations = torch.from_numpy(generator.normal(0, 1, (rows, width)).astype(np.float32))
    given = torch.quantize_per_tensor(activations, 0.02, 64, torch.quint8)
    return lambda: torch.ops.quantized.linear(given, packed, 0.1, 64)


def _best(work: Callable[[], object], trials: int = 8, budget: float = 0.04) -> float:
    """Return the shortest CPU seconds of `work`, over trials of about `budget` seconds each."""
    work()
    started = time.process_time()
    work()
    times = max(1, int(budget / max(1e-6, time.process_time() - started)))
    shortest = float("inf")
    for _ in range(trials):
        started = time.process_time()
        for _ in range(times):
            work()
        shortest = min(shortest, (time.process_time() - started) / times)
    return shortest
