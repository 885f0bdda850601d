from __future__ import annotations

from datetime import timedelta

import pytest
from conftest import Answer, Crawling, Site
from fake_discourse import NOW, Discourse, open_gaps, source


@pytest.fixture
def forum(site: Site) -> Discourse:
    return Discourse(site)


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
