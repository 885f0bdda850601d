"""Whole pages of several engines, written by us, to posts."""

# ruff: noqa: E501  pages, feeds and calls stand as they are sent

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.extract import ExtractedThread, extract_page

PAGES = Path(__file__).parent.parent / "files" / "pages"
NOW = datetime(2026, 4, 1, tzinfo=UTC)
URLS = {
    "phpbb": "https://forum.nordlicht.example/viewtopic.php?t=77",
    "xenforo": "https://drivetalk.example/threads/price-rise-again.4711/",
    "stackexchange": "https://automation.example/questions/321/how-to-reset-an-n200",
    "discourse": "https://community.nordlicht.example/t/cloud-gateway-down-since-noon/5120",
    "wordpress": "https://antriebsblog.example/nordlicht-kauft-suedwerk/",
    "bbpress": "https://makers.example/topic/spare-parts/",
    "nested": "https://board.example/r/automation/comments/aa1/nordlicht_drops/",
    "old_tables_windows1252": "https://steuerung.example/showthread.php?t=12",
    "japanese_shift_jis": "https://keijiban.example/test/read.cgi/ctrl/1738552215/",
}


def read(name: str) -> ExtractedThread:
    return extract_page((PAGES / f"{name}.html").read_bytes(), URLS[name], now=NOW)


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "route", "title", "ids", "authors", "parents"),
    [
        ("phpbb", "repeated-blocks", "Firmware 4.2 bricked two units",
         ["901", "902", "903"], ["bernd_k", "Support_Ines", "tanja"], [None, "901", None]),
        ("xenforo", "microdata", "Price rise again",
         ["8001", "8002", "8003"], ["motormax", "anna", "kurt"], [None, "8001", None]),
        ("stackexchange", "microdata", "How to reset an N200?",
         ["321", "8800", "322", "8801"], ["Liv", "Ole", "Pat", "Liv"], [None, "321", "321", "322"]),
        ("discourse", "microdata", "Cloud gateway down since noon",
         ["1", "2", "3"], ["jmeier", "tess", "ines"], [None, "1", "2"]),
        ("wordpress", "repeated-blocks", "Nordlicht kauft Südwerk",
         ["314", "51", "52", "53"], ["Redaktion", "Uwe", "Renate", "Uwe"], [None, None, "51", None]),
        ("bbpress", "repeated-blocks", "Spare parts for the N100",
         ["600", "601", "602"], ["greta", "hal", "greta"], [None, None, None]),
        ("nested", "repeated-blocks", "Nordlicht drops offline licences",
         ["aa1", "c1", "c2", "c3", "c4"], ["rosa", "sven", "rosa", "omar", "lin"], [None, None, "c1", "c2", None]),
        ("old_tables_windows1252", "repeated-blocks", "Preise 2009",
         ["4100", "4101", "4102"], ["Günter", "Éva", "Günter"], [None, None, None]),
        ("japanese_shift_jis", "repeated-blocks", "更新後に起動しない件",
         ["1001", "1002", "1003"], ["田中", "名無しさん", "技術係"], [None, None, None]),
    ],
)  # fmt: skip
def test_each_engine_gives_its_posts_with_ids_authors_and_parents(
    name: str, route: str, title: str, ids: list[str], authors: list[str], parents: list[str | None]
) -> None:
    thread = read(name)
    assert (thread.route, thread.title) == (route, title)
    assert [post.native_id for post in thread.posts] == ids
    assert [post.author for post in thread.posts] == authors
    assert [post.parent for post in thread.posts] == parents
    assert [post.position for post in thread.posts] == list(range(len(ids)))


@pytest.mark.parametrize("name", sorted(URLS))
def test_every_post_is_dated_in_order_and_not_in_the_future(name: str) -> None:
    dates = [post.created_at for post in read(name).posts]
    assert all(date is not None and date.tzinfo is UTC and date <= NOW for date in dates)


def test_dates_are_read_to_the_minute_in_every_form() -> None:
    assert read("bbpress").posts[2].created_at == at(2026, 2, 5, 16, 15)
    assert read("japanese_shift_jis").posts[0].created_at == at(2026, 2, 3, 12, 30, 15)
    assert read("wordpress").posts[0].created_at == at(2026, 1, 20, 6)
    # 14-02-2009 settles that 03-02-2009 is the third of February.
    assert read("old_tables_windows1252").posts[0].created_at == at(2009, 2, 3, 10, 15)


