from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from conftest import Answer, Crawling, Site, json_answer

from crawler.plan import SourcePlan

TOKEN = "insta-very-secret"
STAMP = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def source(site: Site, **changes: Any) -> SourcePlan:
    values: dict[str, Any] = {"accounts": ("7",), "credentials": {"token": TOKEN}, **changes}
    return SourcePlan("ig", "instagram", site.url, allow_private=True, **values)


def said(native: str, **more: Any) -> dict[str, Any]:
    return {"id": native, "text": f"comment {native}", "timestamp": STAMP, "username": "bob", **more}


def account(site: Site) -> None:
    medium = {"id": "1", "caption": "a pump", "timestamp": STAMP, "username": "acme", "comments_count": 3}
    site.routes["/7"] = json_answer({"followers_count": 30, "media_count": 1})
    site.routes["/7/media"] = json_answer({"data": [medium]})
    replies = {"data": [said("12")], "paging": {"next": f"{site.url}/11/replies?access_token={TOKEN}"}}
    site.routes["/1/comments"] = json_answer({"data": [said("11", replies=replies), {"id": "bad"}]})
    site.routes["/11/replies"] = json_answer({"data": [said("13")]})


def test_media_comments_and_all_replies_are_read(site: Site, crawling: Crawling) -> None:
    account(site)
    covered = crawling(source(site))["ig"]
    assert (covered.status, covered.new, covered.dropped) == ("ok", 4, 1)
    assert crawling.number("SELECT count(*) FROM posts WHERE parent_id = 'ig:11'") == 2
    assert crawling.number("SELECT max(followers) FROM account_figures") == 30
    assert not any("access_token" in asked.query for asked in site.asked)
    assert all(asked.headers["Authorization"] == f"Bearer {TOKEN}" for asked in site.asked)


def test_an_expired_token_is_named(site: Site, crawling: Crawling) -> None:
    account(site)
    site.routes["/7/media"] = Answer('{"error": {"type": "OAuthException", "code": 190}}', status=400)
    covered = crawling(source(site))["ig"]
    assert "TOCSIN_INSTAGRAM__TOKEN" in str(covered.detail)
    assert TOKEN not in str(covered.detail)


def test_a_missing_token_turns_it_off_by_name(site: Site, crawling: Crawling) -> None:
    covered = crawling(source(site, credentials={}))["ig"]
    assert covered.status == "off"
    assert "TOCSIN_INSTAGRAM__TOKEN" in str(covered.detail)


def test_a_deleted_comment_is_gone_also_when_none_is_left(site: Site, crawling: Crawling) -> None:
    account(site)
    crawling(source(site))
    medium = {"id": "1", "caption": "a pump", "timestamp": STAMP, "username": "acme", "comments_count": 0}
    site.routes["/7/media"] = json_answer({"data": [medium]})
    site.routes["/11"] = site.routes["/12"] = Answer(
        '{"error": {"type": "OAuthException", "code": 100, "error_subcode": 33}}', status=400
    )
    site.routes["/13"] = json_answer({"id": "13"})
    assert crawling(source(site))["ig"].status == "ok"
    with crawling.open() as store:
        assert {row["post_id"] for row in store.rows("SELECT post_id FROM gone_posts")} == {"ig:11", "ig:12"}
