"""Pages without their structured data: what the other routes make of them, against the reading with it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import mean

from lxml import html

from crawler.extract import ExtractedPost, ExtractedThread, extract_page, read_page
from crawler.extract.jsonld import jsonld_items
from crawler.extract.microdata import microdata_items
from crawler.extract.page import Page
from crawler.extract.reading import structured_drafts

ZONES = timedelta(hours=26)
_MARKS = ("itemscope", "itemprop", "itemtype", "itemid", "itemref", "typeof", "vocab", "resource", "datatype")
_MICROFORMAT = re.compile(r"^(?:h|p|u|dt|e)-[a-z-]+$|^(?:hentry|hfeed|entry-title|entry-content|published)$")
_WORD = re.compile(r"\w+")
_ALIKE = 0.5


@dataclass
class Stripped:
    """`pages` has one text a page (empty: it declares no posts); the shares are None when no page does."""

    pages: list[str] = field(default_factory=list)
    n: int = 0
    posts: int = 0
    same_count: float | None = None
    author: float | None = None
    time: float | None = None


def compare_stripped(threads: Sequence[tuple[str, bytes, ExtractedThread]]) -> Stripped:
    """Read every page with markup again without it. Each of `threads` is (url, html, the reading with markup)."""
    result = Stripped()
    counts: list[bool] = []
    authors: list[bool] = []
    times: list[bool] = []
    for url, source, thread in threads:
        page = read_page(source, url)
        if not structured_drafts(page, jsonld_items(page), microdata_items(page))[1]:
            result.pages.append("")
            continue
        strip(page)
        bare = extract_page(page, url)
        pairs = matched(thread.posts, bare.posts)
        counts.append(len(bare.posts) == len(thread.posts))
        own_authors = [other is not None and other.author == one.author for one, other in pairs]
        own_times = [other is not None and _same_time(one.created_at, other.created_at) for one, other in pairs]
        authors += own_authors
        times += own_times
        result.pages.append(
            f"bare={len(bare.posts)}{'' if counts[-1] else '!'} authors={sum(own_authors)} times={sum(own_times)}"
        )
    result.n, result.posts = len(counts), len(authors)
    if counts:
        result.same_count, result.author, result.time = (round(mean(values), 4) for values in (counts, authors, times))
    return result


def strip(page: Page) -> None:
    """Take JSON-LD, microdata, RDFa and microformats out of a page."""
    for element in list(page.root.iter()):
        if not isinstance(element.tag, str):
            continue
        if element.tag == "script" and "ld+json" in (element.get("type") or ""):
            element.text = ""
        if element.tag in ("meta", "link") and element.get("itemprop"):
            _remove(element)
            continue
        for name in _MARKS:
            element.attrib.pop(name, None)
        if element.tag != "meta":
            element.attrib.pop("property", None)
        names = element.get("class")
        if names and ("-" in names or "hentry" in names):
            element.set("class", " ".join(name for name in names.split() if not _MICROFORMAT.match(name)))


def _remove(element: html.HtmlElement) -> None:
    parent, previous = element.getparent(), element.getprevious()
    if element.tail and previous is not None:
        previous.tail = (previous.tail or "") + element.tail
    elif element.tail:
        parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def matched(
    posts: Sequence[ExtractedPost], others: Sequence[ExtractedPost]
) -> list[tuple[ExtractedPost, ExtractedPost | None]]:
    """Return each of `posts` with the one of `others` whose words are most alike, None when none is."""
    free = {index: Counter(_WORD.findall(other.text.lower())) for index, other in enumerate(others)}
    pairs: list[tuple[ExtractedPost, ExtractedPost | None]] = []
    for post in posts:
        own = Counter(_WORD.findall(post.text.lower()))
        scored = [(_f1(own, words), -index) for index, words in free.items()]
        score, place = max(scored, default=(0.0, 0))
        if score >= _ALIKE:
            free.pop(-place)
        pairs.append((post, others[-place] if score >= _ALIKE else None))
    return pairs


def _f1(one: Counter[str], other: Counter[str]) -> float:
    total = sum(one.values()) + sum(other.values())
    return 2 * sum((one & other).values()) / total if total else 1.0


def _same_time(one: datetime | None, other: datetime | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= ZONES
