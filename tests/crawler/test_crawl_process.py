"""The real child process: its end by time, by kill -9, and what its messages tell."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Answer, Asked, Crawling, Site, feed_of

from crawler.errors import PlanError
from crawler.plan import CrawlPlan, SourcePlan, from_json
from crawler.process import crawl
from tocsin.store.records import Coverage
from tocsin.store.runs import coverage_of

SECRET = "correct horse battery staple"
PAGES, PER_PAGE = 12, 100


def paged(site: Site, seconds: float) -> None:
    """Serve a long feed, page after page, slowly."""

    def page(asked: Asked) -> Answer:
        time.sleep(seconds)
        number = int(asked.query.get("page", ["1"])[0])
        answer = feed_of(
            [{"id": f"e{number}-{n}", "text": f"private words {number} {n}", "author": "Ann"} for n in range(PER_PAGE)]
        )
        follow = f"<link xmlns='http://www.w3.org/2005/Atom' rel='next' href='{site.url}/feed?page={number + 1}'/>"
        body = str(answer.body)
        return Answer(
            body.replace("<title>Feed</title>", f"<title>Feed</title>{follow}") if number < PAGES else body,
            content_type="application/rss+xml",
        )

    site.routes["/feed"] = page


def children(parent: int) -> Iterator[int]:
    for folder in Path("/proc").iterdir():
        try:
            if b"crawler.child" in (folder / "cmdline").read_bytes():
                stat = (folder / "stat").read_text().rpartition(")")[2].split()
                if int(stat[1]) == parent:
                    yield int(folder.name)
        except (OSError, ValueError):
            continue


def alive(process: int) -> bool:
    try:
        # Empty for one that has ended but was not waited for.
        return bool((Path("/proc") / str(process) / "cmdline").read_bytes())
    except OSError:
        return False


@pytest.fixture
def plan(site: Site, crawling: Crawling) -> CrawlPlan:
    return crawling.plan(SourcePlan("blog", "feed", f"{site.url}/feed", allow_private=True))


def again(crawling: Crawling, plan: CrawlPlan) -> Coverage:
    return crawling(*plan.sources)["blog"]


def test_a_kill_in_the_middle_loses_nothing_and_stores_nothing_twice(
    site: Site, crawling: Crawling, plan: CrawlPlan
) -> None:
    paged(site, 0.02)
    covered: list[Coverage] = []
    run = threading.Thread(target=lambda: covered.extend(crawl(plan)))
    run.start()
    while len(site.asked) < PAGES - 2:
        time.sleep(0.01)
    for child in children(os.getpid()):
        os.kill(child, signal.SIGKILL)
    run.join(20)
    assert [coverage.status for coverage in covered] == ["failed"]
    assert "exit code -9" in str(covered[0].detail)
    assert 0 < crawling.number("SELECT count(*) FROM posts") < PAGES * PER_PAGE
    assert again(crawling, plan).status == "ok"
    assert crawling.number("SELECT count(*) FROM posts") == PAGES * PER_PAGE
    assert crawling.number("SELECT count(*) FROM posts_fts") == PAGES * PER_PAGE
    assert crawling.number("SELECT count(*) FROM earlier_texts") == 0


def test_when_time_is_up_what_was_read_stays_and_the_next_run_goes_on(site: Site, crawling: Crawling) -> None:
    paged(site, 0.4)
    fast = SourcePlan("fast", "feed", f"{site.url}/fast", allow_private=True)
    slow = SourcePlan("blog", "feed", f"{site.url}/feed", allow_private=True)
    site.routes["/fast"] = feed_of([{"id": "e1"}])
    told: list[str] = []
    covered = crawl(crawling.plan(fast, slow, minutes=0.06), on_source=lambda coverage: told.append(coverage.source))
    assert [(coverage.source, coverage.status) for coverage in covered] == [("fast", "ok"), ("blog", "timed_out")]
    assert told == ["fast", "blog"]
    assert "crawl.minutes" in str(covered[1].detail)
    held = crawling.number("SELECT count(*) FROM posts WHERE source = 'blog'")
    assert PER_PAGE <= held < PAGES * PER_PAGE
    assert crawling.number("SELECT count(*) FROM sources WHERE first_crawl_finished_at IS NOT NULL") == 1
    paged(site, 0)
    assert crawling(slow)["blog"].status == "ok"
    assert crawling.number("SELECT count(*) FROM posts WHERE source = 'blog'") == PAGES * PER_PAGE


def test_a_child_whose_parent_is_killed_stops_in_order(site: Site, crawling: Crawling, plan: CrawlPlan) -> None:
    paged(site, 0.3)
    code = "import sys; from crawler import plan, process; process.crawl(plan.from_json(sys.argv[1]))"
    parent = subprocess.Popen([sys.executable, "-P", "-c", code, plan.to_json()], stderr=subprocess.DEVNULL)
    while len(site.asked) < 3:
        time.sleep(0.01)
    orphans = list(children(parent.pid))
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 10
    while any(map(alive, orphans)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert orphans
    assert time.monotonic() < deadline
    with crawling.open() as store:
        assert [coverage.status for coverage in coverage_of(store, plan.run_id)] == ["timed_out"]
        assert store.number("SELECT count(*) FROM posts") >= PER_PAGE


def test_one_closing_line_a_source_no_words_of_posts_and_no_secrets(
    site: Site, crawling: Crawling, capfd: pytest.CaptureFixture[str]
) -> None:
    posts = [{"id": "e1", "text": "private words", "author": "Ann"}, {"id": "e2", "text": "", "title": ""}]
    site.routes["/feed"] = feed_of(posts)
    arguments: list[bytes] = []

    def look(_asked: Asked) -> Answer:
        arguments.extend((Path("/proc") / str(child) / "cmdline").read_bytes() for child in children(os.getpid()))
        return Answer("")

    site.routes["/robots.txt"] = look
    source = SourcePlan("blog", "feed", f"{site.url}/feed", allow_private=True)
    crawl(crawling.plan(source, pseudonym_key=SECRET))
    captured = capfd.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("blog: ok, 2 requests, 2 posts seen, 1 new, 0 changed, 1 dropped")
    assert arguments
    assert SECRET.encode() not in b"".join(arguments)
    assert crawling.number("SELECT count(*) FROM authors WHERE handle = 'Ann'") == 0
    assert crawling.number("SELECT count(*) FROM authors WHERE length(handle) = 16") == 1


def test_a_plan_survives_its_journey_without_its_secret(crawling: Crawling) -> None:
    plan = crawling.plan(SourcePlan("a", "forum", "http://x.test/", budget=5), pseudonym_key=SECRET)
    assert SECRET not in plan.to_json() + repr(plan)
    assert from_json(plan.to_json(), SECRET) == plan


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"sources": [{"unknown": 1}]}', '{"sources": [], "store": "x"}'])
def test_what_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(PlanError):
        from_json(text)


def test_nothing_to_crawl_starts_no_child(crawling: Crawling) -> None:
    assert crawl(crawling.plan(SourcePlan("history", "import"))) == []
    assert crawling.number("SELECT count(*) FROM sources WHERE kind = 'import'") == 1
