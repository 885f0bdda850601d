"""Read the int8 encoder that ships back into full precision, so that training can go on from it.

CTranslate2 has no reader for its own files, so this one follows its writer (ctranslate2/specs/model_spec.py,
`_serialize`): version, name, revision, then each variable with its shape, type and bytes. A quantized weight
has a row scale: value = int8 / scale (docs/quantization of CTranslate2, "8-bit integers").
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analyzers.errors import ModelError

_TYPES = (np.float32, np.int8, np.int16, np.int32, np.float16)
_LAYER_PARTS = {
    "self_attention/linear_1": "attention.output.dense",
    "self_attention/layer_norm": "attention.output.LayerNorm",
    "ffn/linear_0": "intermediate.dense",
    "ffn/linear_1": "output.dense",
    "ffn/layer_norm": "output.LayerNorm",
}


def read_encoder(folder: Path) -> dict[str, NDArray[np.float32]]:
    """Return the weights of a BERT encoder from `folder`/model.bin, under the names `transformers` gives them.

    Raises `ModelError` when the file is not one that CTranslate2 wrote for a BERT encoder.
    """
    try:
        stored = _variables((folder / "model.bin").read_bytes())
        return _named(stored)
    except (OSError, struct.error, KeyError, IndexError, ValueError) as error:
        raise ModelError(f"{folder}/model.bin: holds no BERT encoder that can be trained on ({error!r})") from error


def _variables(data: bytes) -> dict[str, NDArray[np.generic]]:
    place = 0

    def take(form: str) -> int:
        nonlocal place
        value = int(struct.unpack_from(form, data, place)[0])
        place += struct.calcsize(form)
        return value

    def text() -> str:
        nonlocal place
        length = take("<H")
        value = data[place : place + length - 1].decode()
        place += length
        return value

    take("<I")  # version of the format
    text()
    take("<I")  # revision of the specification
    found: dict[str, NDArray[np.generic]] = {}
    for _ in range(take("<I")):
        name = text()
        shape = tuple(take("<I") for _ in range(take("<B")))
        kind = _TYPES[take("<B")]
        size = take("<I")
        found[name] = np.frombuffer(data, kind, size // np.dtype(kind).itemsize, place).reshape(shape)
        place += size
    for _ in range(take("<I")):
        alias, name = text(), text()
        found[alias] = found[name]
    return found


def _named(stored: dict[str, NDArray[np.generic]]) -> dict[str, NDArray[np.float32]]:
    def weight(name: str) -> NDArray[np.float32]:
        value = np.asarray(stored[f"{name}/weight"])
        if value.dtype != np.int8:
            return value.astype(np.float32)
        scale = np.asarray(stored[f"{name}/weight_scale"], dtype=np.float32).reshape(-1, 1)
        return value.astype(np.float32) / scale

    def plain(name: str) -> NDArray[np.float32]:
        return np.asarray(stored[name], dtype=np.float32)

    weights = {
        "embeddings.word_embeddings.weight": weight("encoder/embeddings_0"),
        "embeddings.token_type_embeddings.weight": weight("encoder/embeddings_1"),
        "embeddings.position_embeddings.weight": plain("encoder/position_encodings/encodings"),
        "embeddings.LayerNorm.weight": plain("encoder/layernorm_embedding/gamma"),
        "embeddings.LayerNorm.bias": plain("encoder/layernorm_embedding/beta"),
    }
    layer = 0
    while f"encoder/layer_{layer}/ffn/linear_0/bias" in stored:
        here, there = f"encoder/layer_{layer}", f"encoder.layer.{layer}"
        joined, bias = weight(f"{here}/self_attention/linear_0"), plain(f"{here}/self_attention/linear_0/bias")
        for part, kernel, offset in zip(("query", "key", "value"), np.split(joined, 3), np.split(bias, 3), strict=True):
            weights[f"{there}.attention.self.{part}.weight"] = kernel
            weights[f"{there}.attention.self.{part}.bias"] = offset
        for ours, theirs in _LAYER_PARTS.items():
            if ours.endswith("layer_norm"):
                weights[f"{there}.{theirs}.weight"] = plain(f"{here}/{ours}/gamma")
                weights[f"{there}.{theirs}.bias"] = plain(f"{here}/{ours}/beta")
            else:
                weights[f"{there}.{theirs}.weight"] = weight(f"{here}/{ours}")
                weights[f"{there}.{theirs}.bias"] = plain(f"{here}/{ours}/bias")
        layer += 1
    if not layer:
        raise ValueError("no layers")
    return weights
