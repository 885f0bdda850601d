"""What a post and a thread tell beside their words: exactness of dates, quotes apart, who answers whom, paging."""

# ruff: noqa: E501  pages stand as they are sent

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.extract import extract_page, thread_facts
from crawler.extract.precision import is_zoned, precision_of

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
URL = "https://forum.example/t/relay/5"


@pytest.mark.parametrize(
    ("text", "precision", "zoned"),
    [
        ("2026-02-03T10:15:30Z", "second", True),
        ("2026-02-03T10:15:30.250+0100", "second", True),
        ("1770113730", "second", True),
        ("3 Feb 2026, 10:15", "minute", False),
        ("Feb 3, 2026 at 10:15 PM", "minute", False),
        ("Tue, 03 Feb 2026 10:15:30 GMT", "second", True),
        ("3 February 2026", "day", False),
        ("2026-02-03", "day", False),
        ("2 hours ago", "hour", True),
        ("1 hour 5 min ago", "minute", True),
        ("3 months ago", "month", True),
        ("a year ago", "year", True),
        ("yesterday", "day", False),
        ("Yesterday at 14:05", "minute", False),
    ],
)
def test_a_date_is_as_exact_as_its_finest_unit_and_zoned_only_when_it_says_so(
    text: str, precision: str, zoned: bool
) -> None:
    assert (precision_of(text), is_zoned(text)) == (precision, zoned)


def block(n: int, author: str, body: str, date: str = "", attributes: str = "") -> str:
    date = date or f"{n + 1} March 2026, 10:1{n}"
    return (
        f'<div class="entry" id="e-{500 + n}" {attributes}><b class="username">{author}</b> <i class="when">{date}</i>'
        f'<div class="words">{body}</div></div>'
    )


def page(*blocks: str, before: str = "", title: str = "Relay trips at night") -> str:
    return (
        f"<html lang=en><title>{title}</title><body><h1>{title}</h1>{before}<div>{''.join(blocks)}</div></body></html>"
    )


def test_posts_carry_the_date_as_shown_with_its_precision() -> None:
    html = page(
        block(0, "ann", "Our relay trips every single night.", "2 hours ago"),
        block(1, "bob", "Ours does so too since the update.", "1 hour ago"),
    )
    first = extract_page(html, URL, now=NOW).posts[0]
    assert (first.created_at, first.precision, first.zoned) == (datetime(2026, 4, 1, 10, tzinfo=UTC), "hour", True)
    assert first.shown_at == "2 hours ago"
    unread = extract_page(html, URL).posts[0]
    assert (unread.created_at, unread.precision, unread.shown_at) == (None, None, "2 hours ago")


def test_an_evening_hour_with_seconds_stays_in_the_evening() -> None:
    html = page(
        block(0, "ann", "Our relay trips every single night.", "March 01, 2026, 10:05:34 PM"),
        block(1, "bob", "Ours does so too since the update.", "March 02, 2026, 08:00:01 AM"),
    )
    assert [post.created_at.hour for post in extract_page(html, URL).posts if post.created_at] == [22, 8]


def test_a_quoted_post_stands_apart_and_is_found_without_any_link() -> None:
    quote = "<blockquote><cite>ann wrote:</cite><p>Our relay trips every single night.</p></blockquote>"
    html = page(
        block(0, "zoe", "Who else has one of these boxes at home?"),
        block(1, "ann", "<p>Our relay trips every single night.</p>"),
        block(2, "bob", f"{quote}<p>Then measure the supply first.</p>"),
    )
    answer = extract_page(html, URL).posts[2]
    assert answer.text == "Then measure the supply first."
    assert "trips every single night" in (answer.quoted or "")
    assert (answer.parent, answer.parent_position) == ("501", 1)


def test_bbcode_that_was_never_rendered_is_parted_and_names_its_post() -> None:
    html = page(
        block(0, "zoe", "Who else has one of these boxes at home?"),
        block(1, "ann", "Nothing that anybody here would ever repeat."),
        block(2, "bob", "[quote quote=501] something long gone [/quote] I disagree with that."),
    )
    answer = extract_page(html, URL).posts[2]
    assert (answer.text, answer.quoted, answer.parent_position) == ("I disagree with that.", "something long gone", 1)


def test_the_threads_title_above_each_post_is_no_part_of_it() -> None:
    html = page(
        block(0, "ann", "<h3>Relay trips at night</h3><p>Ours does since the update.</p>"),
        block(1, "bob", "<h3>Re: Relay trips at night</h3><p>Measure the supply first.</p>"),
    )
    assert [post.text for post in extract_page(html, URL).posts] == [
        "Ours does since the update.",
        "Measure the supply first.",
    ]


