"""The sites of the sample community: an address in, a page out. Knows no sockets."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jinja2

from tocsin.demo.algolia import BadQueryError, NewsApi
from tocsin.demo.community import Community
from tocsin.demo.views import POSTS_A_PAGE, PostView, TalkView, talks_of

THREADS_A_PAGE = 30
ENTRIES_IN_FEED = 100
HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=utf-8"
RSS = "application/rss+xml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request gets. `changed_at` is None where the page has no date of its own."""

    status: int
    content_type: str
    body: bytes
    changed_at: datetime | None = None


class Sites:
    """The forum, the blog and the news site of one community, under `base` (scheme and host, no slash)."""

    def __init__(self, community: Community, base: str, pages: Path) -> None:
        self.base = base
        self._pages = pages
        self._community = community
        self._talks = talks_of(community, base)
        self._by_path = {talk.path: talk for talks in self._talks.values() for talk in talks}
        self._of_news = {post.number: talk for talk in self._talks["news"] for post in talk.posts}
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(pages),
            autoescape=jinja2.select_autoescape(("html.j2", "xml.j2")),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(base=base, mail_date=format_datetime)
        self._news = NewsApi(self._talks["news"], self._as_hacker_news)
        self._routes: tuple[tuple[re.Pattern[str], Callable[..., Answer]], ...] = (
            (re.compile(r"/"), self._index),
            (re.compile(r"/(robots\.txt|style\.css)"), self._file),
            (re.compile(r"/forum/"), self._forum),
            (re.compile(r"/forum/thread/[a-z0-9.-]+/"), self._thread),
            (re.compile(r"/(blog|news)/"), self._home),
            (re.compile(r"/blog/feed\.xml"), self._feed),
            (re.compile(r"(/blog/\d{4}/\d\d/[a-z0-9-]+/)(feed\.xml)?"), self._entry),
            (re.compile(r"/item"), self._story),
            (re.compile(r"/news/api/v1/search_by_date"), self._search),
            (re.compile(r"/news/api/v1/items/(\d+)"), self._item),
        )

    def answer(self, target: str) -> Answer:
        """Return what a GET of `target` (path and query) gets."""
        parts = urlsplit(target)
        arguments = dict(parse_qsl(parts.query, keep_blank_values=True))
        for pattern, page in self._routes:
            match = pattern.fullmatch(parts.path)
            if match is not None:
                try:
                    return page(match, arguments)
                except BadQueryError as error:
                    return _json({"status": 400, "error": str(error)}, status=400)
                except KeyError:
                    break
        return self._html("missing.html.j2", None, status=404)

    def _index(self, _match: re.Match[str], _arguments: Mapping[str, str]) -> Answer:
        counts = {place: sum(len(talk.posts) for talk in talks) for place, talks in self._talks.items()}
        return self._html("index.html.j2", None, counts=counts)

    def _file(self, match: re.Match[str], _arguments: Mapping[str, str]) -> Answer:
        kind = "text/css" if match[1].endswith("css") else "text/plain"
        return Answer(200, f"{kind}; charset=utf-8", (self._pages / match[1]).read_bytes())

    def _forum(self, _match: re.Match[str], arguments: Mapping[str, str]) -> Answer:
        talks, page, pages = _paged(self._talks["forum"], THREADS_A_PAGE, arguments)
        newest = talks[0].last_at if talks else None
        return self._html("forum_list.html.j2", newest, talks=talks, page=page, pages=pages, path="/forum/")

    def _thread(self, match: re.Match[str], arguments: Mapping[str, str]) -> Answer:
        talk = self._by_path[match[0]]
        posts, page, pages = _paged(talk.posts, POSTS_A_PAGE, arguments)
        return self._html(
            "forum_thread.html.j2",
            max(post.edited_at or post.at for post in posts),
            talk=talk,
            posts=posts,
            page=page,
            pages=pages,
            linked=self._linked(talk, posts),
        )

    def _home(self, match: re.Match[str], arguments: Mapping[str, str]) -> Answer:
        site = match[1]
        talks, page, pages = _paged(self._talks["blog" if site == "blog" else "news"], THREADS_A_PAGE, arguments)
        return self._html(f"{site}_home.html.j2", None, talks=talks, page=page, pages=pages)

    def _feed(self, _match: re.Match[str], _arguments: Mapping[str, str]) -> Answer:
        talks = self._talks["blog"][:ENTRIES_IN_FEED]
        newest = max((talk.last_at for talk in talks), default=self._community.now)
        return self._html("feed.xml.j2", newest, RSS, talks=talks, newest=newest)

    def _entry(self, match: re.Match[str], _arguments: Mapping[str, str]) -> Answer:
        talk = self._by_path[match[1]]
        if match[2]:
            return self._html("comments.xml.j2", talk.last_at, RSS, talk=talk, posts=talk.posts)
        return self._html("blog_post.html.j2", talk.last_at, talk=talk, posts=talk.posts)

    def _story(self, _match: re.Match[str], arguments: Mapping[str, str]) -> Answer:
        number = arguments.get("id", "")
        talk = self._of_news[int(number) if number.isdecimal() else -1]
        return self._html("news_item.html.j2", talk.last_at, talk=talk, posts=_as_tree(talk))

    def _search(self, _match: re.Match[str], arguments: Mapping[str, str]) -> Answer:
        return _json(self._news.search(arguments))

    def _item(self, match: re.Match[str], _arguments: Mapping[str, str]) -> Answer:
        return _json(self._news.item(int(match[1])), changed_at=self._of_news[int(match[1])].last_at)

    def _html(
        self, template: str, changed_at: datetime | None, kind: str = HTML, status: int = 200, **context: object
    ) -> Answer:
        text = self._templates.get_template(template).render(context)
        return Answer(status, kind, text.encode(), changed_at)

    def _as_hacker_news(self, post: PostView) -> str:
        module = self._templates.get_template("text.html.j2").module
        return str(module.plain(post.blocks)).strip()  # type: ignore[attr-defined] # a macro of the template

    def _linked(self, talk: TalkView, posts: tuple[PostView, ...]) -> dict[str, Any]:
        """Return the thread page as schema.org wants it (https://schema.org/DiscussionForumPosting)."""
        thing: dict[str, Any] = {
            "@context": "https://schema.org",
            "@type": "DiscussionForumPosting",
            "@id": talk.url,
            "headline": talk.title,
            "url": talk.url,
        }
        replies = posts
        if posts and posts[0].position == 0:
            thing |= self._linked_post(posts[0]) | {"url": talk.url}
            replies = posts[1:]
        return thing | {"comment": [{"@type": "Comment", **self._linked_post(post)} for post in replies]}

    def _linked_post(self, post: PostView) -> dict[str, Any]:
        likes = {"@type": "InteractionCounter", "userInteractionCount": post.likes}
        thing = {
            "@id": f"{self.base}{post.path}",
            "url": f"{self.base}{post.path}",
            "author": {"@type": "Person", "name": post.author},
            "datePublished": post.at.isoformat(),
            "text": post.text,
            "interactionStatistic": likes | {"interactionType": "https://schema.org/LikeAction"},
        }
        return thing | ({"dateModified": post.edited_at.isoformat()} if post.edited_at else {})


