"""The shortcut for pages of a known site: exactly what a full reading gives, or a full reading."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from crawler.extract import ExtractedThread, extract_page, read_page
from crawler.extract.site import CHECK_EVERY, MAX_STRIKES, SiteReader

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
WORDS = "The gasket failed again after a month of night shift and nobody at the company answers the phone, post"


def page_of(number: int, *, posts: int = 4, extra: str = "", body: str = "div", stamp: str = "datetime") -> str:
    blocks = "".join(
        f'<article class="post" id="post-{number * 100 + place}">'
        f'<a class="username" href="/members/r{place}/">r{place}</a>'
        f'<time {stamp}="{(NOW - timedelta(days=9, minutes=-place)).isoformat()}">then</time>'
        f'<{body} class="body"><p>{WORDS} {number}-{place}.</p>{extra if place == 2 else ""}</{body}></article>'
        for place in range(posts)
    )
    head = f"<html lang='en'><head><title>T</title></head><body><h1>Batch number {number}</h1>"
    return f"{head}<main>{blocks}</main></body></html>"


def read(reader: SiteReader, number: int, html: str) -> tuple[ExtractedThread, ExtractedThread]:
    url = f"https://x.test/threads/{number}"
    return reader.read(read_page(html, url, now=NOW), url, now=NOW), extract_page(html, url, now=NOW)


def taught() -> SiteReader:
    reader = SiteReader()
    for number in range(1, 5):
        read(reader, number, page_of(number))
    assert reader.in_full == 3
    return reader


def test_known_pages_are_read_by_the_recipe_with_the_same_result() -> None:
    reader = taught()
    for number in range(5, 12):
        found, full = read(reader, number, page_of(number, posts=number))
        assert found == full
        assert len(found.posts) == number
    assert reader.in_full == 3


def test_a_page_with_something_never_seen_is_read_in_full() -> None:
    reader = taught()
    quote = (
        '<blockquote data-source="post: 900"><p>r1 said: it failed and more words of the quoted post</p></blockquote>'
    )
    found, full = read(reader, 9, page_of(9, extra=quote))
    assert found == full
    assert reader.in_full == 4
    found, full = read(reader, 10, page_of(10, extra="<p><b>bold</b> is new too</p>"))
    assert found == full
    assert "bold is new too" in found.posts[2].text


def test_a_site_that_changes_its_pages_is_learned_anew() -> None:
    reader = taught()
    for number in range(5, 9):
        found, full = read(reader, number, page_of(number, body="section", stamp="title"))
        assert found == full


def test_every_hundredth_page_is_checked_in_full() -> None:
    reader = taught()
    for number in range(5, 5 + CHECK_EVERY):
        read(reader, number, page_of(number))
    assert reader.in_full == 4


def test_same_shapes_that_mean_something_else_end_the_recipe() -> None:
    reader = taught()
    assert reader.recipe is not None
    reader.by_recipe = CHECK_EVERY - 1  # the next page is a check
    # The first of two equal elements holds no longer the name: nothing but a full reading can tell.
    html = page_of(7).replace('">r1</a>', '">r1 the great, moderator of this board</a>')
    found, full = read(reader, 7, html)
    assert found == full
    assert reader.strikes <= 1 < MAX_STRIKES


def test_pages_without_machine_dates_have_no_recipe() -> None:
    reader = SiteReader()
    for number in range(1, 6):
        found, full = read(reader, number, page_of(number, stamp="data-x"))
        assert found == full
    assert reader.by_recipe == 0
