"""Microformats (h-entry, h-cite, h-feed) of a page to things with schema.org names, for one reader of all markup.

Source: microformats2 parsing (https://microformats.org/wiki/microformats2-parsing) and h-entry
(https://microformats.org/wiki/h-entry). Read are: `p-author` (text or h-card), `dt-published`, `dt-updated`,
`e-content`, `p-content`, `p-summary`, `p-name`, `u-url`, `u-uid`, `u-in-reply-to`, `p-comment`/`u-comment`, with the
value class pattern for dates. Likes and reposts, which say nothing, are left out; so are the older `hentry` names.
"""

from __future__ import annotations

import re

from lxml import etree, html

from crawler.extract.items import Item, Marked, Value
from crawler.extract.markup import tokens
from crawler.extract.page import Page
from crawler.extract.text import one_line

_ANY_ENTRY = etree.XPath("//@class[contains(., 'h-entry') or contains(., 'h-cite')]")
_ROOT = re.compile(r"^h-[a-z0-9]+(?:-[a-z0-9]+)*$")
_PROPERTY = re.compile(r"^(p|u|dt|e)-([a-z]+(?:-[a-z]+)*)$")
_KINDS = {"h-entry": "SocialMediaPosting", "h-cite": "Comment", "h-card": "Person", "h-feed": "ItemList"}
_NAMES = {
    "author": "author",
    "published": "datePublished",
    "updated": "dateModified",
    "content": "text",
    "summary": "description",
    "name": "name",
    "url": "url",
    "uid": "identifier",
    "in-reply-to": "inReplyTo",
    "comment": "comment",
    "like-of": "likeOf",
    "repost-of": "repostOf",
    "bookmark-of": "bookmarkOf",
}
_NUMBER = re.compile(r"/(\d+)/?$")
_SAYS_NOTHING = ("likeOf", "repostOf", "bookmarkOf")
_STAMPS = {"time": "datetime", "ins": "datetime", "del": "datetime", "abbr": "title", "data": "value"}
_LINKS = {"a": "href", "area": "href", "link": "href", "img": "src", "audio": "src", "video": "src", "object": "data"}


def microformat_items(page: Page) -> list[Item]:
    """Return the entries of a page in page order, comments nested under their entry; empty when it has none."""
    if not _ANY_ENTRY(page.root):
        return []
    found: list[Item] = []
    # Each entry: the element, the thing that its properties belong to, and the feed's author.
    stack: list[tuple[html.HtmlElement, Item | None]] = [(page.root, None)]
    while stack:
        element, scope = stack.pop()
        if not isinstance(element.tag, str):
            continue
        names = tokens(element)
        item = _opened(element, names)
        properties = [match.groups() for name in names if (match := _PROPERTY.match(name)) and match[2] in _NAMES]
        if scope is not None:
            for prefix, name in properties:
                scope.add(_NAMES[name], item if item is not None else _value(element, prefix, page))
        if item is not None and (scope is None or not properties):
            _place(item, scope, found)
        inner = item or scope
        stack.extend((child, inner) for child in reversed(element))
    for item in found:
        _complete(item, None)
    return found


def _opened(element: html.HtmlElement, names: frozenset[str]) -> Item | None:
    kinds = [name for name in names if _ROOT.match(name) and name in _KINDS]
    if not kinds:
        return None
    return Item(frozenset(_KINDS[name] for name in kinds), element=element)


def _place(item: Item, scope: Item | None, found: list[Item]) -> None:
    """Put a thing that is nobody's property where the standard has it: a feed's entry, else a thing of its own."""
    if scope is not None and "ItemList" in scope.types:
        scope.add("itemListElement", item)
    elif "Person" not in item.types:
        found.append(item)
    elif scope is not None and not scope.properties.get("author"):
        scope.add("card", item)


def _complete(item: Item, author: Value | None) -> None:
    """Fill in what the standard lets an entry leave out: its feed's author, a name or a summary for its words."""
    own = next(iter(item.properties.get("author", ())), None) or author
    if own is not None and "author" not in item.properties and not item.types & {"ItemList", "Person"}:
        item.add("author", own)
    if item.types & {"SocialMediaPosting", "Comment"}:
        if any(name in item.properties for name in _SAYS_NOTHING) and "text" not in item.properties:
            item.types = frozenset({"Action"})
        elif "text" not in item.properties:
            for value in item.properties.get("description") or item.properties.get("name") or ():
                item.add("text", value)
        for person in item.items("author"):
            if "name" not in person.properties and person.element is not None:
                person.add("name", Marked(person.element, one_line("".join(person.element.itertext()))))
    number = _NUMBER.search(item.text("url") or "")
    if number is not None and "identifier" not in item.properties:
        item.add("identifier", number[1])
    for name in ("itemListElement", "comment"):
        for inner in item.items(name):
            _complete(inner, own if name == "itemListElement" else None)


def _value(element: html.HtmlElement, prefix: str, page: Page) -> Value:
    if prefix == "u":
        attribute = _LINKS.get(element.tag)
        link = page.absolute(element.get(attribute)) if attribute is not None else None
        return link or one_line("".join(element.itertext()))
    if prefix == "dt":
        return _moment(element)
    if prefix == "p":
        told = element.get("title") if element.tag in ("abbr", "link") else element.get("value")
        if told and element.tag in ("abbr", "link", "data", "input"):
            return str(told)
    return Marked(element, one_line("".join(element.itertext())))


def _moment(element: html.HtmlElement) -> str:
    """Return a date as machines write it; a date and a time in two elements of class `value` are joined."""
    parts = [one for one in element.iter() if one is not element and "value" in tokens(one)]
    told = [_stamp(one) for one in parts] or [_stamp(element)]
    return "T".join(told) if len(told) == 2 and ":" in told[1] and len(told[0]) == len("2026-03-01") else told[0]


def _stamp(element: html.HtmlElement) -> str:
    attribute = {"time": "datetime", "ins": "datetime", "del": "datetime", "abbr": "title", "data": "value"}.get(
        element.tag
    )
    return str((attribute and element.get(attribute)) or one_line("".join(element.itertext())))
