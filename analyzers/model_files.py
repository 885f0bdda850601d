"""The files of a model that ships: what stands in its manifest, and the version that names all of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

MANIFEST = "manifest.json"
ENCODER = "encoder"
TOKENIZER = "tokenizer.json"
HEADS = "heads.npz"
PARTS = (ENCODER, TOKENIZER, HEADS, MANIFEST)
"""What a folder holds to be a model; `encoder` is a folder, the others are files."""


def model_version(folder: Path, manifest: Mapping[str, object]) -> str:
    """Return the digest of everything that decides a tag (12 hex digits), so that equal versions give equal tags.

    The `version` in `manifest` itself does not count. Raises `OSError` where a file is missing.
    """
    digest = hashlib.sha256()
    for file in (f"{ENCODER}/model.bin", TOKENIZER, HEADS):
        digest.update((folder / file).read_bytes())
    digest.update(json.dumps({**manifest, "version": None}, sort_keys=True).encode())
    return digest.hexdigest()[:12]


def write_manifest(folder: Path, manifest: Mapping[str, object]) -> None:
    """Write `manifest` into the model's `folder`."""
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
