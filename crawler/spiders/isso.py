"""Isso, the comment server of many static sites, through the API that its pages use.

Isso does not list its pages. They are told by the source, by `/latest` where the owner has enabled it, and by
the site's sitemap. `/count` says for hundreds of pages at once how many comments each has; only those that
changed, and those with young comments, are read, each whole.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from crawler.answers import json_object, json_rows
from crawler.errors import NotUnderstoodError
from crawler.isso_rows import PUBLIC, IssoPage, flat, hidden, read
from crawler.items import FoundPost, GonePost, Mark
from crawler.missing import Counted
from crawler.sitemap_walk import SitemapWalker
from crawler.sitemaps import SitemapEntry, is_sitemap
from crawler.spiders.base import Found

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

ASKED_AT_ONCE = 500
"""Pages in one request for counts."""

LATEST = (100, 1_000, 10_000)
"""How many of the newest comments are asked for, while none of them is known."""


class IssoSpider(SitemapWalker):
    """Finds pages, asks for their counts, reads those that moved."""

    needs_sitemap = False

    async def start(self) -> AsyncIterator[Request]:
        """Begin with the pages that are known, then look for others."""
        self.base = self.url.rstrip("/")
        self.elsewhere = 0
        self.met: dict[str, IssoPage] = {}
        self.listed: dict[str, dict[str, int]] = {}
        self.unfolded: set[tuple[str, int]] = set()
        self.lists_pages = False
        given = [page for page in self.source.pages if not _is_site(page)]
        sites = [page for page in self.source.pages if _is_site(page)]
        self.home = next((page for page in (*given, *sites) if "://" in page), None) or self._own_site()
        remembered = [IssoPage(uri, mark["url"]) for uri, mark in self.left_over("uri ").items()]
        for request in self._ask_counts([*(IssoPage.of(page, self.home) for page in given), *remembered]):
            yield request
        yield self._ask_latest(0)
        if sites or not given:
            yield self.find_pages(sites[0] if sites else self.home or self.url)

    def _own_site(self) -> str | None:
        """Isso below a path (`/isso`) serves the site of its own host; on a host of its own, the site is not known."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}/" if parts.path.strip("/") else None

    def pages_found(self, entries: Sequence[SitemapEntry]) -> Iterable[Found]:
        """Ask for the counts of a sitemap's pages."""
        yield from self._ask_counts(IssoPage.of(entry.url, None) for entry in entries)

    def _ask_counts(self, pages: Iterable[IssoPage]) -> Iterator[Request]:
        fresh = {page.uri: page for page in pages if page.uri not in self.met}
        self.met.update(fresh)
        uris = list(fresh)
        for start in range(0, len(uris), ASKED_AT_ONCE):
            part = uris[start : start + ASKED_AT_ONCE]
            yield self.ask(
                f"{self.base}/count",
                self.counts,
                essential=True,
                priority=100,
                headers={"Content-Type": "application/json"},
                body=json.dumps(part),
                uris=part,
            )

    def counts(self, response: Response, uris: list[str]) -> Iterator[Found]:
        """Ask for the pages whose count differs from what was read, and for those with young comments."""
        found = _numbers(response)
        if len(found) != len(uris):
            raise NotUnderstoodError("the answer is no list of counts; check that the url is an Isso server")
        self.lists_pages = True
        for uri, count in zip(uris, found, strict=True):
            known = self.session.memory.recall(self.source.name, f"uri {uri}")
            if not known:
                yield Mark(f"uri {uri}", self._mark(uri, None if count else 0, 0))
            young = float(known.get("newest", 0)) >= self.recheck_after.timestamp()
            if (count or known.get("count")) and (count != known.get("count") or young):
                yield self._ask_page(uri, count, None, ())

    def _mark(self, uri: str, count: int | None, newest: float) -> dict[str, object]:
        """`count` None: the page was not read yet."""
        return {"url": self.met[uri].url, "count": count, "newest": newest}

    def _ask_page(self, uri: str, count: int, parent: int | None, rest: tuple[int, ...]) -> Request:
        query = {"uri": uri} | ({"parent": parent} if parent is not None else {})
        url = f"{self.base}/?{urlencode(query)}"
        return self.ask(url, self.page, priority=200, uri=uri, count=count, rest=rest)

    def page(self, response: Response, uri: str, count: int, rest: tuple[int, ...]) -> Iterator[Found]:
        """Read the comments of a page, or those below one of them that were not shown with it."""
        rows = json_object(response).get("replies")
        known = self.listed.setdefault(uri, {})
        for row in flat(rows):
            if row.get("mode") == PUBLIC and isinstance(row.get("created"), int | float):
                known[str(row.get("id"))] = int(row["created"])
        yield from self._comments(rows, uri)
        fresh = [native for native in hidden(rows) if (uri, native) not in self.unfolded]
        self.unfolded.update((uri, native) for native in fresh)
        left = (*rest, *fresh)
        if left:
            yield self._ask_page(uri, count, left[0], left[1:])
            return
        yield from self._gone(uri, known)
        yield Mark(f"uri {uri}", self._mark(uri, count, max(known.values(), default=0)))
        reason = f"the page counts {count} comments and shows fewer"
        self.counted.append(Counted(f"{self.source.name}:{uri}", None, reason, max(count - len(known), 0)))

    def _comments(self, rows: object, uri: str) -> Iterator[FoundPost | GonePost]:
        page = self.met[uri]
        gone: list[GonePost] = []

        def one(row: Mapping[str, Any]) -> Iterator[FoundPost]:
            found = read(row, page)
            if isinstance(found, GonePost):
                gone.append(found)
            elif found is not None and not self.too_old(found.created_at):
                yield found

        yield from self.each(flat(rows), one)
        yield from gone

    def _gone(self, uri: str, known: Mapping[str, int]) -> Iterator[GonePost]:
        """Return what is held and not there: a page is given whole, so it was deleted or taken back."""
        name = self.source.name
        rows = self.session.store.rows("SELECT id FROM posts WHERE thread_id = ?", [f"{name}:{uri}"])
        held = {str(row["id"]).removeprefix(f"{name}:") for row in rows}
        yield from map(GonePost, sorted(held.difference(known)))

    def _ask_latest(self, step: int) -> Request:
        url = f"{self.base}/latest?{urlencode({'limit': LATEST[step]})}"
        return self.ask(url, self.latest, otherwise=self.no_latest, priority=150, step=step)

    def latest(self, response: Response, step: int) -> Iterator[Found]:
        """Learn from the newest comments which pages there are."""
        rows = [row for row in json_rows(response) if isinstance(row.get("uri"), str)]
        self.lists_pages = True
        ids = [str(row.get("id")) for row in rows]
        yield from self._ask_counts(IssoPage.of(row["uri"], self.home) for row in rows)
        if len(rows) < LATEST[step] or len(self.unknown(ids)) < len(ids):
            return
        if step + 1 < len(LATEST):
            yield self._ask_latest(step + 1)
        else:
            reason = "more new comments than /latest gives: pages that nothing else names may be missing"
            self.counted.append(Counted(None, None, reason))

    def no_latest(self, response: Response, step: int) -> Iterator[Found]:  # noqa: ARG002 - as asked
        """Accept that the owner has not enabled `/latest`, which is the default."""
        if response.status not in (403, 404):
            self.trouble(response, essential=False)
        yield from ()

    def settle(self) -> None:
        """Say so when there was no way to any page."""
        if not self.lists_pages and self.account.status == "ok":
            words = "no pages are known: /latest is off and there is no sitemap; name some in `pages`"
            self.account.trouble("failed", words)
        super().settle()


def _is_site(given: str) -> bool:
    parts = urlsplit(given)
    return bool(parts.netloc) and (parts.path in ("", "/") or is_sitemap(given))


def _numbers(response: Response) -> list[int]:
    try:
        found = json.loads(response.body)
    except (ValueError, RecursionError) as error:
        raise NotUnderstoodError("the answer is no JSON; check that the url is an Isso server") from error
    return [number for number in found if isinstance(number, int)] if isinstance(found, list) else []
