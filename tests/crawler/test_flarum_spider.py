from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from conftest import Answer, Asked, Crawling, Site, json_answer

from crawler.flarum_rows import post_of, topic_of
from crawler.plan import SourcePlan

NOW = datetime.now(UTC)
MOST = 50


def at(hours: float) -> str:
    return (NOW - timedelta(hours=hours)).isoformat(timespec="seconds")


@dataclass
class Flarum:
    """Answers like Flarum: JSON:API, at most 50 rows a page, hidden posts only to members, users in `included`."""

    site: Site
    topics: dict[int, dict[str, Any]] = field(default_factory=dict)
    posts: dict[int, dict[str, Any]] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)
    broken: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.site.fallback = self.answer

    def topic(self, number: int, age: float = 300, tag: int = 1, **more: Any) -> None:
        attributes = {"title": f"Seals & topic {number}", "slug": f"{number}-seals-topic", "createdAt": at(age)}
        self.topics[number] = {"attributes": {**attributes, "lastPostedAt": at(age), **more}, "tag": tag}
        self.post(number * 1_000, number, age=age)

    def post(self, native: int, topic: int, age: float = 200, likes: int = 0, **more: Any) -> None:
        number = 1 + sum(1 for row in self.posts.values() if row["topic"] == topic)
        html = f"<p>Words of {native}</p>"
        attributes = {"number": number, "createdAt": at(age), "contentType": "comment", "contentHtml": html, **more}
        self.posts[native] = {"topic": topic, "user": 1 + native % 3, "attributes": attributes, "likes": likes}
        told = self.topics[topic]["attributes"]
        if attributes["contentType"] == "comment":
            told["lastPostedAt"] = max(told["lastPostedAt"], at(age))

    def visible(self, topic: int) -> list[int]:
        return [key for key, row in self.posts.items() if row["topic"] == topic and key not in self.hidden]

    def discussion(self, number: int) -> dict[str, Any]:
        comments = [key for key in self.visible(number) if "contentHtml" in self.posts[key]["attributes"]]
        attributes = {**self.topics[number]["attributes"], "commentCount": len(comments)}
        tag = {"tags": {"data": [{"type": "tags", "id": str(self.topics[number]["tag"])}]}}
        return {"type": "discussions", "id": str(number), "attributes": attributes, "relationships": tag}

    def shown(self, native: int) -> dict[str, Any]:
        row = self.posts[native]
        likes = [{"type": "users", "id": str(100 + number)} for number in range(row["likes"])]
        relations = {"user": {"data": {"type": "users", "id": str(row["user"])}}, "likes": {"data": likes}}
        return {"type": "posts", "id": str(native), "attributes": row["attributes"], "relationships": relations}

    def answer(self, asked: Asked) -> Answer:
        ask = {name: values[0] for name, values in asked.query.items()}
        if asked.path == "/api/discussions":
            wanted = sorted(self.topics, key=lambda key: self.topics[key]["attributes"]["lastPostedAt"], reverse=True)
            if "filter[tag]" in ask:
                wanted = [key for key in wanted if f"tag{self.topics[key]['tag']}" == ask["filter[tag]"]]
            if words := ask.get("filter[q]", "").lower():
                wanted = [key for key in wanted if any(words in str(self.posts[n]).lower() for n in self.visible(key))]
            tags = [{"type": "tags", "id": str(key), "attributes": {"slug": f"tag{key}"}} for key in (1, 2)]
            return self.page(ask, [self.discussion(key) for key in wanted], tags)
        if found := re.fullmatch(r"/api/discussions/(\d+)", asked.path):
            if int(found[1]) not in self.topics:
                return Answer(status=404)
            links = [{"type": "posts", "id": str(native)} for native in self.visible(int(found[1]))]
            row = self.discussion(int(found[1]))
            return json_answer({"data": {**row, "relationships": {"posts": {"data": links}}}, "included": []})
        if asked.path == "/api/posts":
            if "filter[id]" in ask:
                natives = [int(native) for native in ask["filter[id]"].split(",")]
                natives = [key for key in natives if key in self.posts and key not in self.hidden | self.broken]
            else:
                natives = self.visible(int(ask["filter[discussion]"]))
            users = [
                {
                    "type": "users",
                    "id": str(key),
                    "attributes": {"username": f"user{key}", "displayName": f"User {key}"},
                }
                for key in (1, 2, 3)
            ]
            return self.page(ask, [self.shown(native) for native in natives], users)
        return Answer(status=404)

    def page(self, ask: dict[str, str], rows: list[dict[str, Any]], included: list[dict[str, Any]]) -> Answer:
        offset, limit = int(ask.get("page[offset]", "0")), min(int(ask.get("page[limit]", "20")), MOST)
        links = {"first": f"{self.site.url}/api"}
        if offset + limit < len(rows):
            links["next"] = f"http://inside.test/api?page%5Boffset%5D={offset + limit}"
        return json_answer({"links": links, "data": rows[offset : offset + limit], "included": included})


