from __future__ import annotations

from conftest import Crawling, Site
from fake_discourse import Discourse

from crawler.plan import SourcePlan


def test_posts_that_a_moderator_moves_to_a_topic_of_their_own_move_in_the_store(site: Site, crawling: Crawling) -> None:
    forum = Discourse(site)
    forum.topic(1, age=20)
    for native in (1_002, 1_003, 1_004):
        forum.post(native, 1, age=10)
    plan = SourcePlan("dc", "discourse", site.url, allow_private=True)
    crawling(plan)
    forum.topic(2, age=4)
    for place, native in enumerate((1_003, 1_004)):
        forum.posts[native] |= {"topic_id": 2, "post_number": 2 + place}
    covered = crawling(plan)["dc"]
    assert (covered.status, covered.new) == ("ok", 1)
    crawling(plan)
    with crawling.open() as store:
        rows = {row["id"]: row["thread_id"] for row in store.rows("SELECT id, thread_id FROM posts")}
        assert store.number("SELECT count(*) FROM gone_posts") == 0
    assert rows == {"dc:1001": "dc:1", "dc:1002": "dc:1", **dict.fromkeys(("dc:2001", "dc:1003", "dc:1004"), "dc:2")}


def test_a_post_that_is_gone_from_its_topic_and_stands_in_no_other_is_gone(site: Site, crawling: Crawling) -> None:
    forum = Discourse(site)
    forum.topic(1, age=20)
    forum.post(1_002, 1, age=10)
    plan = SourcePlan("dc", "discourse", site.url, allow_private=True)
    crawling(plan)
    del forum.posts[1_002]
    crawling(plan)
    assert crawling.number("SELECT count(*) FROM gone_posts WHERE post_id = 'dc:1002'") == 1
