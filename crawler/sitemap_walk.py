"""Finding a site's pages: robots.txt names sitemaps, an index names more, each is asked for conditionally."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from crawler.extract.dates import machine_date
from crawler.items import Mark
from crawler.packed import unpacked
from crawler.sitemaps import SitemapEntry, is_sitemap, parse_sitemap, sitemap_lines
from crawler.spiders.base import Found, SourceSpider

if TYPE_CHECKING:
    from datetime import datetime

    from scrapy import Request
    from scrapy.http import Response

MAX_SITEMAPS = 500
"""Sitemap files that one run reads: the newest first."""

MAX_DEPTH = 3


class SitemapWalker(SourceSpider):
    """Base of spiders that learn from sitemaps which pages there are. Subclasses say in `pages_found` what for."""

    needs_sitemap = True
    """Whether the source has failed where there is no sitemap."""

    def pages_found(self, entries: Sequence[SitemapEntry]) -> Iterable[Found]:
        """Take in the pages of one sitemap, only those on the site itself."""
        raise NotImplementedError

    def find_pages(self, url: str) -> Request:
        """Return the first request for the pages of `url`, a site or one of its sitemaps."""
        self.sitemaps: set[str] = set()
        self.site = url
        self.elsewhere = 0
        if is_sitemap(url):
            return self._ask_sitemap(SitemapEntry(url), 0)
        return self.ask(urljoin(url, "/robots.txt"), self._robots, otherwise=self._no_robots, priority=6_000)

    def _robots(self, response: Response) -> Iterator[Found]:
        named = sitemap_lines(response.body.decode("utf-8", "replace"))
        if not named:
            yield from self._no_robots(response)
        for address in named[:MAX_SITEMAPS]:
            yield self._ask_sitemap(SitemapEntry(urljoin(response.url, address)), 0)

    def _no_robots(self, response: Response) -> Iterator[Found]:
        yield self._ask_sitemap(SitemapEntry(urljoin(response.url, "/sitemap.xml")), 0)

    def _ask_sitemap(self, entry: SitemapEntry, depth: int) -> Request:
        self.sitemaps.add(entry.url)
        return self.ask(
            entry.url,
            self._sitemap,
            unchanged=self._same_sitemap,
            otherwise=None if self.needs_sitemap else self._no_sitemap,
            essential=depth == 0 and self.needs_sitemap,
            priority=5_000,
            entry=entry,
            depth=depth,
        )

    def _sitemap(self, response: Response, entry: SitemapEntry, depth: int) -> Iterator[Found]:
        found = parse_sitemap(unpacked(response.body), response.url)
        below: list[SitemapEntry] = []
        if found.index:
            below = sorted(found.entries, key=_changed, reverse=True)[:MAX_SITEMAPS]
            yield from self._ask_below(below, depth)
        else:
            own = [page for page in found.entries if self._is_own(page.url, response.url)]
            self.elsewhere += len(found.entries) - len(own)
            yield from self.pages_found(own)
        yield self.read(
            response,
            entry.url,
            changed=_text(entry.changed),
            below=[[child.url, _text(child.changed)] for child in below],
        )

    def _same_sitemap(self, url: str, entry: SitemapEntry, depth: int) -> Iterator[Found]:
        """Go on below an index that is as it was: what it names may have changed, or never been read."""
        known = self.remembered(url)
        below = [SitemapEntry(child, machine_date(changed)) for child, changed in known.get("below", [])]
        yield from self._ask_below(below, depth)
        yield Mark(f"page {entry.url}", {**known, "changed": _text(entry.changed)})

    def _ask_below(self, below: Iterable[SitemapEntry], depth: int) -> Iterator[Request]:
        for child in below:
            if self._due_sitemap(child, depth):
                yield self._ask_sitemap(child, depth + 1)

    def _no_sitemap(self, _response: Response, **_context: object) -> Iterator[Found]:
        yield from ()

    def _due_sitemap(self, entry: SitemapEntry, depth: int) -> bool:
        if entry.url in self.sitemaps or depth >= MAX_DEPTH or len(self.sitemaps) >= MAX_SITEMAPS:
            return False
        known = self.remembered(entry.url)
        return entry.changed is None or not known or _text(entry.changed) != known.get("changed")

    def _is_own(self, url: str, sitemap: str) -> bool:
        return _host(url) in (_host(sitemap), _host(self.site))


def _changed(entry: SitemapEntry) -> tuple[bool, datetime | str]:
    return (True, entry.changed) if entry.changed else (False, "")


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _host(url: str) -> str:
    return urlsplit(url).netloc.lower().removeprefix("www.")