def _paged(rows: tuple[Any, ...], size: int, arguments: Mapping[str, str]) -> tuple[tuple[Any, ...], int, int]:
    pages = max(1, -(-len(rows) // size))
    wanted = arguments.get("page", "1")
    page = int(wanted) if wanted.isdecimal() and len(wanted) < 6 else 0
    if not 1 <= page <= pages:
        raise KeyError(f"page {wanted}")
    return rows[(page - 1) * size : page * size], page, pages


def _as_tree(talk: TalkView) -> list[PostView]:
    """Return the posts in reading order: every answer below what it answers."""
    below: dict[int, list[PostView]] = {}
    for post in talk.posts:
        if post.answers is not None:
            below.setdefault(post.answers.number, []).append(post)
    ordered: list[PostView] = []
    waiting = [talk.opening]
    while waiting:
        post = waiting.pop()
        ordered.append(post)
        waiting.extend(reversed(below.get(post.number, ())))
    return ordered


def _json(value: object, *, status: int = 200, changed_at: datetime | None = None) -> Answer:
    return Answer(status, JSON, json.dumps(value, ensure_ascii=False).encode(), changed_at)


def http_date(at: datetime) -> str:
    """Return `at` as HTTP writes it (RFC 9110, 5.6.7)."""
    return format_datetime(at.astimezone(UTC).replace(microsecond=0), usegmt=True)
