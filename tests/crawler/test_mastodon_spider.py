from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import Answer, Crawling, Site
from fake_mastodon import Instance, stamp

from crawler.mastodon_rows import is_post, next_max_id, post_of, text_of
from crawler.memory import Memory
from crawler.plan import SourcePlan
from tocsin.store.observed import account_figures

HOUR, DAY = 3_600, 86_400


@pytest.fixture
def instance(site: Site) -> Instance:
    return Instance(site)


def source(site: Site, **changes: Any) -> SourcePlan:
    where = {} if "accounts" in changes else {"tags": ("#pumps",)}
    return SourcePlan("fedi", "mastodon", site.url, allow_private=True, **{**where, **changes})


def let_rest(crawling: Crawling, seconds: int) -> None:
    """Make the crawler believe that its threads were read `seconds` earlier than they were."""
    memory = Memory(crawling.cache)
    for root, mark in memory.keys("fedi", "tree ").items():
        memory.remember("fedi", [(f"tree {root}", {**mark, "read": mark["read"] - seconds})])
    memory.close()


def parents(crawling: Crawling) -> dict[str, tuple[str, str | None]]:
    with crawling.open() as store:
        rows = store.rows("SELECT id, thread_id, parent_id FROM posts ORDER BY length(id), id")
        return {row["id"][5:]: (row["thread_id"][5:], row["parent_id"] and row["parent_id"][5:]) for row in rows}


def test_a_tag_is_read_over_its_pages_and_twelve_hundred_new_posts_are_all_kept(
    instance: Instance, crawling: Crawling
) -> None:
    for number in range(1, 101):
        instance.post(number, age=5 * DAY - number)
    first = crawling(source(instance.site))["fedi"]
    assert (first.status, first.new) == ("ok", 100)
    assert crawling.number("SELECT count(*) FROM sources WHERE first_crawl_finished_at IS NOT NULL") == 1
    for number in range(200, 1_400):
        instance.post(number, age=4 * DAY - number)
    instance.post(60, age=5 * DAY, content="<p>New words</p>", edited_at=stamp(60))
    instance.post(150, age=4 * DAY)
    second = crawling(source(instance.site))["fedi"]
    assert (second.status, second.new) == ("ok", 1_201)
    assert second.requests < 40


def test_an_edit_within_three_days_is_met_and_one_request_settles_a_quiet_tag(
    instance: Instance, crawling: Crawling
) -> None:
    for number in range(1, 30):
        instance.post(number, age=2 * DAY - number)
    crawling(source(instance.site))
    instance.statuses["3"] |= {"content": "<p>Other words</p>", "edited_at": stamp(60), "favourites_count": 40}
    again = crawling(source(instance.site))["fedi"]
    assert (again.new, again.changed, again.requests) == (0, 1, 1)
    assert crawling.number("SELECT likes FROM engagement WHERE post_id = 'fedi:3' ORDER BY observed_at DESC") == 40


def test_a_reply_with_the_tag_brings_the_whole_thread_it_belongs_to(instance: Instance, crawling: Crawling) -> None:
    instance.post(1, tags=())
    instance.post(2, to=1)
    instance.post(3, to=2, tags=("pumps",))
    instance.post(4, to=3, tags=("pumps",))
    instance.post(5, to=1, visibility="private")
    instance.post(6, to=1, visibility="direct")
    covered = crawling(source(instance.site))["fedi"]
    assert (covered.status, covered.new) == ("ok", 4)
    assert parents(crawling) == {"1": ("1", None), "2": ("1", "1"), "3": ("1", "2"), "4": ("1", "3")}


def test_a_thread_that_grows_is_followed_and_a_quiet_one_rests(instance: Instance, crawling: Crawling) -> None:
    instance.post(1, age=9 * DAY)
    instance.post(2, age=8 * DAY, to=1)
    assert crawling(source(instance.site))["fedi"].new == 2
    quiet = crawling(source(instance.site))["fedi"]
    assert (quiet.new, quiet.requests) == (0, 1)
    instance.post(9, age=HOUR)
    instance.post(10, age=HOUR, to=9)
    assert crawling(source(instance.site))["fedi"].new == 2
    instance.post(11, age=30, to=10)
    let_rest(crawling, HOUR)
    assert crawling(source(instance.site))["fedi"].new == 1
    assert parents(crawling)["11"] == ("9", "10")


