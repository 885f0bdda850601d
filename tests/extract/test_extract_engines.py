"""NodeBB, Flarum and Stack Exchange pages in the shape that these engines send, filled with our own words."""

# ruff: noqa: E501  pages stand as they are sent

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.extract import extract_page, read_page
from crawler.extract.engines import find_engine_blocks
from crawler.extract.layout import lay_out

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
SAID = [
    ("ann", "2026-03-01T10:00:00Z", "Our relay trips every single night."),
    ("bob", "2026-03-01T11:30:00Z", "Then measure the supply first."),
    ("kim", "2026-03-02T08:15:00Z", "Mine was a loose screw in the rail."),
]


def nodebb(posts: list[tuple[str, str, str]]) -> str:
    rows = "".join(
        f'<li component="post" class="pt-4" data-index="{n}" data-pid="{901 + n}" data-uid="{n + 1}" data-timestamp="{int(datetime.fromisoformat(at).timestamp() * 1000)}" data-username="{name}" data-userslug="{name}">'
        f'<a component="post/anchor" data-index="{n}" id="{n}"></a><div class="d-flex post-container"><div class="bg-body rounded-circle"><a href="/user/{name}" aria-label="Profile: {name}"><span class="avatar" component="user/picture">{name[0].upper()}</span></a></div>'
        f'<div class="post-container-parent"><div class="d-flex post-header"><a class="fw-bold" href="/user/{name}" data-username="{name}" data-uid="{n + 1}">{name}</a><span class="text-muted">wrote on <a href="/post/{901 + n}" class="timeago text-muted" title="{at}"></a></span>'
        f'<span component="post/editor" class="visually-hidden">last edited by <span class="timeago" title="Invalid Date"></span></span><a href="#">#{n + 1}</a></div>'
        f'<div class="content text-break" component="post/content"><p dir="auto">{words}</p></div><div class="post-footer"><a component="post/reply" class="btn">Reply</a><a component="post/quote">Quote</a>'
        f'<div class="votes"><a component="post/upvote"></a><a component="post/vote-count" data-votes="{n}">{n}</a></div></div></div></div></li>'
        for n, (name, at, words) in enumerate(posts)
    )
    return f'<html lang="en-GB"><title>Relay | Forum</title><body class="page-topic"><h1 component="post/header"><span component="topic/title">Relay</span></h1><ul component="topic" class="posts timeline" data-tid="5"><div component="posts">{rows}</div></ul></body></html>'


def flarum_noscript(posts: list[tuple[str, str, str]]) -> str:
    rows = "<hr>".join(
        f'<article><div class="PostUser"><h3 class="PostUser-name">{name}</h3></div><div class="Post-body"><p>{words}</p></div></article>'
        for name, _, words in posts
    )
    return f'<html lang="en"><title>Relay - Forum</title><body><div id="app"></div><noscript id="flarum-content"><div class="container"><h1>Relay</h1><div>{rows}</div><a href="/d/5-relay?page=2">Next page &raquo;</a></div></noscript></body></html>'


def flarum(posts: list[tuple[str, str, str]]) -> str:
    rows = "".join(
        f'<div class="PostStream-item" data-index="{n}" data-time="{at}" data-number="{n + 1}" data-id="{901 + n}" data-type="comment"><article class="CommentPost Post Post--by-start-user"><div class="Post-container"><div class="Post-side"><a class="Post-avatar" href="/u/{name}"><img class="Avatar"></a></div><div class="Post-main"><header class="Post-header"><ul><li class="item-user"><div class="PostUser"><h3 class="PostUser-name"><a href="/u/{name}"><span class="username">{name}</span></a></h3></div></li><li class="item-meta"><div class="Dropdown PostMeta"><a class="Dropdown-toggle"><time pubdate datetime="{at}" title="then" data-humantime>1 Mar</time></a></div></li></ul></header><div class="Post-body"><p>{words}</p></div><aside class="Post-actions"><ul><li><button class="Button">Reply</button></li></ul></aside></div></div></article></div>'
        for n, (name, at, words) in enumerate(posts)
    )
    return f'<html lang="en"><title>Relay - Forum</title><body><div class="DiscussionPage-stream"><div class="PostStream">{rows}</div></div></body></html>'


