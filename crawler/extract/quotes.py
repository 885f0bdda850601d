"""Quotes that no class name or "wrote:" marks, known by their words: an earlier post has them, or a name leads them."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from lxml import html

from crawler.extract.markup import quotes_post
from crawler.extract.text import render

_WORD = re.compile(r"\w+")
_LEAST = 4
_STRETCH = 10
_HEAD = 60
_LOOKED_AT = 20_000


def flat(text: str) -> str:
    """Return the words of a text in one line, to look for others in."""
    return " ".join(_WORD.findall(text[:_LOOKED_AT].casefold()))


def unmarked_quotes(
    parts: Sequence[html.HtmlElement], names: Collection[str], earlier: Sequence[str]
) -> list[html.HtmlElement]:
    """Return a body's quotes that repeat one of the `earlier` posts (as `flat` gives them) or begin with a name."""
    found: list[html.HtmlElement] = []
    for part in parts:
        for element in part.iter("blockquote", "aside"):
            if element is part or any(element in list(one.iterdescendants()) for one in found) or quotes_post(element):
                continue
            text = "".join(element.itertext())[:_LOOKED_AT]
            box = _box(element, part, text)
            if _begins_with_name("".join(box.itertext()), names) or _repeats(text, earlier):
                found.append(box)
    return found


def _box(element: html.HtmlElement, part: html.HtmlElement, text: str) -> html.HtmlElement:
    """Return the box around a quote that adds no more than a head ("ann:") to it."""
    parent = element.getparent()
    if parent is None or parent is part:
        return element
    return parent if len("".join(parent.itertext()).strip()) <= len(text.strip()) + _HEAD else element


def _begins_with_name(text: str, names: Collection[str]) -> bool:
    head = text.strip()[:_HEAD].partition("\n")[0].casefold()
    return any(
        head.startswith(name) and head[len(name) : len(name) + 1] in (":", " ", "") and len(name) > 1 for name in names
    )


def _repeats(text: str, earlier: Sequence[str]) -> bool:
    for line in text.casefold().splitlines():
        words = _WORD.findall(line)
        if len(words) >= _LEAST:
            wanted = (" ".join(words[:_STRETCH]), " ".join(words[-_STRETCH:]))
            if any(stretch in one for one in earlier for stretch in wanted):
                return True
    return False


def quoted_words(quotes: Sequence[html.HtmlElement]) -> str:
    """Return the text of quotes that `unmarked_quotes` found."""
    return "\n\n".join(text for quote in quotes if (text := render(quote)))
