from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from conftest import Crawling, Site
from fake_youtube import CHANNEL, DAY, HOUR, KEY, NOW, YouTube, error, name, stamp

from crawler.memory import Memory
from crawler.plan import SourcePlan
from crawler.quota import SHARED
from crawler.youtube_rows import channel_query, comment_of, count_in, reason_of, video_in


@pytest.fixture
def youtube(site: Site) -> YouTube:
    return YouTube(site)


def source(site: Site, **changes: Any) -> SourcePlan:
    where = {"pages": (f"https://youtu.be/{name(1)}",), "credentials": {"key": KEY}, **changes}
    return SourcePlan("yt", "youtube", f"{site.url}/youtube/v3", allow_private=True, **where)


def gone(crawling: Crawling) -> list[str]:
    with crawling.open() as store:
        return [row[0] for row in store.rows("SELECT post_id FROM gone_posts ORDER BY 1")]


def test_a_video_opens_a_thread_and_replies_beyond_five_are_fetched(youtube: YouTube, crawling: Crawling) -> None:
    youtube.video(1)
    youtube.comment("aa", 1)
    for number in range(8):
        youtube.comment(f"aa.{number}", 1, above="aa")
    covered = crawling(source(youtube.site))["yt"]
    assert (covered.status, covered.new, youtube.units()) == ("ok", 10, 3)
    with crawling.open() as store:
        parents = {row["id"]: row["parent_id"] for row in store.rows("SELECT id, parent_id FROM posts")}
        figures = tuple(
            store.rows("SELECT likes, replies, views FROM engagement WHERE post_id = ?", [f"yt:{name(1)}"])[0]
        )
    assert (parents["yt:aa"], parents["yt:aa.7"]) == (f"yt:{name(1)}", "yt:aa")
    assert figures == (7, 9, 500)
    assert crawling.number("SELECT count(*) FROM sources WHERE first_crawl_finished_at IS NOT NULL") == 1


def test_a_channel_gives_its_subscribers_and_its_videos(youtube: YouTube, crawling: Crawling) -> None:
    for number in range(1, 4):
        youtube.video(number)
        youtube.comment(f"c{number}", number)
    covered = crawling(source(youtube.site, pages=(), accounts=("@acme",)))["yt"]
    assert (covered.status, covered.new) == ("ok", 6)
    with crawling.open() as store:
        series = [tuple(row) for row in store.rows("SELECT account, followers, posts FROM account_figures")]
    assert series == [("@acme", 1234, 2)]


