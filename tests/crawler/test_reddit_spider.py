from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import Crawling, Site
from fake_reddit import NOW, Reddit

from crawler.items import FoundPost, GonePost
from crawler.plan import SourcePlan
from crawler.reddit_rows import comment_of, submission_of, things_in

SECRETS = {"client_id": "app", "client_secret": "hush-hush"}
CAPTURES = Path(__file__).resolve().parents[3] / "shared/data/captures/reddit"


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


def test_a_deleted_comment_that_left_its_tree_is_asked_for_and_gone(reddit: Reddit, crawling: Crawling) -> None:
    reddit.post("a")
    reddit.comment("b", "a")
    crawling(source(reddit.site))
    reddit.vanished = {"b"}
    reddit.comments[0] |= {"body": "[deleted]", "author": "[deleted]"}
    reddit.comment("c", "a")
    assert crawling(source(reddit.site))["red"].status == "ok"
    with crawling.open() as store:
        assert [row["post_id"] for row in store.rows("SELECT post_id FROM gone_posts")] == ["red:t1_b"]


def test_withheld_comments_are_asked_for_one_request_at_a_time(reddit: Reddit, crawling: Crawling) -> None:
    for number in range(4):
        reddit.post(f"p{number}")
        reddit.comment(f"c{number}", f"p{number}")
        reddit.hidden.add(f"c{number}")
    covered = crawling(source(reddit.site), per_host=4)["red"]
    assert (covered.status, covered.new) == ("ok", 8)


def test_the_end_of_a_full_search_is_a_gap(reddit: Reddit, crawling: Crawling) -> None:
    reddit.searched = 250
    for number in range(300):
        reddit.post(f"p{number}", age=number + 10)
    covered = crawling(source(reddit.site, communities=(), query="pump"))["red"]
    assert (covered.status, covered.new) == ("partial", 250)
    with crawling.open() as store:
        assert [row["reason"] for row in store.rows("SELECT reason FROM gaps")] == [
            "Reddit finds about 250 submissions; older ones are not shown"
        ]


@pytest.mark.parametrize(
    ("words", "gone"),
    [
        ("[deleted]", True),
        ("[ Removed by Reddit ]", True),
        ("[ Removed by Reddit in response to a copyright notice. ]", True),
        ("[removed] the bolt, still leaks", False),
        ("[ Removed by hand ] [ twice ]", False),
    ],
)
def test_withdrawn_words_are_told_from_words_in_brackets(words: str, gone: bool) -> None:
    row = {"id": "a", "link_id": "t3_b", "parent_id": "t3_b", "body": words, "created_utc": NOW}
    assert [isinstance(each, GonePost) for each in comment_of(row)] == [gone]


def test_a_hidden_score_is_not_known_rather_than_one() -> None:
    row = {"id": "a", "title": "T", "permalink": "/a", "selftext": "w", "created_utc": "soon", "score": 1}
    shown, hidden = (next(submission_of({**row, "hide_score": each})) for each in (False, True))
    assert isinstance(shown, FoundPost)
    assert isinstance(hidden, FoundPost)
    assert (shown.likes, hidden.likes, shown.created_at) == (1, None, None)


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
