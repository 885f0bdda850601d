"""WordPress through its REST API (https://developer.wordpress.org/rest-api/reference/), or its feeds.

Posts are `p44`, comments `c1234`. Read are published posts and approved comments; never pingbacks
and trackbacks (machines' notes, no voices), nor anything of password-protected posts.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from crawler.answers import json_rows
from crawler.comment_feeds import thread_address, thread_title
from crawler.errors import NotUnderstoodError
from crawler.extract.records import Feed, FeedEntry
from crawler.items import FoundPost, Mark
from crawler.missing import Counted
from crawler.slices import Slices, plan_slices
from crawler.spiders.base import RECHECK, Found
from crawler.spiders.feed import FeedSpider, parsed
from crawler.walks import Walk
from crawler.wordpress_api import PAGE, WordPressApi
from crawler.wordpress_rows import comment_of, gmt, ids_of, is_protected, parent_of, post_of
from tocsin.store.times import to_text

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

RECOUNT_DAYS = 7
"""After so many days every id is compared again, even when the counts agree."""

RECOUNT_SMALL = 2_000
"""Up to so many comments, every run looks for those that are missing."""

_LETTER = {"posts": "p", "comments": "c"}


class WordPressSpider(FeedSpider):
    """Reads posts, then comments, newest first; then compares the site's counts with what is held."""

    async def start(self) -> AsyncIterator[Request]:
        """Begin with the newest posts."""
        self.api = WordPressApi(self.url.rstrip("/") + "/")
        self.titles: dict[int, tuple[str, str | None]] = {}
        self.compared: dict[str, tuple[int, int]] = {}
        self.wanted: dict[str, set[str]] = {what: set() for what in _LETTER}
        self.withheld: set[str] = set()
        self.slices = {what: self._plan(what) for what in _LETTER}
        yield self._ask_slice("posts")

    def _plan(self, what: str) -> Slices:
        remembered = self.session.memory.recall(self.source.name, f"slices {what}")
        now = int(self.account.started_at.timestamp())
        return plan_slices(remembered, int(self.since.timestamp()), now, int(RECHECK.total_seconds()))

    def _ask_slice(self, what: str) -> Request:
        low, high = self.slices[what].current or (0, 0)
        url = self.api.between(what, low, high)
        return self.ask(url, self.slice_read, otherwise=self.no_rest, essential=True, priority=10, what=what)

    def slice_read(self, response: Response, what: str) -> Iterator[Found]:
        """Read the newest posts or comments of a stretch of time; go on with what is left of it."""
        try:
            rows = json_rows(response)
        except NotUnderstoodError:
            yield from self.no_rest(response, what)
            return
        yield from self._rows(rows, what)
        moments = [int(date.timestamp()) for row in rows if (date := gmt(row.get("date_gmt")))]
        slices = self.slices[what]
        slices.page_read(moments, full=len(rows) >= PAGE)
        yield Mark(f"slices {what}", slices.to_mark())
        if slices.current is not None:
            yield self._ask_slice(what)
        else:
            yield from self._after(what)

    def _after(self, what: str) -> Iterator[Found]:
        if what == "posts":
            yield self._ask_slice("comments")
            if self.first_crawl:
                yield Mark("edited", {"until": self.recheck_after.timestamp()})
            else:
                yield self._ask_edited(1)
        yield self.ask(self.api.ids(what, self.since, 1), self.counted_by_site, what=what)

    def _rows(self, rows: list[dict[str, Any]], what: str) -> Iterator[Found]:
        if what == "posts":
            yield from self.each(rows, self._opening)
            return
        if unknown := self._unknown_posts(rows):
            yield self.ask(self.api.numbered("posts", unknown), self.extra, what="posts", priority=20)
        yield from self.each(rows, lambda row: filter(None, [comment_of(row, self.titles)]))

    def _opening(self, row: Mapping[str, Any]) -> Iterator[FoundPost]:
        if is_protected(row):
            self.withheld.add(f"p{row.get('id')}")
        elif (found := post_of(row)) is not None:
            self.titles[row["id"]] = (found.title, found.thread_url)
            yield found

    def _unknown_posts(self, rows: list[dict[str, Any]]) -> list[int]:
        wanted = {row["post"] for row in rows if isinstance(row.get("post"), int) and row["post"] not in self.titles}
        unknown = self.unknown(f"p{number}" for number in wanted)
        found = sorted(number for number in wanted if f"p{number}" in unknown)
        self.titles.update(dict.fromkeys(found, ("", None)))
        return found

    def extra(self, response: Response, what: str) -> Iterator[Found]:
        """Read rows asked for by id. What is given but not kept (an erased author) is not missing."""
        rows = json_rows(response)
        self.withheld |= {f"{_LETTER[what]}{row.get('id')}" for row in rows}
        yield from self._rows(rows, what)

    def _ask_edited(self, page: int) -> Request:
        url = self.api.edited(self.since, page)
        return self.ask(url, self.edited, otherwise=self.past_the_end, page=page)

    def edited(self, response: Response, page: int) -> Iterator[Found]:
        """Read posts by their last change, back to what the run before has seen."""
        rows = json_rows(response)
        yield from self._rows(rows, "posts")
        seen = self.session.memory.recall(self.source.name, "edited")
        changes = [date for row in rows if (date := gmt(row.get("modified_gmt")))]
        until = seen.get("until", self.recheck_after.timestamp())
        if len(rows) >= PAGE and changes and changes[-1].timestamp() > until:
            yield self._ask_edited(page + 1)
        else:
            yield Mark("edited", {"until": self.recheck_after.timestamp()})

    def counted_by_site(self, response: Response, what: str) -> Iterator[Found]:
        """Compare the site's count with ours; where they differ, or weekly, compare every id."""
        self.flush()
        total, held = _total(response), self._held(what)
        last = self.session.memory.recall(self.source.name, f"count {what}")
        if not last and total == held:
            yield Mark(*self._agreed(what, total, held, missing=0))
        elif not last or self._recount_due(last, total, held):
            yield from self.compare(response, what, page=1, listed=0)

    def _recount_due(self, last: Mapping[str, Any], total: int, held: int) -> bool:
        # What was deleted there since stays here: only a changed difference tells of something new.
        moved = total - held != last["total"] - last["held"]
        old = self.account.started_at.timestamp() - last["at"] >= RECOUNT_DAYS * 86_400
        return moved or old or (last["missing"] > 0 and total <= RECOUNT_SMALL)

    def compare(self, response: Response, what: str, page: int, listed: int) -> Iterator[Found]:
        """Ask for every id that the site lists and we do not hold."""
        numbers = [row["id"] for row in json_rows(response) if isinstance(row.get("id"), int)]
        unknown = self.unknown(f"{_LETTER[what]}{number}" for number in numbers)
        wanted = [number for number in numbers if f"{_LETTER[what]}{number}" in unknown]
        self.wanted[what] |= unknown
        if wanted:
            yield self.ask(self.api.numbered(what, wanted), self.extra, what=what, priority=20)
        total, pages, listed = _total(response), _total(response, "Pages"), listed + len(numbers)
        if page < pages:
            url = self.api.ids(what, self.since, page + 1)
            yield self.ask(url, self.compare, otherwise=self.no_more_ids, what=what, page=page + 1, listed=listed)
        else:
            self.compared[what] = (total, listed)

    def no_more_ids(self, response: Response, what: str, page: int, listed: int) -> Iterator[Found]:  # noqa: ARG002 - as asked
        """Accept that a page beyond the last one is a 400: the list has shrunk since its first page."""
        if response.status == 400:
            self.compared[what] = (listed, listed)
        else:
            self.trouble(response, essential=False)
        yield from ()

    def settle(self) -> None:
        """After the comparison: remember the counts, note what could not be fetched."""
        for what, (total, listed) in self.compared.items():
            lost = self.unknown(self.wanted[what]) - self.withheld
            if lost and self.history_left:
                continue  # the next run asks for them again
            missing = len(lost) + (max(total - listed, 0) if what == "comments" else 0)
            self.session.memory.remember(self.source.name, [self._agreed(what, total, self._held(what), missing)])
            if what == "comments":
                reason = "comments that the site counts but does not give"
                self.counted.append(Counted(None, None, reason, missing=missing))
        super().settle()

    def _agreed(self, what: str, total: int, held: int, missing: int) -> tuple[str, dict[str, object]]:
        now = self.account.started_at.timestamp()
        return f"count {what}", {"total": total, "held": held, "missing": missing, "at": now}

    def _held(self, what: str) -> int:
        name = self.source.name
        return self.session.store.number(
            "SELECT count(*) FROM posts WHERE source = ? AND created_at >= ? AND substr(id, ?, 1) = ?",
            [name, to_text(self.since), len(name) + 2, _LETTER[what]],
        )

    def no_rest(self, response: Response, what: str) -> Iterator[Found]:
        """Try the API's other address when it does not answer as it should, then the feeds."""
        if response.status >= 500 or response.status == 429:
            self.trouble(response, essential=True)
        elif response.status == 404 and self.api.pretty:
            self.api = replace(self.api, pretty=False)
            yield self._ask_slice(what)
        else:
            self.account.trouble(
                "ok", f"the REST API is off (HTTP {response.status}); read by its feeds: newest comments only"
            )
            yield from self.read_feed(f"{self.api.root}feed/")
            yield self.ask(f"{self.api.root}comments/feed/", self.newest_comments)

    def newest_comments(self, response: Response) -> Iterator[Found]:
        """Read the site's feed of comments."""
        for entry in parsed(response).entries:
            address = thread_address(entry)
            if address is not None:
                yield self.comment(entry, self._thread_at(address), thread_title(entry), address)

    def native_id(self, entry: FeedEntry) -> str:
        """Return the id that the API would give, as far as the feed and the store tell."""
        post, comment = ids_of(entry)
        return comment or post or (self._thread_at(entry.url) if entry.url else entry.native_id)

    def parent_id(self, entry: FeedEntry, thread: str) -> str | None:
        """Return what a comment answers; most feeds do not say, then it is the post."""
        return parent_of(entry, thread)

    def _thread_at(self, address: str) -> str:
        known = self.session.store.row(
            "SELECT id FROM threads WHERE source = ? AND url = ?", [self.source.name, address]
        )
        return str(known["id"]).removeprefix(f"{self.source.name}:") if known else address

    def next_page(self, feed: Feed, response: Response, walk: Walk) -> str | None:
        """Return the address of the next page of the site's feed."""
        shown = parse_qs(urlsplit(response.url).query).get("paged", ["1"])[0]
        number = int(shown) + 1 if shown.isdigit() else 2
        return super().next_page(feed, response, walk) or f"{self.api.root}feed/?{urlencode({'paged': number})}"


def _total(response: Response, what: str = "") -> int:
    header = response.headers.get(f"X-WP-Total{what}")
    return int(header) if header and header.isdigit() else 0
