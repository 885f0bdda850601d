"""Which model the configuration means: ours, one that `tocsin train` wrote, or somebody else's classifier."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from analyzers.errors import ModelChoiceError, ModelError
from analyzers.label_map import map_labels, read_labels
from analyzers.model import EmbeddedModel, Model
from analyzers.model_files import MANIFEST, PARTS

EMBEDDED = "embedded"
NEEDS_TORCH = "needs torch: run pip install torch==2.13.0, or pip install 'tocsin[torch]'"

_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(/[\w.-]+)?")


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model and where it lies, small enough to hand to a worker process.

    `labels` are (its label, ours) in the order of its logits for a Hugging Face classifier, empty for a
    model of ours. `name` is what tags carry; a model of ours brings its own.
    """

    folder: Path
    name: str = ""
    labels: tuple[tuple[str, str], ...] = ()

    def load(self) -> Model:
        """Load it, for one thread. Raises `ModelError` naming what is missing or damaged."""
        if not self.labels:
            return EmbeddedModel.load(self.folder)
        self.check()
        from analyzers.hub import HubModel  # noqa: PLC0415  torch: an extra, and seconds to import

        return HubModel.load(self.folder, self.name, self.labels)

    def check(self) -> None:
        """Look for what loading needs, without loading. Raises `ModelError` saying what to install."""
        if self.labels:
            if importlib.util.find_spec("torch") is None:
                raise ModelError(f"the model {self.name} {NEEDS_TORCH}")
            if not weight_files(self.folder):
                raise ModelError(f"{self.folder}: no model.safetensors here; download the model again")
            return
        missing = [name for name in PARTS if not (self.folder / name).exists()]
        if missing:
            raise ModelError(
                f"{self.folder}: {', '.join(missing)} missing; install Tocsin again,"
                " or set `model` to a folder that `tocsin train` wrote"
            )


def choose(setting: str, labels: Mapping[str, str], embedded: Path, base: Path) -> ModelChoice:
    """Return the model that `setting` means: "embedded", a folder (from `base`), or a name on the Hugging Face Hub.

    `labels` are the words of a Hugging Face classifier in ours. A name is looked up in the local cache only: nothing
    is downloaded here, so a model never changes by itself between two nights. Raises `ModelChoiceError`.
    """
    folder = embedded if setting == EMBEDDED else _folder(setting, base)
    name = setting if folder is None else folder.resolve().name
    if folder is None:
        folder = _cached(setting, base)
    elif setting == EMBEDDED or (folder / MANIFEST).exists():
        if labels:
            raise ModelChoiceError(f"model_labels: the model {setting!r} speaks our words already; take the table out")
        return ModelChoice(folder)
    if not (folder / "config.json").exists():
        raise ModelChoiceError(
            f"{folder}: no model here (neither {MANIFEST} nor config.json); name a folder that `tocsin train`"
            " wrote, or that of a Hugging Face sequence classifier"
        )
    return ModelChoice(folder, name, map_labels(name, read_labels(folder), labels))


def weight_files(folder: Path) -> list[Path]:
    """Return the files that transformers takes the weights from, safetensors before pickles."""
    return sorted(folder.glob("model*.safetensors")) or sorted(folder.glob("pytorch_model*.bin"))


def _folder(setting: str, base: Path) -> Path | None:
    """Return the folder called `setting`, None where there is none and it can be a name on the Hub."""
    try:
        folder = base / Path(setting).expanduser()
        if folder.is_dir():
            return folder
        there = folder.exists()
    except (OSError, ValueError, RuntimeError) as error:  # too long, a null byte, "~somebody" without a home
        raise ModelChoiceError(f"{setting!r} is no folder ({error})") from error
    if there or not _HUB_NAME.fullmatch(setting):
        raise ModelChoiceError(
            f"{folder}: no such folder; name one, a model of the Hugging Face Hub like org/name, or {EMBEDDED!r}"
        )
    return None


def _cached(name: str, base: Path) -> Path:
    # Half a second to import, and only where a model is called by its name on the Hub.
    from huggingface_hub import constants, snapshot_download  # noqa: PLC0415

    try:
        folder = Path(snapshot_download(name, local_files_only=True))
        (folder / "config.json").stat()  # a download that was broken off leaves a folder too
        return folder
    except (OSError, ValueError) as error:
        raise ModelChoiceError(
            f"{name}: no folder {base / name}, and no model of this name in the cache {constants.HF_HUB_CACHE}; run"
            f" `hf download {name}` (where there is no internet, copy the cache or the model's folder from a machine"
            " that has it)"
        ) from error
