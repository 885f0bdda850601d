from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import Answer, Crawling, Site
from fake_bluesky import AppView, address

from crawler.bluesky_rows import address_of, hides, is_repost, made_at, nodes_in, post_of, text_of
from crawler.memory import Memory
from crawler.plan import SourcePlan
from tocsin.store.observed import account_figures

HOUR, DAY = 3_600, 86_400
SECRETS = {"handle": "@acme.example.test", "app_password": "abcd-efgh"}


@pytest.fixture
def view(site: Site) -> AppView:
    return AppView(site, followers={"acme": 900})


def source(site: Site, **changes: Any) -> SourcePlan:
    where = {} if {"pages", "query"} & set(changes) else {"accounts": ("acme.example.test",)}
    return SourcePlan("sky", "bluesky", site.url, allow_private=True, **{**where, **changes})


def let_rest(crawling: Crawling, seconds: int) -> None:
    """Make the crawler believe that its threads were read `seconds` earlier than they were."""
    memory = Memory(crawling.cache)
    for root, mark in memory.keys("sky", "tree ").items():
        memory.remember("sky", [(f"tree {root}", {**mark, "read": mark["read"] - seconds})])
    memory.close()


def test_an_account_gives_its_posts_its_followers_and_the_answers_but_no_reposts(
    view: AppView, crawling: Crawling
) -> None:
    mine = view.post("acme", 1)
    answer = view.post("ann", 2, to=mine)
    view.post("acme", 3, to=answer)
    view.repost("acme", view.post("ben", 4))
    covered = crawling(source(view.site))["sky"]
    assert (covered.status, covered.new) == ("ok", 3)
    with crawling.open() as store:
        rows = {row["id"][4:]: row for row in store.rows("SELECT * FROM posts")}
        assert {row["thread_id"][4:] for row in rows.values()} == {mine}
        assert rows[answer]["parent_id"] == f"sky:{mine}"
        assert rows[answer]["url"] == "https://bsky.app/profile/did:plc:ann/post/2"
        assert [row.followers for row in account_figures(store, "sky", "acme.example.test")] == [900]
    assert crawling.number("SELECT replies FROM engagement WHERE post_id = ?", f"sky:{mine}") == 1


def test_twelve_hundred_posts_between_two_runs_are_kept_and_a_quiet_account_costs_two_requests(
    view: AppView, crawling: Crawling
) -> None:
    view.post("acme", "a", age=9 * DAY)
    crawling(source(view.site))
    for number in range(1_200):
        view.post("acme", number, age=8 * DAY - number)
    second = crawling(source(view.site))["sky"]
    assert (second.status, second.new) == ("ok", 1_200)
    third = crawling(source(view.site))["sky"]
    assert (third.new, third.requests) == (0, 2)


def test_a_reply_to_somebody_else_brings_the_whole_discussion(view: AppView, crawling: Crawling) -> None:
    theirs = view.post("ann", 1, age=40 * DAY)
    view.post("ben", 2, to=theirs)
    view.post("acme", 3, to=theirs)
    assert crawling(source(view.site))["sky"].new == 3
    view.post("cyn", 4, to=theirs)
    let_rest(crawling, HOUR)
    assert crawling(source(view.site))["sky"].new == 1


def test_a_thread_is_read_below_the_depth_of_one_answer(view: AppView, crawling: Crawling) -> None:
    view.depth = 4
    last = view.post("acme", 0)
    for number in range(1, 30):
        last = view.post("ann", number, to=last)
    covered = crawling(source(view.site))["sky"]
    assert (covered.status, covered.new) == ("ok", 30)


def test_replies_that_are_not_shown_are_a_gap(view: AppView, crawling: Crawling) -> None:
    mine = view.post("acme", 1)
    view.post("ann", 2, to=mine)
    view.post("ben", 3, to=mine, hidden=True)
    covered = crawling(source(view.site))["sky"]
    assert (covered.status, covered.new) == ("partial", 2)
    assert crawling.number("SELECT missing FROM gaps WHERE closed_at IS NULL") == 1