def test_comments_inside_answers_are_posts_below_them() -> None:
    def note(n: int, author: str, words: str) -> str:
        return (
            f'<li class="comment" id="c-{n}"><span class="said">{words}</span> '
            f'<a class="user" href="/users/{n}/x">{author}</a> <span class="d">4 March 2026, 11:{n}</span></li>'
        )

    notes = f"<ul>{note(21, 'eve', 'Did you try the other supply as well?')}{note(22, 'ann', 'Yes, with no change at all.')}</ul>"
    html = page(
        block(0, "ann", "Our relay trips every single night.").removesuffix("</div>") + notes + "</div>",
        block(1, "bob", "Then it is the supply, or the cable to it."),
        block(2, "kim", "I would look for moisture in the box first."),
    )
    posts = extract_page(html, URL).posts
    assert [post.author for post in posts] == ["ann", "eve", "ann", "bob", "kim"]
    assert [post.parent_position for post in posts] == [None, 0, 0, None, None]
    assert posts[1].text == "Did you try the other supply as well?"
    assert posts[0].text == "Our relay trips every single night."


def test_names_that_nothing_marks_are_those_that_all_blocks_begin_with() -> None:
    def plain(n: int, author: str, words: str) -> str:
        return (
            f'<div class="blk" id="p{n}0"><h2>2026-03-0{n} 10:00:00</h2><dl><dt><strong>{author}</strong></dt>'
            f"<dd>Member</dd></dl><div class=msg><p>{words} See <em>the manual</em>.</p></div></div>"
        )

    html = page(plain(1, "ann", "Our relay trips every night."), plain(2, "bob", "Then measure the supply first."))
    assert [post.author for post in extract_page(html, URL).posts] == ["ann", "bob"]


def test_a_thread_of_one_post_is_read_where_the_engine_is_known() -> None:
    html = page(
        '<article class="message message--post" id="js-post-77"><div class="message-cell">'
        '<h4><a class="username" href="/members/ann.3/">ann</a></h4><time datetime="2026-03-01T10:00:00Z">Sunday</time>'
        '<div class="bbWrapper">Nobody has answered yet.</div></div></article>'
    )
    (post,) = extract_page(html, URL).posts
    assert (post.author, post.text) == ("ann", "Nobody has answered yet.")
    assert post.created_at == datetime(2026, 3, 1, 10, tzinfo=UTC)


def test_a_link_without_words_is_told_by_its_title() -> None:
    html = '<body><x-post post-title="Relay maker sold" author="ann" created-timestamp="2026-03-01T10:00:00Z"></x-post></body>'
    (post,) = extract_page(html, URL).posts
    assert (post.author, post.text) == ("ann", "Relay maker sold")


def test_a_page_tells_its_number_the_last_page_and_the_counts() -> None:
    paging = (
        '<nav class="pageNav"><a href="/t/relay/5">1</a><span class="current">2</span><a href="/t/relay/5?page=3">3</a>'
        '<a href="/t/relay/5?page=7">7</a></nav><span>Replies: 1,234</span> <span>15.8k Views</span>'
    )
    html = page(block(0, "ann", "Ours does since the update."), block(1, "bob", "Measure it first."), before=paging)
    facts = thread_facts(html, f"{URL}?page=2")
    assert (facts.page, facts.pages, facts.replies, facts.views) == (2, 7, 1234, 15_800)
    assert facts.next == f"{URL}?page=3"


def test_a_page_that_tells_nothing_of_its_thread_gives_nothing() -> None:
    facts = thread_facts(page(block(0, "ann", "Ours does."), block(1, "bob", "Measure it.")), URL)
    assert (facts.page, facts.pages, facts.next, facts.replies, facts.views) == (None, None, None, None, None)


def test_a_declared_text_that_lacks_the_last_paragraphs_is_completed_from_the_page() -> None:
    start = " ".join(f"measure{n} the supply before anything else is done" for n in range(8)) + "."
    end = " ".join(f"then change{n} the relay itself at last" for n in range(20)) + "."
    html = page(
        block(0, "ann", f"<p>{start}</p><p>{end}</p>"),
        block(1, "bob", "Thanks, that was the supply indeed."),
        before='<script type="application/ld+json">{"@type":"Question","name":"Relay","text":"'
        + start
        + '","author":{"name":"ann"},'
        '"answerCount":1,"suggestedAnswer":{"@type":"Answer","text":"Thanks, that was the supply indeed.",'
        '"author":{"name":"bob"}}}</script>',
    )
    thread = extract_page(html, URL)
    assert thread.route == "json-ld"
    assert thread.posts[0].text == f"{start}\n\n{end}"


def test_a_date_in_pieces_is_not_glued_to_the_figure_beside_it() -> None:
    html = page(
        block(
            0, "ann", "Our relay trips every single night.", "<time>3<sup>rd</sup> March 2026<span>1 yr</span></time>"
        ),
        block(
            1, "bob", "Ours does so too since the update.", "<time>4<sup>th</sup> March 2026<span>1 yr</span></time>"
        ),
    )
    posts = extract_page(html, URL).posts
    assert [post.created_at for post in posts] == [datetime(2026, 3, day, tzinfo=UTC) for day in (3, 4)]
    assert posts[0].shown_at == "3rd March 2026 1 yr"
