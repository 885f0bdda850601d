from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from conftest import Answer, Asked, Crawling, Site, json_answer

from crawler.graph_api import without_token
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
