"""The language identifier's model, unpacked once: its package ships it packed, and unpacking takes .7 s a start.

The unpacked copy (68 MB) lies in `~/.cache/tocsin`; it holds numbers only, is made anew for another version of the
package, and may be deleted at any time. Where it cannot be kept the packed one serves, slower.
"""

from __future__ import annotations

import lzma
import os
import shutil
import tempfile
import zipfile
from array import array
from importlib.metadata import version
from pathlib import Path

import numpy as np
from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier

PACKAGE = "py3langid"


def cache_folder() -> Path:
    """Return the folder of what is made once for every start; without a home, one that nothing can be kept in."""
    try:
        return Path.home() / ".cache" / "tocsin"
    except RuntimeError:
        return Path(os.devnull) / "tocsin"


def load_identifier(folder: Path) -> LanguageIdentifier:
    """Return the identifier that gives probabilities, from the unpacked copy in `folder`, which is made if need be.

    Never fails for the sake of the copy: one that is damaged is made anew, a folder that cannot be written is left.
    """
    packed = MODEL_DIR / MODEL_FILE
    unpacked = folder / f"{PACKAGE}-{version(PACKAGE)}-{packed.stat().st_size}.npz"
    for _ in range(2):
        try:
            return _read(unpacked)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):  # not there yet, or damaged
            if not _unpack(packed, unpacked):
                break
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def _read(path: Path) -> LanguageIdentifier:
    """Read the file as `py3langid.langid._load_model_file` does the packed one."""
    with np.load(path, allow_pickle=False) as data:
        return LanguageIdentifier(
            data["ptc"],
            data["pc"],
            data["classes"].tolist(),
            _flat(data["nextmove"]),
            data["out_feat"].tolist(),
            norm_probs=True,
            tk_row=_flat(data["nextmove_row"]),
        )


def _flat(values: np.ndarray) -> array[int]:
    flat: array[int] = array(values.dtype.char)
    flat.frombytes(np.ascontiguousarray(values).tobytes())
    return flat


def _unpack(packed: Path, unpacked: Path) -> bool:
    """Write the copy whole or not at all, since two workers may do so at once. Return whether it stands."""
    try:
        unpacked.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=unpacked.parent, prefix=f"{unpacked.stem}-", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as target, lzma.open(packed) as source:
                shutil.copyfileobj(source, target, length=1 << 20)
            Path(name).replace(unpacked)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except (OSError, lzma.LZMAError):
        return False
    return True