def test_quoted_posts_signatures_and_buttons_are_no_part_of_a_post() -> None:
    phpbb = read("phpbb").posts
    assert phpbb[1].text == "Sorry to hear that. Please send us the serial numbers and the log file."
    assert phpbb[0].text.endswith("Has anybody seen this?")
    assert phpbb[2].text.endswith("This is a disaster :x")
    xenforo = read("xenforo").posts
    assert xenforo[1].text == "They lost me as a customer. Support was never worth that money."
    assert "Click to expand" not in "".join(post.text for post in xenforo)
    assert read("discourse").posts[2].text == "We are on it, the page is fixed now."


def test_a_quotation_from_elsewhere_stays_and_is_marked() -> None:
    assert "\n> Never do this while the drive is running.\n" in read("stackexchange").posts[2].text


def test_the_opening_is_there_when_only_the_replies_are_marked_up() -> None:
    opening = read("xenforo").posts[0]
    assert opening.text == "Nordlicht raises prices by 14 % in March.\nThird time in two years."
    assert (opening.likes, opening.replies, opening.views) == (7, 2, 1532)


def test_permalinks_lead_to_the_post() -> None:
    assert read("phpbb").posts[1].url == "https://forum.nordlicht.example/viewtopic.php?p=902#p902"
    assert read("wordpress").posts[2].url == f"{URLS['wordpress']}#comment-52"
    assert read("nested").posts[3].url == f"{URLS['nested']}c3/"


def test_votes_are_read_where_shown_and_none_elsewhere() -> None:
    assert [post.likes for post in read("stackexchange").posts] == [12, None, 20, None]
    assert [post.likes for post in read("nested").posts][1:3] == [41, 12]
    assert {post.likes for post in read("phpbb").posts} == {None}


def test_a_page_that_only_describes_itself_gives_its_opening() -> None:
    html = '<title>T</title><meta property="og:description" content="None of our gateways connects."><body></body>'
    thread = extract_page(html, "https://a.example/t/5")
    assert thread.route == "description"
    assert [post.text for post in thread.posts] == ["None of our gateways connects."]


def test_an_article_without_comments_is_one_post() -> None:
    words = "Der Hersteller übernimmt zum März den kleineren Wettbewerber. " * 4
    thread = extract_page(f"<nav>Start</nav><h1>Kauf</h1><div><p>{words}</p></div>", "https://a.example/kauf")
    assert (thread.route, len(thread.posts)) == ("article", 1)
    assert thread.posts[0].text == words.strip()


def test_relative_dates_need_the_moment_of_reading() -> None:
    html = "".join(
        f'<div class="post" id="p{n}"><a class="username" href="/user/u{n}">user{n}</a> <span class="date">{n} hours ago</span>'
        f'<div class="body">Post number {n} says something of its own accord {"x" * n}.</div></div>'
        for n in (5, 3, 2)
    )
    assert [post.created_at for post in extract_page(html, "https://a.example/t/5").posts] == [None] * 3
    dated = extract_page(html, "https://a.example/t/5", now=NOW)
    assert [(NOW - post.created_at).total_seconds() / 3600 for post in dated.posts if post.created_at] == [5, 3, 2]


@pytest.mark.parametrize("posts", [2, 3, 5])
def test_a_closing_line_that_several_people_write_stays_in_their_posts(posts: int) -> None:
    said = ["What did these three lines do to the relay?", "They reset it to the default.", "Mine was at the default."]
    blocks = "".join(
        f'<div class="row" id="p{n}"><a class="who" href="/user/u{n}">user{n}</a>'
        f'<time datetime="2026-11-0{n + 1}T10:00:00Z">{n + 1} November 2026</time>'
        f'<div class="text"><p>{said[n % 3]}</p><p>Edit: typo.</p></div></div>'
        for n in range(posts)
    )
    thread = extract_page(f"<html><body><h1>Relay</h1><div>{blocks}</div></body></html>", "https://forum.test/t/1")
    assert [post.text.split("\n\n") for post in thread.posts] == [[said[n % 3], "Edit: typo."] for n in range(posts)]