def test_a_deep_thread_is_read_below_what_one_answer_shows(instance: Instance, crawling: Crawling) -> None:
    instance.post(1)
    for number in range(2, 60):
        instance.post(number, to=number - 1)
    covered = crawling(source(instance.site))["fedi"]
    assert (covered.status, covered.new) == ("ok", 59)


def test_what_a_visitor_is_not_shown_is_a_gap_that_a_token_closes(instance: Instance, crawling: Crawling) -> None:
    instance.post(1)
    for number in range(2, 82):
        instance.post(number, to=1)
    covered = crawling(source(instance.site))["fedi"]
    assert (covered.status, covered.new) == ("partial", 61)
    assert crawling.number("SELECT missing FROM gaps WHERE closed_at IS NULL AND thread_id = 'fedi:1'") == 20
    let_rest(crawling, HOUR)
    second = crawling(source(instance.site, credentials={"token": "letmein"}))["fedi"]
    assert (second.status, second.new) == ("ok", 20)
    assert crawling.number("SELECT count(*) FROM gaps WHERE closed_at IS NULL") == 0


@pytest.mark.parametrize("batches", [True, False])
def test_deleted_posts_are_noted_as_gone_and_their_replies_stay(
    instance: Instance, crawling: Crawling, batches: bool
) -> None:
    instance.batches = batches
    for number, above in ((1, None), (2, 1), (3, 2), (4, 1), (5, None)):
        instance.post(number, age=HOUR, to=above)
    crawling(source(instance.site))
    instance.delete(2)
    instance.delete(5)
    crawling(source(instance.site))
    with crawling.open() as store:
        assert [row[0] for row in store.rows("SELECT post_id FROM gone_posts ORDER BY 1")] == ["fedi:2", "fedi:5"]
    assert len(crawling.ids()) == 5
    assert crawling.number("SELECT count(*) FROM threads") == 2


def test_replies_to_a_hidden_post_stay_together(instance: Instance, crawling: Crawling) -> None:
    for number in (7, 8):
        instance.post(number, to=1, tags=("pumps",))
    instance.post(9, to=7)
    instance.post(10, to=9)
    assert crawling(source(instance.site))["fedi"].new == 4
    assert parents(crawling) == {"7": ("1", "1"), "8": ("1", "1"), "9": ("1", "7"), "10": ("1", "9")}


def test_an_account_gives_its_posts_its_followers_and_no_boosts(instance: Instance, crawling: Crawling) -> None:
    instance.accounts["acme"] = {"id": "9acme", "acct": "acme", "followers_count": 1_200, "statuses_count": 3}
    instance.post(1, author="acme")
    boosted = instance.post(2, author="ann")
    instance.post(3, author="acme", content="", reblog=boosted)
    instance.post(4, author="ben", to=1)
    covered = crawling(source(instance.site, accounts=("@acme",)))["fedi"]
    assert (covered.status, covered.new) == ("ok", 2)
    instance.accounts["acme"]["followers_count"] = 1_100
    crawling(source(instance.site, accounts=("@acme",)))
    with crawling.open() as store:
        assert [row.followers for row in account_figures(store, "fedi", "@acme")] == [1_200, 1_100]


def test_an_exhausted_budget_goes_on_where_it_stopped_and_loses_no_thread(
    instance: Instance, crawling: Crawling
) -> None:
    instance.room = 5
    instance.post(1, age=30 * DAY, tags=())
    instance.post(2, age=30 * DAY, to=1, tags=("pumps",))
    for number in range(3, 43):
        instance.post(number, age=20 * DAY - number, to=number - 1 if number % 2 == 0 and number > 3 else None)
    first = crawling(source(instance.site, budget=3))["fedi"]
    assert first.status == "partial"
    assert crawling.number("SELECT count(*) FROM sources WHERE first_crawl_finished_at IS NOT NULL") == 0
    instance.post(99, age=20)
    for _ in range(5):
        if crawling(source(instance.site, budget=14))["fedi"].status == "ok":
            break
    assert len(crawling.ids()) == 43
    assert crawling.number("SELECT count(*) FROM sources WHERE first_crawl_finished_at IS NOT NULL") == 1


