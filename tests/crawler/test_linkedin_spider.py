from __future__ import annotations

import time
from typing import Any

from conftest import Answer, Asked, Crawling, Site, json_answer

from crawler.plan import SourcePlan

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
