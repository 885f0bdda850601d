"""A real crawl of the sample sites brings home what the community holds."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.plan import CrawlPlan, SourcePlan
from crawler.process import crawl
from tocsin.config import shipped
from tocsin.demo.community import generate
from tocsin.demo.server import serving
from tocsin.store.database import open_store
from tocsin.store.runs import start_run
from tocsin.store.times import from_text


def test_a_crawl_brings_home_every_post_with_author_time_and_thread(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    community = generate(9, now, shipped("data", "sample", "material"))
    store = tmp_path / "sample.db"
    with open_store(store) as fresh:
        run = start_run(fresh, "crawl", None, now)
    with serving(community, shipped("data", "sample", "pages")) as site:
        sources = (
            SourcePlan("forum", "forum", site.forum, allow_private=True),
            SourcePlan("blog", "feed", site.feed, allow_private=True),
            SourcePlan("news", "hackernews", site.api, allow_private=True),
        )
        plan = CrawlPlan(str(store), run, sources, str(tmp_path / "cache"), "demo@localhost", 2.0, 0.0)
        coverage = crawl(plan)
    assert {row.source: row.status for row in coverage} == {"forum": "ok", "blog": "ok", "news": "ok"}
    with open_store(store) as crawled:
        rows = crawled.connection.execute(
            "SELECT posts.id, thread_id, handle, created_at, text FROM posts JOIN authors ON authors.id = author_id"
        ).fetchall()
    wanted = {post.id: post for post in community.posts()}
    assert {row["id"] for row in rows} == wanted.keys()
    for row in rows:
        post = wanted[row["id"]]
        assert (row["thread_id"], row["handle"]) == (post.thread.id, post.author)
        assert from_text(row["created_at"]) == post.created_at
        own = "\n".join(line for line in post.text.split("\n") if not line.startswith("> "))
        # A quotation of an earlier post is no part of the text; one of somebody else is.
        assert letters(row["text"]) in (letters(own), letters(post.text)), row["id"]


def letters(text: str) -> str:
    # A link that every post of a page repeats, as a campaign's, passes for the page's furniture.
    text = re.sub(r"https?://\S+", "", text)
    return "".join(symbol for symbol in text if symbol.isalnum())


@pytest.mark.parametrize("kind", ["material", "pages"])
def test_the_sample_is_shipped(kind: str) -> None:
    assert any(shipped("data", "sample", kind).iterdir())