def test_deleted_posts_are_noted_as_gone(view: AppView, crawling: Crawling) -> None:
    mine = view.post("acme", 1, age=9 * DAY)
    middle = view.post("ann", 2, to=mine)
    view.post("ben", 3, to=middle)
    crawling(source(view.site))
    view.delete(middle)
    let_rest(crawling, HOUR)
    crawling(source(view.site))
    with crawling.open() as store:
        assert middle in {row[0][4:] for row in store.rows("SELECT post_id FROM gone_posts")}
    view.delete(mine)
    let_rest(crawling, HOUR)
    crawling(source(view.site))
    assert crawling.number("SELECT count(*) FROM gone_posts WHERE post_id = ?", f"sky:{mine}") == 1
    assert len(crawling.ids()) == 3


def test_named_posts_are_watched_with_the_thread_they_belong_to(view: AppView, crawling: Crawling) -> None:
    top = view.post("ann", 1, age=300 * DAY)
    reply = view.post("ben", 2, age=300 * DAY, to=top)
    other = view.post("cyn", 3)
    pages = (reply.replace("did:plc:ben", "ben.example.test"), "https://bsky.app/profile/did:plc:cyn/post/3", "x")
    covered = crawling(source(view.site, pages=pages))["sky"]
    assert (covered.status, covered.new) == ("partial", 3)
    assert "neither a link" in str(covered.detail)
    view.post("dan", 4, to=other)
    view.post("dan", 5, to=top)
    assert crawling(source(view.site, pages=pages[:2]))["sky"].new == 2


def test_a_search_reads_every_slice_and_the_discussions_around_what_it_finds(view: AppView, crawling: Crawling) -> None:
    view.room = 10
    for number in range(45):
        view.post("ann", number, age=20 * DAY - 60 * number, text=f"Borealis raises prices {number}")
    top = view.post("ben", "top", age=50 * DAY)
    view.post("cyn", "in", age=2 * DAY, to=top, text="so says borealis")
    covered = crawling(source(view.site, query="borealis", credentials=SECRETS))["sky"]
    assert (covered.status, covered.new) == ("ok", 47)
    view.post("ann", 99, age=60, text="borealis again")
    again = crawling(source(view.site, query="borealis", credentials=SECRETS))["sky"]
    assert again.new == 1
    assert again.requests < 6


def test_a_search_without_or_with_wrong_secrets_is_named_and_the_accounts_are_read(
    view: AppView, crawling: Crawling
) -> None:
    view.post("acme", 1)
    both = {"accounts": ("acme.example.test",), "query": "borealis"}
    covered = crawling(source(view.site, **both))["sky"]
    assert (covered.status, covered.new) == ("partial", 1)
    assert "TOCSIN_BLUESKY__APP_PASSWORD" in str(covered.detail)
    wrong = crawling(source(view.site, **both, credentials={**SECRETS, "app_password": "no"}))["sky"]
    assert wrong.status == "partial"
    assert "login was answered by 401" in str(wrong.detail)
    assert crawling(source(view.site, query="borealis"))["sky"].status == "off"


def test_an_exhausted_budget_goes_on_where_it_stopped(view: AppView, crawling: Crawling) -> None:
    view.room = 5
    for number in range(42):
        mine = view.post("acme", number, age=30 * DAY - number)
        if number in (3, 40):
            view.post("ann", f"r{number}", age=29 * DAY, to=mine)
    assert crawling(source(view.site, budget=4))["sky"].status == "partial"
    assert crawling.number("SELECT count(*) FROM sources WHERE first_crawl_finished_at IS NOT NULL") == 0
    view.post("acme", "new", age=10)
    for _ in range(8):
        if crawling(source(view.site, budget=7))["sky"].status == "ok":
            break
    assert len(crawling.ids()) == 45
    assert crawling.number("SELECT count(*) FROM sources WHERE first_crawl_finished_at IS NOT NULL") == 1


