"""A source behind an API that gives so much a day: what is said and noted when that is used up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.missing import Counted
from crawler.streams import StreamSpider

if TYPE_CHECKING:
    from scrapy import Request

    from crawler.plan import SourcePlan
    from crawler.session import Session


class MeteredSpider(StreamSpider):
    """Base of spiders that ask such an API."""

    def __init__(self, source: SourcePlan, session: Session) -> None:
        super().__init__(source, session)
        self._spent = False

    def quota_spent(self, words: str) -> None:
        """Note once, in `words`, that nothing more may be asked today."""
        if self._spent:
            return
        self._spent = self.history_left = True
        self.account.trouble("partial", f"{words}; the next run goes on")

    def settle(self) -> None:
        """Note the whole source's gap while the quota keeps us from reading on."""
        reason = "the day's quota of the API was used up before all was read"
        if not any(found.thread_id is None for found in self.counted):
            self.counted.append(Counted(None, None, reason, missing=None if self._spent else 0))
        super().settle()


def kept_meta(request: Request) -> dict[str, object]:
    """Return what of a request's `meta` its second try needs.

    What Scrapy noted of the first try is not of the second, and to copy it makes Scrapy print the address.
    """
    return {name: request.meta[name] for name in ("dont_obey_robotstxt", "api") if name in request.meta}
