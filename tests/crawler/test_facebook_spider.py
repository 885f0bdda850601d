from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from conftest import Answer, Asked, Crawling, Site, json_answer

from crawler.graph_api import without_token
from crawler.graph_errors import GraphError, error_in
from crawler.plan import SourcePlan

TOKEN = "page-very-secret"
STAMP = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def source(site: Site, **changes: Any) -> SourcePlan:
    values: dict[str, Any] = {"accounts": ("acme",), "credentials": {"token": TOKEN}, **changes}
    return SourcePlan("fb", "facebook", site.url, allow_private=True, **values)


def comment(native: str, **more: Any) -> dict[str, Any]:
    return {"id": native, "message": f"comment {native}", "created_time": STAMP, "like_count": 1, **more}


def page_of(site: Site) -> None:
    """A page with two posts on two pages of its feed; the first post has comments on two pages."""

    def feed(asked: Asked) -> Answer:
        if asked.headers.get("Authorization") != f"Bearer {TOKEN}":
            return Answer('{"error": {"type": "OAuthException", "code": 190}}', status=400)
        if "after" in asked.query:
            return json_answer({"data": [{"id": "2", "message": "older", "created_time": STAMP}]})
        rows = [comment("11"), comment("12", parent={"id": "11"}), {"id": "bad"}]
        more = {"next": f"{site.url}/1/comments?access_token={TOKEN}&after=c"}
        edge = {"data": rows, "paging": more, "summary": {"total_count": 3}}
        post = {"id": "1", "message": "newer", "created_time": STAMP, "comments": edge, "shares": {"count": 4}}
        return json_answer({"data": [post], "paging": {"next": f"{site.url}/acme/feed?access_token={TOKEN}&after=x"}})

    site.routes["/acme"] = json_answer({"followers_count": 70, "id": "9"})
    site.routes["/acme/feed"] = feed
    site.routes["/1/comments"] = json_answer({"data": [comment("13")]})


def test_posts_and_all_comments_are_read_and_the_token_stays_in_the_header(site: Site, crawling: Crawling) -> None:
    page_of(site)
    covered = crawling(source(site))["fb"]
    assert (covered.status, covered.new, covered.dropped) == ("ok", 5, 1)
    assert crawling.number("SELECT max(followers) FROM account_figures") == 70
    assert crawling.number("SELECT count(*) FROM posts WHERE parent_id = 'fb:11'") == 1
    assert not any("access_token" in asked.query for asked in site.asked)
    assert TOKEN.encode() not in b"".join(f.read_bytes() for f in crawling.path.parent.rglob("*") if f.is_file())


def test_a_late_comment_on_a_known_post_is_found(site: Site, crawling: Crawling) -> None:
    page_of(site)
    crawling(source(site))
    site.routes["/1/comments"] = json_answer({"data": [comment("13"), comment("14")]})
    assert crawling(source(site))["fb"].new == 1


def test_an_expired_token_is_named_and_not_shown(site: Site, crawling: Crawling) -> None:
    page_of(site)
    covered = crawling(source(site, credentials={"token": "old-one"}))["fb"]
    assert covered.status in ("refused", "partial")
    assert "TOCSIN_FACEBOOK__TOKEN" in str(covered.detail)
    assert "old-one" not in str(covered.detail)


def test_a_missing_token_turns_it_off_by_name(site: Site, crawling: Crawling) -> None:
    covered = crawling(source(site, credentials={}))["fb"]
    assert covered.status == "off"
    assert "TOCSIN_FACEBOOK__TOKEN" in str(covered.detail)
    assert not site.asked


def test_tokens_are_taken_out_of_addresses() -> None:
    assert (
        without_token("https://g.test/1/feed?limit=5&access_token=s3&after=x")
        == "https://g.test/1/feed?limit=5&after=x"
    )