def test_an_unknown_account_fails_the_source_and_bad_rows_stop_nothing(view: AppView, crawling: Crawling) -> None:
    assert crawling(source(view.site, accounts=("nobody.test",)))["sky"].status == "failed"
    view.post("acme", 1)
    view.post("acme", 2, record={"text": 5})
    view.post("acme", 3, author={"did": "did:plc:acme", "labels": 7}, likeCount="many")
    view.reposts.append({"of": "acme", "post": {"indexedAt": "x"}, "reason": None})
    covered = crawling(source(view.site))["sky"]
    assert (covered.status, covered.new, covered.dropped > 1) == ("ok", 2, True)


def test_an_answer_that_is_no_json_fails_the_source(site: Site, crawling: Crawling) -> None:
    site.fallback = lambda _: Answer("<html>wait</html>")
    assert crawling(source(site))["sky"].status == "failed"


def test_links_are_read_in_full_and_cards_give_their_address() -> None:
    def facet(start: int, end: int, uri: str) -> dict[str, Any]:
        return {"index": {"byteStart": start, "byteEnd": end}, "features": [{"uri": uri}]}

    record = {
        "text": "é acme.test/a... and here",
        "facets": [facet(3, 17, "https://acme.test/abc"), facet(22, 26, "https://b.test/")],
    }
    assert text_of(record) == "é https://acme.test/abc and here (https://b.test/)"
    assert text_of({"text": "x", "facets": [facet(0, 99, "https://a.test/"), 5, {"index": 3}]}) == "x"
    card = {"$type": "app.bsky.embed.external", "external": {"uri": "https://c.test/", "title": "A title"}}
    assert text_of({"text": "Look", "embed": card}) == "Look\nhttps://c.test/"
    assert text_of({"text": "", "embed": {"media": {"images": [{"alt": "A bill"}]}}}) == "A bill"


def test_an_author_who_hides_from_visitors_is_left_out_and_dates_do_not_lie(view: AppView, crawling: Crawling) -> None:
    labels = [{"val": "!no-unauthenticated", "src": "did:plc:ann"}]
    mine = view.post("acme", 1)
    shy = view.post("ann", 2, to=mine, author={"did": "did:plc:ann", "handle": "ann.test", "labels": labels})
    assert hides(view.posts[shy])
    covered = crawling(source(view.site))["sky"]
    assert (covered.status, covered.new) == ("ok", 1)
    early = made_at({"record": {"createdAt": "2030-01-01T00:00:00Z"}, "indexedAt": "2026-11-22T18:51:04.000Z"})
    assert early is not None
    assert early.year == 2026


def test_addresses_of_posts_are_found_in_links() -> None:
    assert address_of("https://bsky.app/profile/ann.test/post/3k?x=1") == "at://ann.test/app.bsky.feed.post/3k"
    assert address_of(address("ann", 5)) == address("ann", 5)
    assert address_of("https://bsky.app/profile/ann.test") is None


@pytest.mark.shared
def test_answers_of_a_real_appview_are_read(shared: Path) -> None:
    folder = shared / "data" / "captures" / "bluesky"
    if not folder.is_dir():
        pytest.skip("needs the captures")
    thread = json.loads((folder / "thread_depth1.json").read_text("utf-8"))["thread"]
    posts = [post_of(node["post"]) for node, _ in nodes_in(thread)]
    assert (len(posts), posts[0].replies, posts[0].opens) == (61, 60, True)
    assert {post.parent for post in posts[1:]} == {posts[0].native_id}
    feed = json.loads((folder / "author_feed_p1.json").read_text("utf-8"))["feed"]
    assert [is_repost(item) for item in feed] == [False] * 5
    assert all(post_of(item["post"]).text and post_of(item["post"]).created_at for item in feed)
