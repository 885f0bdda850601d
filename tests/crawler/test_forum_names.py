from __future__ import annotations

from datetime import UTC, datetime, timedelta

from boards import Board, Opening, Post
from conftest import Answer, Asked, Crawling, Site
from test_forum_spider import Forum, source

from crawler.extract import extract_page
from crawler.extract.page import read_page
from crawler.plan import SourcePlan

NOW = datetime.now(UTC).replace(microsecond=0)


def test_a_topic_of_one_post_keeps_its_opening_when_an_answer_comes(site: Site, crawling: Crawling) -> None:
    forum = Forum(site)
    forum.topic(1, replies=0, hours=5)
    crawling(source(site))
    # The page of one post shows no id that could be told from others; the full one does.
    forum.topics[1].posts.append("The spare part came with the wrong thread and their hotline only plays its music.")
    covered = crawling(source(site))["forum"]
    assert (covered.new, crawling.number("SELECT count(*) FROM posts")) == (1, 2)


def test_a_single_post_of_a_known_engine_has_the_id_of_a_full_page(site: Site, crawling: Crawling) -> None:
    posts: list[Post] = []
    site.fallback = lambda asked: Board(posts, None, list).serve(asked)
    plan = SourcePlan("s", "forum", f"{site.url}/viewforum.php?f=2", allow_private=True)
    crawling(plan)
    assert crawling.ids() == [f"s:/viewtopic.php?f=2&t={topic}#{topic + 1}" for topic in range(5)]
    posts.append(Opening(11, NOW - timedelta(hours=1)))
    assert crawling(plan)["s"].new == 1


def test_a_post_that_a_page_repeats_is_one_post() -> None:
    posts: list[Post] = [Opening(5 * number, NOW - timedelta(hours=99 - number)) for number in range(2, 5)]
    answer = Board(posts, None, lambda rows: [rows[2], *rows]).serve(Asked("/viewtopic.php", {"t": ["0"]}, {}, 0, 0))
    page = read_page(str(answer.body).encode(), "https://board.test/viewtopic.php?f=2&t=0", now=NOW)
    found = extract_page(page, "https://board.test/viewtopic.php?f=2&t=0", now=NOW)
    assert [post.native_id for post in found.posts] == ["15", "1", "10", "20"]


def test_a_page_read_twice_in_a_run_does_not_hide_the_page_behind_it(site: Site, crawling: Crawling) -> None:
    forum = Forum(site)
    forum.topic(1, replies=3, hours=5)
    crawling(source(site))
    for number in range(4):
        forum.reply(1, f"Another word on the seal of batch {number} that nobody at the company wants to hear.")
    broken = iter([500, 500, 500])

    def page(asked: Asked) -> Answer:
        if "page" in asked.query and (status := next(broken, 200)) != 200:
            return Answer(status=status)
        return forum.thread(forum.topics[1], int(asked.query.get("page", ["1"])[0]))

    site.routes["/t/1"] = page
    crawling(source(site))
    crawling(source(site))
    assert crawling.number("SELECT count(*) FROM posts") == 8
