"""What a probing run remembers: only what an API counts, because that is spent for real."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from crawler.checking import Met, Seen, checked, robots_words, route_of
from crawler.memory import Memory
from crawler.plan import SourcePlan
from crawler.probe_watch import ScratchMemory
from crawler.quota import Quota
from crawler.session import Session
from tocsin.store.records import Coverage

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def session(memory: Memory) -> Session:
    return cast("Session", SimpleNamespace(memory=memory, now=lambda: NOW))


def test_quotas_are_spent_for_real_and_marks_are_forgotten(tmp_path: Path) -> None:
    quota = Quota("videos", 100)
    with closing(Memory(tmp_path / "kept")) as kept:
        kept.remember("blog", [("walk", {"at": "x"})])
        quota.spend(session(kept), 90)
    with closing(ScratchMemory(tmp_path / "scratch", tmp_path / "kept")) as memory:
        assert memory.recall("blog", "walk") == {}
        memory.remember("blog", [("walk", None), ("root", {"done": True})])
        assert quota.spend(session(memory), 8)
        assert not quota.spend(session(memory), 8)
    with closing(Memory(tmp_path / "kept")) as kept:
        assert quota.left(session(kept)) == 2
        assert kept.recall("blog", "walk") == {"at": "x"}
        assert kept.recall("blog", "root") == {}


def test_a_route_is_named_by_what_answered() -> None:
    asked = [("https://a.example/api", 200, "application/json"), ("https://a.example/feed", 200, "application/rss+xml")]
    assert route_of([*asked, ("https://a.example/x", 404, "text/html")]) == "API, feed"
    assert route_of([("https://a.example/x", 503, "text/html")]) is None


def test_robots_txt_is_told_by_where_it_stands() -> None:
    assert robots_words(Met("a", robots=200, crawl_delay=10), None, obey_robots=True) == "allows us, crawl-delay 10 s"
    assert "forbids everything" in robots_words(Met("a", robots=503), None, obey_robots=True)
    assert "official API" in robots_words(Met("a", by_contract=True), None, obey_robots=True)
    assert "obey_robots is false" in robots_words(Met("a"), None, obey_robots=False)


def test_our_own_small_budget_is_no_trouble_of_the_source_and_a_secret_is_never_shown() -> None:
    plan = SourcePlan("v", "reddit", communities=("a",), credentials={"client_id": "hidden"})
    detail = (
        "the budget of 8 requests is used up (sources.budget); the next run goes on where it stopped; "
        "a.example/x answered 500: the server is in trouble; 3 posts are known to be missing in 1 place(s) (table gaps)"
    )
    coverage = Coverage("v", "partial", NOW, NOW, requests=8, detail=detail)
    found = checked(plan, coverage, Met("v"), Seen(2, NOW, {"likes": 0, "views": 2}), obey_robots=True)
    assert (found.status, found.detail) == ("ok", "a.example/x answered 500: the server is in trouble")
    assert found.missing == {"views": 2}
    assert found.credentials == {"TOCSIN_REDDIT__CLIENT_ID": "present", "TOCSIN_REDDIT__CLIENT_SECRET": "missing"}
    assert "hidden" not in repr(found)
