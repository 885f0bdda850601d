"""What is remembered of a forum thread, when it is read again, and how its posts are named. Pure."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from crawler.extract.records import ExtractedPost, ExtractedThread, ThreadLink
from crawler.items import FoundPost

REREAD_WHOLE_PAGES = 5
"""Threads of up to so many pages are read again from their start, longer ones from their last page."""

_ACTIVITY_SLACK = timedelta(hours=25)
"""Dates such as "3 days ago" are this inexact. Younger changes are met by the re-reading of young threads."""

_PAGE_IN_PATH = re.compile(r"(?:/(?:page[-/]?\d+|p\d+|unread|latest|last|new|lastpost))+/?$", re.IGNORECASE)
_NOT_IDENTITY = frozenset(
    (
        "page",
        "p",
        "pg",
        "start",
        "st",
        "sid",
        "s",
        "phpsessid",
        "offset",
        "highlight",
        "view",
        "unread",
        "sort",
        "order",
    )
)


def thread_key(url: str) -> str:
    """Return the identity of a thread within its site: path and query without page, session and jump marks."""
    parts = urlsplit(url)
    path = _PAGE_IN_PATH.sub("", parts.path).rstrip("/") or "/"
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name.lower() not in _NOT_IDENTITY]
    return f"{path}?{urlencode(kept)}" if kept else path


@dataclass(frozen=True, slots=True)
class ThreadState:
    """How far a thread was read.

    `at` is the page to go on with (the last one when `complete`), `page` its number, `offset` how
    many posts come before it. `replies` and `activity` are what the listing showed when it was last
    due, `newest` the date of the youngest post found; None: not shown.
    """

    url: str
    at: str
    title: str = ""
    page: int = 1
    offset: int = 0
    replies: int | None = None
    activity: datetime | None = None
    newest: datetime | None = None
    complete: bool = False
    reused_ids: bool = False

    @classmethod
    def from_mark(cls, mark: Mapping[str, Any]) -> Self:
        """Return the state that `to_mark` wrote."""
        times = {name: datetime.fromisoformat(mark[name]) for name in ("activity", "newest") if mark.get(name)}
        return cls(**{**mark, "activity": None, "newest": None, **times})

    def to_mark(self) -> dict[str, object]:
        """Return the state as JSON can hold it."""
        times = {name: moment.isoformat() for name in ("activity", "newest") if (moment := getattr(self, name))}
        return {**asdict(self), "activity": None, "newest": None, **times}

    def listed(self, link: ThreadLink) -> ThreadState:
        """Return the state of a thread that is to be read because of `link`."""
        start = self if self.page > REREAD_WHOLE_PAGES or not self.complete else self.from_start()
        return replace(
            start,
            title=self.title or link.title,
            replies=link.replies,
            activity=link.last_activity or self.activity,
            complete=False,
        )

    def from_start(self) -> ThreadState:
        """Return the state with nothing read yet."""
        return replace(self, at=self.url, page=1, offset=0)

    def with_posts(self, found: ExtractedThread) -> ThreadState:
        """Return the state after reading a page."""
        dates = [post.created_at for post in found.posts if post.created_at]
        newest = max([*dates, *([self.newest] if self.newest else [])], default=None)
        return replace(self, newest=newest, title=found.title if self.page == 1 and found.title else self.title)


def is_due(link: ThreadLink, state: ThreadState | None) -> bool:
    """Tell whether a listed thread must be read: unknown, more or fewer replies, or newer activity.

    A thread whose reading is under way (not `complete`) is not due again. Where the listing shows
    neither replies nor activity it tells nothing of known threads: they are read on schedule (`crawler.revisits`).
    """
    if state is None:
        return True
    if not state.complete:
        return False
    if link.replies is not None and link.replies != state.replies:
        return True
    seen = state.activity or state.newest
    return link.last_activity is not None and (seen is None or link.last_activity > seen + _ACTIVITY_SLACK)


@dataclass
class PostNames:
    """Names the posts of one thread over its pages.

    A site's own id is unique within a page; where later pages use the same ids for other posts
    (`reused`), and where there are none, a post is named by its author and words.
    """

    key: str
    reused: bool = False
    _seen: dict[str, str] = field(default_factory=dict)
    _twins: Counter[str] = field(default_factory=Counter)

    def page(self, posts: Iterable[ExtractedPost]) -> int:
        """Take in a page before naming its posts; return how many of them are new to this run."""
        words = {post: _said(post) for post in posts}
        clashes = sum(1 for post, said in words.items() if self._seen.get(post.native_id or "", said) != said)
        self.reused = self.reused or clashes * 2 > max(len(words), 1)
        fresh = [post for post, said in words.items() if (post.native_id or said) not in self._seen]
        self._seen.update({post.native_id or said: said for post, said in words.items()})
        return len(fresh)

    def name(self, post: ExtractedPost) -> str:
        """Return the id of a post within the source."""
        if post.native_id and not self.reused:
            return f"{self.key}#{post.native_id}"
        said = _said(post)
        self._twins[said] += 1
        return f"{self.key}#{said}" + (f"-{self._twins[said]}" if self._twins[said] > 1 else "")

    def found(self, post: ExtractedPost, state: ThreadState) -> FoundPost:
        """Return a post of a page as an item."""
        opens = state.page == 1 and post.position == 0
        return FoundPost(
            thread=self.key,
            native_id=self.name(post),
            text=post.text,
            title=state.title,
            thread_url=state.url,
            thread_created_at=post.created_at if opens else None,
            created_at=post.created_at,
            edited_at=post.edited_at,
            author=post.author,
            parent=f"{self.key}#{post.parent}" if post.parent and not self.reused else None,
            url=post.url,
            position=state.offset + post.position,
            opens=opens,
            likes=post.likes,
            replies=post.replies,
            views=post.views,
        )


def _said(post: ExtractedPost) -> str:
    words = f"{post.author or ''}\x1f{post.text}"
    return "h" + hashlib.blake2b(words.encode("utf-8", "replace"), digest_size=12).hexdigest()
