"""The desk before anything was collected, and over a file with an awkward name."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from tocsin.config import shipped
from tocsin.desk.server import build
from tocsin.store.database import open_store


async def statuses(store: Path, paths: list[str]) -> dict[str, int]:
    app = build(store, shipped("data", "datasette"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://localhost") as client:
        return {path: (await client.get(path)).status_code for path in paths}


@pytest.mark.parametrize("name", ["tocsin.db", "our store #1 100%.db", "what?.db"])
def test_every_page_opens_over_an_empty_store(tmp_path: Path, name: str) -> None:
    open_store(tmp_path / name).close()
    queries = ("pile_on_watch", "episode_authors", "share_of_voice", "blind_spots", "model_versions", "search_posts")
    paths = ["/", "/-/dashboards/overview", "/tocsin", "/tocsin/posts", "/tocsin/top_threads"]
    paths += [f"/tocsin/{query}" for query in queries]
    found = asyncio.run(statuses(tmp_path / name, paths))
    assert set(found.values()) == {200}, found
