"""Fixtures that every test may ask for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tocsin.store.database import Store, open_store


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder that holds `data/` and `servers/` (public material, never committed); skips where it is absent."""
    folder = Path(os.environ.get("TOCSIN_SHARED") or Path(__file__).resolve().parents[2] / "shared")
    if (folder / "data").is_dir():
        return folder
    if folder.name == "data" and folder.is_dir():
        return folder.parent
    pytest.skip(f"needs the shared material at {folder} (set TOCSIN_SHARED)")


@pytest.fixture
def now() -> datetime:
    """The moment at which tests decide."""
    return datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A fresh store, open for writing."""
    with open_store(tmp_path / "tocsin.db") as fresh:
        yield fresh