@pytest.fixture
def forum(site: Site) -> Flarum:
    return Flarum(site)


def source(site: Site, **changes: Any) -> SourcePlan:
    return SourcePlan("fl", "flarum", site.url, allow_private=True, **changes)


def test_long_discussions_are_read_by_their_ids_and_again_only_when_they_moved(
    forum: Flarum, crawling: Crawling
) -> None:
    for number in range(1, 56):
        forum.topic(number, age=300 + number)
    for native in range(7_001, 7_131):
        forum.post(native, 7, age=250)
    first = crawling(source(forum.site))["fl"]
    assert (first.status, first.new) == ("ok", 55 + 130)
    assert crawling.number("SELECT count(*) FROM sources WHERE first_crawl_finished_at IS NOT NULL") == 1
    forum.site.asked.clear()
    assert crawling(source(forum.site))["fl"].new == 0
    assert forum.site.paths() == ["/robots.txt", "/api/discussions"]
    forum.post(7_500, 7, age=90)
    forum.site.asked.clear()
    assert crawling(source(forum.site))["fl"].new == 1
    assert forum.site.asked[-1].query["filter[id]"] == ["7500"]
    assert len(forum.site.asked) == 5


def test_a_post_carries_author_parent_address_and_figures(forum: Flarum, crawling: Crawling) -> None:
    forum.topic(4, views=70)
    forum.post(4_001, 4, likes=3)
    mention = '<a href="/d/4/2" class="PostMention" data-id="4001">Ann</a>'
    quote = f"<blockquote><p>{mention} Words of 4001</p></blockquote>"
    forum.post(4_002, 4, contentHtml=f"{quote}<p>I disagree.</p>", mentionedByCount=2)
    forum.post(4_003, 4, contentHtml=f"<p>{mention} so do I</p>")
    forum.posts[4_003]["user"] = 9  # who left the forum
    crawling(source(forum.site))
    with crawling.open() as store:
        handles = {row["handle"] for row in store.rows("SELECT handle FROM authors")}
        texts = {row["id"]: row for row in store.rows("SELECT * FROM posts")}
        figures = {row["post_id"]: row for row in store.rows("SELECT * FROM engagement")}
        thread = store.rows("SELECT * FROM threads")[0]
    assert handles == {"user1", "user2", "user3"}
    assert (thread["title"], thread["url"]) == ("Seals & topic 4", f"{forum.site.url}/d/4-seals-topic")
    assert (texts["fl:4002"]["text"], texts["fl:4002"]["parent_id"]) == ("I disagree.", "fl:4001")
    assert (texts["fl:4003"]["text"], texts["fl:4003"]["author_id"]) == ("@Ann so do I", None)
    assert texts["fl:4003"]["url"] == f"{forum.site.url}/d/4-seals-topic/4"
    assert (figures["fl:4000"]["replies"], figures["fl:4000"]["views"]) == (3, 70)
    assert (figures["fl:4001"]["likes"], figures["fl:4002"]["replies"], figures["fl:4002"]["likes"]) == (3, 2, 0)


def test_edits_likes_and_deletions_in_young_discussions_are_met_though_nothing_moved(
    forum: Flarum, crawling: Crawling
) -> None:
    forum.topic(1, age=20)
    for native in range(1_001, 1_061):
        forum.post(native, 1, age=10)
    forum.topic(2, age=20)
    crawling(source(forum.site))
    forum.posts[1_055]["attributes"] |= {"contentHtml": "<p>Other words</p>", "editedAt": at(5)}
    forum.posts[1_002]["likes"] = 9
    forum.posts[1_003]["attributes"] |= {"isHidden": True, "contentHtml": "<p>Hidden words</p>"}
    forum.hidden = {1_004, 1_056}
    del forum.topics[2], forum.posts[2_000]
    covered = crawling(source(forum.site))["fl"]
    assert (covered.status, covered.new, covered.changed) == ("ok", 0, 1)
    with crawling.open() as store:
        gone = {row["post_id"] for row in store.rows("SELECT post_id FROM gone_posts")}
        edited = store.rows("SELECT edited_at FROM posts WHERE id = 'fl:1055'")[0]["edited_at"]
    assert gone == {"fl:1003", "fl:1004", "fl:1056", "fl:2000"}
    assert datetime.fromisoformat(edited) == datetime.fromisoformat(at(5))
    assert crawling.number("SELECT max(likes) FROM engagement WHERE post_id = 'fl:1002'") == 9
    forum.hidden = set()
    crawling(source(forum.site))
    assert crawling.number("SELECT count(*) FROM gone_posts WHERE post_id IN ('fl:1004', 'fl:1056')") == 0


