"""The demo's own folder: emptied before every run, and only when it carries the demo's mark."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from tocsin.demo.errors import DemoError, FolderInUse

MARK = ".tocsin-demo"
_MARK_TEXT = "This folder belongs to `tocsin demo`, which empties it before every run.\n"


def default_folder(shipped_root: Path, here: Path) -> Path:
    """Return `.demo` in a checkout (`shipped_root` then holds pyproject.toml), `tocsin-demo` under `here` elsewhere."""
    return shipped_root / ".demo" if (shipped_root / "pyproject.toml").is_file() else here / "tocsin-demo"


@contextmanager
def fresh(folder: Path) -> Iterator[Path]:
    """Make `folder`, or empty it when it is the demo's, and hold it while the block runs.

    Raises `FolderInUse` when it holds anything but an earlier demo, or when another demo holds it;
    `DemoError` when it cannot be written.
    """
    mark = folder / MARK
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise FolderInUse(f"{folder} is no folder of its own; name another with --dir")
    if folder.is_dir() and not mark.is_file() and any(folder.iterdir()):
        raise FolderInUse(f"{folder} holds something that is not the demo's; name another folder with --dir")
    with _held(folder, mark):
        yield folder.resolve()


def _held(folder: Path, mark: Path) -> TextIO:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = mark.open("a", encoding="utf-8")
        try:
            _take(held.fileno(), folder)
            held.truncate(0)
            held.write(_MARK_TEXT)
            held.flush()
            _empty(folder)
        except BaseException:
            held.close()
            raise
    except OSError as error:
        raise DemoError(f"{folder}: {error.strerror or error}; name another folder with --dir") from error
    return held


def _take(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise FolderInUse(f"another demo works in {folder}; stop it, or name another folder with --dir") from error


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.name == MARK:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
