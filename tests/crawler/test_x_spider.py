from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from conftest import Answer, Asked, Crawling, Site, json_answer

from crawler.plan import SourcePlan
from crawler.x_rows import id_at, made_at, post_of

NOW = datetime.fromtimestamp(int(time.time()), UTC)
TOKEN = "bearer-very-secret"


@dataclass
class X:
    """Answers like api.x.com: ids from new to old between bounds, a next_token where more is held."""

    site: Site
    rows: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.site.routes["/2/tweets/search/recent"] = self.page
        self.site.routes["/2/users/7/tweets"] = self.page
        user = {"id": "7", "username": "acme", "public_metrics": {"followers_count": 50, "tweet_count": 9}}
        self.site.routes["/2/users/by/username/acme"] = json_answer({"data": user})

    def post(self, number: int, age: float = 600, **more: Any) -> str:
        moment = NOW - timedelta(seconds=age)
        native = str(id_at(moment) + number)
        row = {"id": native, "text": f"post {number}", "author_id": "7", "conversation_id": native}
        row |= {"created_at": moment.strftime("%Y-%m-%dT%H:%M:%S.000Z"), "public_metrics": {"like_count": 2}, **more}
        self.rows.append(row)
        return native

    def page(self, asked: Asked) -> Answer:
        if asked.headers.get("Authorization") != f"Bearer {TOKEN}":
            return Answer(status=401)
        low = int(asked.query.get("since_id", ["0"])[0])
        high = int(asked.query.get("until_id", [str(1 << 62)])[0])
        if "start_time" in asked.query:
            low = id_at(datetime.fromisoformat(asked.query["start_time"][0]))
        if "search" in asked.path and made_at(low) < NOW - timedelta(days=7):
            return Answer(status=400)
        rows = sorted((row for row in self.rows if low < int(row["id"]) < high), key=lambda row: -int(row["id"]))
        room = int(asked.query["max_results"][0])
        meta = {"next_token": "more"} if len(rows) > room else {}
        users = {"users": [{"id": "7", "username": "acme"}]}
        return json_answer({"data": rows[:room], "includes": users, "meta": meta})


@pytest.fixture
def x(site: Site) -> X:
    return X(site)


def source(site: Site, **changes: Any) -> SourcePlan:
    values: dict[str, Any] = {"query": "acme", "credentials": {"token": TOKEN}, "history_days": 5, **changes}
    return SourcePlan("ex", "x", site.url, allow_private=True, **values)


def test_a_search_reads_all_pages_once_and_then_only_what_is_new(x: X, crawling: Crawling) -> None:
    for number in range(250):
        x.post(number, age=600 + number)
    covered = crawling(source(x.site, budget=5_000))["ex"]
    assert (covered.status, covered.new) == ("ok", 250)
    x.post(900, age=5)
    again = crawling(source(x.site, budget=5_000))["ex"]
    assert (again.seen, again.new) == (1, 1)


def test_the_read_budget_is_kept_over_runs(x: X, crawling: Crawling) -> None:
    for number in range(350):
        x.post(number, age=600 + number)
    first = crawling(source(x.site, budget=1_500))["ex"]
    assert (first.status, first.seen) == ("partial", 150)
    assert "read budget" in str(first.detail)
    asked = len(x.site.asked)
    second = crawling(source(x.site, budget=1_500))["ex"]
    assert (second.status, second.seen) == ("partial", 0)
    assert len(x.site.asked) == asked
    # A larger budget goes on where the small one stopped, and reads no post twice.
    third = crawling(source(x.site, budget=5_000))["ex"]
    assert (third.status, third.seen) == ("ok", 200)
    assert crawling.number("SELECT count(*) FROM posts") == 350


def test_older_posts_than_the_window_shows_are_a_gap(x: X, crawling: Crawling) -> None:
    x.post(1)
    covered = crawling(source(x.site, history_days=60))["ex"]
    assert (covered.status, covered.new) == ("partial", 1)
    assert crawling.number("SELECT count(*) FROM gaps WHERE closed_at IS NULL") == 1


def test_replies_keep_thread_and_parent_and_retweets_are_no_posts(x: X, crawling: Crawling) -> None:
    first = x.post(1, age=900)
    reply = x.post(2, conversation_id=first, referenced_tweets=[{"type": "replied_to", "id": first}])
    x.post(3, referenced_tweets=[{"type": "retweeted", "id": first}])
    assert crawling(source(x.site))["ex"].new == 2
    with crawling.open() as store:
        rows = {row["id"]: row["parent_id"] for row in store.rows("SELECT id, parent_id FROM posts")}
    assert rows == {f"ex:{first}": None, f"ex:{reply}": f"ex:{first}"}


def test_accounts_are_read_with_their_followers(x: X, crawling: Crawling) -> None:
    x.post(1)
    covered = crawling(source(x.site, query=None, accounts=("@acme",)))["ex"]
    assert (covered.status, covered.new) == ("ok", 1)
    assert crawling.number("SELECT max(followers) FROM account_figures") == 50


def test_a_missing_token_turns_it_off_and_a_wrong_one_is_not_shown(x: X, crawling: Crawling) -> None:
    off = crawling(source(x.site, credentials={}))["ex"]
    assert off.status == "off"
    assert "TOCSIN_X__TOKEN" in str(off.detail)
    wrong = crawling(source(x.site, credentials={"token": "wrong-one"}))["ex"]
    assert wrong.status == "refused"
    assert "wrong-one" not in str(wrong.detail)


def test_ids_carry_their_time_and_long_posts_their_whole_text() -> None:
    assert made_at(id_at(NOW)) == NOW
    row = {"id": "5", "text": "short", "note_tweet": {"text": "long &amp; whole"}, "created_at": "2026-01-01T00:00:00Z"}
    assert [post.text for post in post_of(row, {})] == ["long & whole"]
