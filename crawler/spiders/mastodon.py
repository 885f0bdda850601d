"""Mastodon and servers that speak its API (https://docs.joinmastodon.org/methods/): the lists of tags and accounts.

A status that reaches the instance late has the id of the time it was written, so lists are read down to 72 hours
whatever is known. The threads they lead to: crawler/mastodon_threads.py.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from crawler.answers import json_object, json_rows
from crawler.complaints import place_of
from crawler.items import FoundAccount
from crawler.mastodon_rows import is_post, next_max_id
from crawler.mastodon_threads import MastodonThreads
from crawler.spiders.base import Ask, Found
from crawler.streams import Page
from crawler.values import moment
from crawler.walks import Walk

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

LIMIT = 40
"""Statuses a page: the API's most."""


class MastodonSpider(MastodonThreads):
    """Reads the lists of tags and accounts, then the threads they lead to."""

    async def start(self) -> AsyncIterator[Request]:
        """Begin with the top of every list."""
        for tag in self.source.tags:
            name = tag.strip().lstrip("#")
            yield self._list(f"tag {name}", f"timelines/tag/{quote(name, safe='')}")
        for account in self.source.accounts:
            acct = account.strip().lstrip("@")
            self._streams.add(f"account {acct}")
            address = self.api("accounts/lookup", acct=acct)
            yield self.get(address, self.account_found, priority=20, otherwise=self.unreadable, account=account)

    def _list(self, stream: str, path: str, **query: object) -> Request:
        def ask(address: str, walk: Walk) -> Request:
            known = {"asked": address, "stream": stream, "walk": walk, "ask": ask}
            return self.get(address, self.page, priority=10, otherwise=self.unreadable, **known)

        return self.stream(stream, self.api(path, limit=LIMIT, **query), ask)

    def unreadable(self, response: Response, **_: object) -> Iterator[Found]:
        """Note a list that the instance does not show."""
        place = place_of(response.url)
        self.history_left = True
        if response.status in (401, 403, 422) and not self.source.credentials.get("token"):
            self.account.trouble("partial", f"{place} answered {response.status}: it needs TOCSIN_MASTODON__TOKEN")
        elif response.status in (404, 410):
            self.account.trouble("partial", f"{place} answered {response.status}: unknown at this instance")
        else:
            self.trouble(response, essential=False)
        yield from ()

    def account_found(self, response: Response, account: str) -> Iterator[Found]:
        """Read an account's figures and go on to its statuses."""
        row = json_object(response)
        yield FoundAccount(account, row.get("followers_count"), row.get("statuses_count"))
        path = f"accounts/{quote(str(row['id']), safe='')}/statuses"
        yield self._list(f"account {account.strip().lstrip('@')}", path, exclude_reblogs="true")

    def page(self, response: Response, asked: str, stream: str, walk: Walk, ask: Ask) -> Iterator[Found]:
        """Read one page of a list, oldest status first: it may open the thread of the others."""
        rows = json_rows(response)
        links = [link.decode("latin-1") for link in response.headers.getlist("Link")]
        below = next_max_id(links, rows, LIMIT)
        kept = [row for row in rows if is_post(row) and not self.too_old(moment(row.get("created_at")))]
        page = Page(
            [str(row.get("id")) for row in kept],
            [str(row.get("id")) for row in rows],
            [created for row in rows if (created := moment(row.get("created_at")))],
            self._below(asked, below) if below else None,
        )
        known = self.is_known(page)
        yield from self.each(reversed(kept), self.placed)
        yield from self.noted()
        yield from self.stream_on(stream, walk, asked, page, known, ask)

    def _below(self, asked: str, status: str) -> str:
        address, _, query = asked.partition("?")
        kept = [pair for pair in query.split("&") if not pair.startswith("max_id=")]
        return f"{address}?{'&'.join([*kept, urlencode({'max_id': status})])}"
