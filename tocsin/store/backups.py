"""A copy of the store as it is at one moment, made while others write (https://sqlite.org/backup.html)."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from tocsin.store.database import Store, told
from tocsin.store.errors import StoreError


def backup(store: Store, target: Path) -> None:
    """Copy the store to the new file `target`, whole or not at all. Raises `StoreError`.

    The copy is made in one step, so it shows one moment; writers are not held up (WAL).
    """
    if target.exists():
        raise StoreError(f"{target}: exists already; name a new file")
    part = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        with told(target), closing(sqlite3.connect(part)) as copy:
            store.connection.backup(copy)
            # A plain file, without a log beside it, is easier to carry away.
            copy.execute("PRAGMA journal_mode = DELETE")
        part.rename(target)
    except OSError as error:
        raise StoreError(f"{target}: the backup cannot be written: {error.strerror}") from error