def test_an_instance_that_shows_lists_to_members_only_names_the_secret(instance: Instance, crawling: Crawling) -> None:
    instance.locked = True
    instance.post(1)
    covered = crawling(source(instance.site))["fedi"]
    assert covered.status == "failed"
    assert "TOCSIN_MASTODON__TOKEN" in str(covered.detail)
    member = crawling(source(instance.site, credentials={"token": "letmein"}))["fedi"]
    assert (member.status, member.new) == ("ok", 1)


def test_one_unknown_account_and_one_bad_row_stop_nothing(instance: Instance, crawling: Crawling) -> None:
    instance.accounts["acme"] = {"id": "9acme", "acct": "acme"}
    instance.post(1, author="acme")
    instance.post(2, author="acme", account={"id": "9acme"}, media_attachments=7, content=["no text"])
    instance.post(3, author="acme", in_reply_to_id={"no": "id"})
    covered = crawling(source(instance.site, accounts=("nobody", "acme")))["fedi"]
    assert covered.status == "partial"
    assert "unknown at this instance" in str(covered.detail)
    assert "fedi:1" in crawling.ids()


def test_an_answer_that_is_no_json_fails_the_source(site: Site, crawling: Crawling) -> None:
    site.fallback = lambda _: Answer("<html>wait</html>")
    covered = crawling(source(site))["fedi"]
    assert covered.status == "failed"
    assert "no JSON" in str(covered.detail)


def test_a_status_becomes_text_with_its_warning_and_whole_links() -> None:
    hidden = '<span class="invisible">{}</span>'
    shown = '<span class="ellipsis">acme.test/a</span>'
    link = f'<a href="x">{hidden.format("https://")}{shown}{hidden.format("/long/way")}</a>'
    row = {"id": 5, "spoiler_text": "Prices", "content": f"<p>Look: {link}</p>", "account": {"acct": "ann@x.test"}}
    assert text_of(row) == "Prices\n\nLook: https://acme.test/a/long/way"
    picture = {"content": "", "media_attachments": [{"description": "A bill of 900 €"}, {"description": None}]}
    assert (text_of(picture), is_post({"content": "<p></p>"})) == ("A bill of 900 €", False)
    assert (post_of(row, "5").author, post_of(row, "5").likes) == ("ann@x.test", None)


def test_a_full_page_without_a_link_header_goes_on_below_its_last_id() -> None:
    rows = [{"id": "9"}, {"id": "8"}]
    assert (next_max_id([], rows, 2), next_max_id([], rows, 3)) == ("8", None)
    assert (
        next_max_id(['<https://x.test/?max_id=8>; rel="next"', '<https://x.test/?min_id=9>; rel="prev"'], rows, 3)
        == "8"
    )
    assert next_max_id(['<https://x.test/?min_id=9>; rel="prev"'], rows, 2) is None


@pytest.mark.shared
def test_statuses_of_a_real_server_are_read(shared: Path) -> None:
    folder = shared / "data" / "captures" / "mastodon"
    if not folder.is_dir():
        pytest.skip("needs the captures")
    recorded = yaml.safe_load((folder / "test_hashtag_tl.yaml").read_text("utf-8"))["interactions"]
    [answer] = [found["response"] for found in recorded if "timelines/tag" in found["request"]["uri"]]
    [row] = json.loads(answer["body"]["string"])
    post = post_of(row, row["id"])
    assert (post.text, post.author, post.replies) == ("#hoot (hashtag toot)", "mastodonpy_test_2", 0)
    assert next_max_id(answer["headers"]["link"], [row], 40) == row["id"]
    assert post.created_at is not None
    context = yaml.safe_load((folder / "test_entity_context.yaml").read_text("utf-8"))["interactions"][0]
    private = json.loads(context["response"]["body"]["string"])["ancestors"][0]
    assert not is_post(private)
