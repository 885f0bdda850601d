"""Posts as engines render them: the author's own words, and which posts they quote. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import html

from crawler.extract.text import render, tidy


def parsed(markup: str) -> html.HtmlElement | None:
    """Return a fragment of HTML as an element, None when it is empty or none can be made of it."""
    if not markup.strip():
        return None
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, no_network=True)
    try:
        return html.document_fromstring(f"<div>{markup}</div>".encode("utf-8", "replace"), parser=parser)
    except (html.etree.ParserError, ValueError, AssertionError):
        return None


def own_words(root: html.HtmlElement | None, quoted: Iterable[html.HtmlElement]) -> str:
    """Return the text of `root` without the elements `quoted`, also when nothing else remains."""
    return render(root, set(quoted)) if root is not None else ""


def plain_title(title: object) -> str:
    """Return a title without markup: engines escape it, and some mark words in it."""
    root = parsed(title) if isinstance(title, str) else None
    return tidy(str(root.text_content())) if root is not None else ""


def whole(value: object) -> int | None:
    """Return a figure, None where it is not shown."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None
