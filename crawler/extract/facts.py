"""What a page tells of its thread as a whole: which page this is, of how many, the next one, replies and views."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from lxml import html

from crawler.extract.blocks import find_blocks
from crawler.extract.counts import parse_count
from crawler.extract.engines import find_engine_blocks
from crawler.extract.jsonld import jsonld_items
from crawler.extract.layout import Layout, lay_out
from crawler.extract.links import next_page
from crawler.extract.microdata import microdata_items
from crawler.extract.page import Page, read_page
from crawler.extract.reading import structured_drafts
from crawler.extract.text import one_line

_NUMBER = r"(\d[\d.,]*\s?[kKmM]?)"
_REPLIES = re.compile(
    rf"\b(?:replies|antworten|réponses)\s*:?\s*{_NUMBER}$|^{_NUMBER}\s*(?:replies|antworten|réponses)\b", re.IGNORECASE
)
_VIEWS = re.compile(
    rf"\b(?:views|viewed|zugriffe)\s*:?\s*{_NUMBER}(?:\s*times)?$|^{_NUMBER}\s*(?:views|zugriffe)\b", re.IGNORECASE
)
_PAGE_OF = re.compile(
    r"\b(?:page|seite|página|pagina)?\s*(\d{1,5})\s*(?:of|von|sur|de|di|/)\s*(\d{1,5})\b", re.IGNORECASE
)
_PAGING = re.compile(r"(?:^|[-_\s])(?:pag(?:e|er|es|ing|ination)(?:nav)?|pagelinks|navpages)", re.IGNORECASE)
_SHORT = 60
_MAX_PAGES = 100_000


@dataclass(frozen=True, slots=True)
class ThreadFacts:
    """All are None where the page does not tell; `page` and `pages` count from 1, `next` is an address."""

    page: int | None = None
    pages: int | None = None
    next: str | None = None
    replies: int | None = None
    views: int | None = None


def thread_facts(source: bytes | str | Page, url: str, *, now: datetime | None = None) -> ThreadFacts:
    """Return what a thread's page tells of the thread. Raises `ExtractError` as `extract_page` does."""
    page = read_page(source, url, now=now)
    layout = lay_out(page.root)
    shown = _shown(layout, _first_post(layout))
    opening = next(iter(structured_drafts(page, jsonld_items(page), microdata_items(page))[1]), None)
    number, last = _paging(page.root)
    return ThreadFacts(
        page=number,
        pages=last,
        next=next_page(page, url),
        replies=opening.replies if opening is not None and opening.replies is not None else _count(_REPLIES, shown),
        views=opening.views if opening is not None and opening.views is not None else _count(_VIEWS, shown),
    )


def _first_post(layout: Layout) -> int:
    known = find_engine_blocks(layout)
    family = known[1] if known is not None else find_blocks(layout)
    return family.members[0] if family is not None else len(layout.elements)


def _shown(layout: Layout, stop: int) -> list[str]:
    """Return the short texts above the posts: those below belong to other threads."""
    return [
        text
        for index in range(stop)
        if layout.ends[index] - index <= 4
        and len(text := one_line("".join(layout.elements[index].itertext()))) <= _SHORT
    ]  # fmt: skip


def _count(form: re.Pattern[str], texts: list[str]) -> int | None:
    for text in texts:
        match = form.search(text)
        if match is not None:
            return parse_count(match[1] or match[2])
    return None


def _paging(root: html.HtmlElement) -> tuple[int | None, int | None]:
    """Return this page's number and the last one, from the first box of page links or "Page 2 of 7"."""
    for element in root.iter("nav", "div", "ul", "ol", "td", "span", "p", "li"):
        named = _PAGING.search(f"{element.get('class') or ''} {element.get('id') or ''}")
        if not named:
            continue
        match = _PAGE_OF.search(one_line("".join(element.itertext()))[:200])
        if match is not None and 1 <= int(match[1]) <= int(match[2]) <= _MAX_PAGES:
            return int(match[1]), int(match[2])
        numbers = {
            int(text): inner
            for inner in element.iter("a", "span", "strong", "li", "em", "b")
            if (text := one_line("".join(inner.itertext()))).isdecimal() and len(text) <= 5
        }
        if len(numbers) > 1:
            plain = [number for number, inner in numbers.items() if not _leads_on(inner)]
            return (plain[0] if len(plain) == 1 else None), max(numbers)
    return None, None


def _leads_on(element: html.HtmlElement) -> bool:
    """Say whether a page number is a link to another page, not the mark of this one."""
    link = element if element.tag == "a" else element.find(".//a")
    if link is None:
        return any(parent.tag == "a" for parent in element.iterancestors())
    names = " ".join(one.get("class") or "" for one in (link, link.getparent()) if one is not None)
    current = re.search(r"current|active|selected", names, re.IGNORECASE) or link.get("aria-current")
    return link.get("href") is not None and not current
