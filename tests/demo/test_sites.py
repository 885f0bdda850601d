"""The sample sites answer as their models do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote

import pytest
from lxml import etree, html

from tocsin.config import shipped
from tocsin.demo.algolia import MOST_HITS
from tocsin.demo.community import Community, generate
from tocsin.demo.server import Serving, serving
from tocsin.demo.sites import Sites
from tocsin.demo.views import MARKUPS, blocks, talks_of

NOW = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
PAGES = shipped("data", "sample", "pages")
BASE = "http://sample.example"


@pytest.fixture(scope="module")
def community() -> Community:
    return generate(5, NOW, shipped("data", "sample", "material"))


@pytest.fixture(scope="module")
def sites(community: Community) -> Sites:
    return Sites(community, BASE, PAGES)


@pytest.fixture(scope="module")
def site(community: Community) -> Iterator[Serving]:
    with serving(community, PAGES) as running:
        yield running


def page(sites: Sites, target: str) -> html.HtmlElement:
    answer = sites.answer(target)
    assert answer.status == 200, target
    return html.document_fromstring(answer.body)


def api(sites: Sites, **arguments: object) -> dict[str, Any]:
    query = "&".join(f"{name}={quote(str(value))}" for name, value in arguments.items())
    answer = sites.answer(f"/news/api/v1/search_by_date?{query}")
    found: dict[str, Any] = json.loads(answer.body)
    return found


def test_the_listing_leads_to_every_thread_and_post_of_the_forum(sites: Sites, community: Community) -> None:
    listing, threads = "/forum/", []
    while listing:
        tree = page(sites, listing)
        threads += tree.xpath("//a[@class='title']/@href")
        listing = next(iter(tree.xpath("//link[@rel='next']/@href")), "")
    assert sorted(threads) == sorted(talk.path for talk in community.of("forum"))
    numbers = []
    for target in threads[:40]:
        following = target
        while following:
            tree = page(sites, following)
            posts = tree.xpath("//article/@id")
            assert len(posts) <= 20
            numbers += posts
            following = next(iter(tree.xpath("//link[@rel='next']/@href")), "")
    wanted = {talk.path: talk for talk in community.of("forum")}
    assert numbers == [f"post-{one.number}" for target in threads[:40] for one in wanted[target].remarks]


def test_the_listing_is_sorted_by_latest_activity(sites: Sites) -> None:
    times = page(sites, "/forum/").xpath("//td[@class='last']/time/@datetime")
    assert times == sorted(times, reverse=True)


def test_threads_take_turns_with_json_ld_microdata_and_no_markup(sites: Sites, community: Community) -> None:
    shown = talks_of(community, BASE)["forum"]
    assert {talk.markup for talk in shown} == set(MARKUPS)
    for markup in MARKUPS:
        talk = next(one for one in shown if one.markup == markup and len(one.posts) > 2)
        tree = page(sites, talk.path)
        linked = tree.xpath("//script[@type='application/ld+json']/text()")
        assert bool(linked) == (markup == "json-ld")
        assert bool(tree.xpath("//*[@itemscope]")) == (markup == "microdata")
        if linked:
            posting = json.loads(linked[0])
            assert [posting["text"], *(one["text"] for one in posting["comment"])] == [
                one.text for one in talk.posts[:20]
            ]


def test_the_feed_names_every_entry_with_its_comment_feed_and_count(sites: Sites, community: Community) -> None:
    feed = etree.fromstring(sites.answer("/blog/feed.xml").body)
    spaces = {"slash": "http://purl.org/rss/1.0/modules/slash/", "wfw": "http://wellformedweb.org/CommentAPI/"}
    counts = {
        item.findtext("guid"): (
            item.findtext("slash:comments", None, spaces),
            item.findtext("wfw:commentRss", None, spaces),
        )
        for item in feed.iter("item")
    }
    for talk in community.of("blog"):
        count, address = counts[str(talk.number)]
        assert count == str(len(talk.remarks) - 1)
        assert address is not None
        comments = etree.fromstring(sites.answer(address.removeprefix(BASE)).body)
        assert {item.findtext("guid") for item in comments.iter("item")} == {
            str(one.number) for one in talk.remarks[1:]
        }


def test_the_search_gives_newest_first_in_pages_and_stops_at_a_thousand(sites: Sites, community: Community) -> None:
    everything = sum(len(talk.remarks) for talk in community.of("news"))
    found = api(sites, tags="(story,comment)", hitsPerPage=100)
    assert found["nbHits"] == everything
    times = [hit["created_at_i"] for hit in found["hits"]]
    assert times == sorted(times, reverse=True)
    second = api(sites, tags="(story,comment)", hitsPerPage=100, page=1)
    assert not {hit["objectID"] for hit in found["hits"]} & {hit["objectID"] for hit in second["hits"]}
    assert api(sites, hitsPerPage=100, page=MOST_HITS // 100)["hits"] == []


def test_the_search_obeys_tags_words_and_numeric_filters(sites: Sites, community: Community) -> None:
    stories = api(sites, tags="story", hitsPerPage=1000)["hits"]
    assert len(stories) == len(community.of("news"))
    story = max(community.of("news"), key=lambda talk: len(talk.remarks))
    comments = api(sites, tags=f"comment,story_{story.number}", hitsPerPage=1000)["hits"]
    assert len(comments) == len(story.remarks) - 1
    named = api(sites, query="torvane", hitsPerPage=1000)["hits"]
    assert named
    assert all("torvane" in json.dumps(hit).lower() for hit in named)
    middle = stories[len(stories) // 2]["created_at_i"]
    later = api(sites, tags="story", numericFilters=f"created_at_i>{middle}", hitsPerPage=1000)["hits"]
    assert {hit["objectID"] for hit in later} == {hit["objectID"] for hit in stories if hit["created_at_i"] > middle}
    busy = api(sites, tags="story", numericFilters="num_comments>=10,points>=0", hitsPerPage=1000)["hits"]
    assert all(hit["num_comments"] >= 10 for hit in busy)


@pytest.mark.parametrize("query", ["hitsPerPage=many", "page=-1", "numericFilters=created_at_i~5"])
def test_a_query_that_makes_no_sense_is_a_400(sites: Sites, query: str) -> None:
    assert sites.answer(f"/news/api/v1/search_by_date?{query}").status == 400


def test_an_item_is_the_whole_tree_below_it(sites: Sites, community: Community) -> None:
    story = max(community.of("news"), key=lambda talk: len(talk.remarks))
    waiting = [json.loads(sites.answer(f"/news/api/v1/items/{story.number}").body)]
    seen = {}
    while waiting:
        item = waiting.pop()
        seen[item["id"]] = item["parent_id"]
        waiting += item["children"]
    assert seen == {one.number: one.parent for one in story.remarks}


@pytest.mark.parametrize(
    "target",
    ["/nowhere", "/forum/?page=0", "/forum/?page=999", "/forum/?page=x", "/forum/thread/none.1/", "/item?id=1",
     "/item", "/news/api/v1/items/1", "/blog/2026/11/none-1/", "/../../etc/passwd", "/robots.txt/../style.css"],
)  # fmt: skip
def test_what_is_not_there_is_a_404(sites: Sites, target: str) -> None:
    assert sites.answer(target).status == 404


def test_pages_for_people_show_their_threads(sites: Sites, community: Community) -> None:
    for target in ("/", "/forum/", "/blog/", "/news/"):
        assert page(sites, target).xpath("//h1 | //h2 | //ol")
    for place in ("blog", "news"):
        talk = max(community.of("blog" if place == "blog" else "news"), key=lambda one: len(one.remarks))
        text = page(sites, talk.path).text_content()
        assert talk.title in text
        assert all(one.author in text for one in talk.remarks)


def test_text_is_shown_and_never_run() -> None:
    found = blocks("> quoted\n\nrun `a < b` and see https://docs.example/x. Fine")
    assert found[0].quote
    assert [kind for kind, _ in found[1].spans] == ["text", "code", "text", "link", "text"]
    assert ("link", "https://docs.example/x") in found[1].spans


def test_the_pages_escape_what_people_wrote(community: Community, sites: Sites) -> None:
    quoted = next(t for t in community.of("forum") if any("> " in one.text for one in t.remarks))
    body = sites.answer(quoted.path).body.decode()
    assert not re.search(r"<p>&?> ", body)


def asked(site: Serving, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = HTTPConnection(site.base.removeprefix("http://"), timeout=20)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def test_a_guest_who_has_the_page_gets_a_304(site: Serving) -> None:
    status, headers, body = asked(site, "/forum/")
    assert (status, len(body) > 5_000) == (200, True)
    tag, modified = headers["ETag"], headers["Last-Modified"]
    for again in ({"If_None_Match": tag}, {"If_None_Match": f'"x", W/{tag}'}, {"If_Modified_Since": modified}):
        assert asked(site, "/forum/", **again)[::2] == (304, b"")
    assert asked(site, "/forum/", If_None_Match='"other"', If_Modified_Since=modified)[0] == 200
    assert asked(site, "/forum/", If_Modified_Since="yesterday")[0] == 200


def test_robots_txt_is_there_and_head_has_no_body(site: Serving) -> None:
    assert b"Disallow: /forum/search" in asked(site, "/robots.txt")[2]
    status, headers, body = asked(site, "/blog/feed.xml", "HEAD")
    assert (status, body) == (200, b"")
    assert headers["Content-Type"].startswith("application/rss+xml")
