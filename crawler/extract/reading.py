"""Choose among the routes: structured data first, repeated blocks when they give clearly more, an article last."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from urllib.parse import urldefrag, urlsplit

from crawler.extract.combine import combine
from crawler.extract.drafts import Draft, to_posts
from crawler.extract.engines import ENGINES, Engine
from crawler.extract.items import Item
from crawler.extract.jsonld import jsonld_items
from crawler.extract.layout import lay_out
from crawler.extract.microdata import microdata_items
from crawler.extract.microformats import microformat_items
from crawler.extract.opening import attribute_post, find_article
from crawler.extract.page import Page, read_page
from crawler.extract.records import ExtractedThread, Route
from crawler.extract.repeated import repeated_drafts
from crawler.extract.schema import drafts_of, title_of
from crawler.extract.text import one_line, tidy

_CLEARLY_LESS = 0.7
_MAX_TITLE = 500
_LEAST_TOLD = 8
_TOLD = 40
_REPLY_MARK = re.compile(r"^\s*(?:re|aw|sv|antw)\s*:\s*", re.IGNORECASE)
_THREAD_NUMBERS = (
    r"/(\d+)(?=[/?]|$)",
    r"/(\d+)[-_]",
    r"[.,](\d+)(?=[/?]|$)",
    r"[?&;](?:t|tid|topic|threadid|id)=(\d+)",
    r"-t?(\d+)\.html?",
)


def extract_page(
    html: bytes | str | Page,
    url: str,
    *,
    now: datetime | None = None,
    content_type: str | None = None,
    engines: Sequence[Engine] = ENGINES,
) -> ExtractedThread:
    """Read one page as a thread; `engines` are those whose posts are known by name (none: every page is a stranger).

    Raises `ExtractError` when the input is empty, too large or no HTML; a page without posts gives
    the route `none`.
    """
    page = read_page(html, url, now=now, content_type=content_type)
    items_ld, items_md = jsonld_items(page), microdata_items(page)
    route, drafts = structured_drafts(page, items_ld, items_md)
    if any(draft.text for draft in drafts):
        drafts = [draft for draft in drafts if not _only_heads(draft)]
    layout = lay_out(page.root)
    blocks = repeated_drafts(page, layout, engines)
    drafts = combine(drafts, blocks)
    if _better(blocks, drafts):
        route, drafts = "repeated-blocks", blocks
    if not drafts:
        article = attribute_post(page) or find_article(page, layout)
        route, drafts = ("article", [article]) if article is not None else _described(page)
    if drafts and drafts[0].native_id is None:
        drafts[0].native_id = _thread_number(page.url)
    title = title_of(items_ld) or title_of(items_md) or page_title(page)
    drafts = without_titles(drafts, title)
    return ExtractedThread(route if drafts else "none", title, canonical(page), to_posts(drafts))


def without_titles(drafts: list[Draft], title: str) -> list[Draft]:
    """Take the thread's title off the posts that begin with it, and leave out a post that is nothing else.

    Only where words follow, or where the next post is of the same author and moment: a post may be its title.
    """
    wanted = _plain(title)
    if not wanted:
        return drafts
    if len(drafts) > 1 and _plain(drafts[0].text) == wanted:
        first, second = drafts[:2]
        if first.author == second.author and first.created_at == second.created_at is not None:
            drafts = drafts[1:]
            for draft in drafts:
                draft.parent = None if draft.parent is first else draft.parent
    for draft in drafts:
        head, _, rest = draft.text.partition("\n")
        if rest.strip() and len(head) <= _MAX_TITLE and _is_title(_plain(head), wanted, _plain(draft.author or "")):
            draft.text = rest.strip()
    return drafts


def _is_title(head: str, title: str, author: str) -> bool:
    """Say whether a line is the thread's title, or tells that its author wrote under it ("ann replied to: ...")."""
    told = head.removeprefix(author).removesuffix(title) if author and len(title) >= _LEAST_TOLD else head
    return head == title or (head.startswith(author) and head.endswith(title) and told != head and len(told) <= _TOLD)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", _REPLY_MARK.sub("", text.lower())))


