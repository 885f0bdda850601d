from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any

import pytest
from conftest import Answer, Asked, Crawling, Site, json_answer

from crawler.plan import SourcePlan

NOW = time.time()


@dataclass
class Isso:
    """Answers like Isso 0.13: comments of a page in two levels, counts by POST, /latest off unless told."""

    site: Site
    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    latest_on: bool = False
    shown: int = 1_000
    counted_more: int = 0

    def __post_init__(self) -> None:
        self.site.routes["/isso/"] = self.page
        self.site.routes["/isso/count"] = self.count
        self.site.routes["/isso/latest"] = self.latest

    def comment(self, native: int, uri: str, parent: int | None = None, age: float = 900_000, **more: Any) -> None:
        self.rows[native] = {
            "id": native,
            "parent": parent,
            "created": NOW - age,
            "modified": None,
            "mode": 1,
            "text": f"<p>Words of {native}</p>",
            "author": "Ann",
            "website": None,
            "likes": 2,
            "dislikes": 1,
            "hash": "9dadeb27d228",
            "uri": uri,
            **more,
        }

    def of(self, uri: str, parent: int | None) -> list[dict[str, Any]]:
        rows = [row for row in self.rows.values() if row["uri"] == uri and row["parent"] == parent and row["mode"] != 2]
        return [{key: value for key, value in row.items() if key != "uri"} for row in rows]

    def page(self, asked: Asked) -> Answer:
        uri = asked.query["uri"][0]
        if "parent" in asked.query:
            parent = int(asked.query["parent"][0])
            return json_answer({"id": parent, "hidden_replies": 0, "replies": self.of(uri, parent)})
        rows = self.of(uri, None)
        for row in rows:
            below = self.of(uri, row["id"])
            row |= {"replies": below[: self.shown], "total_replies": len(below)}
            row["hidden_replies"] = len(below) - len(row["replies"])
        return json_answer({"id": None, "total_replies": len(rows), "hidden_replies": 0, "replies": rows})

    def count(self, asked: Asked) -> Answer:
        uris = json.loads(asked.body or b"[]")
        public = [row["uri"] for row in self.rows.values() if row["mode"] == 1]
        return json_answer([public.count(uri) + (self.counted_more if uri in public else 0) for uri in uris])

    def latest(self, asked: Asked) -> Answer:
        if not self.latest_on:
            return Answer(status=404)
        rows = sorted((row for row in self.rows.values() if row["mode"] == 1), key=lambda row: -row["created"])
        return json_answer(rows[: int(asked.query["limit"][0])])

    def reads(self) -> list[str]:
        return [asked.query["uri"][0] for asked in self.site.asked if asked.path == "/isso/"]


@pytest.fixture
def isso(site: Site) -> Isso:
    return Isso(site)


def source(site: Site, **changes: Any) -> SourcePlan:
    return SourcePlan("talk", "isso", f"{site.url}/isso", allow_private=True, **changes)


def test_named_pages_are_read_whole_then_only_those_whose_count_changed(isso: Isso, crawling: Crawling) -> None:
    isso.comment(1, "/a/")
    isso.comment(2, "/a/", parent=1, author=None, modified=NOW - 800_000)
    isso.comment(3, "/b/")
    plan = source(isso.site, pages=("/a/", f"{isso.site.url}/b/", "/empty/"))
    first = crawling(plan)["talk"]
    assert (first.status, first.new) == ("ok", 3)
    assert sorted(isso.reads()) == ["/a/", "/b/"]
    with crawling.open() as store:
        rows = {row["id"]: row for row in store.rows("SELECT * FROM posts")}
    assert (rows["talk:2"]["thread_id"], rows["talk:2"]["parent_id"]) == ("talk:/a/", "talk:1")
    assert rows["talk:2"]["author_id"] is None
    assert rows["talk:2"]["edited_at"] is not None
    assert rows["talk:3"]["url"] == f"{isso.site.url}/b/#isso-3"
    assert crawling.number("SELECT dislikes FROM engagement WHERE post_id = 'talk:1'") == 1
    assert crawling.number("SELECT count(*) FROM sources WHERE first_crawl_finished_at IS NOT NULL") == 1

    isso.comment(4, "/empty/", age=10)
    isso.site.asked.clear()
    assert crawling(plan)["talk"].new == 1
    assert isso.reads() == ["/empty/"]


