"""The quick looks that spare slow ones: they may never miss what the slow ones find."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from crawler.extract.encoding import clean
from crawler.extract.floods import _TAG, may_hold_tag_of
from crawler.extract.links import _elsewhere, _other_page
from crawler.extract.page import read_page
from crawler.extract.precision import is_zoned, precision_of
from crawler.extract.text import all_text, one_line
from tocsin.store.times import from_text, to_text

PIECES = st.lists(st.sampled_from(["<a", "<b ", ">", '="', "='", '"', "'", " ", "x", "=", "/", "<", "<!--", "-->"]))
SPACES = " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f"


@given(PIECES.map("".join), st.integers(1, 12))
def test_a_page_with_a_long_tag_is_never_taken_for_one_without(text: str, size: int) -> None:
    longest = max((len(found["tag"]) for found in _TAG.finditer(text) if found["tag"]), default=0)
    if longest >= size:
        assert may_hold_tag_of(size, text)


def test_a_page_of_short_tags_is_known_at_once_to_hold_no_long_one() -> None:
    assert not may_hold_tag_of(100, '<p class="a">' + "many words " * 50 + '</p><a href="/x">y</a>' * 50)


@given(st.text(st.characters(codec=None)))
def test_control_characters_and_halves_of_pairs_are_cleaned_away(text: str) -> None:
    assert clean(text) == re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]|[\ud800-\udfff]", "", text)


@given(st.text(st.sampled_from("ab" + SPACES)))
def test_words_on_one_line_have_single_spaces(text: str) -> None:
    assert one_line(text) == " ".join(text.split())


MARKUP = st.recursive(
    st.sampled_from(["", "x", " y "]), lambda inner: st.lists(inner.map("<i>{}</i>z".format)).map("".join)
)


@given(MARKUP)
def test_the_text_of_an_element_is_what_its_nodes_hold(markup: str) -> None:
    for element in html.fragment_fromstring(f"<div>{markup}</div>").iter():
        assert all_text(element) == "".join(element.itertext())


LINKS = [
    "/t/1",
    "/t/1/page-2",
    "/t/1/page/2",
    "/a/b/t/1-2.html",
    "t/1?page=2",
    "/%74/1",
    "/./t/1/page-2",
    "/\tt/1/page-2",
]


@given(
    st.sampled_from(LINKS), st.sampled_from(["/t/1", "/t/1/", "/t/1/page-3", "/a/../t/1", "/", "/t;1", "/t/1-2.html"])
)
def test_a_link_within_the_thread_is_never_said_to_lead_elsewhere(link: str, path: str) -> None:
    page = read_page(f'<html><body><a href="{link}">2</a></body></html>', f"https://board.example{path}")
    if _other_page(page, page.root.find(".//a"), certain=True) is not None:
        assert not _elsewhere(page.url)(link)


def test_a_link_to_another_part_of_the_site_leads_elsewhere() -> None:
    assert _elsewhere("https://board.example/threads/a.1/page-2")("/members/ann/")
    assert not _elsewhere("https://board.example/threads/a.1/page-2")("/threads/a.1/page-3")


@given(st.datetimes(min_value=datetime.fromisoformat("1990-01-01")), st.integers(-14, 14))
def test_moments_are_stored_in_one_width_and_come_back(moment: datetime, hours: int) -> None:
    aware = moment.replace(tzinfo=UTC).astimezone(timezone(timedelta(hours=hours)))
    assert len(to_text(aware)) == len("2026-01-02T03:04:05.678901+00:00")
    assert from_text(to_text(aware)) == aware


def test_a_machine_date_tells_second_and_zone() -> None:
    for text in ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.25+01:00", "2026-01-02T03:04:05-0800"):
        assert (precision_of(text), is_zoned(text)) == ("second", True)
    assert not is_zoned("2026-01-02T03:04:05")
