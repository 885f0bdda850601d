"""Threads of Bluesky: trees of replies by getPostThread, single posts again by getPosts, posts that are gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from crawler.answers import json_object
from crawler.bluesky_rows import Row, hides, made_at, nodes_in, parent_of, post_of, replies_of
from crawler.errors import NotUnderstoodError
from crawler.items import FoundPost, GonePost
from crawler.spiders.base import Found
from crawler.trees import TreeSpider
from crawler.watching import Tree

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

APP_VIEW = "https://public.api.bsky.app"
"""Answers everybody, without an account."""

AT_ONCE = 25
"""Posts that one getPosts request may ask for."""

DEPTH = 150
"""Levels of replies in one answer. The API allows 1000, but JSON so deep is read by no careful parser."""


class BlueskyThreads(TreeSpider):
    """Base of the spider: everything about threads."""

    missing_reason = "posts count more replies than are shown: hidden by their author or the thread's, or taken down"

    def xrpc(self, method: str, base: str = APP_VIEW, **query: object) -> str:
        """Return the address of a method; lists among the values are repeated."""
        address = f"{(self.source.url or base).rstrip('/')}/xrpc/{method}"
        return f"{address}?{urlencode(query, doseq=True)}" if query else address

    def found(self, views: Iterable[Row]) -> Iterator[FoundPost]:
        """Return the posts of those who let visitors read them."""
        yield from self.each(views, lambda view: [] if hides(view) else [post_of(view)])

    def ask_branch(self, tree: Tree, native: str) -> Request:
        """Ask for a post with what stands below it."""
        address = self.xrpc("app.bsky.feed.getPostThread", uri=native, depth=DEPTH, parentHeight=0)
        return self.ask(address, self.branch, otherwise=self.no_branch, tree=tree, native=native)

    def branch(self, response: Response, tree: Tree, **_: object) -> Iterator[Found]:
        """Read a post with what stands below it."""
        views = []
        for node, depth in nodes_in(json_object(response).get("thread")):
            view = node.get("post")
            if isinstance(view, dict) and isinstance(view.get("uri"), str):
                views.append(view)
                tree.add(view["uri"], parent_of(view), replies_of(view), made_at(view))
                if depth >= DEPTH or "replies" not in node:
                    tree.cut.add(view["uri"])
            elif node.get("notFound") is True and isinstance(node.get("uri"), str):
                yield GonePost(node["uri"])
        yield from self.found(views)
        yield from self.branch_read(tree)

    def look(self, natives: Iterable[str]) -> Iterator[Request]:
        """Ask for single posts, many at once."""
        wanted = list(natives)
        for start in range(0, len(wanted), AT_ONCE):
            part = wanted[start : start + AT_ONCE]
            yield self.ask(self.xrpc("app.bsky.feed.getPosts", uris=part), self.looked, natives=part)

    def looked(self, response: Response, natives: list[str]) -> Iterator[Found]:
        """Read posts again. Those that are not shown are gone; of a thread's beginning we make sure first."""
        rows = json_object(response).get("posts")
        views = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        yield from self.found(views)
        for view in views:
            yield from self.seen_again(str(view.get("uri")), replies_of(view))
        for native in set(natives) - {str(view.get("uri")) for view in views}:
            if native in self.watched:
                yield from self.read_tree(native, None)
            else:
                yield GonePost(native)

    def says_gone(self, response: Response) -> bool:
        """Tell whether an error answer says that there is no such post."""
        try:
            answer: dict[str, Any] = json_object(response)
        except NotUnderstoodError:
            return False
        return response.status in (400, 404) and answer.get("error") == "NotFound"
