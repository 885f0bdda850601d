from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from conftest import Answer, Asked, Crawling, Site

from crawler.plan import SourcePlan

NOW = datetime.now(UTC).replace(microsecond=0)
WORDS = "The gasket failed after a month and nobody at the company answers the phone any more, says reader number"


@dataclass
class Topic:
    """A thread of the fake forum."""

    number: int
    age: timedelta
    posts: list[str] = field(default_factory=list)

    @property
    def active(self) -> datetime:
        return NOW - self.age


class Forum:
    """A board with pages of threads and threads with pages of posts, newest activity first."""

    def __init__(self, site: Site, *, per_listing: int = 10, per_thread: int = 5) -> None:
        self.site, self.per_listing, self.per_thread = site, per_listing, per_thread
        self.topics: dict[int, Topic] = {}
        site.fallback = self.serve

    def topic(self, number: int, replies: int = 2, **age: float) -> Topic:
        topic = Topic(number, timedelta(**(age or {"days": 5})))
        topic.posts = [f"{WORDS} {number}-{reply}." for reply in range(replies + 1)]
        self.topics[number] = topic
        return topic

    def reply(self, number: int, text: str, **age: float) -> None:
        self.topics[number].posts.append(text)
        self.topics[number].age = timedelta(**(age or {"hours": 1}))

    def serve(self, asked: Asked) -> Answer:
        page = int(asked.query.get("page", ["1"])[0])
        if asked.path == "/board":
            return self.listing(page)
        number = int(asked.path.removeprefix("/t/")) if asked.path.startswith("/t/") else -1
        return self.thread(self.topics[number], page) if number in self.topics else Answer(status=404)

    def listing(self, page: int) -> Answer:
        topics = sorted(self.topics.values(), key=lambda topic: topic.age)
        shown = topics[(page - 1) * self.per_listing : page * self.per_listing]
        rows = "".join(
            f"<li class='topic'><h3><a href='/t/{topic.number}'>How the valve of batch {topic.number} broke</a></h3>"
            f"<span class='replies'>{len(topic.posts) - 1} replies</span> "
            f"<time datetime='{topic.active.isoformat()}'>{topic.active:%d %b %Y}</time></li>"
            for topic in shown
        )
        more = page * self.per_listing < len(topics)
        return self._page("Board", f"<ul class='topics'>{rows}</ul>", "/board", page, more=more)

    def thread(self, topic: Topic, page: int) -> Answer:
        start = (page - 1) * self.per_thread
        shown = topic.posts[start : start + self.per_thread]
        blocks = "".join(
            f"<article class='post' id='post-{topic.number * 1000 + start + place}'>"
            f"<span class='author'><a href='/u/{place}'>reader{(start + place) % 9}</a></span>"
            f"<time datetime='{(topic.active - timedelta(minutes=99 - place)).isoformat()}'>then</time>"
            f"<div class='body'><p>{text}</p></div></article>"
            for place, text in enumerate(shown)
        )
        title = f"How the valve of batch {topic.number} broke"
        more = start + self.per_thread < len(topic.posts)
        return self._page(title, f"<h1>{title}</h1>{blocks}", f"/t/{topic.number}", page, more=more)

    def _page(self, title: str, body: str, path: str, page: int, *, more: bool) -> Answer:
        follow = f"<a rel='next' href='{path}?page={page + 1}'>Next</a>" if more else ""
        return Answer(
            f"<html lang='en'><head><title>{title}</title></head><body><main>{body}</main>{follow}</body></html>"
        )


@pytest.fixture
def forum(site: Site) -> Forum:
    return Forum(site)


def source(site: Site, **changes: Any) -> SourcePlan:
    return SourcePlan("forum", "forum", f"{site.url}/board", allow_private=True, **changes)


def count(crawling: Crawling) -> int:
    return crawling.number("SELECT count(*) FROM posts")


def test_listing_and_threads_are_read_over_all_their_pages(forum: Forum, crawling: Crawling) -> None:
    for number in range(25):
        forum.topic(number, replies=7 if number == 3 else 2, days=4, minutes=number)
    covered = crawling(source(forum.site))["forum"]
    assert (covered.status, covered.new, covered.dropped) == ("ok", 80, 0)
    with crawling.open() as store:
        rows = store.rows("SELECT position, text FROM posts WHERE thread_id = 'forum:/t/3' ORDER BY position")
        assert [row["position"] for row in rows] == list(range(8))
        assert store.number("SELECT count(*) FROM threads WHERE title LIKE 'How the valve of batch%'") == 25
        assert store.number("SELECT count(*) FROM sources WHERE first_crawl_finished_at IS NOT NULL") == 1


