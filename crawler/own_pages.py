"""Networks that show one's own pages only: posts from new to old, and below each its comments.

Posts younger than `WATCHED` are read again in every run, for late comments. What the store holds and what was read to
its end does not show any more is asked for by itself: only where the network says that it is not there, it is gone.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from crawler.items import FoundPost, GonePost
from crawler.spiders.base import Ask, Found, Then
from crawler.streams import Page, StreamSpider
from crawler.walks import Walk
from tocsin.store.times import to_text

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

    from crawler.plan import SourcePlan
    from crawler.session import Session

WATCHED = timedelta(days=30)
"""Own posts younger than this are read again in every run."""

Row = Mapping[str, Any]


@dataclass(slots=True)
class Below:
    """The reading of one post's comments: how many answers are to come, and whether one was refused."""

    pending: int = 0
    lost: bool = False


class OwnPagesSpider(StreamSpider):
    """Base of spiders for one's own pages. What the API calls an account is given in `accounts`."""

    def __init__(self, source: SourcePlan, session: Session) -> None:
        super().__init__(source, session)
        self._shown: set[str] = set()
        self._below: dict[str, Below] = {}

    @abstractmethod
    def get(self, address: str, then: Then, *, otherwise: Then | None = None, **context: Any) -> Request:
        """Return the request for an address of the API; without `otherwise` errors go to `refused`."""

    @abstractmethod
    def single(self, native: str, post: str) -> str:
        """Return the address of one post, or of the comment `native` below the post."""

    @property
    def watched_after(self) -> datetime:
        """From when on posts are read again."""
        return self.account.started_at - WATCHED

    def list_of(self, name: str, first: str, then: Then) -> Request:
        """Return the first request of a list of posts; `then` gets what `page_read` wants, to be handed on."""

        def ask(address: str, walk: Walk) -> Request:
            return self.get(address or first, then, stream=name, walk=walk, asked=address or first, ask=ask)

        return self.stream(name, first, ask)

    def page_read(
        self,
        rows: Sequence[Row],
        read: Callable[[Row], Iterable[FoundPost]],
        below: Callable[[Row], Iterable[Found]],
        page: Page,
        *,
        stream: str,
        walk: Walk,
        asked: str,
        ask: Ask,
    ) -> Iterator[Found]:
        """Yield one page of posts, what `below` asks or tells of each one's comments, and the way on."""
        young = any(made >= self.watched_after for made in page.moments)
        known = self.is_known(page) and not young
        self._shown.update(page.posts)
        yield from self.each(rows, read)
        for row in rows:
            if row.get("id"):
                yield from below(row)
        # A page may hold nothing for us and be followed by one that does.
        on = page if page.held else Page(page.posts, [asked], page.moments, page.following)
        yield from self.stream_on(stream, walk, asked, on, known, ask)

    def ask_below(self, address: str, then: Then, post: str, **context: Any) -> Request:
        """Return a request for comments on `post`, whose answer ends with `below_read`."""
        self._below.setdefault(post, Below()).pending += 1
        return self.get(address, then, priority=10, post=post, **context)

    def below_read(self, post: str, natives: Iterable[str], *, asked: bool = True) -> Iterator[Request]:
        """Note comments that are shown; yield this after further requests for the post's comments were made.

        With `asked` they were the answer to one `ask_below`, else they came with the post itself.
        """
        self._shown.update(natives)
        below = self._below.setdefault(post, Below())
        below.pending -= asked
        if below.pending or below.lost:
            return
        for native in sorted(self.held_in(post) - self._shown - {post}):
            yield self._ask_single(native, post)

    def answer_lost(self, post: str = "", stream: str = "", walk: Walk | None = None, **_: Any) -> Iterator[Found]:
        """Note, from the context of a refused request, which post's comments or which list could not be read on."""
        if post:
            self._below.setdefault(post, Below()).lost = True
        if stream and walk is not None:
            yield from self.stream_lost(stream, walk)

    def look_again(self) -> Iterator[Request]:
        """Ask for young posts that the lists do not show any more, where all lists were read."""
        if self._answered_streams != self._streams or self.left_over("walk "):
            return
        rows = self.session.store.rows(
            """SELECT id FROM posts WHERE source = ? AND id = thread_id AND created_at >= ?
               AND id NOT IN (SELECT post_id FROM gone_posts) ORDER BY created_at DESC""",
            [self.source.name, to_text(max(self.watched_after, self.since))],
        )
        for row in rows:
            native = row["id"].removeprefix(f"{self.source.name}:")
            if native not in self._shown:
                yield self._ask_single(native, native)

    def _ask_single(self, native: str, post: str) -> Request:
        return self.get(self.single(native, post), self.still_there, otherwise=self.gone, native=native)

    def still_there(self, response: Response, native: str) -> Iterator[Found]:  # noqa: ARG002 # its answer is enough
        """Leave a post alone that is not listed and still answers."""
        yield from ()

    def gone(self, response: Response, native: str, **_: object) -> Iterator[Found]:
        """Note that a post is gone, and with it what stood below it."""
        if not self.says_gone(response):
            yield from self.refused(response)
            return
        yield from (GonePost(each) for each in sorted(self.held_in(native) | {native}))
