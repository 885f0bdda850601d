"""Threads of Lemmy: all comments of a post over their pages, single posts and comments again, what is gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from crawler.answers import json_object
from crawler.errors import NotUnderstoodError
from crawler.items import FoundPost, GonePost
from crawler.lemmy_rows import Row, comments_of, is_gone, made_at, native_of, post_of, reply_of, rows_in
from crawler.spiders.base import Found, Then
from crawler.trees import TreeSpider
from crawler.values import part
from crawler.watching import NEVER, Tree, Watch

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

LIMIT = 50
"""Posts or comments a page: the API's most."""

MAX_PAGES = 400
"""Pages of comments that are read of one post."""

GONE = ("couldnt_find_post", "couldnt_find_comment", "not_found")


class LemmyThreads(TreeSpider):
    """Base of the spider: everything about threads. A post counts its comments at whatever depth."""

    missing_reason = "the post counts more comments than the instance shows"

    def api(self, path: str, **query: object) -> str:
        """Return an address of the API."""
        parts = urlsplit(self.url if "//" in self.url else f"https://{self.url}")
        return f"{parts.scheme}://{parts.netloc}/api/v3/{path}?{urlencode(query)}"

    def get(self, address: str, then: Then, otherwise: Then, *, priority: int = 0, **known: Any) -> Request:
        """Return a request."""
        return self.ask(address, then, otherwise=otherwise, priority=priority, **known)

    def found(self, views: Iterable[Row]) -> Iterator[Found]:
        """Return the posts and comments of `views`, and which of them are gone."""
        views = list(views)
        live = [view for view in views if not is_gone(view)]
        yield from self.each(live, _read)
        for view in views:
            if is_gone(view) and native_of(view):
                yield GonePost(native_of(view))

    def is_due(self, root: str, watch: Watch, count: int | None) -> bool:
        """Tell whether the store holds other comments than the post counts, and the difference is news."""
        held = len(self.held_in(root) - {root})
        return count is None or (count not in (held, watch.count))

    def lacking(self, tree: Tree) -> int:
        """Return how many comments the post counts beyond those that are shown."""
        return max(0, (tree.count or 0) - len(tree.nodes.keys() - {tree.root}))

    def ask_branch(self, tree: Tree, native: str) -> Request:
        """Ask for the first page of a post's comments."""
        return self._comments(tree, native, 1)

    def _comments(self, tree: Tree, native: str, page: int) -> Request:
        query = {"post_id": native[1:], "type_": "All", "sort": "Old", "limit": LIMIT, "page": page}
        return self.get(
            self.api("comment/list", **query), self.branch, self.no_branch, tree=tree, native=native, page=page
        )

    def branch(self, response: Response, tree: Tree, page: int, **_: object) -> Iterator[Found]:
        """Read one page of a post's comments."""
        views = rows_in(json_object(response), "comments")
        news = [view for view in views if not is_gone(view) and native_of(view) not in tree.nodes]
        for view in news:
            tree.add(native_of(view), tree.root, None, made_at(view))
        yield from self.found(views)
        # An instance that does not know `page` sends the same comments again.
        if len(views) >= LIMIT and news and page < MAX_PAGES:
            yield self._comments(tree, tree.root, page + 1)
        else:
            yield from self.branch_read(tree)

    def look(self, natives: Iterable[str]) -> Iterator[Request]:
        """Ask for single posts and comments: the API gives one at a time."""
        for native in natives:
            path = "comment" if native.startswith("c") else "post"
            yield self.get(self.api(path, id=native[1:]), self.looked, self.gone, native=native)

    def looked(self, response: Response, native: str) -> Iterator[Found]:
        """Read a post or comment again."""
        answer = json_object(response)
        view = part(answer, "comment_view" if native.startswith("c") else "post_view")
        yield from self.found([view])
        if is_gone(view) and native in self.watched:
            yield self.forget(native)
        else:
            yield from self.seen_again(native, comments_of(view))

    def says_gone(self, response: Response) -> bool:
        """Tell whether a post or comment is not there any more."""
        return error_of(response) in GONE or response.status in (404, 410)

    def refused(self, response: Response, **_: Any) -> Iterator[Found]:
        """Note a refusal. Older instances say with status 400 that they are asked too fast."""
        self.history_left = True
        if error_of(response) == "rate_limit_error":
            self.session.gate.close(response.url, f"{urlsplit(response.url).netloc} asks for a slower pace")
            self.account.trouble("partial", "the instance asks for a slower pace (crawl.delay); the next run goes on")
        else:
            self.trouble(response, essential=False)
        yield from ()

    def look_again(self) -> Iterator[Request]:
        """Read threads whose counts differ from what the store holds by now."""
        unmet = []
        for root, watch in sorted(self.watched.items(), key=lambda pair: -pair[1].newest):
            if (count := self._met.get(root)) is not None:
                if self.is_due(root, watch, count):
                    yield from self.read_tree(root, count)
                elif watch.count == NEVER:
                    self._note(root, Watch(count, watch.newest, self.clock))
            elif watch.count == NEVER or (self.source.query and watch.rested(self.clock)):
                unmet.append(root)
            elif watch.over(self.clock):
                self._note(root, None)
        yield from self.look(unmet)

    def _note(self, root: str, watch: Watch | None) -> None:
        # No request is asked for it, so there is no answer to yield the mark with.
        self.session.memory.remember(self.source.name, [(f"tree {root}", watch.to_mark() if watch else None)])


def error_of(response: Response) -> str:
    """Return the name that the API gives an error, '' where it gives none."""
    try:
        return str(json_object(response).get("error") or "")
    except NotUnderstoodError:
        return ""


def _read(view: Row) -> list[FoundPost]:
    return [reply_of(view) if "comment" in view else post_of(view)]
