"""Lemmy (https://join-lemmy.org/api/, version 3): the posts and comments of communities, or what a query finds.

Posts and comments are two lists from new to old. A post counts its comments, so where the store holds fewer or more,
all of them are read: comments that arrive late, are deleted or slipped between two pages. crawler/lemmy_threads.py.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from crawler.answers import json_object
from crawler.items import Mark
from crawler.lemmy_rows import Row, comments_of, is_gone, made_at, native_of, rows_in, thread_of
from crawler.lemmy_threads import LIMIT, LemmyThreads
from crawler.spiders.base import Ask, Found
from crawler.streams import Page
from crawler.walks import Walk
from crawler.watching import NEVER, Watch
from tocsin.store.times import to_text

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

MOST_LOOKS = 100
"""Young posts that a run looks for one by one because the list does not show them any more."""


class LemmySpider(LemmyThreads):
    """Reads the two lists of every community, then the threads whose counts differ."""

    async def start(self) -> AsyncIterator[Request]:
        """Begin with the top of every list."""
        for community in self.source.communities or ("",):
            name = community.strip().lstrip("!")
            where: dict[str, object] = {"community_name": name, "type_": "All"} if name else {"type_": "Local"}
            for kind in ("posts", "comments"):
                yield self._list(kind, name, where)

    def _list(self, kind: str, community: str, where: dict[str, object]) -> Request:
        stream = f"{kind} {community}".strip()
        query: dict[str, object] = {**where, "sort": "New", "limit": LIMIT}
        if self.source.query:
            found = {**query, "q": self.source.query, "listing_type": where["type_"], "type_": kind.capitalize()}
            first = self.api("search", **found, page=1)
        else:
            first = self.api(f"{kind.rstrip('s')}/list", **query, page=1)

        def ask(address: str, walk: Walk) -> Request:
            known = {"asked": address, "stream": stream, "walk": walk, "ask": ask, "kind": kind}
            return self.get(address, self.page, self.unreadable, priority=10, **known)

        return self.stream(stream, first, ask)

    def unreadable(self, response: Response, stream: str, walk: Walk, **_: object) -> Iterator[Found]:
        """Note a list that the instance does not show."""
        yield from self.refused(response)
        yield from self.stream_lost(stream, walk)

    def page(self, response: Response, asked: str, stream: str, walk: Walk, ask: Ask, kind: str) -> Iterator[Found]:
        """Read one page of a list."""
        answer = json_object(response)
        views = rows_in(answer, kind)
        kept = [view for view in views if not self.too_old(made_at(view))]
        live = [native_of(view) for view in kept if not is_gone(view)]
        page = Page(
            live,
            [native_of(view) for view in views],
            [made for view in views if (made := made_at(view))],
            following(asked, answer.get("next_page")) if len(views) >= LIMIT else None,
        )
        unknown = self.unknown(live)
        known = self.is_known(page)
        yield from self.found(kept)
        for view in kept:
            yield from self._discussed(view, new=native_of(view) in unknown)
        yield from self.stream_on(stream, walk, asked, page, known, ask)

    def _discussed(self, view: Row, *, new: bool) -> Iterator[Mark]:
        root = thread_of(view)
        if root == native_of(view):
            yield from self.meet(root, comments_of(view), made_at(view))
        elif root and new:
            watch = Watch.met(None, made_at(view), self.clock)
            yield from self.meet(root, None, made_at(view))
            yield Mark(f"tree {root}", watch.to_mark())
            self.watched[root] = watch

    def look_again(self) -> Iterator[Request]:
        """Read threads whose counts differ; look for young posts that are not listed any more."""
        yield from super().look_again()
        if self.source.query or self.left_over("walk posts"):
            return
        rows = self.session.store.rows(
            """SELECT id FROM posts WHERE source = ? AND id = thread_id AND created_at >= ?
                 AND id NOT IN (SELECT post_id FROM gone_posts) ORDER BY created_at DESC""",
            [self.source.name, to_text(self.recheck_after)],
        )
        held = [row["id"].removeprefix(f"{self.source.name}:") for row in rows]
        asked = self._met.keys() | {root for root, watch in self.watched.items() if watch.count == NEVER}
        yield from self.look([native for native in held if native not in asked][:MOST_LOOKS])


def following(asked: str, cursor: object) -> str:
    """Return the page after `asked`: by the cursor that the instance gave (0.19 and newer), else by its number."""
    address, _, query = asked.partition("?")
    values = dict(parse_qsl(query))
    page = int(values.pop("page", 1))
    values.pop("page_cursor", None)
    values |= {"page_cursor": cursor} if isinstance(cursor, str) else {"page": str(page + 1)}
    return f"{address}?{urlencode(values)}"
