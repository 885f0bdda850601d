"""Sources of several lists that run from new to old (tags, accounts, communities), and of threads that grow for weeks.

Every list has a walk and marks of its own, so that one that is cut short or refused holds up no other. Threads are
remembered by their root as soon as they are met and read once the lists are: a run that ends in between reads them
the next time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from scrapy.exceptions import DontCloseSpider

from crawler.items import GonePost, Mark
from crawler.spiders.base import Ask, Found, SourceSpider
from crawler.walks import Trail, Walk, plan_walk

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

    from crawler.plan import SourcePlan
    from crawler.session import Session


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: the ids of the posts to keep, everything it holds, when it was made, the page after it."""

    posts: Sequence[str]
    held: Sequence[str]
    moments: Sequence[datetime] = field(default=())
    following: str | None = None


class StreamSpider(SourceSpider):
    """Base of spiders that walk through several lists, each from new to old, by known ids."""

    by_contract = True

    def __init__(self, source: SourcePlan, session: Session) -> None:
        super().__init__(source, session)
        self._trails: dict[str, Trail] = {}
        self._streams: set[str] = set()
        self._answered_streams: set[str] = set()
        self._looked = False

    def stream(self, name: str, first: str, ask: Ask) -> Request:
        """Return the first request of the list `name`: `ask(address, walk)` makes it and all that follow."""
        self._streams.add(name)
        recall = self.session.memory.recall
        read = bool(recall(self.source.name, f"root {name}"))
        return ask(first, plan_walk(recall(self.source.name, f"walk {name}"), history_read=read))

    def stream_on(self, name: str, walk: Walk, asked: str, page: Page, known: bool, ask: Ask) -> Iterator[Found]:
        """Go on with the list `name` after `page`, found at `asked`; yield this after the page's posts and marks."""
        self._answered_streams.add(name)
        following = page.following
        if page.moments and self.too_old(max(page.moments)):
            following = None
        if not self._trails.setdefault(name, Trail()).goes_on(walk, following, page.held):
            following = None
        step = walk.step(following, known=known)
        if step is not None:
            if following == step[0]:
                yield Mark(f"walk {name}", walk.to_mark(asked))
            yield ask(*step)
            return
        yield Mark(f"walk {name}", None)
        if walk.root:
            yield Mark(f"root {name}", {"done": True})

    def stream_lost(self, name: str, walk: Walk) -> Iterator[Mark]:
        """Note that the list `name` could not be read on; where an earlier run stopped it may be gone: begin anew."""
        self.history_left = True
        if walk.jumped:
            yield Mark(f"walk {name}", {"at": "", "on_top": True})

    def is_known(self, page: Page) -> bool:
        """Tell whether all posts of a page are in the store and too old to be read again. Ask before yielding them."""
        young = any(moment >= self.recheck_after for moment in page.moments)
        return bool(page.posts) and not young and not self.unknown(page.posts)

    def held_in(self, root: str) -> set[str]:
        """Return the native ids of a thread's posts that the store holds and that are not known to be gone."""
        rows = self.session.store.rows(
            "SELECT id FROM posts WHERE thread_id = ? AND id NOT IN (SELECT post_id FROM gone_posts)",
            [f"{self.source.name}:{root}"],
        )
        return {row["id"].removeprefix(f"{self.source.name}:") for row in rows}

    def says_gone(self, response: Response) -> bool:
        """Tell whether an error answer says that what was asked for is not there any more."""
        return response.status in (404, 410)

    def gone(self, response: Response, native: str, **_: object) -> Iterator[Found]:
        """Note that a post asked for by itself is deleted, or not for everybody any more."""
        if self.says_gone(response):
            yield GonePost(native)
        else:
            yield from self.refused(response)

    def refused(self, response: Response, **_: Any) -> Iterator[Found]:
        """Note an error answer that does not speak of the post asked for."""
        self.trouble(response, essential=False)
        yield from ()

    def idle(self) -> None:
        """Read what the lists led to, before the spider closes."""
        if not self._looked:
            self._looked = True
            self.flush()
            # One more than the budget allows, so that coverage says that something was left for the next run.
            room = max(self.source.budget - self.account.requests, 0) + 1
            requests = list(islice(self.look_again(), room))
            for request in requests:
                self.crawler.engine.crawl(request)
            if requests:
                raise DontCloseSpider
        super().idle()

    def look_again(self) -> Iterator[Request]:
        """Return what to ask for once the lists are read."""
        yield from ()

    def settle(self) -> None:
        """Note lists that were not read to their end; without any answer the source has failed."""
        self.history_left = self.history_left or bool(self.left_over("walk "))
        if self._streams and not self._answered_streams and self.account.status == "partial" and self.account.requests:
            self.account.trouble("failed", f"none of {len(self._streams)} lists could be read")
        super().settle()
