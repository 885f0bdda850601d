"""Opening the store: one SQLite file in WAL mode, migrated, with foreign keys on.

A reader (Datasette, a backup) and one writer work at the same time (https://sqlite.org/wal.html).
`synchronous = NORMAL` loses no committed batch when the process is killed; only a power cut may
lose the last ones, and never harms the file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlite_utils import Database

from tocsin.store.errors import StoreError
from tocsin.store.migrations import KNOWN, migrations

BATCH = 500
"""Rows a transaction. Per-item commits write 95-170 posts/s, batches of 500 thousands."""
BUSY_SECONDS = 30.0
CACHE_KIB = 65_536
"""Pages held in memory: the indexes of a million posts do not fit in SQLite's usual 2 MB."""

Values = Sequence[object] | Mapping[str, object]


class Store:
    """An open store. Use it as a context manager and from one thread only."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.connection = connection

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; closing twice is harmless."""
        self.connection.close()

    def rows(self, sql: str, values: Values = ()) -> list[sqlite3.Row]:
        """Return all rows of a query."""
        with told(self.path):
            return self.connection.execute(sql, values).fetchall()

    def row(self, sql: str, values: Values = ()) -> sqlite3.Row | None:
        """Return the first row of a query, None when there is none."""
        with told(self.path):
            found: sqlite3.Row | None = self.connection.execute(sql, values).fetchone()
            return found

    def number(self, sql: str, values: Values = ()) -> int:
        """Return the first column of the first row as a number, 0 when there is none."""
        found = self.row(sql, values)
        return int(found[0] or 0) if found else 0

    def run(self, sql: str, values: Values = ()) -> int:
        """Execute one statement and return how many rows it changed."""
        with told(self.path):
            return max(self.connection.execute(sql, values).rowcount, 0)

    def run_many(self, sql: str, values: Iterable[Values]) -> int:
        """Execute one statement for each of `values` and return how many rows they changed."""
        with told(self.path):
            return max(self.connection.executemany(sql, values).rowcount, 0)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold one write transaction; an inner one joins the outer. Any exception rolls all of it back."""
        if self.connection.in_transaction:
            yield
            return
        with told(self.path):
            self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise
        with told(self.path):
            self.connection.execute("COMMIT")


def open_store(path: Path, *, create: bool = True, read_only: bool = False) -> Store:
    """Open the store at `path`, making and migrating it unless `read_only` or `create=False` forbid.

    Raises `StoreError` when the file is missing, locked, no Tocsin store, or newer than this Tocsin.
    """
    create = create and not read_only
    if not create and not path.exists():
        raise StoreError(f"{path}: no store here yet; `tocsin nightly` or `tocsin import` makes it")
    if create:
        _make_folder(path.parent)
    mode = "ro" if read_only else "rwc" if create else "rw"
    with told(path):
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode={mode}", uri=True, timeout=BUSY_SECONDS, isolation_level=None
        )
    store = Store(path, connection)
    try:
        with told(path):
            _prepare(store, read_only=read_only)
    except BaseException:
        connection.close()
        raise
    return store


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn any `sqlite3` error into a `StoreError` that says what to check."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"{path}: {error}{_advice(error)}") from error


def _advice(error: sqlite3.Error) -> str:
    text = str(error)
    if "locked" in text or "busy" in text:
        return f". Another process has been writing for {BUSY_SECONDS:.0f} s; see `tocsin status`, then try again"
    if "malformed" in text or "not a database" in text:
        return ". The file is damaged or no Tocsin store; restore a backup (docs/operating.md)"
    if "disk" in text or "full" in text:
        return ". Check free disk space and permissions with `tocsin doctor`"
    if "unable to open" in text or "readonly" in text:
        return ". Check that the folder exists and that you may write there"
    return ""


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder}: the store's folder cannot be made: {error.strerror}") from error


def _prepare(store: Store, *, read_only: bool) -> None:
    connection = store.connection
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    pending = _pending(store)
    if read_only:
        if pending:
            raise StoreError(f"{store.path}: an older schema; `tocsin status` brings it up to date, then try again")
        return
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    if pending:
        # Two processes may open a fresh store at once: the second waits here and finds nothing left to do.
        with store.transaction():
            _pending(store)
            migrations.apply(Database(connection, recursive_triggers=False, execute_plugins=False))


def _pending(store: Store) -> list[str]:
    tables = {row["name"] for row in store.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if migrations.migrations_table not in tables:
        if tables:
            raise StoreError(f"{store.path}: a database of another program; name another file as `store`")
        return list(KNOWN)
    applied = [
        row["name"]
        for row in store.rows(
            f"SELECT name FROM {migrations.migrations_table} WHERE migration_set = ? ORDER BY name",  # noqa: S608 (a constant of sqlite-utils)
            [migrations.name],
        )
    ]
    newer = [name for name in applied if name not in KNOWN]
    if newer:
        raise StoreError(
            f"{store.path}: written by a newer Tocsin (schema {newer[-1]}, this one knows {KNOWN[-1]}). "
            "Upgrade Tocsin, or restore a backup made before the upgrade"
        )
    return [name for name in KNOWN if name not in applied]