def test_a_second_run_reads_only_what_moved(forum: Forum, crawling: Crawling) -> None:
    for number in range(25):
        forum.topic(number, days=6, minutes=number)
    crawling(source(forum.site))
    forum.reply(17, "A late answer that brings the thread back to the top of the whole board.")
    forum.site.asked.clear()
    covered = crawling(source(forum.site))["forum"]
    assert (covered.new, covered.status) == (1, "ok")
    assert sorted(set(forum.site.paths()) - {"/robots.txt"}) == ["/board", "/t/17"]


def test_two_hundred_new_threads_between_two_runs_are_all_read(forum: Forum, crawling: Crawling) -> None:
    forum.per_listing, forum.per_thread = 50, 10
    for number in range(10):
        forum.topic(number, days=10, minutes=number)
    crawling(source(forum.site))
    for number in range(100, 300):
        forum.topic(number, replies=5, days=4, minutes=number)
    covered = crawling(source(forum.site))["forum"]
    assert (covered.status, covered.new) == ("ok", 1_200)


def test_a_budget_too_small_for_the_board_gets_there_in_several_runs(forum: Forum, crawling: Crawling) -> None:
    for number in range(30):
        forum.topic(number, days=4, minutes=number)
    first = crawling(source(forum.site, budget=12))["forum"]
    assert first.status == "partial"
    assert first.requests == 12
    runs = 1
    while crawling(source(forum.site, budget=12))["forum"].status != "ok":
        forum.topic(1_000 + runs, days=3, hours=12, minutes=runs)
        runs += 1
        assert runs < 8
    assert count(crawling) == 3 * len(forum.topics)
    assert crawling.number("SELECT count(*) FROM sources WHERE first_crawl_finished_at IS NOT NULL") == 1


def test_edits_in_young_threads_are_found(forum: Forum, crawling: Crawling) -> None:
    forum.topic(1, hours=5)
    forum.topic(2, hours=6)
    crawling(source(forum.site))
    forum.topics[1].posts[1] = "I take it all back, they called me and sent a new gasket the next morning, thank you."
    assert crawling(source(forum.site))["forum"].changed == 1


def test_history_ends_where_the_source_says(forum: Forum, crawling: Crawling) -> None:
    for number in range(20):
        forum.topic(number, days=3 if number < 10 else 90, minutes=number)
    for number in range(20, 60):
        forum.topic(number, days=200, minutes=number)
    covered = crawling(source(forum.site, history_days=30))["forum"]
    assert covered.new == 30
    assert len([path for path in forum.site.paths() if path == "/board"]) == 2


def test_endless_pages_end(forum: Forum, crawling: Crawling) -> None:
    for number in range(10):
        forum.topic(number, days=4, minutes=number)

    def endless(asked: Asked) -> Answer:
        page = int(asked.query.get("page", ["1"])[0])
        answer = forum.listing(1)
        body = str(answer.body).replace("</body>", f"<a rel='next' href='/board?page={page + 1}'>Next</a></body>")
        return Answer(body)

    forum.site.routes["/board"] = endless
    covered = crawling(source(forum.site))["forum"]
    assert covered.status == "ok"
    assert forum.site.paths().count("/board") == 2


def test_a_thread_that_is_gone_and_one_that_is_broken_do_not_stop_the_others(forum: Forum, crawling: Crawling) -> None:
    for number in range(5):
        forum.topic(number, days=4, minutes=number)
    forum.site.routes["/t/2"] = Answer(status=404)
    forum.site.routes["/t/3"] = Answer("<html><body></body></html>")
    covered = crawling(source(forum.site))["forum"]
    assert covered.status == "partial"
    assert covered.new == 9


def test_a_page_without_threads_fails_with_what_to_check(site: Site, crawling: Crawling) -> None:
    site.routes["/board"] = Answer("<html><body><h1>Welcome</h1><p>Please log in.</p></body></html>")
    covered = crawling(source(site))["forum"]
    assert covered.status == "failed"
    assert covered.detail is not None
    assert "no threads found" in covered.detail