def stack_exchange(posts: list[tuple[str, str, str]]) -> str:
    def row(n: int, name: str, at: str, words: str) -> str:
        kind, told = ("question", "asked") if n == 0 else ("answer", "answered")
        note = (
            f'<div class="js-post-comments-component"><ul class="comments-list">'
            f'<li id="comment-{7001 + n}" class="comment js-comment" data-comment-id="{7001 + n}"><div class="comment-text"><div class="comment-body"><span class="comment-copy">A note on part {n} of this.</span> &ndash;&nbsp;<a href="/users/9/eve" class="comment-user">eve</a> <span class="comment-date"><a class="comment-link" href="#comment{7001 + n}_{901 + n}"><span title="2026-03-05 09:0{n}:00Z, License: CC BY-SA 4.0" class="relativetime-clean">Mar 5, 2026 at 9:0{n}</span></a></span></div></div></li></ul></div>'
        )
        return (
            f'<div class="{kind} js-{kind}" data-{kind}id="{901 + n}" id="{kind}-{901 + n}"><div class="post-layout"><div class="votecell post-layout--left"><div class="js-voting-container"><div class="js-vote-count" data-value="{n + 3}">{n + 3}</div></div></div>'
            f'<div class="{kind}cell post-layout--right"><div class="s-prose js-post-body"><p>{words}</p></div><div class="mt24"><a href="/q/{901 + n}">Share</a></div>'
            f'<div class="post-signature"><div class="user-info user-hover"><div class="user-action-time"><a href="/posts/{901 + n}/revisions" class="js-gps-track">edited <span title="2026-03-09 10:00:00Z" class="relativetime">Mar 9, 2026 at 10:00</span></a></div><div class="user-details"><a href="/users/8/zoe">zoe</a></div></div></div>'
            f'<div class="post-signature owner"><div class="user-info"><div class="user-action-time">{told} <span title="{at.replace("T", " ")}" class="relativetime">Mar 1, 2026</span></div><div class="user-details"><a href="/users/{n}/{name}">{name}</a><span class="reputation-score">1,{n}00</span></div></div></div></div>'
            f'<div class="post-layout--full">{note}</div></div></div>'
        )

    rows = "".join(row(n, *post) for n, post in enumerate(posts))
    return f'<html lang="en"><title>Relay - Stack</title><body class="question-page"><div id="question-header"><h1><a class="question-hyperlink" href="/questions/901/relay">Relay</a></h1></div><div id="mainbar">{rows}</div></body></html>'


@pytest.mark.parametrize(
    ("page", "engine", "size"),
    [
        *((nodebb, "NodeBB", size) for size in (1, 3)),
        *((flarum, "Flarum", size) for size in (1, 3)),
        *((flarum_noscript, "Flarum without scripts", size) for size in (1, 3)),
        *((stack_exchange, "Stack Exchange", size) for size in (1, 3)),
    ],
)
def test_each_engine_is_known_by_its_names_and_gives_all_posts(page: object, engine: str, size: int) -> None:
    html = page(SAID[:size])  # type: ignore[operator]
    known = find_engine_blocks(lay_out(read_page(html, "https://forum.example/d/5").root))
    assert known is not None
    assert known[0].name == engine
    assert len(known[1].members) == size
    posts = [post for post in extract_page(html, "https://forum.example/d/5", now=NOW).posts if post.author != "eve"]
    assert [(post.author, post.text) for post in posts] == [(name, words) for name, _, words in SAID[:size]]
    if engine != "Flarum without scripts":
        assert [post.created_at for post in posts] == [datetime.fromisoformat(at) for _, at, _ in SAID[:size]]


def test_nodebb_posts_have_ids_votes_and_permalinks() -> None:
    posts = extract_page(nodebb(SAID), "https://forum.example/topic/5/relay", now=NOW).posts
    assert [post.native_id for post in posts] == ["901", "902", "903"]
    assert [post.url for post in posts] == [f"https://forum.example/post/{n}" for n in (901, 902, 903)]


def test_comments_of_a_stack_exchange_page_stand_below_the_question_and_the_answers() -> None:
    posts = extract_page(stack_exchange(SAID), "https://stack.example/questions/901/relay", now=NOW).posts
    assert [post.author for post in posts] == ["ann", "eve", "bob", "eve", "kim", "eve"]
    assert [post.parent_position for post in posts if post.author == "eve"] == [0, 2, 4]
    assert posts[1].text == "A note on part 0 of this."


def test_a_mention_that_links_to_a_post_of_a_flarum_thread_is_an_answer_to_it() -> None:
    mention = '<a class="PostMention" href="/d/5/2" data-number="2" data-id="902">@bob</a> That was it, thanks.'
    posts = extract_page(
        flarum([*SAID, ("ann", "2026-03-03T10:00:00Z", mention)]), "https://forum.example/d/5", now=NOW
    ).posts
    assert (posts[3].parent, posts[3].parent_position) == ("902", 1)