def gone(crawling: Crawling) -> list[str]:
    with crawling.open() as store:
        return [row["post_id"] for row in store.rows("SELECT post_id FROM gone_posts ORDER BY post_id")]


NOT_THERE = {"message": "quotes a post", "type": "GraphMethodException", "code": 100, "error_subcode": 33}


def test_what_was_deleted_is_gone_and_what_is_only_not_listed_is_not(site: Site, crawling: Crawling) -> None:
    page_of(site)
    crawling(source(site))
    edge = {"data": [comment("11")], "summary": {"total_count": 1}}
    post = {"id": "1", "message": "newer", "created_time": STAMP, "comments": edge}
    site.routes["/acme/feed"] = json_answer({"data": [post]})
    site.routes["/12"] = json_answer({"id": "12"})
    for native in ("/13", "/2"):
        site.routes[native] = Answer(json.dumps({"error": NOT_THERE}), status=400)
    covered = crawling(source(site))["fb"]
    assert (covered.status, gone(crawling)) == ("ok", ["fb:13", "fb:2"])


def test_a_deleted_post_takes_its_comments_with_it_and_a_refusal_takes_nothing(site: Site, crawling: Crawling) -> None:
    page_of(site)
    crawling(source(site))
    site.routes["/acme/feed"] = json_answer({"data": [{"id": "2", "message": "older", "created_time": STAMP}]})
    site.routes["/1"] = Answer('{"error": {"type": "OAuthException", "code": 10}}', status=403)
    assert (crawling(source(site))["fb"].status, gone(crawling)) == ("partial", [])
    site.routes["/1"] = Answer(json.dumps({"error": NOT_THERE}), status=400)
    crawling(source(site))
    assert gone(crawling) == ["fb:1", "fb:11", "fb:12", "fb:13"]


def test_one_bad_time_costs_neither_its_row_nor_its_page(site: Site, crawling: Crawling) -> None:
    page_of(site)
    rows = [{"id": "1", "message": "m", "created_time": "soon"}, {"id": "2", "message": "n", "created_time": STAMP}]
    site.routes["/acme/feed"] = json_answer({"data": [*rows, {"id": "3", "message": "draft", "is_published": False}]})
    covered = crawling(source(site))["fb"]
    assert (covered.status, covered.new, covered.dropped) == ("ok", 2, 0)
    assert crawling.number("SELECT dated FROM posts WHERE id = 'fb:1'") == 0


def test_an_empty_page_with_a_next_one_does_not_end_the_feed(site: Site, crawling: Crawling) -> None:
    page_of(site)
    full = site.routes["/acme/feed"]

    def feed(asked: Asked) -> Answer:
        if "after" in asked.query:
            assert callable(full)
            return full(asked)
        return json_answer({"data": [], "paging": {"next": f"{site.url}/acme/feed?after=x"}})

    site.routes["/acme/feed"] = feed
    assert crawling(source(site))["fb"].new == 1


def test_a_used_up_limit_is_no_matter_of_the_token(site: Site, crawling: Crawling) -> None:
    page_of(site)
    usage = {"5": [{"type": "pages", "call_count": 100, "estimated_time_to_regain_access": 12}]}
    site.routes["/acme/feed"] = Answer(
        '{"error": {"type": "OAuthException", "code": 80001, "message": "quotes a post"}}',
        status=400,
        headers={"X-Business-Use-Case-Usage": json.dumps(usage)},
    )
    covered = crawling(source(site))["fb"]
    assert "code 80001, for about 12 minutes" in str(covered.detail)
    assert "TOCSIN_FACEBOOK__TOKEN" not in str(covered.detail)
    assert "quotes" not in str(covered.detail)


@pytest.mark.parametrize("body", [b"", b"[]", b"not json", b'{"error": 3}', b'{"error": {"code": "190"}}'])
def test_answers_that_are_no_errors_of_the_api_have_no_code(body: bytes) -> None:
    assert error_in(body) == GraphError()
