"""The user's own version of a model: written whole beside the configuration, and adopted by one small file.

`models/adopted.json` names the version in force and the model it was made from. It counts only while that model is
the configured one: after an upgrade with other weights, heads fitted to the old ones would mean nothing.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from analyzers.errors import ModelError
from analyzers.head_fit import Head
from analyzers.model import EmbeddedModel, read_manifest
from analyzers.model_files import ENCODER, HEADS, TOKENIZER, model_version, write_manifest

ADOPTED = "adopted.json"
_WRITING = ".writing-"


@dataclass(frozen=True, slots=True)
class Adoption:
    """What `adopted.json` says: `folder` (beside it) holds `version`, made from the model `based_on` at `at`."""

    based_on: str
    folder: str
    version: str
    at: str


def adoption(models: Path) -> Adoption | None:
    """Return what was adopted in the folder `models`, None for nothing. Raises `ModelError` where it is damaged."""
    path = models / ADOPTED
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        return Adoption(**{key: str(said[key]) for key in ("based_on", "folder", "version", "at")})
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path}: cannot be read ({error}); `tocsin train --discard` removes it") from error


def in_force(configured: Path, models: Path) -> Path:
    """Return the folder to tag with: the adopted one where it was made from the `configured` one, else that.

    Raises `ModelError` where the adopted one is in force but gone.
    """
    found = adoption(models)
    if found is None or found.based_on != str(read_manifest(configured)["version"]):
        return configured
    folder = models / found.folder
    if not folder.is_dir():
        raise ModelError(f"{folder}: the adopted model is gone; put it back, or run `tocsin train --discard`")
    return folder


def standing(configured: Path, models: Path) -> tuple[bool, str] | None:
    """Return whether the adopted version is in force, and that in words; None where none was adopted."""
    found = adoption(models)
    if found is None:
        return None
    version = str(read_manifest(configured)["version"])
    if found.based_on == version:
        return True, f"own version {found.version} of {found.at[:10]}, in {models / found.folder}"
    return False, (
        f"own version {found.version} is not used: it was made from {found.based_on}, "
        f"and the configured model is {version} now"
    )


def adopt(configured: Path, models: Path, heads: Mapping[str, Head], now: datetime) -> Adoption:
    """Write the model in force with `heads` in place of its own, put it in force, and return what was adopted.

    The encoder, the tokenizer, the other heads and all calibrations stay bit-equal. Until the last step, a rename,
    the version before stays in force. Raises `ModelError` where it cannot be written.
    """
    before = in_force(configured, models)
    try:
        models.mkdir(parents=True, exist_ok=True)
        _sweep(models)
        with tempfile.TemporaryDirectory(prefix=_WRITING, dir=models) as scratch:
            staging = Path(scratch) / "model"
            name, version = _write(before, staging, heads)
            EmbeddedModel.load(staging)
            folder = models / f"{re.sub(r'[^A-Za-z0-9._-]', '-', name)}-{version}"
            if folder.exists():
                shutil.rmtree(folder)  # left by an earlier adoption that was discarded, or did not get to its end
            staging.rename(folder)
        found = Adoption(
            str(read_manifest(configured)["version"]), folder.name, version, now.isoformat(timespec="seconds")
        )
        _put(models / ADOPTED, json.dumps(asdict(found), indent=2) + "\n")
    except OSError as error:
        raise ModelError(f"{models}: the new version cannot be written: {error}") from error
    return found


def discard(models: Path) -> bool:
    """Put the configured model in force again; return whether another was. The folder written stays."""
    try:
        (models / ADOPTED).unlink()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise ModelError(f"{models / ADOPTED}: cannot be removed: {error.strerror}") from error
    return True


def _write(before: Path, folder: Path, heads: Mapping[str, Head]) -> tuple[str, str]:
    shutil.copytree(before / ENCODER, folder / ENCODER, copy_function=_linked)
    shutil.copy(before / TOKENIZER, folder / TOKENIZER)
    with np.load(before / HEADS, allow_pickle=False) as held:
        arrays = {name: held[name] for name in held}
    for task, head in heads.items():
        arrays |= head.arrays(task)
    np.savez(folder / HEADS, **arrays)
    manifest = read_manifest(before)
    manifest["version"] = model_version(folder, manifest)
    write_manifest(folder, manifest)
    return str(manifest["name"]), str(manifest["version"])


def _linked(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without links, or a file of another user
        shutil.copy(source, target)
    return target


def _put(path: Path, text: str) -> None:
    fresh = path.with_name(f"{_WRITING}{path.name}")
    with fresh.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _sweep(models: Path) -> None:
    for left in models.glob(f"{_WRITING}*"):
        shutil.rmtree(left) if left.is_dir() else left.unlink()
