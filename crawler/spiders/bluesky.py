"""Bluesky's public AppView (https://docs.bsky.app/docs/category/http-reference): accounts, named posts, searches.

Posts of an account come by getAuthorFeed, its figures by getProfile. The discussions they lead to:
crawler/bluesky_threads.py, the search: crawler/bluesky_search.py.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from crawler.answers import json_object
from crawler.bluesky_rows import address_of, hides, is_repost, listed_at, made_at, root_of
from crawler.bluesky_search import LIMIT, BlueskySearch
from crawler.items import FoundAccount
from crawler.spiders.base import Ask, Found
from crawler.streams import Page
from crawler.values import part
from crawler.walks import Walk

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response


class BlueskySpider(BlueskySearch):
    """Reads accounts, named posts and a search, then the threads they lead to."""

    async def start(self) -> AsyncIterator[Request]:
        """Begin everywhere at once."""
        for account in self.source.accounts:
            actor = account.strip().lstrip("@")
            self._streams.add(f"account {actor}")
            address = self.xrpc("app.bsky.actor.getProfile", actor=actor)
            yield self.ask(address, self.profile, otherwise=self.unreadable, priority=20, account=account)
        for page in self.source.pages:
            self._streams.add(f"page {page}")
            if named := address_of(page):
                address = self.xrpc("app.bsky.feed.getPostThread", uri=named, depth=0, parentHeight=0)
                yield self.ask(address, self.named, otherwise=self.unreadable, priority=15, page=page)
            else:
                self.account.trouble("partial", "one of `pages` is neither a link to a post nor an at:// address")
        if self.source.query:
            for request in self.log_in():
                yield request

    def unreadable(self, response: Response, **known: object) -> Iterator[Found]:
        """Note what the AppView does not show."""
        self.history_left = True
        which = known.get("account") or known.get("page") or known.get("stream")
        self.account.trouble("partial", f"{which} was not read: the answer was {response.status}; check the name")
        if isinstance(walk := known.get("walk"), Walk):
            yield from self.stream_lost(str(known["stream"]), walk)

    def named(self, response: Response, page: str) -> Iterator[Found]:
        """Find the thread that a configured post belongs to. It is watched for as long as it is configured."""
        self._answered_streams.add(f"page {page}")
        view = part(part(json_object(response), "thread"), "post")
        if not isinstance(view.get("uri"), str):
            self.account.trouble("partial", f"{page} is not shown to visitors")
            return
        self.pinned.add(root_of(view))
        yield from self.found([view])
        yield from self.discussed(view)

    def profile(self, response: Response, account: str) -> Iterator[Found]:
        """Read an account's figures and go on to its posts."""
        row = json_object(response)
        yield FoundAccount(account, row.get("followersCount"), row.get("postsCount"))
        actor = account.strip().lstrip("@")
        # By the lasting id: a handle may pass to somebody else between two pages.
        query: dict[str, Any] = {"actor": str(row["did"]), "limit": LIMIT, "filter": "posts_with_replies"}
        feed = self.xrpc("app.bsky.feed.getAuthorFeed", **query)

        def ask(address: str, walk: Walk) -> Request:
            known: dict[str, Any] = {
                "asked": address,
                "stream": f"account {actor}",
                "walk": walk,
                "ask": ask,
                "feed": feed,
            }
            return self.ask(address, self.feed, otherwise=self.unreadable, priority=10, **known)

        yield self.stream(f"account {actor}", feed, ask)

    def feed(self, response: Response, asked: str, stream: str, walk: Walk, ask: Ask, feed: str) -> Iterator[Found]:
        """Read one page of an account's posts and replies."""
        answer = json_object(response)
        rows = answer.get("feed")
        items = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        own = [item for item in items if not is_repost(item) and not self.too_old(made_at(part(item, "post")))]
        cursor = answer.get("cursor")
        page = Page(
            [str(part(item, "post").get("uri")) for item in own if not hides(part(item, "post"))],
            [f"{part(item, 'post').get('uri')} {listed_at(item)}" for item in items],
            [moment for item in items if (moment := listed_at(item))],
            f"{feed}&{urlencode({'cursor': cursor})}" if cursor else None,
        )
        known = self.is_known(page)
        yield from self.found(part(item, "post") for item in own)
        for item in own:
            yield from self.discussed(part(item, "post"), part(part(item, "reply"), "root"))
        yield from self.stream_on(stream, walk, asked, page, known, ask)
