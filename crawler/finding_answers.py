"""An answer of a site, and what can be read from it: its feeds, its APIs, the software it names. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from crawler.extract.errors import ExtractError
from crawler.extract.feeds import parse_feed
from crawler.extract.page import Page, read_page
from crawler.finding_engines import SOFTWARE

_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/json")
_WP_API = "https://api.w.org/"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a site said to one question. `url` is where redirects led, `headers` have names in lower case."""

    asked: str
    url: str
    status: int
    text: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def good(self) -> bool:
        """Whether it is an answer, and no refusal."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """Return the answer as JSON, None when it is none."""
        try:
            return json.loads(self.text) if self.good else None
        except (ValueError, RecursionError):
            return None


def page_of(answer: Answer) -> Page | None:
    """Return the answer as a page, None when it is something else."""
    if not answer.good or is_feed(answer) or answer.json() is not None:
        return None
    try:
        return read_page(answer.text, answer.url)
    except ExtractError:
        return None


def is_feed(answer: Answer) -> bool:
    """Return whether the answer is RSS, Atom or JSON Feed."""
    start = answer.text[:2_000].lstrip("\ufeff \t\r\n")
    return bool(
        answer.good
        and (
            re.search(r"<(?:rss|feed|rdf:RDF)[\s>]", start)
            or (start.startswith("{") and "jsonfeed.org/version" in start)
        )
    )


def feed_title(answer: Answer) -> str:
    """Return the feed's title, '' when it has none."""
    try:
        return parse_feed(answer.text.encode(), answer.url, "application/xml; charset=utf-8").title[:80]
    except ExtractError:
        return ""


def links_of(page: Page) -> list[str]:
    """Return where the links of a page lead."""
    return [link for a in page.root.iter("a") if (link := page.absolute(a.get("href"))) is not None]


def feed_links(page: Page | None) -> list[tuple[str, str]]:
    """Return the feeds that a page names (https://www.rssboard.org/rss-autodiscovery) as (address, title)."""
    if page is None:
        return []
    found: dict[str, str] = {}
    for link in page.root.iter("link"):
        kind = (link.get("type") or "").split(";")[0].strip().lower()
        named = "alternate" in (link.get("rel") or "").lower().split()
        address = page.absolute(link.get("href"))
        # application/json is also how oEmbed and WordPress name what is no feed.
        if named and kind in _FEED_TYPES and address and not re.search(r"oembed|wp-json", address):
            found.setdefault(address, link.get("title") or "")
    return list(found.items())


def wordpress_api(answer: Answer, page: Page | None) -> str | None:
    """Return the REST root that a WordPress names (developer.wordpress.org/rest-api, Discovery)."""
    header = re.search(r'<([^<>]{1,2000})>\s*;\s*rel="?https://api\.w\.org/"?', answer.headers.get("link", ""))
    if header:
        return urljoin(answer.url, str(header[1]))
    if page is None:
        return None
    named = (link.get("href") for link in page.root.iter("link") if link.get("rel") == _WP_API)
    return page.absolute(next(named, None))


def nodeinfo_links(answer: Answer) -> list[str]:
    """Return where a NodeInfo document is, as `/.well-known/nodeinfo` tells it (the last version named)."""
    said = answer.json() if answer.asked.endswith("/.well-known/nodeinfo") else None
    links = said.get("links") if isinstance(said, dict) else None
    return [str(link["href"]) for link in links or () if isinstance(link, dict) and link.get("href")][-1:]


def named_by_nodeinfo(answer: Answer) -> Iterator[str]:
    """Return which of our engines a NodeInfo document names."""
    said = answer.json()
    software = said.get("software") if isinstance(said, dict) else None
    name = str(software.get("name")).lower() if isinstance(software, dict) else ""
    if name in SOFTWARE:
        yield SOFTWARE[name]
