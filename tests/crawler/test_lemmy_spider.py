from __future__ import annotations

from typing import Any

import pytest
from conftest import Answer, Crawling, Site
from fake_lemmy import Lemmy, stamp

from crawler.lemmy_rows import author_of, parent_of, post_of, reply_of
from crawler.memory import Memory
from crawler.plan import SourcePlan
from crawler.spiders.lemmy import following
from crawler.values import moment

HOUR, DAY = 3_600, 86_400


@pytest.fixture
def lemmy(site: Site) -> Lemmy:
    return Lemmy(site)


def source(site: Site, **changes: Any) -> SourcePlan:
    where = {"communities": ("!pumps",), **changes}
    return SourcePlan("lem", "lemmy", site.url, allow_private=True, **where)


def gone(crawling: Crawling) -> list[str]:
    with crawling.open() as store:
        return [row[0] for row in store.rows("SELECT post_id FROM gone_posts ORDER BY 1")]


def test_posts_and_comments_become_threads_with_their_tree(lemmy: Lemmy, crawling: Crawling) -> None:
    lemmy.post(1)
    lemmy.comment(1, 1)
    lemmy.comment(2, 1, to=1)
    lemmy.post(9, community="gardens")
    covered = crawling(source(lemmy.site))["lem"]
    assert (covered.status, covered.new, covered.requests) == ("ok", 3, 2)
    with crawling.open() as store:
        rows = {row["id"]: row for row in store.rows("SELECT * FROM posts")}
    assert {id_: (row["thread_id"], row["parent_id"]) for id_, row in rows.items()} == {
        "lem:p1": ("lem:p1", None),
        "lem:c1": ("lem:p1", "lem:p1"),
        "lem:c2": ("lem:p1", "lem:c1"),
    }
    assert crawling.number("SELECT dislikes FROM engagement WHERE post_id = 'lem:p1'") == 1
    assert crawling.number("SELECT count(*) FROM sources WHERE first_crawl_finished_at IS NOT NULL") == 1


@pytest.mark.parametrize("cursors", [True, False])
def test_twelve_hundred_comments_between_two_runs_are_kept(lemmy: Lemmy, crawling: Crawling, cursors: bool) -> None:
    lemmy.cursors = cursors
    for number in range(1, 121):
        lemmy.post(number, age=20 * DAY - number)
    lemmy.comment(1, 1, age=9 * DAY)
    crawling(source(lemmy.site))
    for number in range(2, 1_202):
        lemmy.comment(number, number % 7 + 1, age=8 * DAY - number)
    lemmy.post(500, age=HOUR)
    second = crawling(source(lemmy.site))["lem"]
    assert (second.status, second.new) == ("ok", 1_201)
    third = crawling(source(lemmy.site))["lem"]
    assert (third.new, third.requests) == (0, 3)


def test_a_comment_that_arrives_late_and_an_edit_are_found(lemmy: Lemmy, crawling: Crawling) -> None:
    lemmy.post(1, age=DAY)
    for number in range(1, 61):
        lemmy.comment(number, 1, age=HOUR + number)
    crawling(source(lemmy.site))
    lemmy.comment(100, 1, age=9 * DAY)
    lemmy.comments[5]["comment"] |= {"content": "Other words", "updated": stamp(30)}
    covered = crawling(source(lemmy.site))["lem"]
    assert (covered.status, covered.new, covered.changed) == ("ok", 1, 1)


def test_a_thread_older_than_the_history_comes_whole_when_it_is_answered(lemmy: Lemmy, crawling: Crawling) -> None:
    lemmy.post(1, age=300 * DAY)
    for number in range(1, 120):
        lemmy.comment(number, 1, age=299 * DAY - number)
    lemmy.comment(500, 1, age=60)
    covered = crawling(source(lemmy.site))["lem"]
    assert (covered.status, covered.new) == ("ok", 121)
    # Comments of the last three days are on the first page, so the second is looked at too.
    assert crawling(source(lemmy.site))["lem"].requests == 3


@pytest.mark.parametrize("shown", [True, False])
def test_deleted_comments_and_posts_are_noted_as_gone(lemmy: Lemmy, crawling: Crawling, shown: bool) -> None:
    for number in (1, 2):
        lemmy.post(number, age=HOUR)
        lemmy.comment(number, number)
    lemmy.comment(3, 1, to=1)
    crawling(source(lemmy.site))
    lemmy.delete_comment(1, shown=shown)
    if shown:
        lemmy.posts[2]["post"]["deleted"] = True
    else:
        del lemmy.posts[2]
    covered = crawling(source(lemmy.site))["lem"]
    assert (covered.status, covered.new) == ("ok", 0)
    assert gone(crawling) == ["lem:c1", "lem:p2"]
    assert len(crawling.ids()) == 5
    assert crawling(source(lemmy.site))["lem"].requests == 2


def test_comments_that_are_counted_but_not_shown_are_a_gap(lemmy: Lemmy, crawling: Crawling) -> None:
    lemmy.post(1)["counts"]["comments"] = 4
    lemmy.comment(1, 1)
    covered = crawling(source(lemmy.site))["lem"]
    assert covered.status == "partial"
    assert crawling.number("SELECT missing FROM gaps WHERE closed_at IS NULL") == 4
    assert crawling(source(lemmy.site))["lem"].requests == 2


