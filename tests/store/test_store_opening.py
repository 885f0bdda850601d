"""Opening, migrating, refusing."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from sqlite_utils import Database

from tocsin.store.database import Store, open_store
from tocsin.store.errors import StoreError
from tocsin.store.migrations import KNOWN, migrations
from tocsin.store.schema import SEARCH, VERSION_1, VIEWS


def test_a_fresh_store_is_in_wal_mode_with_foreign_keys(store: Store) -> None:
    assert store.row("PRAGMA journal_mode")[0] == "wal"  # type: ignore[index]  # a pragma answers
    assert store.number("PRAGMA foreign_keys") == 1
    assert store.number("PRAGMA synchronous") == 1


def test_opening_twice_changes_nothing(tmp_path: Path) -> None:
    with open_store(tmp_path / "a" / "b" / "store.db") as first:
        before = [tuple(row) for row in first.rows("SELECT name, sql FROM sqlite_master ORDER BY name")]
    with open_store(tmp_path / "a" / "b" / "store.db") as second:
        assert [tuple(row) for row in second.rows("SELECT name, sql FROM sqlite_master ORDER BY name")] == before


def test_two_processes_may_make_the_store_at_once(tmp_path: Path) -> None:
    problems: list[Exception] = []

    def make() -> None:
        try:
            open_store(tmp_path / "store.db").close()
        except StoreError as error:
            problems.append(error)

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


def test_every_step_is_known_by_name(store: Store) -> None:
    applied = migrations.applied(Database(store.connection))
    assert tuple(step.name for step in applied) == KNOWN


def test_a_newer_schema_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with open_store(path) as store:
        store.run(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('tocsin', '9999_later', '')"
        )
    with pytest.raises(StoreError, match=r"newer Tocsin.*9999_later.*Upgrade Tocsin"):
        open_store(path)
    with pytest.raises(StoreError, match="Upgrade Tocsin"):
        open_store(path, read_only=True)


def test_a_missing_store_is_not_made_by_a_reader(tmp_path: Path) -> None:
    for options in ({"create": False}, {"read_only": True}):
        with pytest.raises(StoreError, match="no store here yet"):
            open_store(tmp_path / "none.db", **options)
    assert list(tmp_path.iterdir()) == []


def test_a_reader_cannot_write(known: Store) -> None:
    with open_store(known.path, read_only=True) as reader:
        assert reader.number("SELECT count(*) FROM sources") == 2
        with pytest.raises(StoreError, match="readonly"):
            reader.run("DELETE FROM sources")


def test_a_strange_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("this is not a database, it is a text of some length" * 20)
    with pytest.raises(StoreError, match=r"not a database.*backup"):
        open_store(tmp_path / "text.db")
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE recipes (id)")
    other.close()
    with pytest.raises(StoreError, match="another program"):
        open_store(tmp_path / "other.db")


def test_a_folder_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="folder cannot be made"):
        open_store(tmp_path / "file" / "store.db")


def test_an_error_rolls_the_whole_transaction_back(known: Store) -> None:
    def half() -> None:
        with known.transaction():
            known.run("INSERT INTO brands VALUES ('Other', 'own')")
            known.run("INSERT INTO brands VALUES ('Third', 'no such role')")

    with pytest.raises(StoreError, match="CHECK constraint failed"):
        half()
    assert known.number("SELECT count(*) FROM brands") == 1


def test_every_table_and_every_null_of_the_schema_is_explained() -> None:
    for script in (VERSION_1, VIEWS, SEARCH):
        assert "TODO" not in script
    tables = VERSION_1.split("CREATE TABLE ")[1:]
    for table in tables:
        commented = False
        for line in table.splitlines()[1:]:
            column = line.strip()
            if column.startswith((")", "PRIMARY", "UNIQUE", "CREATE")) or not column:
                continue
            may_be_null = "NOT NULL" not in column and "PRIMARY KEY" not in column
            commented = "--" in column or commented  # one comment may speak for the columns that follow it
            assert not may_be_null or commented, column
