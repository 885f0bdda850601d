"""Where to go from a page: the next page of a thread or listing, and the threads that a listing shows."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from urllib.parse import parse_qsl, urldefrag, urlsplit

from lxml import html

from crawler.extract.counts import parse_count
from crawler.extract.date_forms import numeric_order
from crawler.extract.layout import Layout, direct_text, lay_out
from crawler.extract.markup import tokens
from crawler.extract.page import Page, read_page
from crawler.extract.records import ThreadLink
from crawler.extract.slots import date_of
from crawler.extract.text import one_line

_NEXT_TEXT = re.compile(
    r"^(?:next(?: page)?|older(?: posts| comments)?|suivante?|weiter|nächste(?: seite)?|siguiente|successiv[ao]|"
    r"próxim[ao]|volgende|след\.?|следующая|далее|次へ|次のページ|下一页|下一頁|다음|more)?\s*[>»\u203a→⟩]{0,2}$",
    re.IGNORECASE,
)
_NEXT_LABEL = re.compile(r"^(?:go to )?next page\b|^next$", re.IGNORECASE)
_NEXT_CLASS = re.compile(r"(?:^|[-_])(?:next|pagenav-jump--next|older)(?:$|[-_])", re.IGNORECASE)
_PAGE_NUMBER = re.compile(r"(?:[?&/_.-](?:page|p|pg|pagina|seite)[-_=/.]?|/)(\d{1,5})(?=$|[/?&#.])", re.IGNORECASE)
_OFFSET = ("start", "st", "offset", "page", "paged", "p", "pg")
_PAGE_TAIL = re.compile(
    r"(?:/page[-/]?\d+|/p\d+|[-_,.]\d{1,4}(?:\.html?)?|/\d{1,4}|\.html?|/index\.\w+)$", re.IGNORECASE
)
_SESSION = re.compile(r"(?<=[?&;])(?:sid|s|PHPSESSID|session_?id)=[^&;#]*[&;]?", re.IGNORECASE)
_CURSOR = re.compile(r"(?:^|[&;])(?:after|cursor|before|token|from|max_id|offset)=", re.IGNORECASE)
_THREAD = re.compile(
    r"/(?:threads?|topics?|t|discussions?|questions?|d|comments|showthread|viewtopic|s|item|q|talk)[/.?-]|showthread|viewtopic|"
    r"[?&;](?:topic|t|tid|thread|threadid)=\d|-t\d+(?:$|[./?])|topic[,-]?\d|thread-\d|/\d{5,}[/-]|ShowTopic",
    re.IGNORECASE,
)
_NOT_THREAD = re.compile(
    r"/(?:members?|users?|profile|login|register|signup|search|tags?|categor(?:y|ies)|help|faq|rules|terms|privacy|feed|rss|new|unread|"
    r"latest|post-\d|reply|report|share|attachments?|whats-new|account|misc|about)(?:[/?.]|$)|action=(?!.*topic)|"
    r"viewtopic\.php\?p=\d+|do=|mode=|lastpost|newpost|getnewpost|#comments?$|sort=|filter=|prefix_id=|\.(?:png|jpe?g|gif|pdf|zip|xml)$",
    re.IGNORECASE,
)
_LAST_PAGE = re.compile(
    r"(?:/page[-/]?\d+|/latest|/unread|/last(?:post)?|/post-\d+|[?&;](?:page|start|st)=\d+|/p\d+)/?$|#.*$",
    re.IGNORECASE,
)
_REPLIES_CLASS = re.compile(r"repl(?:y|ies)|comments?|answers?|posts?-?count|num-?posts", re.IGNORECASE)
_REPLIES_TEXT = re.compile(
    r"(?:^|\b)(\d[\d.,]*\s?[kK]?)\s*(?:repl(?:y|ies)|comments?|answers?|posts?|antworten|réponses?|respuestas|commentaires)\b|"
    r"\b(?:replies|comments|answers|posts|antworten|réponses|respuestas)\s*:?\s*(\d[\d.,]*\s?[kK]?)\b",
    re.IGNORECASE,
)
_LEAST_TITLE = 4
_MAX_LINKS = 2_000


def next_page(source: bytes | str | Page, url: str) -> str | None:
    """Return the address of the next page of this thread or listing, on the same host, None on the last one.

    Asked in order: `rel=next`, a link with a class of that name, a link whose text says so, the
    page number after this one.
    """
    page = read_page(source, url)
    leads_elsewhere = _elsewhere(page.url)
    anchors = [
        element
        for element in page.root.iter("a", "link")
        if (link := element.get("href")) and not leads_elsewhere(link)
    ]
    # The words of every link are looked at twice, and most pages of a thread have no next one.
    words = {anchor: one_line("".join(anchor.itertext())) for anchor in anchors if anchor.tag == "a"}
    for wanted in (_says_rel, _says_class, lambda anchor: _says_text(anchor, words)):
        for anchor in anchors:
            if wanted(anchor):
                found = _other_page(page, anchor, certain=wanted is _says_rel)
                if found is not None:
                    return found
    return _numbered(page, words)


def thread_links(source: bytes | str | Page, url: str, *, now: datetime | None = None) -> list[ThreadLink]:
    """Return what looks like threads on a forum's listing page, in page order, each thread once.

    Links into a thread (its last page, its newest post) count for the thread itself. Sub-forums,
    members and tools are left out.
    """
    page = read_page(source, url, now=now)
    layout = lay_out(page.root)
    found: dict[str, list[_Seen]] = defaultdict(list)
    addresses: dict[str, str] = {}
    for index, element in enumerate(layout.elements):
        if element.tag != "a" or len(found) >= _MAX_LINKS:
            continue
        target = _thread_address(page, element.get("href"))
        if target is not None:
            title = one_line("".join(element.itertext()))
            key = target.rstrip("/")
            found[key].append(_Seen(index, title))
            addresses.setdefault(key, target)
    order = numeric_order((direct_text(e) for e in layout.elements[:4_000]), page.language, page.region)
    places = sorted((one.index, address) for address, seen in found.items() for one in seen)
    links: list[ThreadLink] = []
    for address, seen in found.items():
        title = max((one.title for one in seen), key=_title_worth)
        if _title_worth(title) < _LEAST_TITLE:
            continue
        row = _row(layout, seen[0].index, address, places)
        dates = [date for index in row if (date := date_of(page, layout, index, order)) is not None]
        links.append(ThreadLink(addresses[address], title[:500], max(dates, default=None), _replies(layout, row)))
    return links


@dataclass(frozen=True, slots=True)
class _Seen:
    index: int
    title: str


def _says_rel(anchor: html.HtmlElement) -> bool:
    return "next" in (anchor.get("rel") or "").lower().split()


def _says_class(anchor: html.HtmlElement) -> bool:
    if anchor.tag != "a":
        return False
    names = tokens(anchor)
    if anchor.getnext() is None and anchor.getprevious() is None:
        parent = anchor.getparent()
        names |= tokens(parent) if parent is not None else names
    return bool(names) and _leads_on(names)


@lru_cache(maxsize=20_000)
def _leads_on(names: frozenset[str]) -> bool:
    return "disabled" not in names and any(_NEXT_CLASS.search(name) for name in names)


def _says_text(anchor: html.HtmlElement, words: dict[html.HtmlElement, str]) -> bool:
    text = words.get(anchor)
    if text is None:
        return False
    label = anchor.get("aria-label") or anchor.get("title")
    return bool(text and _NEXT_TEXT.match(text[:40])) or bool(label and _NEXT_LABEL.match(label))


def _other_page(page: Page, anchor: html.HtmlElement, *, certain: bool = False) -> str | None:
    found = page.absolute(anchor.get("href"))
    if found is None:
        return None
    found = _without_session(urldefrag(found)[0])
    here, there = urlsplit(page.url), urlsplit(found)
    if here.netloc.lower() != there.netloc.lower() or found == page.url or not _same_place(here.path, there.path):
        return None
    later = _number_of(found) > _number_of(page.url) or bool(_CURSOR.search(there.query))
    return found if certain or later else None


def _elsewhere(url: str) -> Callable[[str], bool]:
    """Return a quick test that is true only of links that `_same_place` refuses: most links of a page."""
    stem = _PAGE_TAIL.sub("", urlsplit(url).path.rstrip("/"))
    if ";" in stem or "&" in stem:
        return lambda _link: False

    def leads_elsewhere(link: str) -> bool:
        # What joining addresses would change (dots, tabs, a host) is left to it.
        plain = link[0] == "/" and "//" not in link and "/." not in link and link.isprintable()
        return plain and not link.startswith(stem)

    return leads_elsewhere


def _same_place(here: str, there: str) -> bool:
    """Pages of one thread share the start of their path; "next topic" and "next article" do not."""
    here, there = here.rstrip("/"), there.rstrip("/")
    one, other = _PAGE_TAIL.sub("", here), _PAGE_TAIL.sub("", there)
    return bool({here, one} & {there, other}) or (len(one) > 3 and other.startswith(one + "/page"))


def _number_of(url: str) -> int:
    query = dict(parse_qsl(urlsplit(url).query))
    for name in _OFFSET:
        if query.get(name, "").isdigit():
            return int(query[name])
    match = re.search(r"(?:/page[-/]?|/p|[-_])(\d{1,5})(?:\.html?)?/?$", urlsplit(url).path)
    return int(match[1]) if match else 0


def _numbered(page: Page, words: dict[html.HtmlElement, str]) -> str | None:
    following = str(max(1, _number_of(page.url)) + 1)
    for anchor, text in words.items():
        if text == following:
            found = _other_page(page, anchor)
            if found is not None and _PAGE_NUMBER.search(found):
                return found
    return None


def _thread_address(page: Page, link: str | None) -> str | None:
    found = page.absolute(link)
    if found is None or len(found) > 800:
        return None
    parts = urlsplit(found)
    if parts.netloc.lower() != urlsplit(page.url).netloc.lower():
        return None
    bare = _LAST_PAGE.sub("", _without_session(urldefrag(found)[0]))
    bare = re.sub(r"(?<=\d)\.(?:msg\d+|new|last)$", ".0", bare)
    bare = re.sub(r"(/t/[^/]+/\d+)/\d+$", r"\1", bare)
    shown = bare.split("/", 3)[-1]
    if not _THREAD.search(f"/{shown}") or _NOT_THREAD.search(f"/{shown}"):
        return None
    return bare if bare.rstrip("/") != page.url.rstrip("/") else None


def _without_session(url: str) -> str:
    """Forums print a session id into every link for visitors without cookies; it is no part of the address."""
    return _SESSION.sub("", url).rstrip("?&;")


def _title_worth(title: str) -> int:
    if re.fullmatch(r"[\d\s.,:/»\u203a]*", title) or (parse_count(title) is not None and len(title) < 12):
        return 0
    return min(len(title), 60)


def _row(layout: Layout, index: int, address: str, places: list[tuple[int, str]]) -> list[int]:
    """Return the elements of the largest area around a thread's first link that shows no other thread."""
    while layout.parents[index] >= 0:
        parent = layout.parents[index]
        start, stop = bisect_left(places, (parent, "")), bisect_left(places, (layout.ends[parent], ""))
        if any(other != address for _, other in places[start : min(stop, start + 50)]):
            break
        index = parent
    return list(range(index, min(layout.ends[index], index + 400)))


def _replies(layout: Layout, row: list[int]) -> int | None:
    for index in row:
        element = layout.elements[index]
        text = one_line("".join(element.itertext()))[:60] if layout.ends[index] - index <= 6 else ""
        match = _REPLIES_TEXT.search(text) if len(text) < 50 else None
        if match is not None:
            return parse_count(match[1] or match[2])
    for index in row:
        element = layout.elements[index]
        if _REPLIES_CLASS.search(element.get("class") or "") or _REPLIES_CLASS.search(element.get("data-label") or ""):
            text = one_line("".join(element.itertext()))
            if text and len(text) <= 12 and text[0].isdigit():
                return parse_count(text)
    return None
