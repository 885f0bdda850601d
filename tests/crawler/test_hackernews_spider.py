from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import Any

import pytest
from conftest import Answer, Asked, Crawling, Site, json_answer

from crawler.plan import SourcePlan

NOW = int(time.time())


@dataclass
class Algolia:
    """Answers like hn.algolia.com: newest first, `most` hits at the most, whatever the page."""

    site: Site
    most: int = 1_000
    items: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.site.routes["/api/v1/search_by_date"] = self.search
        self.site.fallback = self.tree

    def story(self, number: int, age: int = 600, **more: Any) -> None:
        hit = {"title": f"Story {number}", "url": "http://x.test/", "num_comments": 0, "points": 5, "_tags": ["story"]}
        self._add(number, age, {**hit, **more})

    def comment(self, number: int, story: int, age: int = 300, parent: int | None = None, text: str = "") -> None:
        hit = {"comment_text": text or f"<p>Comment {number}", "story_id": story, "story_title": f"Story {story}"}
        self._add(number, age, {**hit, "parent_id": parent or story, "_tags": ["comment"]})
        for item in self.items:
            if item["objectID"] == str(story):
                item["num_comments"] += 1

    def _add(self, number: int, age: int, hit: dict[str, Any]) -> None:
        self.items.append({"objectID": str(number), "author": f"a{number % 7}", "created_at_i": NOW - age, **hit})

    def search(self, asked: Asked) -> Answer:
        bounds = asked.query.get("numericFilters", [""])[0]
        low = int((re.findall(r">=(\d+)", bounds) or [0])[0])
        high = int((re.findall(r"<=(\d+)", bounds) or [NOW * 2])[0])
        words = asked.query.get("query", [""])[0]
        stories = re.findall(r"story_(\d+)", asked.query.get("tags", [""])[0])
        hits = [
            hit
            for hit in self.items
            if low <= hit["created_at_i"] <= high
            and words.lower() in str(hit).lower()
            and (not stories or hit["objectID"] in stories)
            and not hit.get("hidden")
        ]
        hits.sort(key=lambda hit: -hit["created_at_i"])
        room = min(self.most, int(asked.query.get("hitsPerPage", ["20"])[0]))
        return json_answer({"hits": hits[:room], "nbHits": len(hits), "hitsPerPage": room})

    def tree(self, asked: Asked) -> Answer:
        found = re.fullmatch(r"/api/v1/items/(\d+)", asked.path)
        return json_answer(self._node(found[1])) if found else Answer(status=404)

    def _node(self, number: str) -> dict[str, Any]:
        hit = next(hit for hit in self.items if hit["objectID"] == number)
        children = [self._node(other["objectID"]) for other in self.items if str(other.get("parent_id")) == number]
        text = hit.get("comment_text") or hit.get("story_text")
        return {**hit, "id": int(number), "text": text, "children": children}


@pytest.fixture
def algolia(site: Site) -> Algolia:
    return Algolia(site)


def source(site: Site, **changes: Any) -> SourcePlan:
    return SourcePlan("hn", "hackernews", f"{site.url}/api/v1", allow_private=True, **changes)


