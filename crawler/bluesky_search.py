"""Searching Bluesky: a session with an app password, then searchPosts in slices of time, see crawler/slices.py.

Without a login the AppView refuses searches. https://docs.bsky.app/docs/api/app-bsky-feed-search-posts : `since` is
inclusive, `until` is not, both speak of the moment by which results are sorted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crawler.answers import json_object
from crawler.bluesky_rows import Row, hides, made_at, replies_of, root_of
from crawler.bluesky_threads import BlueskyThreads
from crawler.items import Mark
from crawler.missing import Counted
from crawler.slices import Slices, plan_slices
from crawler.spiders.base import RECHECK, Found

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

LOGIN = "https://bsky.social"
"""Where a session begins and searches are sent, unless `url` names another server."""

SECRETS = "TOCSIN_BLUESKY__HANDLE and TOCSIN_BLUESKY__APP_PASSWORD"
LIMIT = 100
"""Posts a page: the API's most."""

MAX_EMPTY = 10
"""Pages without a post that are passed over in a row: results may all be hidden ones."""

_CLOCK_SLACK = 300


class BlueskySearch(BlueskyThreads):
    """Base of the spider: what a query finds, with the discussions around it."""

    slices: Slices
    _token = ""

    def log_in(self) -> Iterator[Request]:
        """Begin a session; without its secrets the search is named as not read."""
        handle, password = (self.source.credentials.get(field) for field in ("handle", "app_password"))
        if not (handle and password):
            self.history_left = True
            others = self.source.accounts or self.source.pages
            self.account.trouble("partial" if others else "off", f"`query` was not searched: {SECRETS} are not set")
            return
        now = int(self.account.started_at.timestamp()) + _CLOCK_SLACK
        remembered = self.session.memory.recall(self.source.name, "slices")
        self.slices = plan_slices(remembered, int(self.since.timestamp()), now, int(RECHECK.total_seconds()))
        self._streams.add("search")
        yield self.ask(
            self.xrpc("com.atproto.server.createSession", LOGIN),
            self.logged_in,
            otherwise=self.not_logged_in,
            headers={"Content-Type": "application/json"},
            body=json.dumps({"identifier": handle.strip().lstrip("@"), "password": password}),
            priority=20,
        )

    def not_logged_in(self, response: Response) -> Iterator[Found]:
        """Name the secrets that were refused."""
        self.history_left = True
        words = f"`query` was not searched: the login was answered by {response.status}; check {SECRETS}"
        self.account.trouble("partial", words)
        yield from ()

    def logged_in(self, response: Response) -> Iterator[Found]:
        """Search with the session's token."""
        self._token = str(json_object(response)["accessJwt"])
        yield from self._search()

    def _search(self, cursor: str | None = None, empty: int = 0) -> Iterator[Request]:
        if self.slices.current is None:
            return
        low, high = self.slices.current
        query: dict[str, object] = {"q": self.source.query, "sort": "latest", "limit": LIMIT}
        query |= {"since": _stamp(low), "until": _stamp(high + 1)} | ({"cursor": cursor} if cursor else {})
        address = self.xrpc("app.bsky.feed.searchPosts", LOGIN, **query)
        headers = {"Authorization": f"Bearer {self._token}"}
        yield self.ask(address, self.hits, headers=headers, priority=10, empty=empty)

    def hits(self, response: Response, empty: int) -> Iterator[Found]:
        """Read one page of results, remember how far we are, go on with what is left."""
        self._answered_streams.add("search")
        answer = json_object(response)
        rows = answer.get("posts")
        views = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        cursor = answer.get("cursor")
        yield from self.found(views)
        for view in views:
            yield from self.discussed(view)
        if not views and cursor and empty < MAX_EMPTY:
            yield from self._search(str(cursor), empty + 1)
            return
        moments = [int(made.timestamp()) for view in views if (made := made_at(view))]
        self.slices.page_read(moments, full=bool(cursor and views))
        yield Mark("slices", self.slices.to_mark())
        if self.slices.current is None and self.slices.crowded:
            self.counted.append(Counted(None, None, "more results in one second than one answer holds", missing=None))
        yield from self._search()

    def discussed(self, view: Row, root: Row | None = None) -> Iterator[Mark]:
        """Note the thread of a post, to be read whole; `root` is its beginning, where that is shown."""
        try:
            address = root_of(view)
        except KeyError:
            return
        if address == view.get("uri"):
            root = view
        if root is None or not hides(root):
            shown = root if root and root.get("uri") == address else {}
            yield from self.meet(address, replies_of(shown), made_at(shown) or made_at(view))


def _stamp(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