def test_notes_of_the_forum_are_no_posts_and_no_gap(forum: Flarum, crawling: Crawling) -> None:
    forum.topic(1)
    forum.post(1_001, 1, contentType="discussionRenamed", content=["old", "new"])
    del forum.posts[1_001]["attributes"]["contentHtml"]
    covered = crawling(source(forum.site))["fl"]
    assert (covered.status, covered.new, covered.dropped) == ("ok", 1, 0)
    assert crawling.number("SELECT count(*) FROM gaps") == 0


def test_an_exhausted_budget_goes_on_where_it_stopped(forum: Flarum, crawling: Crawling) -> None:
    for number in range(1, 61):
        forum.topic(number, age=200 + number)
    for native in range(5_001, 5_171):
        forum.post(native, 5, age=150)
    statuses = [crawling(source(forum.site, budget=budget))["fl"].status for budget in (2, 10, 30, 90)]
    assert (statuses[0], statuses[-1]) == ("partial", "ok")
    assert len(crawling.ids()) == 230
    assert crawling.number("SELECT count(*) FROM sources WHERE first_crawl_finished_at IS NOT NULL") == 1


def test_communities_are_tags_and_narrow_a_search_too(forum: Flarum, crawling: Crawling) -> None:
    forum.topic(1, tag=1)
    forum.topic(2, tag=2)
    forum.post(2_001, 2, contentHtml="<p>Borealis leaks</p>")
    forum.topic(3, tag=1)
    forum.post(3_001, 3, contentHtml="<p>Borealis again</p>")
    assert crawling(source(forum.site, communities=("tag2",)))["fl"].new == 2
    assert crawling(source(forum.site, communities=("tag1",), query="borealis"))["fl"].new == 2
    assert crawling.ids() == ["fl:2000", "fl:2001", "fl:3000", "fl:3001"]
    assert crawling(source(forum.site))["fl"].new == 1


def test_posts_that_are_named_but_not_given_are_a_gap_until_they_are(forum: Flarum, crawling: Crawling) -> None:
    forum.topic(1, age=30)
    for native in range(1_001, 1_081):
        forum.post(native, 1, age=20)
    forum.broken = {1_077, 1_078}
    covered = crawling(source(forum.site))["fl"]
    assert covered.status == "partial"
    assert crawling.number("SELECT missing FROM gaps WHERE closed_at IS NULL") == 2
    forum.broken = set()
    assert crawling(source(forum.site))["fl"].new == 2
    assert crawling.number("SELECT count(*) FROM gaps WHERE closed_at IS NULL") == 0


def test_a_row_of_a_wrong_shape_stops_no_other(forum: Flarum, crawling: Crawling) -> None:
    forum.topic(1)
    forum.post(1_001, 1, number=None)
    forum.post(1_002, 1)
    covered = crawling(source(forum.site))["fl"]
    assert (covered.new, covered.dropped) == (2, 1)


def test_another_site_than_a_flarum_fails_the_source(site: Site, crawling: Crawling) -> None:
    site.routes["/api/discussions"] = json_answer({"errors": []})
    covered = crawling(source(site))["fl"]
    assert covered.status == "failed"
    assert "Flarum" in str(covered.detail)


def test_a_post_that_only_quotes_has_no_words_of_its_own() -> None:
    topic = topic_of({"type": "discussions", "id": "4", "attributes": {"title": "A", "slug": "a"}}, "https://f.test")
    assert topic.url == "https://f.test/d/4-a"
    mention = '<a class="PostMention" data-id="7" href="/d/4/1">Ann</a>'
    html = f'<blockquote class="uncited"><div>{mention} Too dear</div></blockquote>'
    row = {"type": "posts", "id": "8", "attributes": {"number": 2, "contentHtml": html, "createdAt": at(1)}}
    assert (post_of(row, topic, {}, {"7", "8"}).text, post_of(row, topic, {}, {"8"}).parent) == ("", None)
    assert post_of(row, topic, {}, {"7", "8"}).parent == "7"
