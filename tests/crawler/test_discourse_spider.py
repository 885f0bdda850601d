from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from conftest import Answer, Asked, Crawling, Site, json_answer

from crawler.plan import SourcePlan

NOW = datetime.now(UTC)
PAGE, LISTED, FOUND = 20, 30, 50


def at(hours: float) -> str:
    return (NOW - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


@dataclass
class Discourse:
    """Answers like Discourse: 20 posts a topic, the others by id, 30 topics a page, a search that ends at page 10."""

    site: Site
    topics: dict[int, dict[str, Any]] = field(default_factory=dict)
    posts: dict[int, dict[str, Any]] = field(default_factory=dict)
    withheld: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.site.fallback = self.answer

    def topic(self, number: int, age: float = 300, **more: Any) -> None:
        self.topics[number] = {
            "id": number,
            "title": f"Valve &amp; topic {number}",
            "slug": f"valve-topic-{number}",
            "created_at": at(age),
            "bumped_at": at(age),
            "views": 70 + number,
            "category_id": 5,
            "pinned": False,
            **more,
        }
        self.post(number * 1_000 + 1, number, age=age)

    def post(self, native: int, topic: int, age: float = 200, **more: Any) -> None:
        number = 1 + max([row["post_number"] for row in self.posts.values() if row["topic_id"] == topic], default=0)
        self.posts[native] = {
            "id": native,
            "topic_id": topic,
            "post_number": number,
            "post_type": 1,
            "username": f"user{native % 7}",
            "cooked": f"<p>Words of {native}</p>",
            "created_at": at(age),
            "updated_at": at(age),
            "version": 1,
            "reply_count": 0,
            "reply_to_post_number": None,
            "actions_summary": [],
            "hidden": False,
            **more,
        }
        if age < (NOW - datetime.fromisoformat(self.topics[topic]["bumped_at"])).total_seconds() / 3_600:
            self.topics[topic]["bumped_at"] = at(age)

    def shown(self, topic: int) -> dict[str, Any]:
        return {**self.topics[topic], "posts_count": len(self.rows(topic))}

    def rows(self, topic: int) -> list[dict[str, Any]]:
        return [row for row in self.posts.values() if row["topic_id"] == topic]

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/latest.json":
            return self.latest(asked, self.topics)
        if found := re.fullmatch(r"/c/support/5/l/latest.json", asked.path):
            return self.latest(asked, [key for key, row in self.topics.items() if row["category_id"] == 5])
        if asked.path == "/search.json":
            return self.search(asked)
        if (found := re.fullmatch(r"/t/(\d+)\.json", asked.path)) and int(found[1]) in self.topics:
            rows = self.rows(int(found[1]))
            stream = {"stream": [row["id"] for row in rows], "posts": rows[:PAGE]}
            return json_answer({**self.shown(int(found[1])), "post_stream": stream})
        if found := re.fullmatch(r"/t/(\d+)/posts\.json", asked.path):
            wanted = {int(native) for native in asked.query["post_ids[]"]} - self.withheld
            assert len(wanted) <= PAGE
            return json_answer({"post_stream": {"posts": [r for r in self.rows(int(found[1])) if r["id"] in wanted]}})
        return Answer(status=404)

    def latest(self, asked: Asked, wanted: Any) -> Answer:
        page = int(asked.query.get("page", ["0"])[0])
        rows = sorted(map(self.shown, wanted), key=lambda row: (row["pinned"], row["bumped_at"]), reverse=True)
        after = (page + 1) * LISTED
        shown: dict[str, Any] = {"per_page": LISTED, "topics": rows[page * LISTED : after]}
        if after < len(rows):
            shown["more_topics_url"] = f"/latest?no_definitions=true&page={page + 1}"
        return json_answer({"users": [], "topic_list": shown})

    def search(self, asked: Asked) -> Answer:
        terms, page = asked.query["q"][0], int(asked.query["page"][0])
        if page > 10:
            return Answer(status=400)
        before = re.search(r"before:(\S+)", terms)
        words = terms.split()[0].lower()
        rows = [
            row
            for row in self.posts.values()
            if words in row["cooked"].lower() and (before is None or row["created_at"][:10] < before[1])
        ]
        rows.sort(key=lambda row: row["created_at"], reverse=True)
        part = rows[(page - 1) * FOUND : page * FOUND]
        topics = [self.shown(number) for number in dict.fromkeys(row["topic_id"] for row in part)]
        told = {"more_full_page_results": True if page * FOUND < len(rows) else None}
        posts = [{key: row[key] for key in ("id", "topic_id", "post_number", "created_at")} for row in part]
        return json_answer({"posts": posts, "topics": topics, "grouped_search_result": told})


@pytest.fixture
def forum(site: Site) -> Discourse:
    return Discourse(site)


def source(site: Site, **changes: Any) -> SourcePlan:
    return SourcePlan("dc", "discourse", site.url, allow_private=True, **changes)


def open_gaps(crawling: Crawling) -> int:
    return crawling.number("SELECT count(*) FROM gaps WHERE closed_at IS NULL")


def test_topics_longer_than_a_page_are_read_whole_and_asked_again_only_when_they_moved(
    forum: Discourse, crawling: Crawling
) -> None:
    for number in range(1, 36):
        forum.topic(number, age=300 + number)
    for native in range(2_002, 2_066):
        forum.post(native, 2, age=250)
    first = crawling(source(forum.site))["dc"]
    assert (first.status, first.new) == ("ok", 35 + 64)
    assert crawling.number("SELECT count(*) FROM sources WHERE first_crawl_finished_at IS NOT NULL") == 1
    forum.site.asked.clear()
    assert crawling(source(forum.site))["dc"].new == 0
    assert forum.site.paths() == ["/robots.txt", "/latest.json"]
    forum.post(2_100, 2, age=90)
    forum.site.asked.clear()
    assert crawling(source(forum.site))["dc"].new == 1
    assert [path for path in forum.site.paths() if "/t/" in path] == ["/t/2.json", "/t/2/posts.json"]
    assert forum.site.asked[-1].query["post_ids[]"] == ["2100"]


def test_a_post_carries_author_parent_place_address_and_figures(forum: Discourse, crawling: Crawling) -> None:
    forum.topic(4)
    forum.post(4_002, 4, reply_to_post_number=1, actions_summary=[{"id": 2, "count": 3}], reply_count=2)
    quote = '<aside class="quote no-group" data-username="user2" data-post="2" data-topic="4"><div class="title">user2:'
    cooked = f"{quote}</div><blockquote><p>Words of 4002</p></blockquote></aside><p>I disagree.</p>"
    forum.post(4_003, 4, cooked=cooked)
    crawling(source(forum.site))
    with crawling.open() as store:
        rows = {row["id"]: row for row in store.rows("SELECT * FROM posts")}
        figures = {row["post_id"]: row for row in store.rows("SELECT * FROM engagement")}
        thread = store.rows("SELECT * FROM threads")[0]
    assert (thread["id"], thread["title"]) == ("dc:4", "Valve & topic 4")
    assert rows["dc:4002"]["parent_id"] == "dc:4001"
    assert rows["dc:4002"]["url"] == f"{forum.site.url}/t/valve-topic-4/4/2"
    assert (rows["dc:4003"]["text"], rows["dc:4003"]["parent_id"]) == ("I disagree.", "dc:4002")
    assert (figures["dc:4001"]["replies"], figures["dc:4001"]["views"], figures["dc:4001"]["likes"]) == (2, 74, 0)
    assert (figures["dc:4002"]["likes"], figures["dc:4002"]["replies"], figures["dc:4002"]["views"]) == (3, 2, None)


def test_a_post_that_only_quotes_is_dropped_and_machines_notes_are_no_posts(
    forum: Discourse, crawling: Crawling
) -> None:
    forum.topic(1)
    forum.post(1_002, 1, cooked='<aside class="quote"><blockquote><p>Words of 1001</p></blockquote></aside>')
    forum.post(1_003, 1, post_type=3, cooked="", action_code="closed.enabled")
    covered = crawling(source(forum.site))["dc"]
    assert (covered.status, covered.new, covered.dropped) == ("ok", 1, 1)
    assert open_gaps(crawling) == 0


def test_edits_likes_and_deletions_in_young_topics_are_met_though_nothing_moved(
    forum: Discourse, crawling: Crawling
) -> None:
    forum.topic(1, age=20)
    for native in range(1_002, 1_030):
        forum.post(native, 1, age=10)
    crawling(source(forum.site))
    forum.posts[1_025] |= {"cooked": "<p>Other words</p>", "version": 2, "updated_at": at(5)}
    forum.posts[1_003]["actions_summary"] = [{"id": 2, "count": 9}]
    forum.posts[1_004] |= {"hidden": True, "cooked": "<p>This post was flagged</p>"}
    forum.posts[1_005] |= {"user_deleted": True, "cooked": "<p>(post deleted by author)</p>"}
    del forum.posts[1_006]
    covered = crawling(source(forum.site))["dc"]
    assert (covered.status, covered.new, covered.changed) == ("ok", 0, 1)
    with crawling.open() as store:
        gone = {row["post_id"] for row in store.rows("SELECT post_id FROM gone_posts")}
        edited = store.rows("SELECT text, edited_at FROM posts WHERE id = 'dc:1025'")[0]
    assert gone == {"dc:1004", "dc:1005", "dc:1006"}
    assert (edited["text"], edited["edited_at"][:19] + "Z") == ("Other words", at(5)[:19] + "Z")
    assert crawling.number("SELECT max(likes) FROM engagement WHERE post_id = 'dc:1003'") == 9
    assert crawling.number("SELECT count(*) FROM posts WHERE text LIKE '%flagged%'") == 0


def test_a_deleted_topic_takes_its_posts_with_it_and_a_restored_one_brings_them_back(
    forum: Discourse, crawling: Crawling
) -> None:
    forum.topic(1, age=20)
    forum.topic(2, age=19)
    crawling(source(forum.site))
    taken = forum.topics.pop(1)
    assert crawling(source(forum.site))["dc"].status == "ok"
    assert crawling.number("SELECT count(*) FROM gone_posts WHERE post_id = 'dc:1001'") == 1
    forum.topics[1] = taken
    crawling(source(forum.site))
    assert crawling.number("SELECT count(*) FROM gone_posts") == 0


def test_an_exhausted_budget_goes_on_where_it_stopped(forum: Discourse, crawling: Crawling) -> None:
    for number in range(1, 41):
        forum.topic(number, age=200 + number)
    for native in range(7_002, 7_102):
        forum.post(native, 7, age=150)
    first = crawling(source(forum.site, budget=6))["dc"]
    assert first.status == "partial"
    assert crawling.number("SELECT count(*) FROM sources WHERE first_crawl_finished_at IS NOT NULL") == 0
    forum.topic(90, age=1)
    statuses = [crawling(source(forum.site, budget=14))["dc"].status for _ in range(6)]
    assert statuses[-1] == "ok"
    assert len(crawling.ids()) == 141
    assert crawling.number("SELECT count(*) FROM sources WHERE first_crawl_finished_at IS NOT NULL") == 1


@pytest.mark.parametrize("moments", [(2, 5), (9, 30)])
def test_runs_that_are_killed_lose_nothing_and_store_nothing_twice(
    forum: Discourse, crawling: Crawling, moments: tuple[int, ...]
) -> None:
    for number in range(1, 36):
        forum.topic(number, age=200 + number)
    for native in range(7_002, 7_062):
        forum.post(native, 7, age=150)
    answer = forum.answer

    def deadly(asked: Asked) -> Answer:
        if len(forum.site.asked) == moment:
            crawling.nursery.kill()
        return answer(asked)

    for moment in moments:
        forum.site.asked.clear()
        forum.site.fallback = deadly
        assert crawling.attempt(source(forum.site))[0] == 9
        forum.post(7_100 + moment, 7, age=100)
    forum.site.fallback = answer
    covered = crawling(source(forum.site))["dc"]
    assert covered.status == "ok"
    assert crawling.ids() == sorted(f"dc:{native}" for native in forum.posts)
    assert crawling.number("SELECT count(*) FROM gone_posts") == 0


def test_a_topic_that_began_long_ago_is_read_from_its_end_and_no_further_than_wanted(
    forum: Discourse, crawling: Crawling
) -> None:
    forum.topic(1, age=24 * 400)
    for native in range(1_002, 1_202):
        forum.post(native, 1, age=24 * 300)
    for native in range(1_202, 1_212):
        forum.post(native, 1, age=24 * 10, reply_to_post_number=200)
    covered = crawling(source(forum.site))["dc"]
    assert (covered.status, covered.new) == ("ok", 20 + 10 + 10 + 20)
    assert crawling.number("SELECT count(*) FROM posts WHERE parent_id = 'dc:1200'") == 10
    forum.post(1_300, 1, age=24 * 5)
    forum.site.asked.clear()
    again = crawling(source(forum.site))["dc"]
    assert (again.new, len([path for path in forum.site.paths() if "posts.json" in path])) == (1, 1)


def test_a_pinned_topic_of_old_neither_ends_the_list_nor_is_read(forum: Discourse, crawling: Crawling) -> None:
    forum.topic(1, age=24 * 900, pinned=True)
    for number in range(2, 40):
        forum.topic(number, age=24 * 30 + number)
    forum.topic(50, age=24 * 100)
    covered = crawling(source(forum.site))["dc"]
    assert (covered.status, covered.new) == ("ok", 38)


def test_communities_are_categories(forum: Discourse, crawling: Crawling) -> None:
    forum.topic(1)
    forum.topic(2, category_id=6)
    covered = crawling(source(forum.site, communities=("support/5",)))["dc"]
    assert (covered.status, crawling.ids()) == ("ok", ["dc:1001"])
    wrong = crawling(source(forum.site, communities=("support/5", "nowhere")))["dc"]
    assert wrong.status == "partial"
    assert "404" in str(wrong.detail)


def test_a_query_reads_whole_topics_and_follows_them_where_the_search_finds_nothing_new(
    forum: Discourse, crawling: Crawling
) -> None:
    forum.topic(1, age=100)
    forum.post(1_002, 1, age=90, cooked="<p>Borealis leaks</p>")
    forum.topic(2, age=100)
    assert crawling(source(forum.site, query="borealis"))["dc"].new == 2
    assert "after:" in forum.site.asked[1].query["q"][0]
    forum.post(1_003, 1, age=0.1, cooked="<p>Mine too</p>")
    assert crawling(source(forum.site, query="borealis"))["dc"].new == 1
    forum.posts[1_002]["cooked"] = "<p>It leaks</p>"
    forum.post(1_004, 1, age=0.05, cooked="<p>And mine</p>")
    followed = crawling(source(forum.site, query="borealis"))["dc"]
    assert (followed.status, followed.new, followed.changed) == ("ok", 1, 1)
    assert "dc:2001" not in crawling.ids()


def test_what_a_search_does_not_show_on_its_ten_pages_is_reached_by_date(forum: Discourse, crawling: Crawling) -> None:
    for number in range(1, 13):
        forum.topic(number, age=24 * 40)
        for native in range(60):
            age = 24 * (3 * number) + native / 20
            forum.post(number * 1_000 + 2 + native, number, age=age, cooked=f"<p>borealis {native}</p>")
    covered = crawling(source(forum.site, query="borealis"))["dc"]
    assert (covered.status, covered.new) == ("ok", 12 * 61)
    assert open_gaps(crawling) == 0


def test_more_posts_of_one_day_than_a_search_shows_are_a_gap(forum: Discourse, crawling: Crawling) -> None:
    for number in range(1, 22):
        forum.topic(number, age=24 * 40)
        for native in range(50):
            moment = (NOW - timedelta(days=10)).strftime(f"%Y-%m-%dT12:{native:02}:{number:02}.000Z")
            forum.post(number * 1_000 + 2 + native, number, age=240, cooked="<p>borealis</p>", created_at=moment)
    covered = crawling(source(forum.site, query="borealis"))["dc"]
    assert covered.status == "partial"
    assert open_gaps(crawling) == 1


def test_a_search_that_robots_txt_forbids_is_not_made(forum: Discourse, crawling: Crawling) -> None:
    forum.topic(1)
    forum.site.routes["/robots.txt"] = Answer("User-agent: *\nDisallow: /search\n", content_type="text/plain")
    covered = crawling(source(forum.site, query="borealis"))["dc"]
    assert covered.status == "refused"
    assert "/search.json" not in forum.site.paths()
    assert crawling(source(forum.site))["dc"].new == 1


def test_posts_that_are_counted_but_not_given_are_a_gap_until_they_are(forum: Discourse, crawling: Crawling) -> None:
    forum.topic(1, age=30)
    for native in range(1_002, 1_032):
        forum.post(native, 1, age=20)
    forum.withheld = {1_030, 1_031}
    covered = crawling(source(forum.site))["dc"]
    assert covered.status == "partial"
    assert crawling.number("SELECT missing FROM gaps WHERE closed_at IS NULL") == 2
    forum.withheld = set()
    assert crawling(source(forum.site))["dc"].new == 2
    assert open_gaps(crawling) == 0


def test_a_row_of_a_wrong_shape_stops_no_other(forum: Discourse, crawling: Crawling) -> None:
    forum.topic(1)
    forum.post(1_002, 1)
    forum.posts[1_002]["post_number"] = {}
    covered = crawling(source(forum.site))["dc"]
    assert (covered.new, covered.dropped) == (1, 1)


def test_another_site_than_a_discourse_fails_the_source(site: Site, crawling: Crawling) -> None:
    site.routes["/latest.json"] = json_answer({"posts": []})
    covered = crawling(source(site))["dc"]
    assert covered.status == "failed"
    assert "Discourse" in str(covered.detail)
