"""Reviews of a product or company, from pages that mark them up with schema.org.

Most review sites order by what is helpful, not by date: as long as the page counts more reviews than were met,
or another number than before, all its pages are read. Stars stand in front of the text (`crawler.ratings`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.errors import NotUnderstoodError
from crawler.extract import next_page
from crawler.extract.page import read_page
from crawler.items import Mark
from crawler.missing import Counted
from crawler.review_rows import read_reviews
from crawler.spiders.base import Found, SourceSpider
from crawler.walks import Walk

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

FORBIDDEN = (
    "g2.com",
    "capterra.com",
    "gartner.com",
    "trustpilot.com",
    "glassdoor.com",
    "yelp.com",
    "tripadvisor.com",
    "linkedin.com",
    "facebook.com",
    "instagram.com",
)
"""Sites whose terms forbid automated reading (as does Amazon, in every country). Their exports can be imported."""

WHOLE_PASS = timedelta(days=7)
"""How often all pages are read where no count tells whether anything is new."""


class ReviewsSpider(SourceSpider):
    """Reads the first page in every run, the others when the count says that something is missing."""

    async def start(self) -> AsyncIterator[Request]:
        """Begin with the first page, unless the site's terms forbid it."""
        if is_forbidden(self.url):
            host = urlsplit(self.url).netloc
            words = f"the terms of {host} forbid automated reading; import an export instead (tocsin import)"
            self.account.trouble("refused", words)
            return
        parts = urlsplit(self.url)
        self.thread = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        self.count: int | None = None
        self.whole = False
        self.met: set[str] = set()
        yield self._ask(self.url, self.new_walk())

    def _ask(self, url: str, walk: Walk) -> Request:
        return self.ask(
            url,
            self.page,
            otherwise=None if walk.begins else self.past_the_end,
            essential=walk.begins,
            asked=url,
            walk=walk,
        )

    def page(self, response: Response, asked: str, walk: Walk) -> Iterator[Found]:
        """Read one page of reviews, go on while there may be unknown ones."""
        header = response.headers.get(b"Content-Type")
        kind = header.decode("latin-1") if header else None
        page = read_page(response.body, response.url, now=self.account.started_at, content_type=kind)
        found = read_reviews(page, self.thread, self.url)
        if walk.begins:
            self._begin(found.count)
            if not found.posts and found.count != 0:
                raise NotUnderstoodError("no reviews with schema.org markup on the page; try kind forum, or an import")
        fresh = self.unknown(found.reviews)
        self.met.update(found.reviews)
        yield from (post for post in found.posts if not self.too_old(post.created_at))
        following = next_page(page, response.url) if found.posts else None
        if not self.trail.goes_on(walk, following, found.reviews):
            following = None
        # A pass that was cut short is taken up where it stopped, not begun again.
        known = not fresh and (not self.whole or walk.jump is not None)
        if following is None and self.whole and walk.jump is None and not self.history_left:
            yield from self._passed(at_once=not walk.jumped)
        yield from self.walk_on(walk, asked, following, known=known, ask=self._ask)

    def past_the_end(self, response: Response, asked: str, walk: Walk) -> Iterator[Found]:
        """Accept that a page beyond the last one does not exist."""
        if response.status in (400, 404, 410):
            yield from self.walk_on(walk, asked, None, known=True, ask=self._ask)
        else:
            self.trouble(response, essential=False)

    def _begin(self, count: int | None) -> None:
        """Decide whether all pages are to be read."""
        self.count = count
        last = self.session.memory.recall(self.source.name, "pass")
        due = self.account.started_at - WHOLE_PASS
        self.whole = not last or last["count"] != count or (count is None and last["at"] < due.timestamp())

    def _passed(self, *, at_once: bool) -> Iterator[Found]:
        yield Mark("pass", {"count": self.count, "at": self.account.started_at.timestamp()})
        if self.count is not None and at_once:
            reason = f"the page counts {self.count} reviews and shows fewer"
            missing = max(self.count - len(self.met), 0)
            self.counted.append(Counted(f"{self.source.name}:{self.thread}", None, reason, missing))


def is_forbidden(url: str) -> bool:
    """Tell whether a site's terms are known to forbid automated reading."""
    host = (urlsplit(url).hostname or "").lower()
    if any(host == site or host.endswith(f".{site}") for site in FORBIDDEN):
        return True
    # Amazon and some others have a domain in every country: amazon.de, amazon.co.uk.
    labels = host.split(".")
    name = labels[-3] if len(labels) > 2 and labels[-2] in ("co", "com") else labels[-2] if len(labels) > 1 else ""
    return name == "amazon" or any(site.startswith(f"{name}.") for site in FORBIDDEN if len(name) > 3)
