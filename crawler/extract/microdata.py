"""Microdata (WHATWG HTML, "Microdata") of a page to items; RDFa Lite `typeof`/`property` in the same walk."""

from __future__ import annotations

from lxml import html

from crawler.extract.items import Item, Marked, Value
from crawler.extract.page import Page
from crawler.extract.text import one_line

_LINK = {"a": "href", "area": "href", "link": "href", "img": "src", "audio": "src", "video": "src", "source": "src"}
_MAX_VALUE = 400
"""One-line values are names, dates and addresses; a longer text is rendered from its element."""


def microdata_items(page: Page) -> list[Item]:
    """Return all things marked up in the page, nested ones under their property, the rest in page order."""
    found: list[Item] = []
    # Each entry: the element, and the item that its properties belong to.
    stack: list[tuple[html.HtmlElement, Item | None]] = [(page.root, None)]
    while stack:
        element, scope = stack.pop()
        if not isinstance(element.tag, str):
            continue
        item = _opened(element, page)
        names = (element.get("itemprop") or element.get("property") or "").split() if element.attrib else []
        if item is not None:
            if scope is not None and names:
                for name in names:
                    scope.add(_bare(name), item)
            else:
                found.append(item)
        elif scope is not None:
            for name in names:
                scope.add(_bare(name), _value(element, page))
        inner = item or scope
        stack.extend((child, inner) for child in reversed(element))
    return found


def _opened(element: html.HtmlElement, page: Page) -> Item | None:
    types = element.get("itemtype") if element.get("itemscope") is not None else element.get("typeof")
    if types is None and element.get("itemscope") is None:
        return None
    identity = page.absolute(element.get("itemid") or element.get("resource"))
    return Item(frozenset(_bare(name) for name in (types or "").split()), identity=identity, element=element)


def _bare(name: str) -> str:
    return name.rstrip("/").rsplit("/", 1)[-1].rsplit("#", 1)[-1].rsplit(":", 1)[-1]


def _value(element: html.HtmlElement, page: Page) -> Value:
    content = element.get("content")
    if content is not None:
        return str(content)
    if element.tag == "time" and element.get("datetime"):
        return str(element.get("datetime"))
    attribute = _LINK.get(element.tag)
    if attribute is not None:
        link = page.absolute(element.get(attribute))
        if link is not None and element.get("itemprop", "") in (
            "url",
            "image",
            "mainEntityOfPage",
            "discussionUrl",
            "",
        ):
            return link
        if element.tag in ("link", "img"):
            return link or ""
    return Marked(element, one_line(_start(element)))


def _start(element: html.HtmlElement) -> str:
    parts: list[str] = []
    length = 0
    for text in element.itertext():
        parts.append(text)
        length += len(text)
        if length > _MAX_VALUE:
            break
    return "".join(parts)[:_MAX_VALUE]