def test_pages_come_from_the_newest_comments_and_from_the_sitemap(isso: Isso, crawling: Crawling) -> None:
    isso.comment(1, "/a/")
    isso.comment(2, "/hidden/")
    where = "".join(f"<url><loc>{isso.site.url}{path}</loc></url>" for path in ("/a/", "/c/"))
    isso.site.routes["/sitemap.xml"] = Answer(f"<urlset>{where}</urlset>", content_type="application/xml")
    assert crawling(source(isso.site))["talk"].new == 1
    isso.latest_on = True
    isso.comment(3, "/c/", age=60)
    assert crawling(source(isso.site))["talk"].new == 2
    assert crawling.ids() == ["talk:1", "talk:2", "talk:3"]


def test_late_approved_hidden_edited_and_deleted_comments_are_met(isso: Isso, crawling: Crawling) -> None:
    plan = source(isso.site, pages=("/a/",))
    isso.shown = 1
    isso.comment(1, "/a/")
    for native in (2, 3, 4):
        isso.comment(native, "/a/", parent=1)
    isso.comment(5, "/a/", mode=2)
    isso.comment(6, "/a/", age=100)
    assert crawling(plan)["talk"].new == 5
    isso.rows[5]["mode"] = 1
    isso.rows[1] |= {"mode": 4, "text": "", "author": None}
    del isso.rows[3]
    isso.rows[6] |= {"text": "<p>Other words</p>", "likes": 9}
    second = crawling(plan)["talk"]
    assert (second.status, second.new, second.changed) == ("ok", 1, 1)
    with crawling.open() as store:
        gone = [row["post_id"] for row in store.rows("SELECT post_id FROM gone_posts ORDER BY 1")]
        likes = [row["likes"] for row in store.rows("SELECT likes FROM engagement WHERE post_id = 'talk:6' ORDER BY 1")]
    assert (gone, likes) == (["talk:1", "talk:3"], [2, 9])


def test_a_count_above_what_is_shown_is_a_gap_until_it_is_not(isso: Isso, crawling: Crawling) -> None:
    plan = source(isso.site, pages=("/a/",))
    isso.comment(1, "/a/")
    isso.counted_more = 2
    assert crawling(plan)["talk"].status == "partial"
    assert crawling.number("SELECT missing FROM gaps WHERE closed_at IS NULL") == 2
    isso.counted_more = 0
    assert crawling(plan)["talk"].status == "ok"
    assert crawling.number("SELECT count(*) FROM gaps WHERE closed_at IS NULL") == 0


def test_a_budget_that_runs_out_goes_on_where_it_stopped(isso: Isso, crawling: Crawling) -> None:
    for native in range(1, 9):
        isso.comment(native, f"/{native}/")
    pages = tuple(f"/{native}/" for native in range(1, 9))
    assert crawling(source(isso.site, pages=pages, budget=5))["talk"].status == "partial"
    assert [crawling(source(isso.site, pages=pages, budget=7))["talk"].status for _ in range(2)][-1] == "ok"
    assert len(crawling.ids()) == 8


def test_bad_rows_no_pages_and_no_isso_are_named(isso: Isso, crawling: Crawling) -> None:
    isso.comment(1, "/a/", text=None)
    isso.comment(2, "/a/", created="yesterday")
    isso.comment(3, "/a/", id=[])
    isso.comment(4, "/a/")
    covered = crawling(source(isso.site, pages=("/a/",)))["talk"]
    assert covered.new == 2
    assert covered.dropped == 2
    nothing = crawling(SourcePlan("none", "isso", f"{isso.site.url}/isso", allow_private=True))["none"]
    assert nothing.status == "failed"
    assert "name some in `pages`" in str(nothing.detail)
    isso.site.routes["/isso/count"] = Answer("<html>Not found</html>")
    other = crawling(SourcePlan("x", "isso", f"{isso.site.url}/isso", allow_private=True, pages=("/a/",)))["x"]
    assert other.status == "failed"
    assert "Isso server" in str(other.detail)
