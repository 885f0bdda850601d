"""Fixtures of the commands: a store to label, tagged once for all tests."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from label_tables import ran, texts

from tocsin.store.database import open_store
from tocsin.store.posts import write_posts
from tocsin.store.records import Post, Thread
from tocsin.store.sources import ensure_sources


@pytest.fixture(scope="session")
def tagged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a configuration and a tagged store."""
    folder = tmp_path_factory.mktemp("tagged")
    (folder / "tocsin.toml").write_text('[[brands]]\nname = "Acme"\n')
    now = datetime.now(UTC)
    with open_store(folder / "tocsin.db") as store:
        ensure_sources(store, [("forum", "forum", "https://forum.test/")], now)
        posts = [
            Post(
                f"forum:{i}", "forum", Thread(f"forum:t{i}", "forum", "t", None, None), text, now - timedelta(minutes=i)
            )
            for i, text in enumerate(texts())
        ]
        write_posts(store, posts, now)
    assert ran("tag", "-c", folder / "tocsin.toml", "--workers", 1)["tagged"] == len(posts)
    return folder


@pytest.fixture
def config(tagged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The configuration of a copy of `tagged`, whose folder is the current one."""
    for file in ("tocsin.toml", "tocsin.db"):
        shutil.copy(tagged / file, tmp_path / file)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "tocsin.toml"
