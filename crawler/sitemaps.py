"""Sitemaps (sitemaps.org protocol 0.9) and the `Sitemap:` lines of robots.txt (RFC 9309, 2.2.4). Pure.

Read as feeds are: document types and entities are taken out before parsing, nothing is fetched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from lxml.etree import _Element as Element

from crawler.errors import NotUnderstoodError
from crawler.extract.dates import machine_date
from crawler.extract.feed_xml import feed_text, feed_tree
from crawler.extract.page import absolute
from crawler.extract.text import one_line

MAX_ENTRIES = 50_000
"""The protocol's own limit; what a file lists beyond is not read."""

_LINE = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
_NAMED = re.compile(r"sitemap|\.xml(?:\.gz)?$|\.txt$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SitemapEntry:
    """A page, or in an index another sitemap. `changed` is `lastmod`, None where it is not told."""

    url: str
    changed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sitemap:
    """A sitemap file; `index` tells that its entries are sitemaps."""

    index: bool
    entries: tuple[SitemapEntry, ...] = ()


def is_sitemap(url: str) -> bool:
    """Tell whether an address names a sitemap rather than a site."""
    return bool(_NAMED.search(urlsplit(url).path))


def sitemap_lines(robots: str) -> list[str]:
    """Return the addresses that a robots.txt names as sitemaps, each once."""
    return list(dict.fromkeys(_LINE.findall(robots)))


def parse_sitemap(body: bytes, url: str) -> Sitemap:
    """Read an unpacked sitemap, XML or a list of addresses in plain text.

    Raises `NotUnderstoodError` for anything else, `ExtractError` for what is too large.
    """
    text = feed_text(body, None)
    if text.lstrip()[:4].lower() == "http":
        lines = (absolute(line.strip(), url) for line in text.split("\n")[:MAX_ENTRIES] if line.startswith("http"))
        return Sitemap(index=False, entries=_once([SitemapEntry(line) for line in lines if line]))
    root = feed_tree(text)
    kind = _local(root)
    if kind not in ("urlset", "sitemapindex"):
        raise NotUnderstoodError(f"no sitemap: its root element is <{kind}>")
    found: list[SitemapEntry] = []
    for element in root:
        if len(found) >= MAX_ENTRIES:
            break
        if _local(element) in ("url", "sitemap") and (entry := _entry(element, url)) is not None:
            found.append(entry)
    return Sitemap(kind == "sitemapindex", _once(found))


def _entry(element: Element, base: str) -> SitemapEntry | None:
    address, changed, published = None, None, None
    for part in element.iter():
        name = _local(part)
        if name == "loc" and address is None:
            address = absolute(one_line("".join(part.itertext())), base)
        elif name == "lastmod":
            changed = machine_date(one_line("".join(part.itertext())))
        elif name == "publication_date":
            published = machine_date(one_line("".join(part.itertext())))
    return SitemapEntry(address, changed or published) if address else None


def _once(entries: list[SitemapEntry]) -> tuple[SitemapEntry, ...]:
    return tuple({entry.url: entry for entry in entries}.values())


def _local(element: Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""
