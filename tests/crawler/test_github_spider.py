from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from conftest import Answer, Crawling, Site
from fake_github import DAY, HOUR, NOW, GitHub, stamp

from crawler.github_rows import author_of, comment_of, issue_of, next_page, repository_of
from crawler.plan import SourcePlan

TOKEN = "ghp_verysecret"


@pytest.fixture
def github(site: Site) -> GitHub:
    return GitHub(site)


def source(site: Site, **changes: Any) -> SourcePlan:
    where = {"communities": ("Acme/Pump",), **changes}
    return SourcePlan("gh", "github", site.url, allow_private=True, **where)


def gone(crawling: Crawling) -> list[str]:
    with crawling.open() as store:
        return [row[0] for row in store.rows("SELECT post_id FROM gone_posts ORDER BY 1")]


def test_issues_and_comments_become_threads_and_reactions_likes(github: GitHub, crawling: Crawling) -> None:
    github.issue(1, age=2 * DAY, locked=True)
    github.comment(10, 1)
    covered = crawling(source(github.site))["gh"]
    assert (covered.status, covered.new, covered.requests) == ("partial", 2, 2)
    assert covered.detail == "discussions were not read: they need TOCSIN_GITHUB__TOKEN"
    with crawling.open() as store:
        rows = {
            row["id"]: (row["thread_id"], row["parent_id"], row["text"]) for row in store.rows("SELECT * FROM posts")
        }
        figures = tuple(
            store.rows("SELECT likes, dislikes, replies FROM engagement WHERE post_id = 'gh:acme/pump#1'")[0]
        )
    assert rows == {
        "gh:acme/pump#1": ("gh:acme/pump#1", None, "Words 1"),
        "gh:acme/pump/c10": ("gh:acme/pump#1", "gh:acme/pump#1", "Reply 10"),
    }
    assert figures == (3, 1, 1)


