"""A recipe: where on one site's pages each field of a post stands, made from a page that was read in full."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from lxml import html

from crawler.extract.counts import parse_count
from crawler.extract.dates import parse_date
from crawler.extract.markup import is_noise, is_quote
from crawler.extract.page import Page
from crawler.extract.precision import is_zoned, precision_of
from crawler.extract.reading import canonical, page_title
from crawler.extract.records import ExtractedPost, ExtractedThread, Route
from crawler.extract.text import all_text, one_line, render

Shape = tuple[object, ...]
Read = Callable[[html.HtmlElement, Page], object]

_ID_ATTRIBUTES = ("id", "data-post-id", "data-comment-id", "data-message-id", "data-content", "data-id", "name")
_DATED = ("datetime", "title", "content")
"""Attributes that hold a date as machines write it."""

_UNTOLD = ("edited_at", "parent", "replies", "views", "quoted", "parent_position")
"""Fields that no recipe reads: where a page has them, its posts differ and it is read in full."""


def _sort(element: html.HtmlElement) -> Shape:
    return element.tag, element.get("class"), element.get("itemprop")


@dataclass(frozen=True, slots=True)
class Way:
    """The way to a field: the first element of a `sort` inside the block (None: the block), and how it is read."""

    sort: Shape | None
    read: Read


@dataclass(frozen=True, slots=True)
class Recipe:
    """Where each field stands; `ways` by the fields of `ExtractedPost`, missing ones are not shown on the site."""

    route: Route
    block: Shape
    title: Callable[[Page], str]
    ways: dict[str, Way]

    def thread(self, page: Page) -> ExtractedThread | None:
        """Return the page as a thread, None when the recipe does not fit it."""
        posts: list[ExtractedPost] = []
        wanted = {way.sort for way in self.ways.values()} - {None}
        tags = {str(sort[0]) for sort in wanted if sort}
        for block in page.root.iter(str(self.block[0])):
            if _sort(block) != self.block:
                continue
            first: dict[Shape | None, html.HtmlElement] = {None: block}
            for element in block.iterdescendants(*tags) if tags else ():
                if (kind := _sort(element)) in wanted and kind not in first:
                    first[kind] = element
                    if len(first) > len(wanted):
                        break
            if len(first) <= len(wanted):
                return None
            values = {name: way.read(first[way.sort], page) for name, way in self.ways.items()}
            if any(values.get(name) in (None, "") for name in ("text", "author", "created_at", "native_id")):
                return None
            posts.append(ExtractedPost(position=len(posts), **values))  # type: ignore[arg-type] # proven by the full reading
        if not posts or len({post.native_id for post in posts}) < len(posts):
            return None
        return ExtractedThread(self.route, self.title(page), canonical(page), tuple(posts))


def recipe_for(page: Page, full: ExtractedThread) -> Recipe | None:
    """Return a recipe that reads `page` exactly as it was read in full, None when there is no simple one."""
    posts = full.posts
    if len(posts) < 2 or any(getattr(post, name) is not None for post in posts for name in _UNTOLD):
        return None
    title = next((way for way in _TITLES if way(page) == full.title), None)
    if title is None:
        return None
    for sort, blocks in _groups(page.root, len(posts)):
        ways = {name: _way(name, blocks, posts, page) for name in ("native_id", *_READERS)}
        shown = {name for name in ways if any(getattr(post, name) is not None for post in posts)}
        found = {name: way for name, way in ways.items() if name in shown and way is not None}
        if set(found) == shown:
            recipe = Recipe(full.route, sort, title, found)
            if recipe.thread(page) == full:
                return recipe
    return None


def _groups(root: html.HtmlElement, size: int) -> Iterator[tuple[Shape, list[html.HtmlElement]]]:
    """Return the sorts of elements that the page has exactly `size` of, none inside another, outer ones first."""
    groups: dict[Shape, list[html.HtmlElement]] = {}
    for element in root.iter():
        if isinstance(element.tag, str):
            groups.setdefault(_sort(element), []).append(element)
    yield from ((sort, found) for sort, found in groups.items() if len(found) == size and sort[1:] != (None, None))


def _way(name: str, blocks: Sequence[html.HtmlElement], posts: Sequence[ExtractedPost], page: Page) -> Way | None:
    """Return a way that gives the field `name` of every post from its block."""
    wanted = [getattr(post, name) for post in posts]
    if all(value is None for value in wanted):
        return None
    for read in _id_readers(blocks[0], wanted[0]) if name == "native_id" else _READERS[name]:
        if [read(block, page) for block in blocks] == wanted:
            return Way(None, read)
        tried: set[Shape] = set()
        for element in blocks[0].iterdescendants():
            kind = _sort(element)
            if kind in tried or read(element, page) != wanted[0]:
                continue
            tried.add(kind)
            first = [next((one for one in block.iter(element.tag) if _sort(one) == kind), None) for block in blocks]
            if all(one is not None and read(one, page) == value for one, value in zip(first, wanted, strict=True)):
                return Way(kind, read)
    return None


def _attribute_tail(name: str, prefix: str) -> Read:
    def read(element: html.HtmlElement, _page: Page) -> object:
        value = element.get(name) or ""
        return value.removeprefix(prefix) if value.startswith(prefix) else None

    return read


def _id_readers(block: html.HtmlElement, wanted: str | None) -> Iterator[Read]:
    for element in block.iter():
        for name in _ID_ATTRIBUTES:
            value = element.get(name)
            if value and wanted and value.endswith(wanted):
                yield _attribute_tail(name, value.removesuffix(wanted))


def _moment_in(name: str) -> Read:
    def read(element: html.HtmlElement, page: Page) -> object:
        value = element.get(name)
        # Only dates as machines write them: what people write needs the whole page to be understood.
        if not value or not value[:4].isdigit():
            return None
        found = parse_date(value, now=page.now, language=page.language)
        return found if found is None or page.now is None or found <= page.now else None

    return read


def _told_by(name: str, tells: Callable[[str], object]) -> Read:
    def read(element: html.HtmlElement, _page: Page) -> object:
        value = element.get(name)
        return tells(value) if value and value[:4].isdigit() else None

    return read


def _text(element: html.HtmlElement, _page: Page) -> object:
    return _paragraphs(element) or render(element)


def _paragraphs(element: html.HtmlElement) -> str | None:
    """Return what `render` returns of a body that is nothing but plain paragraphs, as most are; None for others."""
    while len(element) == 1 and element[0].tag == "div" and _is_blank(element.text) and _is_blank(element[0].tail):
        element = element[0]
        if is_noise(element) or is_quote(element):
            return None
    if not _is_blank(element.text):
        return None
    parts: list[str] = []
    for child in element:
        text = child.text or ""
        if child.tag != "p" or len(child) or child.attrib or not _is_blank(child.tail) or not text.isascii():
            return None
        if words := one_line(text):
            parts.append(words)
    return "\n\n".join(parts)


def _is_blank(text: str | None) -> bool:
    return not text or text.isspace()


def _words(element: html.HtmlElement, _page: Page) -> object:
    return one_line(all_text(element)) or None


def _number(element: html.HtmlElement, _page: Page) -> object:
    text = all_text(element).strip()
    return parse_count(text) if 0 < len(text) <= 14 else None


def _anchor(element: html.HtmlElement, page: Page) -> object:
    name = element.get("id")
    return f"{page.url}#{name}" if name else None


_READERS: dict[str, tuple[Read, ...]] = {
    "text": (_text,),
    "author": (_words,),
    "created_at": tuple(_moment_in(name) for name in _DATED),
    "url": (lambda element, page: page.absolute(element.get("href")), _anchor),
    "likes": (_number,),
    "precision": tuple(_told_by(name, precision_of) for name in _DATED),
    "zoned": tuple(_told_by(name, is_zoned) for name in _DATED),
    "shown_at": (_words, *(_told_by(name, one_line) for name in _DATED)),
}


def _headline(page: Page) -> str:
    found = page.root.find('.//meta[@itemprop="headline"]')
    return one_line(found.get("content") or "") if found is not None else ""


def _heading(page: Page) -> str:
    found = page.root.find(".//h1")
    return one_line("".join(found.itertext())) if found is not None else ""


_TITLES: tuple[Callable[[Page], str], ...] = (_heading, _headline, page_title)
