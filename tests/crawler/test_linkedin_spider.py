from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from conftest import Answer, Asked, Crawling, Site, json_answer

from crawler.linkedin_rows import address_of, plain, post_of
from crawler.plan import SourcePlan
from crawler.spiders.linkedin import versions

TOKEN = "link-very-secret"
NOW = int(time.time() * 1000) - 60_000


def source(site: Site, **changes: Any) -> SourcePlan:
    values: dict[str, Any] = {"accounts": ("5",), "credentials": {"token": TOKEN}, **changes}
    return SourcePlan("li", "linkedin", site.url, allow_private=True, **values)


def organisation(site: Site) -> None:
    def said(urn: str, **more: Any) -> dict[str, Any]:
        row = {"commentUrn": urn, "message": {"text": "words"}, "created": {"time": NOW}, "actor": "urn:li:person:a"}
        return {**row, **more}

    def answer(asked: Asked) -> Answer:
        if asked.headers.get("Authorization") != f"Bearer {TOKEN}" or "Linkedin-Version" not in asked.headers:
            return Answer(status=401)
        if "networkSizes" in asked.path:
            return json_answer({"firstDegreeSize": 88})
        if asked.path == "/rest/posts":
            return json_answer({"elements": [{"id": "urn:li:share:1", "commentary": "news", "publishedAt": NOW}]})
        if "share" in asked.path:
            return json_answer(
                {"elements": [said("c1", commentsSummary={"aggregatedTotalComments": 1}), {"id": "bad"}]}
            )
        return json_answer({"elements": [said("c2", parentComment="c1")]})

    site.fallback = answer


def test_posts_comments_and_replies_are_read(site: Site, crawling: Crawling) -> None:
    organisation(site)
    covered = crawling(source(site))["li"]
    assert (covered.status, covered.new, covered.dropped) == ("ok", 3, 1)
    assert crawling.number("SELECT count(*) FROM posts WHERE parent_id = 'li:c1'") == 1
    assert crawling.number("SELECT max(followers) FROM account_figures") == 88


def test_an_expired_token_is_named_and_not_shown(site: Site, crawling: Crawling) -> None:
    organisation(site)
    covered = crawling(source(site, credentials={"token": "old-one"}))["li"]
    assert covered.status == "refused"
    assert "TOCSIN_LINKEDIN__TOKEN" in str(covered.detail)
    assert "old-one" not in str(covered.detail)


def test_a_missing_token_turns_it_off_by_name(site: Site, crawling: Crawling) -> None:
    covered = crawling(source(site, credentials={}))["li"]
    assert covered.status == "off"
    assert "TOCSIN_LINKEDIN__TOKEN" in str(covered.detail)


def test_deleted_posts_and_comments_are_gone(site: Site, crawling: Crawling) -> None:
    organisation(site)
    crawling(source(site))

    def answer(asked: Asked) -> Answer:
        if asked.path == "/rest/posts":
            return json_answer({"elements": [{"id": "urn:li:share:2", "commentary": "more", "publishedAt": NOW}]})
        return Answer(status=404) if asked.path.startswith("/rest/posts/") else json_answer({"elements": []})

    site.fallback = answer
    assert crawling(source(site))["li"].new == 1
    with crawling.open() as store:
        found = {row["post_id"] for row in store.rows("SELECT post_id FROM gone_posts")}
    assert found == {"li:urn:li:share:1", "li:c1", "li:c2"}


def test_a_version_that_is_served_no_more_is_followed_by_a_newer_one(site: Site, crawling: Crawling) -> None:
    organisation(site)
    served, inner = versions(datetime(2028, 3, 9, tzinfo=UTC))[2], site.fallback
    assert served == "202801"
    assert inner is not None

    def answer(asked: Asked) -> Answer:
        return inner(asked) if asked.headers.get("Linkedin-Version") == served else Answer(status=426)

    site.fallback = answer
    late = "import crawler.spiders.linkedin as li; from datetime import datetime as d, timezone as z; v = li.versions; "
    late += "li.versions = lambda now: v(d(2028, 3, 9, tzinfo=z.utc))"
    status, covered = crawling.attempt(source(site), patch=late)
    assert (status, covered["li"].status, covered["li"].new) == (0, "ok", 3)
    status, covered = crawling.attempt(source(site))
    assert covered["li"].status == "refused"
    assert "update Tocsin" in str(covered["li"].detail)


@pytest.mark.parametrize(
    ("little", "shown"),
    [
        (r"Leaks \(again\) at 5 \* 3 bar", "Leaks (again) at 5 * 3 bar"),
        (r"New {hashtag|\#|pump\_news} by @[Acme \[Ltd\]](urn:li:organization:5)!", "New #pump_news by Acme [Ltd]!"),
        ("plain #tag and {braces} and a \\ back", "plain #tag and {braces} and a \\ back"),
    ],
)
def test_little_text_is_read_as_its_readers_see_it(little: str, shown: str) -> None:
    assert plain(little) == shown


def test_drafts_are_no_posts_and_one_bad_time_leaves_the_row() -> None:
    row = {"id": "urn:li:share:1", "commentary": "x", "publishedAt": 10**30}
    assert [post.created_at for post in post_of(row)] == [None]
    assert not list(post_of({**row, "lifecycleState": "DRAFT"}))


def test_comments_are_addressed_by_what_their_urn_holds() -> None:
    urn = "urn:li:comment:(urn:li:activity:7,9)"
    assert address_of(urn, "urn:li:share:1") == "rest/socialActions/urn%3Ali%3Aactivity%3A7/comments/9"
    assert address_of("urn:li:share:1", "urn:li:share:1") == "rest/posts/urn%3Ali%3Ashare%3A1"
