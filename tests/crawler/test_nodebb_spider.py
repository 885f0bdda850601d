from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from conftest import Answer, Asked, Crawling, Site, json_answer

from crawler.nodebb_rows import categories_of, post_of, topic_of
from crawler.plan import SourcePlan

NOW = time.time()
PAGE = 20


def at(hours: float) -> int:
    return int((NOW - hours * 3_600) * 1_000)


@dataclass
class NodeBB:
    """Answers like NodeBB: 20 rows a page, a 404 past the end, the latest topics only, deleted posts without words."""

    site: Site
    most: int = 200
    topics: dict[int, dict[str, Any]] = field(default_factory=dict)
    posts: dict[int, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.site.fallback = self.answer

    def topic(self, number: int, age: float = 300, cid: int = 3, **more: Any) -> None:
        self.topics[number] = {
            "tid": number,
            "cid": cid,
            "title": f"Pumps &amp; topic {number}",
            "titleRaw": f"Pumps & topic {number}",
            "slug": f"{number}/pumps-topic-{number}",
            "timestamp": at(age),
            "lastposttime": at(age),
            "viewcount": 30 + number,
            "deleted": 0,
            **more,
        }
        self.post(number * 1_000, number, age=age)

    def post(self, pid: int, tid: int, age: float = 200, **more: Any) -> None:
        self.posts[pid] = {
            "pid": pid,
            "tid": tid,
            "uid": 1 + pid % 5,
            "content": f'<p dir="auto">Words of {pid}</p>\n',
            "timestamp": at(age),
            "edited": 0,
            "deleted": 0,
            "upvotes": 0,
            "downvotes": 0,
            "replies": {"hasMore": False, "count": 0},
            "user": {"username": f"user{1 + pid % 5}"},
            **more,
        }
        self.topics[tid]["lastposttime"] = max(self.topics[tid]["lastposttime"], at(age))

    def rows(self, tid: int) -> list[dict[str, Any]]:
        rows = sorted((row for row in self.posts.values() if row["tid"] == tid), key=lambda row: row["timestamp"])
        hidden = {"content": "[[topic:post-is-deleted]]"}
        return [{**row, **(hidden if row["deleted"] else {}), "index": place} for place, row in enumerate(rows)]

    def shown(self, tid: int) -> dict[str, Any]:
        topic = {**self.topics[tid], "postcount": len(self.rows(tid))}
        return {**topic, "title": "[[topic:topic-is-deleted]]", "slug": f"{tid}"} if topic["deleted"] else topic

    def answer(self, asked: Asked) -> Answer:
        page = int(asked.query.get("page", ["1"])[0])
        latest = sorted(self.topics, key=lambda tid: -self.topics[tid]["lastposttime"])
        if asked.path == "/api/recent":
            return self.list(latest[: self.most], page)
        if asked.path == "/api/categories":
            inner = {"cid": 4, "children": [{"cid": 5, "children": []}]}
            return json_answer({"categories": [{"cid": 3, "children": []}, inner]})
        if found := re.fullmatch(r"/api/category/(\d+)", asked.path):
            return self.list([tid for tid in latest if self.topics[tid]["cid"] == int(found[1])], page)
        if (found := re.fullmatch(r"/api/topic/(\d+)", asked.path)) and int(found[1]) in self.topics:
            tid = int(found[1])
            rows = self.rows(tid)
            pages = max(1, -(-len(rows) // PAGE))
            if self.topics[tid]["deleted"] or page > pages:
                return Answer('"not-found"', status=404)
            posts = rows[(page - 1) * PAGE : page * PAGE]
            return json_answer({**self.shown(tid), "posts": posts, "pagination": {"pageCount": pages}})
        return Answer(status=404)

    def list(self, wanted: list[int], page: int) -> Answer:
        pages = max(1, -(-len(wanted) // PAGE))
        if page > pages:
            return Answer(status=404)
        rows = [self.shown(tid) for tid in wanted[(page - 1) * PAGE : page * PAGE]]
        return json_answer({"topics": rows, "topicCount": len(wanted), "pagination": {"pageCount": pages}})


@pytest.fixture
def forum(site: Site) -> NodeBB:
    return NodeBB(site)


def source(site: Site, **changes: Any) -> SourcePlan:
    return SourcePlan("nb", "nodebb", site.url, allow_private=True, **changes)


def pages_asked(forum: NodeBB, tid: int) -> list[str]:
    return [asked.query["page"][0] for asked in forum.site.asked if asked.path == f"/api/topic/{tid}"]


def test_what_the_latest_topics_do_not_show_is_read_from_the_categories(forum: NodeBB, crawling: Crawling) -> None:
    forum.most = 40
    for number in range(1, 66):
        forum.topic(number, age=200 + number, cid=3 + number % 3)
    first = crawling(source(forum.site))["nb"]
    assert (first.status, first.new) == ("ok", 65)
    assert crawling.number("SELECT count(*) FROM sources WHERE first_crawl_finished_at IS NOT NULL") == 1
    forum.post(9_001, 60, age=90)
    forum.site.asked.clear()
    assert crawling(source(forum.site))["nb"].new == 1
    lists = [path for path in forum.site.paths() if "topic" not in path]
    assert lists == ["/robots.txt", "/api/recent", "/api/recent"]


def test_an_exhausted_budget_goes_on_where_it_stopped(forum: NodeBB, crawling: Crawling) -> None:
    forum.most = 20
    for number in range(1, 36):
        forum.topic(number, age=200 + number, cid=3 + number % 3)
    for pid in range(5_001, 5_131):
        forum.post(pid, 5, age=150 - pid / 1_000)
    statuses = [crawling(source(forum.site, budget=budget))["nb"].status for budget in (2, 4, 14, 40, 40)]
    assert (statuses[0], statuses[-1]) == ("partial", "ok")
    assert len(crawling.ids()) == 165
    assert crawling.number("SELECT count(*) FROM sources WHERE first_crawl_finished_at IS NOT NULL") == 1


def test_long_topics_are_read_on_from_their_end_and_whole_when_the_count_does_not_fit(
    forum: NodeBB, crawling: Crawling
) -> None:
    forum.topic(1, age=300)
    for pid in range(1_001, 1_150):
        forum.post(pid, 1, age=290 - pid / 1_000)
    assert crawling(source(forum.site))["nb"].new == 150
    assert pages_asked(forum, 1) == [str(page) for page in range(1, 9)]
    for pid in range(1_150, 1_175):
        forum.post(pid, 1, age=100 - pid / 1_000)
    forum.site.asked.clear()
    assert crawling(source(forum.site))["nb"].new == 25
    assert pages_asked(forum, 1) == ["8", "9"]
    forum.post(1_900, 1, age=295)  # approved late, far above
    forum.post(1_901, 1, age=90)
    forum.site.asked.clear()
    covered = crawling(source(forum.site))["nb"]
    assert (covered.status, covered.new) == ("ok", 2)
    assert pages_asked(forum, 1) == ["9", "1", "2", "3", "4", "5", "6", "7", "8", "9"]


def test_edits_votes_and_deletions_in_young_topics_are_met_though_nothing_moved(
    forum: NodeBB, crawling: Crawling
) -> None:
    forum.topic(1, age=20)
    for pid in range(1_001, 1_006):
        forum.post(pid, 1, age=10)
    forum.topic(2, age=21)
    crawling(source(forum.site))
    forum.posts[1_001] |= {"content": "<p>Other words</p>", "edited": at(5)}
    forum.posts[1_002] |= {"upvotes": 4, "downvotes": 2}
    forum.posts[1_003]["deleted"] = 1
    del forum.posts[1_004]
    forum.topics[2]["deleted"] = 1
    covered = crawling(source(forum.site))["nb"]
    assert (covered.status, covered.new, covered.changed) == ("ok", 0, 1)
    with crawling.open() as store:
        gone = {row["post_id"] for row in store.rows("SELECT post_id FROM gone_posts")}
        edited = store.rows("SELECT edited_at FROM posts WHERE id = 'nb:1001'")[0]["edited_at"]
    assert gone == {"nb:1003", "nb:1004", "nb:2000"}
    assert datetime.fromisoformat(edited) == datetime.fromtimestamp(at(5) / 1_000, UTC)
    assert crawling.number("SELECT max(dislikes) FROM engagement WHERE post_id = 'nb:1002'") == 2
    assert crawling.number("SELECT count(*) FROM posts WHERE text LIKE '%deleted%'") == 0


def test_old_topics_that_were_deleted_before_we_came_cost_nothing(forum: NodeBB, crawling: Crawling) -> None:
    forum.topic(1)
    forum.topic(2, deleted=1)
    covered = crawling(source(forum.site, communities=("3/pumps",)))["nb"]
    assert (covered.status, crawling.ids()) == ("ok", ["nb:1000"])
    assert pages_asked(forum, 2) == []


def test_posts_that_are_counted_but_not_given_are_a_gap(forum: NodeBB, crawling: Crawling) -> None:
    forum.topic(1, age=30)
    forum.shown = lambda tid: {**forum.topics[tid], "postcount": 4}  # type: ignore[method-assign]
    covered = crawling(source(forum.site))["nb"]
    assert covered.status == "partial"
    assert crawling.number("SELECT missing FROM gaps WHERE closed_at IS NULL") == 3


def test_another_site_than_a_nodebb_fails_the_source(site: Site, crawling: Crawling) -> None:
    site.routes["/api/recent"] = Answer("<html>a page</html>")
    covered = crawling(source(site))["nb"]
    assert covered.status == "failed"
    assert "JSON" in str(covered.detail)


def test_a_quoted_post_is_no_part_of_the_answer_and_names_its_parent() -> None:
    topic = topic_of({"tid": 4, "title": "Prices", "slug": "4/prices", "postcount": 9}, "https://f.test")
    lead = '<p><a href="/user/ann">@ann</a> sagte in <a href="/post/41">Prices</a>:</p>'
    content = f"{lead}\n<blockquote><p>Too dear.</p></blockquote>\n<p>I agree.</p><blockquote>A saying</blockquote>"
    row = {"pid": 42, "uid": 2, "content": content, "timestamp": at(3), "index": 7, "user": {"username": "bob"}}
    post = post_of(row, topic, "https://f.test", 0)
    assert (post.text, post.parent, post.author) == ("I agree.\n\n> A saying", "41", "bob")
    assert (post.url, post.position, post.opens, post.edited_at) == ("https://f.test/post/42", 7, False, None)
    assert post_of({**row, "toPid": 40}, topic, "https://f.test", 0).parent == "40"
    assert post_of({**row, "uid": 0, "user": {"username": "[[global:guest]]"}}, topic, "", 0).author is None
    remote = post_of({**row, "pid": "https://m.test/notes/9", "uid": "https://m.test/ann"}, topic, "", 0)
    assert (remote.native_id, remote.url) == ("https://m.test/notes/9", "https://m.test/notes/9")


def test_the_opening_post_carries_the_figures_of_its_topic() -> None:
    topic = topic_of({"tid": 4, "title": "A &amp; B", "postcount": 9, "viewcount": 70}, "https://f.test")
    row = {"pid": 1, "uid": 2, "content": "<p>x</p>", "timestamp": at(3), "index": 0, "upvotes": 3, "replies": 2}
    post = post_of(row, topic, "https://f.test", 0)
    assert (post.opens, post.title, post.replies, post.views, post.likes) == (True, "A & B", 8, 70, 3)


def test_categories_are_found_at_every_depth_without_those_that_only_link() -> None:
    inner = {"cid": 2, "children": [{"cid": 3}, {"cid": 4, "link": "https://x.test"}, "odd"]}
    assert categories_of({"categories": [{"cid": 1}, inner]}) == ["1", "2", "3"]
