"""The text that a page opens with when it is no repeated block: a story, a question, an article before its comments."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lxml import html

from crawler.extract.counts import parse_count
from crawler.extract.dates import parse_date
from crawler.extract.drafts import Draft
from crawler.extract.identify import own_id
from crawler.extract.layout import Layout, direct_text
from crawler.extract.markup import is_author_mark, tokens
from crawler.extract.names import clean_name
from crawler.extract.page import Page
from crawler.extract.regions import Region
from crawler.extract.text import one_line, render, render_quoted

_ASIDE = frozenset(["nav", "aside", "footer", "form", "header", "menu", "dialog", "noscript"])
_NOTICE = re.compile(
    r"(?:^|[-_])(?:warning|notices?|alert|cookies?|consent|announcements?|browserwarning|blockmessage|banner|rules|summary|"
    r"sidebar|related|breadcrumbs?|toolbar|menu|nav|navigation|p-nav|navbar)(?:$|[-_])",
    re.IGNORECASE,
)
"""Class names of what stands above a thread on every page of a site."""
_MOST_LINKED = 2.5
_NEAR = 40
"""How many elements after an article may still name its author and date."""
_LEAST_TITLE = 6
_LEAST = 80
"""Characters below which a text before the blocks is a caption, not a post."""


def find_opening(page: Page, layout: Layout, regions: Sequence[Region]) -> Draft | None:
    """Return the opening post that stands before the blocks, None when the first block is the opening."""
    first = regions[0]
    common = _common_ancestor(layout, regions)
    heading = _heading(layout, first.index, _title(page))
    if heading is None:
        return None
    body = _main_text(layout, heading + 1, first.index, common)
    if body is None:
        return None
    draft = _described(
        page,
        layout,
        [*range(layout.ends[heading], body), *range(_box(layout, heading, first.index), heading)],
        body,
        first.index,
    )
    return draft if draft.author is not None or draft.created_at is not None else None


def find_article(page: Page, layout: Layout) -> Draft | None:
    """Return the one long text of a page without blocks, None when it has none."""
    heading = _heading(layout, len(layout.elements), _title(page))
    start = 0 if heading is None else heading + 1
    body = _main_text(layout, start, len(layout.elements), 0)
    if body is None:
        return None
    after = layout.ends[body]
    return _described(page, layout, list(range(start, body)), body, min(after + _NEAR, len(layout.elements)))


def attribute_post(page: Page) -> Draft | None:
    """Return a post that stands in the attributes of an element of the site's own (`<shreddit-post post-title=...>`).

    A post that only links has no words but its title.
    """
    for element in page.root.iter():
        if isinstance(element.tag, str) and "-" in element.tag and element.get("post-title") and element.get("author"):
            body = element.find(".//*[@slot='text-body']")
            words = render(body) if body is not None else ""
            moment = element.get("created-timestamp")
            return Draft(
                text=words or one_line(element.get("post-title") or ""),
                author=element.get("author"),
                created_at=parse_date(moment, now=page.now),
                dated_by=moment,
                native_id=(element.get("id") or "").removeprefix("t3_") or None,
                url=page.absolute(element.get("permalink")),
                likes=parse_count(element.get("score")),
                replies=parse_count(element.get("comment-count")),
                element=element,
            )
    return None


def _common_ancestor(layout: Layout, regions: Sequence[Region]) -> int:
    index = layout.parents[regions[0].index]
    last = regions[-1].index
    while index > 0 and not layout.within(last, index):
        index = layout.parents[index]
    return max(index, 0)


def _heading(layout: Layout, before: int, title: str) -> int | None:
    """Return the heading before an element: `<h1>`, else what the page's title begins with, else the first `<h2>`."""
    found = [i for i in range(before) if layout.elements[i].tag == "h1"]
    if not found and len(title) > _LEAST_TITLE:
        found = [
            i
            for i in range(before)
            if len(text := direct_text(layout.elements[i])) > _LEAST_TITLE and title.startswith(text)
        ]
    if not found:
        found = [i for i in range(before) if layout.elements[i].tag == "h2"]
    return found[0] if found else None


def _title(page: Page) -> str:
    tag = page.root.find(".//title")
    return one_line("".join(tag.itertext())) if tag is not None else ""


def _box(layout: Layout, heading: int, stop: int) -> int:
    """Return where the box around a heading begins: names and dates may stand above the heading too."""
    index = heading
    for _ in range(6):
        parent = layout.parents[index]
        if parent < 0 or layout.ends[parent] > stop or layout.elements[parent].tag in ("body", "main"):
            break
        index = parent
    return index


def _main_text(layout: Layout, start: int, stop: int, common: int) -> int | None:
    """Return the element between `start` and `stop` with most unlinked text, as deep as it stays whole."""
    best, most = None, _LEAST
    index = start
    while index < stop:
        element = layout.elements[index]
        if layout.ends[index] <= stop and (element.tag in _ASIDE or _is_notice(element)):
            index = layout.ends[index]
            continue
        if layout.ends[index] <= stop and index != common:
            mass = layout.mass(index)
            if mass >= most and layout.linked(index) < _MOST_LINKED * mass:
                best, most = index, mass
            index = layout.ends[index]
            continue
        index += 1
    return _deepest(layout, best) if best is not None else None


def _is_notice(element: html.HtmlElement) -> bool:
    return any(_NOTICE.search(name) for name in tokens(element)) or bool(_NOTICE.search(element.get("id") or ""))


def _deepest(layout: Layout, index: int) -> int:
    while True:
        child, whole = index + 1, layout.mass(index)
        found = None
        while child < layout.ends[index]:
            if layout.mass(child) >= 0.8 * whole and layout.elements[child].tag not in _ASIDE:
                found = child
                break
            child = layout.ends[child]
        if found is None or layout.elements[found].tag in ("p", "span", "font"):
            return index
        index = found


def _described(page: Page, layout: Layout, before: list[int], body: int, stop: int) -> Draft:
    author = created = shown = source = None
    for index in [*before, *range(layout.ends[body], stop)]:
        element = layout.elements[index]
        if author is None and is_author_mark(element) and 0 < layout.mass(index) + layout.linked(index) <= 60:
            author = clean_name("".join(element.itertext()))
        if created is None and layout.dates[index + 1] > layout.dates[index]:
            for text in (
                element.get("datetime"),
                element.get("title"),
                direct_text(element),
                "".join(element.itertext())[:100],
            ):
                if created is None:
                    created = parse_date(text, now=page.now, language=page.language)
                    source = text if created is not None else None
        if author is not None and created is not None:
            break
    if author is None and shown is not None and layout.parents[shown] >= 0:
        author = clean_name(layout.elements[layout.parents[shown]].text or "")
    element = layout.elements[body]
    return Draft(
        text=render(element),
        author=author,
        created_at=created,
        native_id=own_id(element),
        element=element,
        dated_by=source,
        quoted=render_quoted(element) or None,
    )
