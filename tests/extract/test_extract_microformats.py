"""h-entry pages (IndieWeb, ActivityPub fronts), written by us, to posts."""

# ruff: noqa: E501  pages stand as they are sent

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.extract import extract_page

URL = "https://notes.example/2026/relay"
OPENING = """<html lang=en><title>Relay</title><body>
<article class="h-entry"><h1 class="p-name">Relay trips at night</h1>
 <a class="p-author h-card" href="https://notes.example/"><img class="u-photo" src="a.png" alt=""><span class="p-name">Ann Berg</span></a>
 <a class="u-url" href="/2026/relay"><time class="dt-published" datetime="2026-03-01T10:00:00+01:00">1 March</time></a>
 <div class="e-content"><p>Our relay trips every night.</p><p>Who has seen this?</p></div>
 {comments}</article></body></html>"""
CITE = """<div class="u-comment h-cite"><a class="p-author h-card u-url" href="https://bob.example/">Bob</a>
 <a class="u-url" href="https://bob.example/notes/{n}"><time class="dt-published" datetime="2026-03-02T08:00:00Z">2 March</time></a>
 <p class="p-content">Measure the supply first, number {n}.</p></div>"""


def test_an_entry_with_comments_gives_authors_moments_words_and_parents() -> None:
    thread = extract_page(OPENING.format(comments=CITE.format(n=71) + CITE.format(n=72)), URL)
    assert thread.route == "microformats"
    assert [post.author for post in thread.posts] == ["Ann Berg", "Bob", "Bob"]
    assert thread.posts[0].text == "Our relay trips every night.\n\nWho has seen this?"
    assert thread.posts[0].created_at == datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert thread.posts[0].url == "https://notes.example/2026/relay"
    assert [post.native_id for post in thread.posts[1:]] == ["71", "72"]
    assert [post.parent_position for post in thread.posts] == [None, 0, 0]


def test_in_reply_to_names_the_entry_answered_in_a_feed_and_the_feed_names_the_author() -> None:
    def entry(n: int, words: str, more: str = "") -> str:
        return (
            f'<div class="h-entry"><div class="e-content">{words}</div><a class="u-url" href="/@ann/{n}">'
            f'<time class="dt-published" datetime="2026-03-0{n % 10}T10:00:00Z">then</time></a>{more}</div>'
        )

    feed = (
        '<html><body><div class="h-feed"><a class="p-author h-card" href="/@ann">Ann</a>'
        + entry(101, "The gateway is down again.")
        + entry(102, "Still down, and no word from them.")
        + entry(103, "It answers again.", '<a class="u-in-reply-to" href="/@ann/102">in reply</a>')
        + "</div></body></html>"
    )
    posts = extract_page(feed, "https://social.example/@ann").posts
    assert [post.author for post in posts] == ["Ann", "Ann", "Ann"]
    assert [post.native_id for post in posts] == ["101", "102", "103"]
    assert [post.parent for post in posts] == [None, None, "102"]


@pytest.mark.parametrize(
    ("markup", "moment"),
    [
        ('<time class="dt-published" datetime="2026-03-01T10:00Z">x</time>', datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ('<abbr class="dt-published" title="2026-03-01T10:00:00Z">x</abbr>', datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ('<span class="dt-published"><b class="value">2026-03-01</b> at <i class="value">10:00</i></span>', datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ('<span class="dt-published">2026-03-01</span>', datetime(2026, 3, 1, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_moments_are_read_in_every_form_of_the_standard(markup: str, moment: datetime) -> None:
    html = f'<body><div class="h-entry"><b class="p-author">Ann</b>{markup}<p class="p-name">The gateway is down.</p></div></body>'
    (post,) = extract_page(html, URL).posts
    assert (post.author, post.created_at, post.text) == ("Ann", moment, "The gateway is down.")


def test_a_like_that_says_nothing_is_no_post() -> None:
    like = '<div class="h-entry"><a class="u-like-of" href="https://x.example/1">liked</a><b class="p-author">Eve</b></div>'
    said = (
        '<div class="h-entry"><b class="p-author">Ann</b><div class="e-content">The gateway is down again.</div></div>'
    )
    assert [post.author for post in extract_page(f"<body>{like}{said}</body>", URL).posts] == ["Ann"]


def test_words_that_a_script_would_run_are_never_posts() -> None:
    html = '<body><div class="h-entry"><div class="e-content"><script>evil()</script><p>Plain.</p></div></div></body>'
    assert [post.text for post in extract_page(html, URL).posts] == ["Plain."]