def test_twelve_hundred_comments_in_few_seconds_between_two_runs_are_kept(github: GitHub, crawling: Crawling) -> None:
    github.issue(1, age=9 * DAY)
    crawling(source(github.site))
    for number in range(1_200):
        # 240 share a second: more than a page holds.
        github.comment(1_000 + number, 1, age=6 * HOUR - timedelta(seconds=number // 240))
    covered = crawling(source(github.site))["gh"]
    assert covered.new == 1_200
    assert covered.requests < 30


@pytest.mark.parametrize("issues", [5, 100, 140])
def test_nothing_new_costs_only_unchanged_answers(github: GitHub, crawling: Crawling, issues: int) -> None:
    for number in range(1, issues + 1):
        github.issue(number, age=number * HOUR / 10)
    crawling(source(github.site))
    crawling(source(github.site))
    before = len(github.site.asked)
    assert crawling(source(github.site))["gh"].new == 0
    statuses = [asked.status for asked in github.site.asked[before:]]
    # A list that ends with a full page is asked for again: what is new would not change that page.
    assert statuses.count(200) == (1 if issues == 100 else 0)
    github.issue(issues + 1, age=timedelta(minutes=1))
    assert crawling(source(github.site))["gh"].new == 1


def test_a_small_budget_goes_on_where_it_stopped(github: GitHub, crawling: Crawling) -> None:
    github.page = 10
    for number in range(1, 101):
        github.issue(number, age=9 * DAY - number * HOUR)
    runs = [crawling(source(github.site, budget=5))["gh"] for _ in range(6)]
    assert [run.new > 0 for run in runs] == [True, True, True, False, False, False]
    assert sum(run.new for run in runs) == 100
    assert "budget" in str(runs[0].detail)


def test_edited_and_deleted_comments_and_issues_are_noticed(github: GitHub, crawling: Crawling) -> None:
    github.issue(1)
    github.issue(2)
    github.comment(10, 1)
    github.comment(11, 1)
    crawling(source(github.site))
    github.comments[10] |= {"body": "Other words", "updated_at": stamp(timedelta(minutes=2))}
    del github.comments[11], github.issues[2]
    github.issues[1]["comments"] = 1
    covered = crawling(source(github.site))["gh"]
    assert covered.changed == 1
    assert gone(crawling) == ["gh:acme/pump#2", "gh:acme/pump/c11"]


def test_comments_that_the_list_withholds_come_from_the_thread_and_others_are_a_gap(
    github: GitHub, crawling: Crawling
) -> None:
    github.issue(1)
    github.comment(10, 1)
    github.comments[10]["updated_at"] = "2001-01-01T00:00:00Z"
    github.issues[1]["comments"] = 3
    covered = crawling(source(github.site))["gh"]
    assert covered.new == 2
    assert crawling.number("SELECT missing FROM gaps WHERE closed_at IS NULL") == 2


def test_discussions_come_by_graphql_with_long_ones_read_to_their_end(github: GitHub, crawling: Crawling) -> None:
    github.talk(7, comments=60)
    github.talk(8, comments=1, replies=30)
    for number in range(20, 35):
        github.talk(number, comments=0, age=2 * DAY)
    covered = crawling(source(github.site, credentials={"token": TOKEN}))["gh"]
    assert (covered.status, covered.new) == ("ok", 17 + 60 + 31)
    with crawling.open() as store:
        parents = {row["id"]: row["parent_id"] for row in store.rows("SELECT id, parent_id FROM posts")}
    assert parents["gh:acme/pump/d81001"] == "gh:acme/pump/d80000"
    assert parents["gh:acme/pump/d70059"] == "gh:acme/pump#7"
    assert crawling.number("SELECT dislikes FROM engagement WHERE post_id = 'gh:acme/pump#7'") == 3
    assert crawling.number("SELECT count(*) FROM sources WHERE first_crawl_finished_at IS NOT NULL") == 1
    del github.talks[0]["all"][3]
    crawling(source(github.site, credentials={"token": TOKEN}))
    assert gone(crawling) == ["gh:acme/pump/d70003"]


def test_the_token_is_sent_and_stays_out_of_coverage_and_memory(github: GitHub, crawling: Crawling) -> None:
    github.issue(1)
    github.refuse = lambda asked: Answer("{}", status=401) if asked.path.endswith("comments") else None
    covered = crawling(source(github.site, credentials={"token": TOKEN}))["gh"]
    assert all(asked.headers["Authorization"] == f"Bearer {TOKEN}" for asked in github.site.asked)
    assert "check TOCSIN_GITHUB__TOKEN" in str(covered.detail)
    held = b"".join(path.read_bytes() for path in crawling.cache.iterdir()) + crawling.path.read_bytes()
    assert b"verysecret" not in held
    assert TOKEN not in str(covered)


def test_a_secondary_limit_is_waited_for(github: GitHub, crawling: Crawling) -> None:
    github.issue(1)
    limit = [
        Answer('{"message": "You have exceeded a secondary rate limit."}', status=403, headers={"Retry-After": "1"})
    ]
    github.refuse = lambda _: limit.pop() if limit else None
    covered = crawling(source(github.site))["gh"]
    assert covered.new == 1
    first, second = (asked.at for asked in github.site.asked if asked.path.endswith("issues"))
    assert second - first >= 0.95


def test_a_used_up_hour_ends_the_run_and_the_next_goes_on(github: GitHub, crawling: Crawling) -> None:
    github.issue(1)
    reset = str(int((NOW + HOUR).timestamp()))
    spent = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
    github.refuse = lambda _: Answer('{"message": "API rate limit exceeded"}', status=403, headers=spent)
    covered = crawling(source(github.site))["gh"]
    assert covered.status == "failed"
    assert len(github.site.asked) <= 2  # one may have been under way
    assert "TOCSIN_GITHUB__TOKEN" in str(covered.detail)
    github.refuse = lambda _: None
    assert crawling(source(github.site))["gh"].new == 1


def test_an_unknown_repository_does_not_stop_the_other(github: GitHub, crawling: Crawling) -> None:
    github.issue(1)
    covered = crawling(source(github.site, communities=("acme/pump", "acme/none", "nonsense")))["gh"]
    assert (covered.status, covered.new) == ("partial", 1)
    assert "issues acme/none was not read: the answer was 404" in str(covered.detail)
    assert "'nonsense' is no owner/name" in str(covered.detail)


def test_a_query_reads_whole_discussions_of_what_it_finds(github: GitHub, crawling: Crawling) -> None:
    github.issue(1, title="seal is broken")
    github.issue(2, title="other")
    github.comment(10, 1)
    github.comment(20, 2)
    covered = crawling(source(github.site, query="seal"))["gh"]
    assert (covered.status, crawling.ids()) == ("ok", ["gh:acme/pump#1", "gh:acme/pump/c10"])
    github.comment(11, 1, age=timedelta(minutes=1))
    assert crawling(source(github.site, query="seal"))["gh"].new == 1


def test_a_row_of_a_wrong_shape_stops_no_other(github: GitHub, crawling: Crawling) -> None:
    github.issue(1)
    github.issue(2, title=None)
    github.issue(3, user=[], reactions=None, body=None)
    covered = crawling(source(github.site))["gh"]
    assert (covered.new, covered.dropped) == (2, 1)


def test_bots_are_kept_under_a_name_that_says_so() -> None:
    assert author_of({"login": "renovate", "__typename": "Bot"}) == "renovate[bot]"
    assert author_of({"login": "renovate[bot]", "type": "Bot"}) == "renovate[bot]"
    assert author_of({"login": "ann", "type": "User"}) == "ann"
    assert author_of(None) is None


def test_rows_keep_edits_of_comments_only_and_drop_pictures() -> None:
    row = {"number": 3, "title": "T", "body": "a ![the pump](http://x/y.png) b", "created_at": stamp(DAY)}
    issue = issue_of("o/r", {**row, "updated_at": stamp(HOUR)})
    assert (issue.text, issue.edited_at, issue.likes) == ("a the pump b", None, None)
    below = {"id": 4, "issue_url": "https://api.github.com/repos/o/r/issues/3", "body": "b"}
    comment = comment_of("o/r", {**below, "created_at": stamp(DAY), "updated_at": stamp(HOUR)})
    assert comment.edited_at == NOW - HOUR


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ("Acme/Pump", "acme/pump"),
        ("https://github.com/acme/pump/issues", "acme/pump"),
        ("github.com/acme/pump.git", "acme/pump"),
        ("acme", None),
        ("acme/pu mp", None),
    ],
)
def test_repositories_may_be_given_by_name_or_address(given: str, named: str | None) -> None:
    assert repository_of(given) == named


def test_the_next_page_is_read_from_links() -> None:
    links = ['<http://x/?page=1>; rel="prev", <http://x/?a=1,2&page=3>; rel="next", <http://x/?page=9>; rel="last"']
    assert next_page(links) == "http://x/?a=1,2&page=3"
    assert next_page([]) is None
