"""The request budget of a source: every request counts, retries, redirects and robots.txt too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.exceptions import IgnoreRequest

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler

    from crawler.spiders.base import SourceSpider


class BudgetSpent(IgnoreRequest):
    """The source's budget for this run is used up; the next run goes on."""


class BudgetMiddleware:
    """Counts what goes out and refuses what is over the budget."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> BudgetMiddleware:
        """Build it as Scrapy asks."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Count the request. Raises `BudgetSpent`; only robots.txt may go over the budget."""
        spider: SourceSpider = self._crawler.spider  # type: ignore[assignment] # every spider here is ours
        is_rules = bool(request.meta.get("dont_obey_robotstxt")) and not request.meta.get("api")
        if spider.account.requests >= spider.source.budget and not is_rules:
            raise BudgetSpent(f"the budget of {spider.source.budget} requests is used up")
        spider.account.requests += 1
