"""Input that means harm: never a crash, never a hang."""

# ruff: noqa: E501  pages, feeds and calls stand as they are sent

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extract import ExtractError, FeedError, extract_page, next_page, parse_feed, thread_links

URL = "https://a.example/t/title/5"
NOW = datetime(2026, 4, 1, tzinfo=UTC)
# Generous: the build machines are shared. Quadratic behaviour on these inputs takes minutes.
SECONDS = 30.0
POST = '<div class="post" id="p{0}"><a href="/user/{0}" class="username">u{0}</a> 2026-01-0{1} 10:00<p>Words of post {0}</p></div>'

HOSTILE = {
    "very many nested divs": "<div>" * 300_000 + "x",
    "nested formatting": "<b><i>" * 100_000 + "x",
    "never closed paragraphs": "<p>hello " * 20_000,
    "one long word": "<p>" + "x" * 2_000_000,
    "one long number": "<p>" + "1" * 3_000_000,
    "many attributes": "<div " + " ".join(f"a{n}=1" for n in range(60_000)) + ">x</div>",
    "attributes with brackets": '<div x=">" ' + " ".join(f"a{n}" for n in range(60_000)) + ">x</div>",
    "many classes": '<div class="' + " ".join(f"c{n}" for n in range(200_000)) + '">x 2026-01-01</div>' * 2,
    "quotes in quotes": "<div class=post id=p1>" + "<blockquote>ann wrote: " * 1_000 + "</div>",
    "script of brackets": "<script>" + "<" * 2_000_000 + "</script><p>x",
    "open comments": "<p>x" + "<!--" * 200_000,
    "deep JSON-LD": '<script type="application/ld+json">' + "[" * 100_000 + "]" * 100_000 + "</script><p>x",
    "nested comments in JSON-LD": '<script type="application/ld+json">'
    + '{"@type":"Comment","text":"x","comment":' * 2_000 + "1" + "}" * 2_000 + "</script>",
    "nested microdata": '<div itemscope itemtype="http://schema.org/Comment" itemprop="comment">x' * 1_000,
    "crowded links": "".join(f'<a href="?u={n}">user {n}</a>' for n in range(20_000)),
    "many posts": "".join(POST.format(n, n % 9 + 1) for n in range(3_000)),
    "many breaks": "<div>" + "<br>" * 30_000 + "</div>",
    "tables in tables": "<table><tr><td>" * 1_500 + "x",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_pages_end_in_time_with_a_result_or_a_clear_error(name: str) -> None:
    start = time.monotonic()
    for read in (
        lambda page: extract_page(page, URL, now=NOW),
        lambda page: next_page(page, URL),
        lambda page: thread_links(page, URL),
    ):
        try:
            read(HOSTILE[name])
        except ExtractError as error:
            assert str(error)  # noqa: PT017  either outcome is right, an error must say something
    assert time.monotonic() - start < SECONDS


def test_a_crowded_thread_keeps_all_its_posts() -> None:
    assert len(extract_page(HOSTILE["many posts"], URL, now=NOW).posts) == 3_000


@pytest.mark.parametrize("body", [b"", b"   \n", b"\0\0\0", b"\xef\xbb\xbf"])
def test_an_empty_page_is_a_clear_error(body: bytes) -> None:
    with pytest.raises(ExtractError, match="empty"):
        extract_page(body, URL)


def test_a_page_beyond_all_bounds_is_refused() -> None:
    with pytest.raises(ExtractError, match="not read"):
        extract_page(b"x" * (33 * 1024 * 1024), URL)
    with pytest.raises(ExtractError, match="elements"):
        extract_page("<br>" * 300_000, URL)


def test_control_characters_and_lone_surrogates_never_reach_a_post() -> None:
    page = "<h1>T\0</h1><div>" + "Words of an article with \0 zero \x0b bytes \ud800 and more of them. " * 4 + "</div>"
    thread = extract_page(page, URL)
    assert thread.posts
    thread.posts[0].text.encode("utf-8")
    assert not set("\0\x0b") & set(thread.posts[0].text + thread.title)


_TAGS = st.sampled_from(
    ["<div class='post' id='p1'>", "<div class='post' id='p2'>", "</div>", "<a href='/user/x' class=username>", "</a>", "<p>", "<table><tr><td>",
     "<time datetime='2026-01-02T03:04:05Z'>", "</time>", "<blockquote>", "<script type='application/ld+json'>", "</script>",
     '{"@type":"DiscussionForumPosting","text":"hello","comment":[{"@type":"Comment","text":"there"}]}', "<div itemscope itemtype='http://schema.org/Comment'>",
     "<span itemprop='text'>", "Ann wrote:", "2026-01-02 10:00", "3 hours ago", "99.99.9999", "0/0/00 99:99", "<noscript>", "<li>", "&#0;", "&nbsp;", "<"]
)  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(st.lists(st.one_of(_TAGS, st.text(max_size=20)), max_size=40))
def test_any_soup_of_tags_gives_a_thread_or_an_extract_error(parts: list[str]) -> None:
    page = "".join(parts)
    try:
        thread = extract_page(page, URL, now=NOW)
        next_page(page, URL)
        thread_links(page, URL, now=NOW)
    except ExtractError:
        return
    ids = [post.native_id for post in thread.posts if post.native_id is not None]
    assert len(ids) == len(set(ids))
    assert all(post.parent is None or post.parent in ids for post in thread.posts)
    assert all(post.created_at is None or post.created_at <= NOW for post in thread.posts)
    assert (thread.route == "none") == (not thread.posts)


@settings(max_examples=120, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from([None, "text/html; charset=utf-16", "text/xml", "text/html; charset=nonsense"]),
)
def test_any_bytes_give_a_thread_a_feed_or_a_clear_error(body: bytes, content_type: str | None) -> None:
    with_error = 0
    try:
        extract_page(body, URL, content_type=content_type)
    except ExtractError:
        with_error += 1
    try:
        parse_feed(body, URL, content_type)
    except FeedError:
        with_error += 1
    assert with_error <= 2