def test_the_whole_site_is_read_in_slices_of_time(algolia: Algolia, crawling: Crawling) -> None:
    algolia.most = 50
    algolia.story(1, age=50_000)
    for number in range(2, 302):
        # Many share a second, as on the real site.
        algolia.comment(number, 1, age=40_000 - number // 7)
    covered = crawling(source(algolia.site))["hn"]
    assert (covered.status, covered.new) == ("ok", 301)
    assert crawling.number("SELECT count(*) FROM posts WHERE parent_id = 'hn:1'") == 300
    assert crawling.number("SELECT count(*) FROM sources WHERE first_crawl_finished_at IS NOT NULL") == 1
    assert covered.requests < 15


def test_twelve_hundred_comments_between_two_runs_late_and_edited_ones_are_kept(
    algolia: Algolia, crawling: Crawling
) -> None:
    algolia.story(1, age=90_000)
    algolia.comment(2, 1, age=80_000, text="first words")
    crawling(source(algolia.site))
    for number in range(3, 1_203):
        algolia.comment(number, 1, age=60_000 - number)
    algolia.comment(5_000, 1, age=85_000)  # older than what was known
    algolia.items[1]["comment_text"] = "edited words"
    covered = crawling(source(algolia.site))["hn"]
    assert (covered.new, covered.changed) == (1_201, 1)


def test_an_exhausted_budget_goes_on_where_it_stopped(algolia: Algolia, crawling: Crawling) -> None:
    algolia.most = 20
    algolia.story(1, age=900_000)
    for number in range(2, 102):
        algolia.comment(number, 1, age=800_000 - number)
    first = crawling(source(algolia.site, budget=3))["hn"]
    assert first.status == "partial"
    assert first.detail is not None
    assert "budget" in first.detail
    assert crawling.number("SELECT count(*) FROM sources WHERE first_crawl_finished_at IS NOT NULL") == 0
    algolia.comment(900, 1, age=10)
    statuses = [crawling(source(algolia.site, budget=4))["hn"].status for _ in range(3)]
    assert statuses[-1] == "ok"
    assert crawling.number("SELECT count(*) FROM posts") == 102
    assert crawling.number("SELECT count(*) FROM sources WHERE first_crawl_finished_at IS NOT NULL") == 1


def test_a_query_reads_the_whole_discussion_and_follows_it(algolia: Algolia, crawling: Crawling) -> None:
    algolia.story(1, title="Borealis raises prices")
    algolia.comment(2, 1)
    algolia.comment(3, 1, parent=2)
    algolia.items[1]["story_title"] = algolia.items[2]["story_title"] = ""
    algolia.story(9, title="Something else")
    assert crawling(source(algolia.site, query="borealis"))["hn"].new == 3
    algolia.comment(4, 1, parent=3)
    algolia.items[-1]["story_title"] = ""
    assert crawling(source(algolia.site, query="borealis"))["hn"].new == 1
    with crawling.open() as store:
        rows = {row["id"]: row["parent_id"] for row in store.rows("SELECT id, parent_id FROM posts")}
    assert rows == {"hn:1": None, "hn:2": "hn:1", "hn:3": "hn:2", "hn:4": "hn:3"}
    site_quiet_since = len(algolia.site.asked)
    assert crawling(source(algolia.site, query="borealis"))["hn"].new == 0
    assert not [path for path in algolia.site.paths()[site_quiet_since:] if "items" in path]


def test_replies_that_the_search_withholds_come_from_the_tree(algolia: Algolia, crawling: Crawling) -> None:
    algolia.story(1)
    algolia.comment(2, 1)
    algolia.comment(3, 1)
    algolia.items[2]["hidden"] = True
    covered = crawling(source(algolia.site))["hn"]
    assert (covered.status, covered.new) == ("ok", 3)


def test_replies_that_exist_nowhere_are_a_gap(algolia: Algolia, crawling: Crawling) -> None:
    algolia.story(1, num_comments=4)
    algolia.comment(2, 1)
    covered = crawling(source(algolia.site))["hn"]
    assert covered.status == "partial"
    assert crawling.number("SELECT missing FROM gaps WHERE closed_at IS NULL") == 4


def test_an_answer_that_is_no_json_fails_the_source(site: Site, crawling: Crawling) -> None:
    site.routes["/api/v1/search_by_date"] = Answer("<html>captcha</html>")
    covered = crawling(source(site))["hn"]
    assert covered.status == "failed"
    assert covered.detail is not None
    assert "no JSON" in covered.detail


def test_a_hit_of_a_wrong_shape_is_dropped_and_the_others_are_kept(algolia: Algolia, crawling: Crawling) -> None:
    algolia.story(1)
    algolia.comment(2, 1)
    algolia.items[0]["num_comments"] = 0
    algolia.items.append({"objectID": "3", "created_at_i": NOW - 5, "_tags": None, "author": []})
    covered = crawling(source(algolia.site))["hn"]
    assert (covered.status, covered.new, covered.dropped) == ("ok", 2, 1)


def test_an_error_of_ours_fails_the_source_with_its_place_and_no_words(site: Site, crawling: Crawling) -> None:
    site.routes["/api/v1/search_by_date"] = json_answer({"hits": 5})
    covered = crawling(source(site))["hn"]
    assert covered.status == "failed"
    assert str(covered.detail).startswith("unexpected TypeError at hackernews.py:")