def test_a_query_reads_the_discussions_around_what_it_finds_and_follows_them(lemmy: Lemmy, crawling: Crawling) -> None:
    lemmy.post(1, age=5 * DAY, name="Borealis raises prices")
    lemmy.comment(1, 1, age=5 * DAY)
    lemmy.post(2, age=5 * DAY)
    lemmy.comment(2, 2, age=5 * DAY, content="borealis again")
    lemmy.comment(3, 2, age=5 * DAY)
    lemmy.post(3)
    query = {"query": "borealis", "communities": ()}
    assert crawling(source(lemmy.site, **query))["lem"].new == 5
    lemmy.comment(4, 2)
    memory = Memory(crawling.cache)
    mark = memory.recall("lem", "tree p2")
    memory.remember("lem", [("tree p2", {**mark, "read": mark["read"] - 3 * DAY})])
    memory.close()
    assert crawling(source(lemmy.site, **query))["lem"].new == 1
    assert "lem:p3" not in crawling.ids()


def test_an_exhausted_budget_goes_on_where_it_stopped(lemmy: Lemmy, crawling: Crawling) -> None:
    for number in range(1, 151):
        lemmy.post(number, age=30 * DAY - number)
    for number in range(1, 151):
        lemmy.comment(number, number, age=20 * DAY - number)
    assert crawling(source(lemmy.site, budget=3))["lem"].status == "partial"
    assert crawling.number("SELECT count(*) FROM sources WHERE first_crawl_finished_at IS NOT NULL") == 0
    lemmy.post(999, age=30)
    for _ in range(5):
        if crawling(source(lemmy.site, budget=6))["lem"].status == "ok":
            break
    assert len(crawling.ids()) == 301
    assert crawling.number("SELECT count(*) FROM sources WHERE first_crawl_finished_at IS NOT NULL") == 1


def test_a_place_to_go_on_that_no_longer_exists_makes_the_list_begin_anew(lemmy: Lemmy, crawling: Crawling) -> None:
    for number in range(1, 201):
        lemmy.post(number, age=30 * DAY - number)
    crawling(source(lemmy.site, budget=4))
    # Cursors name a post; this one does not exist any more.
    memory = Memory(crawling.cache)
    mark = memory.recall("lem", "walk posts pumps")
    memory.remember("lem", [("walk posts pumps", {**mark, "at": f"{lemmy.site.url}/api/v3/nowhere?id=1"})])
    memory.close()
    lemmy.site.routes["/api/v3/nowhere"] = Answer('{"error": "unknown"}', 400)
    crawling(source(lemmy.site))
    assert crawling(source(lemmy.site))["lem"].status == "ok"
    assert len(crawling.ids()) == 200


def test_an_instance_that_asks_for_a_slower_pace_is_left_alone(lemmy: Lemmy, crawling: Crawling) -> None:
    lemmy.hurried = True
    covered = crawling(source(lemmy.site))["lem"]
    assert (covered.status, covered.new) == ("failed", 0)
    assert covered.requests <= 2
    assert "slower pace" in str(covered.detail)


def test_an_answer_that_is_no_json_fails_and_a_bad_row_is_dropped(lemmy: Lemmy, crawling: Crawling) -> None:
    lemmy.post(1)
    lemmy.posts[2] = {**lemmy.post(2), "creator": "nobody"}
    lemmy.posts[3] = {**lemmy.post(3), "counts": 7}
    lemmy.posts[3]["post"]["name"] = None
    lemmy.posts[3]["post"]["body"] = ["list"]
    covered = crawling(source(lemmy.site))["lem"]
    assert (covered.new, covered.dropped) == (2, 2)  # in the list, and looked at by itself
    lemmy.site.fallback = lambda _: Answer("<html>wait</html>")
    assert crawling(source(lemmy.site))["lem"].status == "failed"


def test_rows_are_read_as_posts(lemmy: Lemmy) -> None:
    post = post_of(lemmy.post(3, body=None))
    assert (post.native_id, post.title, post.text, post.likes, post.author) == (
        "p3",
        "Post 3",
        "",
        5,
        "ann3@other.test",
    )
    reply = reply_of(lemmy.comment(4, 3))
    assert (reply.thread, reply.parent, reply.author, reply.replies) == ("p3", "p3", "ann4", 0)
    assert parent_of({"path": "0.1.2.3", "post_id": 9}) == "c2"
    assert author_of({"name": ""}) is None
    old = moment("2023-06-09T12:00:00.5")
    assert old is not None
    assert old.utcoffset() is not None


def test_the_next_page_is_a_cursor_or_a_number() -> None:
    assert following("http://x.test/list?page=2&a=b", None) == "http://x.test/list?a=b&page=3"
    assert following("http://x.test/list?page=1&a=b", "P1f") == "http://x.test/list?a=b&page_cursor=P1f"
    assert following("http://x.test/list?a=b&page_cursor=P1f", "P2") == "http://x.test/list?a=b&page_cursor=P2"
