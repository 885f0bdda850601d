"""A simulated board for the no-loss property, its pages written as phpBB 3.3 lays them out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeVar

from conftest import Answer, Asked

TOPICS = 5
LISTED = 2
"""Topics on a page of the list."""

PER_PAGE = 5
BEGAN = datetime.now(UTC).replace(microsecond=0) - timedelta(days=9)
Row = TypeVar("Row")


class Post(Protocol):
    """What the board shows of a post."""

    @property
    def number(self) -> int: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def text(self) -> str: ...


@dataclass(frozen=True)
class Opening:
    """The post a topic begins with, nine days ago."""

    number: int
    created_at: datetime = BEGAN

    @property
    def text(self) -> str:
        return f"What do you think of the pumps of series {self.number}?"


@dataclass(frozen=True)
class Board:
    """Posts spread over topics by their number. `pages` caps how many pages of a topic are shown, None: all."""

    posts: Sequence[Post]
    pages: int | None
    disordered: Callable[[list[Post]], list[Post]]

    def topic(self, topic: int) -> list[Post]:
        """Return all posts of a topic, oldest first: one that is approved late pushes in between."""
        below = [post for post in self.posts if post.number % TOPICS == topic]
        return [Opening(topic + 1), *sorted(below, key=lambda post: (post.created_at, post.number))]

    def shown(self, topic: int) -> list[Post]:
        """Return the posts of a topic that its pages show."""
        posts = self.topic(topic)
        return posts if self.pages is None else posts[: self.pages * PER_PAGE]

    def serve(self, asked: Asked) -> Answer:
        start = int(asked.query.get("start", ["0"])[0])
        if asked.path == "/viewforum.php":
            return self._list(start)
        if asked.path == "/viewtopic.php":
            return self._topic(int(asked.query["t"][0]), start)
        return Answer(status=404)

    def _list(self, start: int) -> Answer:
        order = sorted(range(TOPICS), key=lambda topic: (self.topic(topic)[-1].created_at, topic), reverse=True)
        rows = [_row(topic, self.topic(topic)) for topic in order[start : start + LISTED]]
        following = f"./viewforum.php?f=2&amp;start={start + LISTED}" if start + LISTED < TOPICS else ""
        return _page("Pumps", f"<ul class='topiclist topics'>{''.join(rows)}</ul>", following)

    def _topic(self, topic: int, start: int) -> Answer:
        posts = self.shown(topic)
        blocks = "".join(_block(post) for post in self.disordered(posts[start : start + PER_PAGE]))
        more = start + PER_PAGE < len(posts)
        following = f"./viewtopic.php?f=2&amp;t={topic}&amp;start={start + PER_PAGE}" if more else ""
        return _page(f"Series {topic + 1}", f"<h2 class='topic-title'>Series {topic + 1}</h2>{blocks}", following)


def _row(topic: int, posts: list[Post]) -> str:
    last = posts[-1].created_at
    return (
        f"<li class='row bg1'><dl class='row-item topic_read'><dt><div class='list-inner'>"
        f"<a href='./viewtopic.php?f=2&amp;t={topic}' class='topictitle'>Pumps of series {topic + 1}</a>"
        f"</div></dt><dd class='posts'>{len(posts) - 1} <dfn>Replies</dfn></dd>"
        f"<dd class='views'>99 <dfn>Views</dfn></dd>"
        f"<dd class='lastpost'><span><dfn>Last post </dfn>by <a href='./memberlist.php?mode=viewprofile&amp;u=9' "
        f"class='username'>reader9</a><br><time datetime='{last.isoformat()}'>{last:%a %b %d, %Y %I:%M %p}</time>"
        f"</span></dd></dl></li>"
    )


def _block(post: Post) -> str:
    number, made, name = post.number, post.created_at, f"reader{post.number % 7}"
    user = f"<a href='./memberlist.php?mode=viewprofile&amp;u={post.number % 7}' class='username'>{name}</a>"
    return (
        f"<div id='p{number}' class='post has-profile bg2'><div class='inner'>"
        f"<dl class='postprofile' id='profile{number}'><dt>{user}</dt></dl>"
        f"<div class='postbody'><div id='post_content{number}'><p class='author'>"
        f"<a href='./viewtopic.php?p={number}#p{number}' title='Post'>Post</a> by <strong>{user}</strong> "
        f"<time datetime='{made.isoformat()}'>{made:%a %b %d, %Y %I:%M %p}</time></p>"
        f"<div class='content'>{post.text}</div></div></div></div></div>"
    )


def _page(title: str, body: str, following: str) -> Answer:
    on = f"<li class='arrow next'><a class='button' href='{following}' rel='next'>Next</a></li>" if following else ""
    bar = f"<div class='pagination'><ul>{on}</ul></div>"
    return Answer(
        f"<html lang='en'><head><title>{title}</title></head><body id='phpbb' class='section-viewforum'>"
        f"<div id='page-body'>{body}{bar}</div></body></html>"
    )
