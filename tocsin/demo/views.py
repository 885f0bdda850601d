"""What the templates show: threads and posts with their addresses, and a post's text in blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from tocsin.demo.community import Community, Remark, Talk
from tocsin.demo.draft import Place

POSTS_A_PAGE = 20
MARKUPS = ("microdata", "json-ld", "none")
"""Threads of the forum take turns, as if two upgrades had left their traces."""

_SPAN = re.compile(r"(?P<code>`[^`\n]+`)|(?P<link>https?://[^\s<>]*[^\s<>.,;:!?)])")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or quotation; spans are (`text` | `code` | `link`, words)."""

    quote: bool
    spans: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PostView:
    """A post as a page shows it. `path` is its permalink without host; `answers` None for the opening."""

    number: int
    position: int
    author: str
    at: datetime
    edited_at: datetime | None
    likes: int
    blocks: tuple[Block, ...]
    text: str
    path: str
    answers: PostView | None
    depth: int


@dataclass(frozen=True, slots=True)
class TalkView:
    """A thread as a page shows it. `url` is absolute, `path` is not."""

    number: int
    title: str
    path: str
    url: str
    link: str | None
    markup: str
    posts: tuple[PostView, ...]

    @property
    def opening(self) -> PostView:
        """The post that opens it."""
        return self.posts[0]

    @property
    def starter(self) -> str:
        """Who opened it."""
        return self.opening.author

    @property
    def replies(self) -> int:
        """How many posts answer the opening."""
        return len(self.posts) - 1

    @property
    def first_at(self) -> datetime:
        """When it was opened."""
        return self.opening.at

    @property
    def last_at(self) -> datetime:
        """When its latest post was written."""
        return self.posts[-1].at

    def page(self, number: int) -> tuple[PostView, ...]:
        """Return the posts of one forum page, counted from 1."""
        return self.posts[(number - 1) * POSTS_A_PAGE : number * POSTS_A_PAGE]


def talks_of(community: Community, base: str) -> dict[Place, tuple[TalkView, ...]]:
    """Return the threads of every site, most recently active first (the blog: latest post first)."""
    shown: dict[Place, tuple[TalkView, ...]] = {}
    for place in ("forum", "blog", "news"):
        views = [_talk(talk, base) for talk in community.of(place)]
        views.sort(key=lambda view: view.last_at if place == "forum" else view.first_at, reverse=True)
        shown[place] = tuple(views)
    return shown


def blocks(text: str) -> tuple[Block, ...]:
    """Return the paragraphs and quotations of a post's text."""
    found = []
    for paragraph in filter(str.strip, text.split("\n\n")):
        quote = paragraph.startswith("> ")
        found.append(Block(quote, tuple(_spans(paragraph.removeprefix("> ")))))
    return tuple(found)


def _spans(line: str) -> Iterator[tuple[str, str]]:
    done = 0
    for match in _SPAN.finditer(line):
        if match.start() > done:
            yield "text", line[done : match.start()]
        yield ("code", match[0].strip("`")) if match["code"] else ("link", match[0])
        done = match.end()
    if done < len(line):
        yield "text", line[done:]


def _talk(talk: Talk, base: str) -> TalkView:
    path = talk.path
    posts: dict[int, PostView] = {}
    for position, remark in enumerate(talk.remarks):
        parent = None if remark.parent is None else posts[remark.parent]
        posts[remark.number] = _post(talk, path, position, remark, parent)
    return TalkView(talk.number, talk.title, path, base + path, talk.link, _markup(talk), tuple(posts.values()))


def _markup(talk: Talk) -> str:
    # A single post without markup is no repeated block: nobody could tell it from any other article.
    lonely = len(talk.remarks) % POSTS_A_PAGE == 1
    choices = MARKUPS[:-1] if lonely else MARKUPS
    return choices[talk.number % len(choices)]


def _post(talk: Talk, path: str, position: int, remark: Remark, parent: PostView | None) -> PostView:
    return PostView(
        number=remark.number,
        position=position,
        author=remark.author,
        at=remark.at,
        edited_at=remark.edited_at,
        likes=remark.likes,
        blocks=blocks(remark.text),
        text=remark.text,
        path=_permalink(talk, path, position, remark),
        answers=parent,
        depth=0 if parent is None else parent.depth + 1,
    )


def _permalink(talk: Talk, path: str, position: int, remark: Remark) -> str:
    if talk.place == "news":
        return f"/item?id={remark.number}"
    if position == 0 and talk.place == "blog":
        return path
    page = position // POSTS_A_PAGE + 1
    if talk.place == "forum":
        return f"{path}?page={page}#post-{remark.number}" if page > 1 else f"{path}#post-{remark.number}"
    return f"{path}#comment-{remark.number}"