def test_twelve_hundred_comments_between_two_runs_are_kept_and_quiet_costs_one_unit(
    youtube: YouTube, crawling: Crawling
) -> None:
    youtube.video(1, age=20 * DAY)
    for number in range(30):
        youtube.comment(f"old{number}", 1, age=10 * DAY)
    crawling(source(youtube.site))
    for number in range(1_100):
        youtube.comment(f"new{number}", 1, age=2 * DAY - timedelta(seconds=number // 9))
    for number in range(100):
        # Replies to an old comment do not bring it to the top.
        youtube.comment(f"old7.{number}", 1, age=HOUR, above="old7")
    covered = crawling(source(youtube.site))["yt"]
    assert (covered.status, covered.new) == ("ok", 1_200)
    before = youtube.units()
    assert crawling(source(youtube.site))["yt"].new == 0
    assert youtube.units() - before == 1


def test_deleted_comments_and_videos_are_noted_as_gone(youtube: YouTube, crawling: Crawling) -> None:
    youtube.video(1)
    youtube.video(2)
    for native in ("aa", "bb", "cc"):
        youtube.comment(native, 1)
    pages = (name(1), name(2))
    crawling(source(youtube.site, pages=pages))
    del youtube.comments["bb"], youtube.videos[name(2)]
    covered = crawling(source(youtube.site, pages=pages))["yt"]
    assert gone(crawling) == ["yt:bb", f"yt:{name(2)}"]
    assert "is not shown to visitors" in str(covered.detail)


def test_comments_that_are_switched_off_are_no_trouble_of_the_source(youtube: YouTube, crawling: Crawling) -> None:
    for number in range(1, 9):
        youtube.video(number)
        youtube.comment(f"c{number}", number)
    youtube.closed = {name(number) for number in range(1, 8)}
    covered = crawling(source(youtube.site, pages=tuple(name(number) for number in range(1, 9))))["yt"]
    assert (covered.status, covered.detail) == ("ok", None)
    assert covered.new == 9


def test_comments_that_are_counted_and_never_shown_are_a_gap_and_asked_for_once(
    youtube: YouTube, crawling: Crawling
) -> None:
    youtube.video(1)
    youtube.comment("aa", 1)
    youtube.held_back = 4
    crawling(source(youtube.site))
    assert crawling.number("SELECT missing FROM gaps WHERE closed_at IS NULL") == 4
    before = youtube.units()
    crawling(source(youtube.site))
    assert youtube.units() - before == 1


def test_the_quota_of_the_day_holds_over_two_runs(youtube: YouTube, crawling: Crawling) -> None:
    youtube.video(1)
    for number in range(350):
        youtube.comment(f"c{number}", 1, age=4 * DAY + timedelta(seconds=number))
    crawling(source(youtube.site, pages=(name(9),)))
    let_be_left(crawling, 3)
    first = crawling(source(youtube.site))["yt"]
    assert first.status == "partial"
    assert "10,000 units" in str(first.detail)
    asked = len(youtube.site.asked)
    second = crawling(source(youtube.site))["yt"]
    assert (len(youtube.site.asked), second.requests) == (asked, 0)
    assert crawling.number("SELECT count(*) FROM gaps WHERE closed_at IS NULL") == 1
    let_be_left(crawling, 10_000)
    third = crawling(source(youtube.site))["yt"]
    assert third.status == "ok"
    assert crawling.number("SELECT count(*) FROM posts") == 351
    assert crawling.number("SELECT count(*) FROM gaps WHERE closed_at IS NULL") == 0


def let_be_left(crawling: Crawling, left: int) -> None:
    """Let today's quota have `left` units."""
    memory = Memory(crawling.cache)
    held = memory.keys(SHARED, "youtube")
    memory.remember(SHARED, [(f"youtube{key}", {**mark, "spent": 10_000 - left}) for key, mark in held.items()])
    memory.close()


def test_a_quota_that_others_used_up_ends_the_run(youtube: YouTube, crawling: Crawling) -> None:
    youtube.refuse = lambda _: error(403, "quotaExceeded")
    covered = crawling(source(youtube.site))["yt"]
    assert covered.status == "failed"
    crawling(source(youtube.site))
    assert len(youtube.site.asked) == 1


def test_a_search_is_read_in_few_pages_and_not_again_within_hours(youtube: YouTube, crawling: Crawling) -> None:
    for number in range(1, 201):
        youtube.video(number, age=9 * DAY + number * HOUR)
    plan = source(youtube.site, pages=(), query="pump")
    first = crawling(plan)["yt"]
    assert first.status == "partial"
    assert len([asked for asked in youtube.site.asked if asked.path.endswith("search")]) == 3
    crawling(plan)
    assert len([asked for asked in youtube.site.asked if asked.path.endswith("search")]) == 3
    memory = Memory(crawling.cache)
    mark = memory.recall("yt", "search pump")
    memory.remember("yt", [("search pump", {**mark, "at": (NOW - DAY).isoformat()})])
    memory.close()
    assert crawling(plan)["yt"].status == "ok"
    assert crawling.number("SELECT count(*) FROM posts") == 200


def test_a_page_token_that_is_no_longer_known_begins_anew(youtube: YouTube, crawling: Crawling) -> None:
    youtube.video(1)
    for number in range(350):
        youtube.comment(f"c{number}", 1, age=4 * DAY + timedelta(seconds=number))
    first = crawling(source(youtube.site, budget=3))["yt"]
    assert first.new == 201
    stale = youtube.site.asked[-1].query["pageToken"]
    youtube.refuse = lambda asked: error(400, "invalidPageToken") if asked.query.get("pageToken") == stale else None
    crawling(source(youtube.site))
    youtube.refuse = lambda _: None
    crawling(source(youtube.site))
    assert crawling.number("SELECT count(*) FROM posts") == 351


def test_a_video_that_is_deleted_while_it_is_half_read_leaves_nothing_to_do(
    youtube: YouTube, crawling: Crawling
) -> None:
    youtube.video(1)
    youtube.video(2)
    for number in range(350):
        youtube.comment(f"c{number}", 1, age=4 * DAY + timedelta(seconds=number))
    crawling(source(youtube.site, budget=3))
    del youtube.videos[name(1)]
    crawling(source(youtube.site, pages=(name(2),)))
    memory = Memory(crawling.cache)
    left = memory.keys("yt", "walk ")
    memory.close()
    assert (left, gone(crawling)) == ({}, [f"yt:{name(1)}"])
    assert crawling.number("SELECT count(*) FROM sources WHERE first_crawl_finished_at IS NOT NULL") == 1


def test_the_key_travels_in_a_header_and_stays_out_of_everything_kept(youtube: YouTube, crawling: Crawling) -> None:
    youtube.video(1)
    youtube.comment("aa", 1)
    youtube.refuse = lambda asked: error(400, "keyInvalid") if asked.path.endswith("Threads") else None
    covered = crawling(source(youtube.site))["yt"]
    assert all(asked.headers["X-Goog-Api-Key"] == KEY for asked in youtube.site.asked)
    assert not [asked for asked in youtube.site.asked if "key" in asked.query]
    assert "check TOCSIN_YOUTUBE__KEY" in str(covered.detail)
    assert KEY not in str(covered)
    held = b"".join(path.read_bytes() for path in crawling.cache.iterdir()) + crawling.path.read_bytes()
    assert b"VerySecret" not in held


def test_an_unknown_channel_and_a_bad_link_are_named(youtube: YouTube, crawling: Crawling) -> None:
    youtube.video(1)
    covered = crawling(source(youtube.site, accounts=("@nobody",), pages=(name(1), "https://example.test/x")))["yt"]
    assert (covered.status, covered.new) == ("partial", 1)
    assert "@nobody is no channel" in str(covered.detail)
    assert "no link to a video" in str(covered.detail)


def test_a_row_of_a_wrong_shape_stops_no_other(youtube: YouTube, crawling: Crawling) -> None:
    youtube.video(1)
    youtube.comment("aa", 1)
    youtube.comment("bb", 1)
    del youtube.comments["aa"]["snippet"]["textDisplay"]
    covered = crawling(source(youtube.site))["yt"]
    assert (covered.new, covered.dropped) == (2, 1)


@pytest.mark.parametrize(
    "page",
    [
        "https://www.youtube.com/watch?v=abc_DEF-123&t=4",
        "youtu.be/abc_DEF-123?si=x",
        "https://m.youtube.com/shorts/abc_DEF-123",
        "https://www.youtube.com/live/abc_DEF-123?feature=share",
        "abc_DEF-123",
    ],
)
def test_links_to_videos_of_all_spellings_are_understood(page: str) -> None:
    assert video_in(page) == "abc_DEF-123"
    assert video_in("https://www.youtube.com/@acme") is None


def test_channels_may_be_given_by_id_handle_or_address() -> None:
    assert channel_query(CHANNEL) == channel_query(f"https://www.youtube.com/channel/{CHANNEL}") == {"id": CHANNEL}
    assert channel_query("acme") == channel_query("https://www.youtube.com/@acme/videos") == {"forHandle": "@acme"}


def test_edits_and_missing_figures_are_read_as_they_are() -> None:
    snippet = {"textDisplay": "a  b", "publishedAt": stamp(DAY), "updatedAt": stamp(HOUR), "likeCount": 0}
    found = comment_of({"id": "x", "snippet": snippet}, "v")
    assert (found.text, found.edited_at, found.likes, found.author) == ("a b", NOW - HOUR, 0, None)
    assert (count_in({"a": "12"}, "a"), count_in({"a": "x"}, "a"), count_in({}, "a")) == (12, None, None)
    assert reason_of({"error": {"errors": [{"reason": "quotaExceeded"}]}}) == "quotaExceeded"
    assert reason_of({"error": {"errors": [{"reason": "a key=1"}]}}) == ""
