"""Asking the Stack Exchange API: the filter, the quota of the day, `backoff`, error objects, the optional key.

https://api.stackexchange.com/docs/throttle : 300 requests a day for an address without a key, 10,000 with one; an
answer with `backoff` forbids the next request for so many seconds; error 502 is a throttle, whatever the HTTP status.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from crawler.answers import json_object
from crawler.errors import NotUnderstoodError
from crawler.items import Mark
from crawler.metered import MeteredSpider, kept_meta
from crawler.middlewares.manners import LONGEST_WAIT
from crawler.quota import Quota
from crawler.spiders.base import Found, Then
from crawler.stackexchange_rows import FIELDS, Row, seconds_in

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

    from crawler.plan import SourcePlan
    from crawler.session import Session

DEFAULT_URL = "https://api.stackexchange.com/2.3"
PAGE = 100
"""Rows a page, and ids a request: the API's most."""

KEYLESS, KEYED = 300, 10_000
"""Requests a day; where fewer are left the API says so in every answer."""

THROTTLED = (502, 503)
"""Error ids: throttle_violation, temporarily_unavailable."""

MAX_TRIES = 3


class StackExchangeApi(MeteredSpider):
    """Base of the spider: every request and every answer passes here."""

    def __init__(self, source: SourcePlan, session: Session) -> None:
        super().__init__(source, session)
        self._key = source.credentials.get("key", "")
        name = hashlib.blake2b(self._key.encode(), digest_size=6).hexdigest() if self._key else "keyless"
        self.quota = Quota(f"stackexchange {name}", KEYED if self._key else KEYLESS)
        self.filter = ""

    def api(
        self, path: str, then: Then, query: dict[str, object] | None = None, *, priority: int = 0, **context: Any
    ) -> Iterator[Request]:
        """Yield the request for `path`, or nothing when the day's quota is used up."""
        if not self.quota.spend(self.session):
            self._stopped()
            return
        asked = {"filter": self.filter, "pagesize": PAGE} if self.filter else {}
        asked |= query or {}
        # The API takes its key nowhere but in the query: only the request holds it, no mark and no message does.
        asked |= {"key": self._key} if self._key else {}
        address = f"{(self.source.url or DEFAULT_URL).rstrip('/')}/{path}?{urlencode(asked)}"
        yield self.ask(address, then, otherwise=self.refused, priority=priority, **context)

    def told(self, response: Response) -> Row:
        """Return the wrapper of an answer, with its quota and pace heeded. Raises `NotUnderstoodError`."""
        answer = json_object(response)
        if isinstance(left := answer.get("quota_remaining"), int):
            self.quota.told(self.session, max(left, 0))
        if isinstance(wait := answer.get("backoff"), int):
            self._rest(response, wait)
        return answer

    def create_filter(self, then: Then) -> Iterator[Found]:
        """Ask for a filter with the fields we read, once: filters never change or expire."""
        known = self.session.memory.recall(self.source.name, "filter")
        if known.get("fields") == FIELDS and known.get("at") == self.source.url:
            self.filter = str(known["id"])
            yield from then()
            return
        query: dict[str, object] = {"base": "none", "include": FIELDS, "unsafe": "false"}
        yield from self.api("filters/create", self.filter_created, query, priority=20, after=then)

    def filter_created(self, response: Response, after: Then) -> Iterator[Found]:
        """Remember the filter and begin."""
        rows = self.told(response).get("items")
        made = rows[0].get("filter") if isinstance(rows, list) and rows and isinstance(rows[0], dict) else None
        if not isinstance(made, str):
            raise NotUnderstoodError("the answer names no filter; check that the url is the API's")
        self.filter = made
        yield Mark("filter", {"id": made, "fields": FIELDS, "at": self.source.url})
        yield from after()

    def refused(self, response: Response, **context: Any) -> Iterator[Found]:
        """Read an error object: wait and ask again, or say what to check."""
        self.history_left = True
        try:
            answer = self.told(response)
        except NotUnderstoodError:
            self.trouble(response, essential=False)
            return
        if answer.get("error_id") in THROTTLED:
            yield from self._again(response, seconds_in(answer.get("error_message")))
            return
        # The message may repeat what we asked, the key too; the name is one of a known few.
        said = re.sub(r"[^a-z_]", "", str(answer.get("error_name") or "error"))
        where = context.get("site") or "Stack Exchange"
        key = " and TOCSIN_STACKEXCHANGE__KEY" if self._key else ""
        self.account.trouble("partial", f"{where}: the API says {said}; check the name of the site{key}")
        yield Mark("filter", None)

    def _again(self, response: Response, wait: int | None) -> Iterator[Request]:
        request = response.request
        tries = int(request.meta.get("tries", 1)) if request is not None else MAX_TRIES
        if wait is not None and wait > LONGEST_WAIT:
            self.quota.told(self.session, 0)
            self._stopped()
        if wait is None:
            wait = 10 * tries
        if request is None or tries >= MAX_TRIES or wait > LONGEST_WAIT:
            self.account.trouble("partial", "Stack Exchange asks for a slower pace; the next run goes on")
            self._rest(response, wait)
            return
        if self.quota.spend(self.session):
            self._rest(response, wait)
            yield request.replace(dont_filter=True, meta=kept_meta(request) | {"tries": tries + 1})

    def _rest(self, response: Response, seconds: float) -> None:
        if seconds > LONGEST_WAIT:
            reason = f"Stack Exchange asked not to be asked for {seconds / 60:.0f} minutes"
            self.session.gate.close(response.url, reason)
        else:
            self.session.gate.pause(response.url, seconds)

    def _stopped(self) -> None:
        more = "" if self._key else " (a free key allows more: TOCSIN_STACKEXCHANGE__KEY)"
        words = f"the day's quota of {self.quota.most} requests to Stack Exchange is used up{more}"
        self.quota_spent(words)
