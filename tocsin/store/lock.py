"""One instance at a time: a lock file beside the store, freed by the kernel when its holder dies.

`flock(2)` rather than the mere existence of a file: after kill -9 nothing has to be cleaned up. The
file itself stays (removing it would race with the next holder); its text only says who holds it.
On a network file system without lock support the lock fails loudly rather than silently.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from tocsin.store.errors import StoreError


class LockHeld(StoreError):  # noqa: N818 (named for the state it reports)
    """Another process works on this store. `holder` says in words who."""

    def __init__(self, path: Path, holder: str) -> None:
        super().__init__(f"{path}: held by {holder}; wait until it has finished, or stop it")
        self.holder = holder


@contextmanager
def locked(store: Path, now: datetime, purpose: str = "run") -> Iterator[Path]:
    """Hold the lock `<store>.<purpose>.lock` while the block runs; yield its path.

    Raises `LockHeld` at once when another process has it, `StoreError` when the folder cannot be written.
    """
    path = store.with_name(f"{store.name}.{purpose}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise StoreError(f"{path}: cannot be opened: {error.strerror}; check the folder and its owner") from error
    try:
        _take(descriptor, path)
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, _card(now), 0)
        yield path
        os.truncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _take(descriptor: int, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise LockHeld(path, _holder(os.pread(descriptor, 4096, 0))) from error
    except OSError as error:
        raise StoreError(f"{path}: cannot be locked: {error.strerror}; keep the store on a local disk") from error


def _card(now: datetime) -> bytes:
    card = {"pid": os.getpid(), "host": socket.gethostname(), "since": now.isoformat(timespec="seconds")}
    return json.dumps(card).encode()


def _holder(card: bytes) -> str:
    try:
        found = json.loads(card)
        return f"process {found['pid']} on {found['host']} since {found['since']}"
    except (ValueError, KeyError, TypeError):
        return "a process that has just started"
