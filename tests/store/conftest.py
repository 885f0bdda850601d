"""Small posts to write."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tocsin.store.database import Store
from tocsin.store.mentions import ensure_brands
from tocsin.store.records import Post, Thread
from tocsin.store.sources import ensure_sources
from tocsin.store.tags import ensure_model

MakePost = Callable[..., Post]


@pytest.fixture
def make_post(now: datetime) -> MakePost:
    """Make the post number `number` of thread `thread`, an hour older than the number before it."""

    def make(
        number: int, text: str | None = None, *, thread: str = "t1", title: str = "A thread", **fields: object
    ) -> Post:
        created = {"created_at": now - timedelta(hours=number), "author": f"author{number % 5}"}
        return Post(
            id=f"forum:{number}",
            source="forum",
            thread=Thread(f"forum:{thread}", "forum", title, f"https://forum.example/{thread}", None),
            text=f"words of post number {number}" if text is None else text,
            **{**created, **fields},  # type: ignore[arg-type]  # any field of Post, by name
        )

    return make


@pytest.fixture
def known(store: Store, now: datetime) -> Store:
    """A store that knows a source, a brand and a model."""
    ensure_sources(store, [("forum", "forum", "https://forum.example/"), ("old", "import", None)], now)
    ensure_brands(store, [("Acme", "own")])
    ensure_model(store, "v1", "test model", now)
    return store
