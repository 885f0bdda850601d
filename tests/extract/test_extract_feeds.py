"""Feeds of every kind to entries."""

# ruff: noqa: E501  pages, feeds and calls stand as they are sent

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extract import FeedEntry, FeedError, parse_feed

URL = "https://a.example/feed"
RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wfw="http://wellformedweb.org/CommentAPI/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:slash="http://purl.org/rss/1.0/modules/slash/" xmlns:media="http://search.yahoo.com/mrss/">
<channel><title>Drive news</title><link>https://a.example/</link>
<item><title>Price &amp; promise</title><media:title>not this</media:title><link>https://a.example/price</link><guid isPermaLink="false">tag:5</guid>
<dc:creator><![CDATA[Ann]]></dc:creator><pubDate>Mon, 02 Feb 2026 10:00:00 +0100</pubDate>
<description>short</description><content:encoded><![CDATA[<p>Long &eacute; text.</p><p>Two.</p><script>no</script>]]></content:encoded>
<wfw:commentRss>https://a.example/price/feed</wfw:commentRss><slash:comments>12</slash:comments></item>
<item><title>No date</title><guid>https://a.example/nodate</guid><author>ben@a.example (Ben)</author></item></channel></rss>"""


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def test_rss_gives_content_author_comments_feed_and_count() -> None:
    feed = parse_feed(RSS.encode(), URL)
    assert (feed.format, feed.title, feed.url) == ("rss", "Drive news", "https://a.example/")
    assert feed.entries == (
        FeedEntry("tag:5", "Price & promise", "Long é text.\n\nTwo.", "https://a.example/price", "Ann", at(2026, 2, 2, 9),
                  comments_feed="https://a.example/price/feed", replies=12),
        FeedEntry("https://a.example/nodate", "No date", "", "https://a.example/nodate", "Ben"),
    )  # fmt: skip


def test_atom_gives_edits_threading_and_the_feeds_author() -> None:
    body = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0" xml:base="https://a.example/blog/">
    <title type="html">Comments &lt;b&gt;on&lt;/b&gt; x</title><author><name>House</name></author>
    <entry><id>tag:a,1</id><title>T</title><link rel="alternate" href="x#c1"/><link rel="replies" type="application/atom+xml" href="x/feed" thr:count="3"/>
    <published>2026-02-02T10:00:00Z</published><updated>2026-02-03T10:00:00Z</updated>
    <thr:in-reply-to ref="tag:a,0" href="x"/><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>One</p><p>Two</p></div></content></entry>
    <entry><id>tag:a,2</id><updated>2026-02-04T10:00:00Z</updated><author><name>Guest</name></author><content type="text">1 &lt; 2</content></entry></feed>"""
    feed = parse_feed(body.encode(), URL)
    assert (feed.format, feed.title) == ("atom", "Comments on x")
    first, second = feed.entries
    assert (first.author, first.parent, first.replies) == ("House", "tag:a,0", 3)
    assert (first.url, first.comments_feed) == ("https://a.example/blog/x#c1", "https://a.example/blog/x/feed")
    assert (first.created_at, first.edited_at, first.text) == (at(2026, 2, 2, 10), at(2026, 2, 3, 10), "One\n\nTwo")
    assert (second.author, second.created_at, second.edited_at, second.text) == (
        "Guest",
        at(2026, 2, 4, 10),
        None,
        "1 < 2",
    )


def test_rdf_and_json_feeds_are_read() -> None:
    rdf = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
    <channel rdf:about="https://a.example/"><title>R</title></channel><item rdf:about="https://a.example/1"><title>One</title>
    <link>https://a.example/1</link><description>Text</description><dc:date>2026-02-02</dc:date></item></rdf:RDF>"""
    feed = parse_feed(rdf.encode(), URL)
    assert (feed.format, feed.title, feed.entries[0].native_id, feed.entries[0].created_at) == (
        "rdf",
        "R",
        "https://a.example/1",
        at(2026, 2, 2),
    )
    body = {"version": "https://jsonfeed.org/version/1.1", "title": "J", "authors": [{"name": "House"}],
            "items": [{"id": 7, "url": "/7", "content_html": "<p>Hi</p>", "date_published": "2026-02-02T10:00:00Z"}, "odd"]}  # fmt: skip
    feed = parse_feed(json.dumps(body).encode(), URL, "application/feed+json")
    assert feed.entries == (FeedEntry("7", "", "Hi", "https://a.example/7", "House", at(2026, 2, 2, 10)),)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252"])
def test_declared_encodings_are_obeyed(encoding: str) -> None:
    body = f'<?xml version="1.0" encoding="{encoding}"?><rss><channel><item><title>Schön</title></item></channel></rss>'
    assert parse_feed(body.encode(encoding), URL).entries[0].title == "Schön"


def test_a_wrongly_declared_encoding_is_seen_through() -> None:
    body = '<?xml version="1.0" encoding="utf-8"?><rss><channel><item><title>Schön</title></item></channel></rss>'
    assert parse_feed(body.encode("windows-1252"), URL).entries[0].title == "Schön"


def test_ill_formed_xml_gives_what_can_be_recovered() -> None:
    body = b"<rss><channel><item><title>A & B</title><description>x <br> y</description></item><item><title>C</title>"
    assert [entry.title for entry in parse_feed(body, URL).entries] == ["A & B", "C"]


def test_entries_without_ids_get_one_and_twins_are_given_once() -> None:
    body = b"<rss><channel><item><title>A</title></item><item><title>A</title></item><item><title>B</title></item></channel></rss>"
    entries = parse_feed(body, URL).entries
    assert [entry.title for entry in entries] == ["A", "B"]
    assert all(entry.native_id for entry in entries)


def test_entities_are_never_expanded_and_files_never_read() -> None:
    bomb = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    for doctype in (
        f'<!DOCTYPE x [<!ENTITY a0 "lol">{bomb}]>',
        '<!DOCTYPE x [<!ENTITY a9 SYSTEM "file:///etc/passwd">]>',
    ):
        feed = parse_feed(
            f"<?xml version='1.0'?>{doctype}<rss><channel><item><title>x&a9;</title></item></channel></rss>".encode(),
            URL,
        )
        assert len(feed.entries[0].title) < 20
        assert "root" not in feed.entries[0].title


@pytest.mark.parametrize(
    "body", [b"", b"  ", b"hello", b"<html><body>no feed</body></html>", b'{"a": 1}', b"{", b"\0\0", b"[1, 2]"]
)
def test_what_is_no_feed_is_a_clear_error(body: bytes) -> None:
    with pytest.raises(FeedError, match=r"\w"):
        parse_feed(body, URL)


@settings(max_examples=100, deadline=None)
@given(st.text(min_size=1, max_size=200))
def test_any_text_survives_as_a_title(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    feed = parse_feed(
        f"<rss><channel><item><guid>1</guid><description>{escaped}</description></item></channel></rss>".encode(
            "utf-8", "replace"
        ),
        URL,
    )
    assert feed.entries[0].native_id == "1"
