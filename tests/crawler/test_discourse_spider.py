from __future__ import annotations

import pytest
from conftest import Answer, Asked, Crawling, Site, json_answer
from fake_discourse import Discourse, at, open_gaps, source


@pytest.fixture
def forum(site: Site) -> Discourse:
    return Discourse(site)


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
