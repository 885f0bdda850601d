from __future__ import annotations

import sqlite3
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
        self.site.routes["/2/tweets"] = self.look_up
        user = {"id": "7", "username": "acme", "public_metrics": {"followers_count": 50, "tweet_count": 9}}
        self.site.routes["/2/users/by/username/acme"] = json_answer({"data": user})

    def post(self, number: int, age: float = 600, **more: Any) -> str:
        moment = NOW - timedelta(seconds=age)
        native = str(id_at(moment) + number)
        row = {"id": native, "text": f"post {number}", "author_id": "7", "conversation_id": native}
        row |= {"created_at": moment.strftime("%Y-%m-%dT%H:%M:%S.000Z"), "public_metrics": {"like_count": 2}, **more}
        self.rows.append(row)
        return native

    def look_up(self, asked: Asked) -> Answer:
        held = {row["id"]: row for row in self.rows}
        wanted = asked.query["ids"][0].split(",")
        problem = {"parameter": "ids", "type": "https://api.x.com/2/problems/resource-not-found"}
        errors = [{**problem, "value": native} for native in wanted if native not in held]
        about = [{**problem, "parameter": "referenced_tweets.id", "value": native} for native in wanted]
        return json_answer({"data": [held[native] for native in wanted if native in held], "errors": errors + about})

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


def a_day_later(crawling: Crawling) -> None:
    """Let the crawl memory forget that posts were looked up today."""
    (held,) = crawling.cache.rglob("crawl-memory.sqlite")
    with sqlite3.connect(held) as memory:
        memory.execute("DELETE FROM marks WHERE key = 'looked up'")


def test_young_posts_are_looked_up_once_a_day_for_figures_and_deletions(x: X, crawling: Crawling) -> None:
    kept, deleted = x.post(1), x.post(2)
    old = x.post(3, age=4 * 86_400)
    crawling(source(x.site))
    x.rows = [{**row, "public_metrics": {"like_count": 40}} for row in x.rows if row["id"] != deleted]
    assert crawling(source(x.site))["ex"].seen == 0
    a_day_later(crawling)
    again = crawling(source(x.site))["ex"]
    assert (again.status, again.seen, again.new) == ("ok", 1, 0)
    assert crawling.number("SELECT max(likes) FROM engagement WHERE post_id = ?", f"ex:{kept}") == 40
    assert crawling.number("SELECT max(likes) FROM engagement WHERE post_id = ?", f"ex:{old}") == 2
    with crawling.open() as store:
        assert [row["post_id"] for row in store.rows("SELECT post_id FROM gone_posts")] == [f"ex:{deleted}"]


def test_looking_up_takes_no_more_than_a_quarter_of_the_budget(x: X, crawling: Crawling) -> None:
    for number in range(60):
        x.post(number, age=600 + number)
    crawling(source(x.site, budget=120))
    for looked in (30, 0):
        a_day_later(crawling)
        assert crawling(source(x.site, budget=120))["ex"].seen == looked


def test_an_edited_post_keeps_its_first_id_and_its_earlier_words(x: X, crawling: Crawling) -> None:
    first = x.post(1, age=900)
    crawling(source(x.site))
    second = x.post(2, age=800, text="other words", conversation_id=first)
    for row in x.rows:
        row["edit_history_tweet_ids"] = [first, second]
    covered = crawling(source(x.site))["ex"]
    assert (covered.new, covered.changed) == (0, 1)
    a_day_later(crawling)
    assert crawling(source(x.site))["ex"].changed == 0
    assert crawling.ids() == [f"ex:{first}"]
    assert crawling.number("SELECT count(*) FROM posts WHERE text = 'other words' AND edited_at IS NOT NULL") == 1
    assert crawling.number("SELECT count(*) FROM earlier_texts") == 1


def test_a_post_without_a_readable_time_is_kept_undated() -> None:
    assert [post.created_at for post in post_of({"id": "5", "text": "words", "created_at": "soon"}, {})] == [None]
