"""From a trained network to the files that ship: int8 encoder (CTranslate2), heads, tokenizer, manifest."""

from __future__ import annotations

import copy
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import ctranslate2
import numpy as np
import torch
from numpy.typing import NDArray
from transformers import BertModel

from analyzers.calibration import Calibration
from analyzers.head_fit import Head
from analyzers.heads import LABELS, POST_TOKENS
from analyzers.model import EmbeddedModel
from analyzers.model_files import ENCODER, HEADS, PARTS, TOKENIZER, model_version, write_manifest
from analyzers.training.calibrate import calibrate
from analyzers.training.network import ListeningModel
from analyzers.training.rows import Row


def export(
    network: ListeningModel,
    encoder: Path,
    dev: Sequence[Row],
    out: Path,
    name: str,
    refit: Callable[[EmbeddedModel], Mapping[str, Head]] | None = None,
) -> EmbeddedModel:
    """Write the int8 model to `out` (made anew), calibrated on `dev`, and return it loaded.

    `refit` gives heads that take the place of the network's, fitted on the int8 encoder.
    The version is a digest of everything that decides a tag, so equal versions give equal tags.
    """
    with tempfile.TemporaryDirectory() as scratch:
        _save_trunk(network, Path(scratch))
        staging = Path(scratch) / "out"
        converter = ctranslate2.converters.TransformersConverter(str(Path(scratch) / "trunk"))
        converter.convert(str(staging / ENCODER), quantization="int8", force=True)
        shutil.copy(encoder / TOKENIZER, staging / TOKENIZER)
        np.savez(staging / HEADS, allow_pickle=False, **_head_arrays(network))
        manifest: dict[str, object] = {
            "name": name,
            "version": "unfitted",
            "post_tokens": POST_TOKENS,
            "labels": {task: list(labels) for task, labels in LABELS.items()},
            "calibration": {task: Calibration().as_json() for task in LABELS},
        }
        write_manifest(staging, manifest)
        if refit is not None:
            arrays = _head_arrays(network)
            for task, head in refit(EmbeddedModel.load(staging)).items():
                arrays |= head.arrays(task)
            np.savez(staging / HEADS, allow_pickle=False, **arrays)
        fitted = calibrate(EmbeddedModel.load(staging), dev)
        manifest["calibration"] = {task: found.as_json() for task, found in fitted.items()}
        manifest["version"] = model_version(staging, manifest)
        write_manifest(staging, manifest)
        out.mkdir(parents=True, exist_ok=True)
        for old in PARTS:
            target = out / old
            shutil.rmtree(target) if target.is_dir() else target.unlink(missing_ok=True)
            shutil.move(staging / old, target)
    return EmbeddedModel.load(out)


def _save_trunk(network: ListeningModel, scratch: Path) -> None:
    config = copy.deepcopy(network.trunk.config)
    config.position_embedding_type = "absolute"  # transformers 5 dropped the key, CTranslate2 4.8 still asks for it
    trunk = BertModel(config)
    missing = trunk.load_state_dict(network.trunk.state_dict(), strict=False).missing_keys
    # The converter wants a pooling layer; ours lies in the heads, so this one is never read.
    for unread in (trunk.pooler or torch.nn.Module()).parameters():
        torch.nn.init.zeros_(unread)
    unexpected = [key for key in missing if not key.startswith("pooler.")]
    if unexpected:
        raise ValueError(f"the trunk lacks weights: {unexpected}")
    trunk.save_pretrained(scratch / "trunk")
    vocabulary = Path(network.trunk.config.name_or_path)
    for file in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt"):
        if (vocabulary / file).is_file():
            shutil.copy(vocabulary / file, scratch / "trunk" / file)


def _head_arrays(network: ListeningModel) -> dict[str, NDArray[np.float32]]:
    arrays: dict[str, NDArray[np.float32]] = {}
    for task, head in network.heads.items():
        arrays[f"{task}.weight"] = head.weight.detach().numpy().astype(np.float32)
        arrays[f"{task}.bias"] = head.bias.detach().numpy().astype(np.float32)
    for name, query in network.queries.items():
        arrays[f"{name}.query"] = query.detach().numpy().astype(np.float32)
    return arrays
