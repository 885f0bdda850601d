from __future__ import annotations

import pytest
from conftest import Asked, Crawling, Site
from fake_stackexchange import DAY, NOW, Exchange, source

from crawler.memory import Memory

KEY = "k3y((secret"


@pytest.fixture
def exchange(site: Site) -> Exchange:
    return Exchange(site)


def gone(crawling: Crawling) -> list[str]:
    with crawling.open() as store:
        return [row[0] for row in store.rows("SELECT post_id FROM gone_posts ORDER BY 1")]


def test_questions_answers_and_comments_become_one_thread(exchange: Exchange, crawling: Crawling) -> None:
    exchange.question(1)
    exchange.reply(2, 1)
    exchange.comment(1, 1)
    exchange.comment(2, 2)
    covered = crawling(source(exchange.site))["se"]
    assert (covered.status, covered.new, covered.requests) == ("ok", 4, 4)
    with crawling.open() as store:
        rows = {row["id"]: (row["thread_id"], row["parent_id"]) for row in store.rows("SELECT * FROM posts")}
        title = store.rows("SELECT title FROM threads")[0][0]
        figures = tuple(
            store.rows("SELECT likes, dislikes, replies, views FROM engagement WHERE post_id = 'se:pumps/1'")[0]
        )
    thread = "se:pumps/1"
    assert rows == {
        "se:pumps/1": (thread, None),
        "se:pumps/2": (thread, thread),
        "se:pumps/c1": (thread, thread),
        "se:pumps/c2": (thread, "se:pumps/2"),
    }
    assert title == "Why & how 1"
    assert figures == (4, 1, 2, 50)
    assert crawling.number("SELECT count(*) FROM sources WHERE first_crawl_finished_at IS NOT NULL") == 1
    assert not [asked for asked in exchange.site.asked if "robots" in asked.path]


def test_the_filter_names_bodies_and_is_made_once(exchange: Exchange, crawling: Crawling) -> None:
    exchange.question(1)
    crawling(source(exchange.site))
    crawling(source(exchange.site))
    made = [asked for asked in exchange.site.asked if asked.path.endswith("filters/create")]
    assert len(made) == 1
    assert {"question.body", "answer.body", "comment.body", ".backoff"} <= set(made[0].query["include"][0].split(";"))


def test_twelve_hundred_posts_between_two_runs_come_in_slices_and_batches(
    exchange: Exchange, crawling: Crawling
) -> None:
    exchange.question(1, age=9 * DAY)
    crawling(source(exchange.site))
    for number in range(10, 410):
        exchange.question(number, age=DAY - number // 3)
        exchange.reply(number + 1_000, number, age=DAY // 2 - number // 3)
        exchange.comment(number, number + 1_000)
    covered = crawling(source(exchange.site))["se"]
    assert (covered.status, covered.new) == ("ok", 1_200)
    assert covered.requests < 30


def test_a_new_comment_does_not_count_as_activity_and_is_found_all_the_same(
    exchange: Exchange, crawling: Crawling
) -> None:
    exchange.question(1, age=5 * DAY)
    exchange.reply(2, 1, age=5 * DAY)
    exchange.question(3, age=DAY)
    crawling(source(exchange.site))
    exchange.comment(7, 2)
    # As if the last look at the older thread lay a week back.
    memory = Memory(crawling.cache)
    mark = memory.recall("se", "thread pumps/1")
    memory.remember("se", [("thread pumps/1", {**mark, "read": mark["newest"] + DAY})])
    memory.remember("se", [("slices pumps  ", {"top": NOW, "todo": []})])
    memory.close()
    assert crawling(source(exchange.site))["se"].new == 1
    assert "se:pumps/c7" in crawling.ids()


def test_deleted_questions_answers_and_comments_are_noted_as_gone(exchange: Exchange, crawling: Crawling) -> None:
    exchange.question(1)
    exchange.reply(2, 1)
    exchange.comment(1, 1)
    exchange.comment(2, 1)
    exchange.question(9)
    crawling(source(exchange.site))
    del exchange.posts[2], exchange.below[1], exchange.posts[9]
    memory = Memory(crawling.cache)
    memory.remember("se", [("thread pumps/9", {"count": 0, "newest": NOW - DAY, "read": NOW - DAY})])
    memory.close()
    crawling(source(exchange.site))
    assert gone(crawling) == ["se:pumps/2", "se:pumps/9", "se:pumps/c1"]


def test_a_run_that_is_killed_in_between_loses_nothing(exchange: Exchange, crawling: Crawling) -> None:
    exchange.page = 5
    for number in range(1, 31):
        exchange.question(number, age=5 * DAY + number)
        exchange.reply(number + 100, number, age=5 * DAY + number)
        exchange.comment(number, number + 100)

    def kill(_: Asked) -> None:
        if len(exchange.site.asked) == 9:
            crawling.nursery.kill()

    exchange.refuse = kill
    assert crawling.attempt(source(exchange.site))[0] == 9
    exchange.refuse = lambda _: None
    assert crawling(source(exchange.site))["se"].status == "ok"
    assert crawling.number("SELECT count(*) FROM posts") == 90
    assert crawling.number("SELECT count(*) FROM sources WHERE first_crawl_finished_at IS NOT NULL") == 1


def test_tags_are_alternatives_and_go_to_the_search(exchange: Exchange, crawling: Crawling) -> None:
    exchange.question(1)
    crawling(source(exchange.site, tags=("valve", "seal"), query="leak"))
    searched = next(asked for asked in exchange.site.asked if asked.path == "/2.3/search/advanced")
    assert (searched.query["tagged"], searched.query["q"]) == (["valve;seal"], ["leak"])


def test_comments_that_are_counted_and_not_shown_are_a_gap(exchange: Exchange, crawling: Crawling) -> None:
    exchange.question(1, comment_count=3)
    exchange.comment(1, 1)
    crawling(source(exchange.site))
    assert crawling.number("SELECT missing FROM gaps WHERE closed_at IS NULL") == 2


def test_a_row_of_a_wrong_shape_stops_no_other(exchange: Exchange, crawling: Crawling) -> None:
    exchange.question(1)
    exchange.question(2, title=None)
    exchange.question(3, body=["no", "text"])
    covered = crawling(source(exchange.site))["se"]
    assert (covered.new, covered.dropped) == (1, 2)