def structured_drafts(page: Page, items_ld: list[Item], items_md: list[Item]) -> tuple[Route, list[Draft]]:
    """Return the posts that the page declares, from the markup that declares more of them."""
    ld, md = drafts_of(items_ld, page), drafts_of(items_md, page)
    if len(ld) < 2 and len(md) < 2:
        mf = drafts_of(microformat_items(page), page)
        if len(mf) > max(len(ld), len(md)):
            return "microformats", mf
    if len(md) > 1:
        places = {element: place for place, element in enumerate(page.root.iter())}
        md.sort(key=lambda draft: places.get(draft.element, 0))
    if len(ld) > len(md):
        return "json-ld", ld
    if len(ld) == 1 and ld[0].text and not any(_same(ld[0], draft) for draft in md[:3]):
        if md and ld[0].author == md[0].author and ld[0].created_at == md[0].created_at is not None:
            return "microdata", md  # a title, or a summary, of the post that opens the other
        # XenForo gives the opening as JSON-LD and the replies as microdata.
        return "microdata", ld + md
    return "microdata", md


def _only_heads(draft: Draft) -> bool:
    """Say whether a declared thing is no post but the thread as a whole, as on its second page."""
    return not draft.text and draft.author is None and draft.created_at is None


def _same(one: Draft, other: Draft) -> bool:
    first, second = set(one.text.lower().split()), set(other.text.lower().split())
    return len(first & second) >= 0.6 * min(len(first), len(second))


def _words(drafts: list[Draft]) -> int:
    return sum(len(draft.text.split()) for draft in drafts)


def _better(blocks: list[Draft], structured: list[Draft]) -> bool:
    """Say whether the structured data covers clearly less of the page than its repeated blocks."""
    if not blocks or not structured:
        return bool(blocks)
    return len(structured) < _CLEARLY_LESS * len(blocks) and _words(structured) < _CLEARLY_LESS * _words(blocks)


def _thread_number(url: str) -> str | None:
    """Return the thread's number in its address, which serves as the opening's id when it has none of its own."""
    parts = urlsplit(url)
    shown = f"{parts.path}?{parts.query}"
    for form in _THREAD_NUMBERS:
        found = re.findall(form, shown)
        if found:
            return str(found[-1])
    return max(reversed(re.findall(r"\d+", shown)), key=len, default=None)


def _described(page: Page) -> tuple[Route, list[Draft]]:
    """Return what a page that a script fills says of itself: its opening, possibly cut short."""
    for path in ('.//meta[@property="og:description"]', './/meta[@name="description"]'):
        found = page.root.find(path)
        text = tidy(found.get("content") or "") if found is not None else ""
        if text:
            return "description", [Draft(text=text)]
    return "none", []


def page_title(page: Page) -> str:
    """Return `og:title`, else the heading that `<title>` begins with, else `<title>` without the site, else `<h1>`."""
    found = page.root.find('.//meta[@property="og:title"]')
    if found is not None and (found.get("content") or "").strip():
        return one_line(found.get("content") or "")[:_MAX_TITLE]
    tag = page.root.find(".//title")
    whole = one_line("".join(tag.itertext())) if tag is not None else ""
    headings = [
        one_line("".join(element.itertext()))[:_MAX_TITLE] for element in islice(page.root.iter("h1", "h2", "h3"), 12)
    ]
    named = [text for text in headings if len(text) > 2 and whole.startswith(text)]
    if named:
        return max(named, key=len)
    for text in headings:
        if len(text) > 2 and whole.endswith(text):
            return whole.removesuffix(text).rstrip(" -|:·»\u2013\u2014") or whole
    return whole[:_MAX_TITLE] or next((text for text in headings if text), "")


def canonical(page: Page) -> str:
    """Return the address that the page gives itself when it is on the same host, else the one it was fetched from."""
    for link in page.root.iter("link"):
        if (link.get("rel") or "").lower() == "canonical":
            found = page.absolute(link.get("href"))
            if found is not None and found.split("/")[2].lower() == page.url.split("/")[2].lower():
                return urldefrag(found)[0]
    return page.url
