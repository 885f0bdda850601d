from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from conftest import Answer, Asked, Crawling, Site, json_answer

from crawler.plan import SourcePlan
from crawler.reddit_rows import submission_of, things_in

NOW = int(time.time())
SECRETS = {"client_id": "app", "client_secret": "hush-hush"}
CAPTURES = Path(__file__).resolve().parents[3] / "shared/data/captures/reddit"


def listing(things: list[dict[str, Any]], after: str | None = None) -> dict[str, Any]:
    return {"kind": "Listing", "data": {"children": things, "after": after}}


@dataclass
class Reddit:
    """Answers like oauth.reddit.com: a token that lives for `lives` requests, pages by `after`, `more` stubs."""

    site: Site
    lives: int = 1_000
    tokens: int = 0
    used: int = 0
    posts: list[dict[str, Any]] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.site.fallback = self.answer

    def post(self, name: str, age: int = 600, **more: Any) -> None:
        row = {"id": name, "title": f"Post {name}", "selftext": "words", "author": "ann", "score": 3, "edited": False}
        row |= {"created_utc": NOW - age, "permalink": f"/r/pumps/comments/{name}/p/", "num_comments": 0, **more}
        self.posts.append(row)

    def comment(self, name: str, post: str, parent: str | None = None, **more: Any) -> None:
        row = {"id": name, "body": f"comment {name}", "author": "bob", "score": 1, "link_id": f"t3_{post}"}
        row |= {"created_utc": NOW - 60, "edited": False, "parent_id": parent or f"t3_{post}", **more}
        self.comments.append(row)
        next(each for each in self.posts if each["id"] == post)["num_comments"] += 1

    def answer(self, asked: Asked) -> Answer:  # noqa: PLR0911 # one return a route
        if asked.path == "/api/v1/access_token":
            pair = base64.b64encode(b"app:hush-hush").decode()
            if asked.headers["Authorization"] != f"Basic {pair}" or asked.body != b"grant_type=client_credentials":
                return Answer(status=401)
            self.tokens, self.used = self.tokens + 1, 0
            return json_answer({"access_token": f"tok{self.tokens}", "expires_in": 3600})
        self.used += 1
        if asked.headers.get("Authorization") != f"Bearer tok{self.tokens}" or self.used > self.lives:
            return Answer(status=401)
        if asked.path.endswith("/new") or asked.path == "/search":
            return self.page(asked)
        if asked.path == "/api/info":
            wanted = asked.query["id"][0].split(",")
            return json_answer(listing([self.t3(each) for each in self.posts if f"t3_{each['id']}" in wanted]))
        if asked.path == "/api/morechildren":
            wanted = asked.query["children"][0].split(",")
            things = [{"kind": "t1", "data": each} for each in self.comments if each["id"] in wanted]
            return json_answer({"json": {"errors": [], "data": {"things": things}}})
        return self.discussion(asked.path.split("/")[2])

    def t3(self, row: dict[str, Any]) -> dict[str, Any]:
        return {"kind": "t3", "data": row}

    def page(self, asked: Asked) -> Answer:
        rows = sorted(self.posts, key=lambda each: -each["created_utc"])
        start = int(asked.query.get("after", ["0"])[0])
        after = str(start + 100) if start + 100 < min(len(rows), 1_000) else None
        return json_answer(listing([self.t3(each) for each in rows[start : start + 100]], after))

    def discussion(self, name: str) -> Answer:
        tree = self.below(f"t3_{name}")
        post = next(each for each in self.posts if each["id"] == name)
        return json_answer([listing([self.t3(post)]), listing(tree)])

    def below(self, parent: str) -> list[dict[str, Any]]:
        rows = [each for each in self.comments if each["parent_id"] == parent]
        shown = [each for each in rows if each["id"] not in self.hidden]
        things: list[dict[str, Any]] = []
        for each in shown:
            inner = self.below(f"t1_{each['id']}")
            things.append({"kind": "t1", "data": {**each, "replies": listing(inner) if inner else ""}})
        if kept := [each["id"] for each in rows if each["id"] in self.hidden]:
            more = {"children": kept, "count": len(kept), "parent_id": parent, "id": kept[0]}
            things.append({"kind": "more", "data": more})
        return things


@pytest.fixture
def reddit(site: Site) -> Reddit:
    return Reddit(site)


def source(site: Site, **changes: Any) -> SourcePlan:
    values: dict[str, Any] = {"communities": ("pumps",), "credentials": SECRETS, **changes}
    return SourcePlan("red", "reddit", site.url, allow_private=True, **values)


