"""Where to go from a page."""

# ruff: noqa: E501  pages, feeds and calls stand as they are sent

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.extract import ThreadLink, next_page, read_page, thread_links

PAGES = Path(__file__).parent.parent / "files" / "pages"


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def test_a_phpbb_listing_gives_its_threads_with_last_activity_and_replies() -> None:
    base = "https://forum.nordlicht.example"
    page = read_page((PAGES / "listing_phpbb.html").read_bytes(), f"{base}/viewforum.php?f=3")
    assert thread_links(page, page.url) == [
        ThreadLink(f"{base}/viewtopic.php?t=77", "Firmware 4.2 bricked two units", at(2026, 1, 15, 19, 40), 17),
        ThreadLink(f"{base}/viewtopic.php?t=81", "Which cable for the N200?", at(2026, 1, 14, 10), 0),
    ]
    assert next_page(page, page.url) == f"{base}/viewforum.php?f=3&start=25"


def test_a_xenforo_listing_gives_its_threads_with_last_activity_and_replies() -> None:
    base = "https://drivetalk.example"
    page = read_page((PAGES / "listing_xenforo.html").read_bytes(), f"{base}/forums/suppliers.3/")
    assert thread_links(page, page.url) == [
        ThreadLink(f"{base}/threads/price-rise-again.4711/", "Price rise again", at(2026, 2, 20, 8), 1200),
        ThreadLink(f"{base}/threads/anyone-tried-suedwerk.4802/", "Anyone tried Südwerk?", at(2026, 2, 19, 21), 4),
    ]
    assert next_page(page, page.url) == f"{base}/forums/suppliers.3/page-2"


def test_the_session_id_is_no_part_of_the_next_page() -> None:
    url = "https://forum.nordlicht.example/viewtopic.php?t=77"
    assert next_page((PAGES / "phpbb.html").read_bytes(), url) == f"{url}&start=15"


@pytest.mark.parametrize(
    ("html", "url", "expected"),
    [
        ('<a rel="next" href="/t/x/5?page=2">more</a>', "/t/x/5", "/t/x/5?page=2"),
        ('<a href="page-3">3</a><a class="pageNav-jump--next" href="/threads/x.5/page-3">Next</a>', "/threads/x.5/page-2", "/threads/x.5/page-3"),
        ('<a href="/topic/x/page/2/">→</a>', "/topic/x/", "/topic/x/page/2/"),
        ('<a href="/showthread.php?t=5&page=2">2</a>', "/showthread.php?t=5", "/showthread.php?t=5&page=2"),
        ('<a href="/b?max_id=77">次へ</a>', "/b", "/b?max_id=77"),
        ('<a href="/threads/x.5/page-2">Next</a>', "/threads/x.5/page-3", None),
        ('<a href="/threads/other.6/">Next</a>', "/threads/x.5/", None),
        ('<a rel="next" href="https://elsewhere.example/t/x/5?page=2">Next</a>', "/t/x/5", None),
        ('<a rel="next" href="javascript:next()">Next</a>', "/t/x/5", None),
        ("<p>no links</p>", "/t/x/5", None),
    ],
)  # fmt: skip
def test_the_next_page_is_the_next_one_of_the_same_thread(html: str, url: str, expected: str | None) -> None:
    base = "https://a.example"
    assert next_page(html, base + url) == (base + expected if expected else None)


def test_members_tools_and_sub_forums_are_no_threads() -> None:
    html = """<a href="/members/ann.5/">Ann the member</a><a href="/login">Log in here</a><a href="/forums/sub.3/">A sub-forum</a>
    <a href="https://elsewhere.example/threads/x.9/">Somewhere else</a><a href="/threads/real-one.7/">A real thread</a>
    <a href="/threads/real-one.7/latest">last</a><a href="/search/?q=x">Search for it</a>"""
    links = thread_links(html, "https://a.example/forums/main.1/")
    assert [(link.url, link.title) for link in links] == [("https://a.example/threads/real-one.7/", "A real thread")]