def test_submissions_and_their_trees_are_read_with_what_was_withheld(reddit: Reddit, crawling: Crawling) -> None:
    reddit.post("a")
    reddit.comment("b", "a")
    reddit.comment("c", "a", "t1_b")
    reddit.comment("d", "a")
    reddit.hidden = {"d"}
    covered = crawling(source(reddit.site))["red"]
    assert (covered.status, covered.new) == ("ok", 4)
    with crawling.open() as store:
        rows = {row["id"]: row["parent_id"] for row in store.rows("SELECT id, parent_id FROM posts")}
    assert rows["red:t1_c"] == "red:t1_b"
    assert rows["red:t1_d"] == "red:t3_a"
    before = len(reddit.site.asked)
    assert crawling(source(reddit.site))["red"].new == 0
    assert not [path for path in reddit.site.paths()[before:] if "comments" in path]


def test_an_expired_token_is_renewed_and_never_stored(reddit: Reddit, crawling: Crawling) -> None:
    for number in range(5):
        reddit.post(f"p{number}")
        reddit.comment(f"c{number}", f"p{number}")
    reddit.lives = 3
    covered = crawling(source(reddit.site))["red"]
    assert (covered.status, covered.new) == ("ok", 10)
    assert reddit.tokens >= 2
    kept = b"".join(path.read_bytes() for path in crawling.path.parent.rglob("*") if path.is_file())
    assert b"hush-hush" not in kept
    assert b"tok1" not in kept


def test_a_missing_secret_turns_the_source_off_by_name(reddit: Reddit, crawling: Crawling) -> None:
    covered = crawling(source(reddit.site, credentials={"client_id": "app"}))["red"]
    assert covered.status == "off"
    assert "TOCSIN_REDDIT__CLIENT_SECRET" in str(covered.detail)
    assert not reddit.site.asked


def test_wrong_secrets_are_refused_and_named_but_not_shown(reddit: Reddit, crawling: Crawling) -> None:
    covered = crawling(source(reddit.site, credentials={"client_id": "app", "client_secret": "wrong-one"}))["red"]
    assert covered.status == "refused"
    assert "TOCSIN_REDDIT__CLIENT_SECRET" in str(covered.detail)
    assert "wrong-one" not in str(covered.detail)


def test_the_cap_of_a_listing_is_a_gap(reddit: Reddit, crawling: Crawling) -> None:
    for number in range(1_100):
        reddit.post(f"p{number}", age=number + 10)
    covered = crawling(source(reddit.site))["red"]
    assert (covered.status, covered.new) == ("partial", 1_000)
    assert crawling.number("SELECT count(*) FROM gaps WHERE closed_at IS NULL") == 1


def test_deleted_and_removed_posts_are_noted_as_gone(reddit: Reddit, crawling: Crawling) -> None:
    reddit.post("a")
    reddit.comment("b", "a")
    crawling(source(reddit.site))
    reddit.comments[0]["body"] = "[deleted]"
    reddit.comment("c", "a")
    assert crawling(source(reddit.site))["red"].new == 1
    assert crawling.number("SELECT count(*) FROM gone_posts WHERE post_id = 'red:t1_b'") == 1
    reddit.posts[0]["selftext"] = "[removed]"
    crawling(source(reddit.site))
    assert crawling.number("SELECT count(*) FROM gone_posts WHERE post_id = 'red:t3_a'") == 1


def test_a_small_budget_goes_on_where_it_stopped(reddit: Reddit, crawling: Crawling) -> None:
    for number in range(300):
        reddit.post(f"p{number}", age=300_000 + number)
    assert crawling(source(reddit.site, budget=2))["red"].status == "partial"
    for _ in range(4):
        crawling(source(reddit.site, budget=4))
    assert crawling.number("SELECT count(*) FROM posts") == 300


@pytest.mark.shared
@pytest.mark.skipif(not CAPTURES.exists(), reason="needs ../shared")
def test_recorded_listings_are_understood() -> None:
    recorded = json.loads((CAPTURES / "TestSubredditListings.test_new.json").read_text())
    bodies = [each["response"]["body"].get("string", "") for each in recorded["interactions"]]
    rows = [thing["data"] for body in bodies if '"Listing"' in body for thing in things_in(json.loads(body))]
    assert rows
    assert all(list(submission_of(row)) for row in rows)
