"""Find each block's body: the part that holds its own words and nothing that all blocks share."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence

from lxml import html

from crawler.extract.layout import Layout
from crawler.extract.markup import is_noise, is_user_link
from crawler.extract.regions import Region, Shared, boilerplate, own_texts, parts_of, plain_form, slot_of
from crawler.extract.text import render, render_quoted

_BODY_NAME = re.compile(
    r"[.#](?:post-?body|entry-?content|message-?(?:body|content|text)|comment-?(?:body|content|text)s?|bbwrapper|"
    r"post-?(?:content|text|message)|post_message_#?|content|body|text|md|\w*richtext|prose|usertext-body|usercontent|msg|"
    r"js-post-body|messagetext|cooked|inner)(?=[.:<]|$)",
    re.IGNORECASE,
)
_DANGLING = re.compile(r"\s+[\u2013\u2014|·]+$")
_FURNITURE = frozenset(
    ["a", "button", "dd", "div", "dt", "footer", "h3", "h4", "h5", "h6", "header", "label", "li", "small", "td", "ul"]
)
_NEARLY = 0.9
_LOST_AFTER = 4.0
_BOILER_COST = 4.0
_MARK_COST = 60.0
_MOST_RANKED = 8
_OTHER_COST = 40.0
"""What a further name or date costs: where several stand, somebody else's post is nested."""


def find_bodies(
    layout: Layout, regions: Sequence[Region], marks: dict[Region, set[int]]
) -> dict[Region, tuple[list[html.HtmlElement], list[html.HtmlElement]]]:
    """Return of each region the elements that make its body, and those to leave out of it.

    `marks` are the elements that show a region's author and date: they belong to no body.
    """
    common = boilerplate(layout, regions)
    names: dict[str, dict[Region, int]] = defaultdict(dict)
    several: Counter[str] = Counter()
    costs: dict[Region, list[float]] = {}
    for region in regions:
        costs[region] = _costs(layout, region, common, marks.get(region, set()))
        for index in region.inner:
            if index != region.index and layout.mass(index) + layout.linked(index) > 0:
                for name in _keys(layout, index):
                    several[name] += region in names[name]
                    names[name].setdefault(region, index)
    values = {
        name: _value(layout, name, found, costs, len(regions)) / (1 + 0.3 * min(1.0, several[name] / len(found)))
        for name, found in names.items()
    }
    best = max(values, key=lambda name: values[name], default=None)
    best = _innermost(layout, best, values, names, costs) if best is not None else None
    bodies: dict[Region, tuple[list[html.HtmlElement], list[html.HtmlElement]]] = {}
    for region in regions:
        body = names[best].get(region) if best is not None and values[best] > 0 else None
        unwanted = [layout.elements[index] for index in marks.get(region, ())] + region.nested
        if body is None or len(regions) > 3:
            unwanted += [
                layout.elements[index]
                for index, text in own_texts(layout, region)
                if text in common and index != body and _is_furniture(layout, index)
            ]
        bodies[region] = (parts_of(layout, region) if body is None else [layout.elements[body]], unwanted)
    return bodies


def _innermost(
    layout: Layout,
    best: str,
    values: dict[str, float],
    names: dict[str, dict[Region, int]],
    costs: dict[Region, list[float]],
) -> str:
    """Return the deepest part that loses no words after it and nearly none before: around it are heads and tools."""
    deepest = best
    for name, value in values.items():
        if value < _NEARLY * values[best] or len(names[name]) < len(names[deepest]):
            continue
        if all(
            (outer := names[deepest].get(region)) is not None
            and layout.within(index, outer)
            and _worth(region, costs, layout.ends[index], layout.ends[outer]) <= _LOST_AFTER
            for region, index in names[name].items()
        ):
            deepest = name
    return deepest


def _worth(region: Region, costs: dict[Region, list[float]], start: int, stop: int) -> float:
    return costs[region][bisect_left(region.inner, stop)] - costs[region][bisect_left(region.inner, start)]


def body_text(parts: list[html.HtmlElement], unwanted: list[html.HtmlElement]) -> str:
    """Return the rendered body, without the dash that led to the name after it."""
    drop = set(unwanted)
    return _DANGLING.sub("", "\n\n".join(text for part in parts if (text := render(part, drop))))


def body_quoted(parts: list[html.HtmlElement], unwanted: list[html.HtmlElement], text: str) -> str | None:
    """Return what the body quotes of other posts, None when nothing, or when the quote is all there is."""
    drop = set(unwanted)
    found = "\n\n".join(quoted for part in parts if (quoted := render_quoted(part, drop)))
    return found if found and found != text else None


def _is_furniture(layout: Layout, index: int) -> bool:
    """Say whether a repeated text is a label or a button; a repeated word in a sentence is not."""
    element = layout.elements[index]
    small = layout.ends[index] - index <= 4
    if element.tag in ("span", "strong", "b"):
        parent = element.getparent()
        return small and parent is not None and parent.tag in ("a", "li", "button")
    return small and element.tag in _FURNITURE and not (element.tag == "a" and is_user_link(element))


def _keys(layout: Layout, index: int) -> list[str]:
    element = layout.elements[index]
    own, parent = slot_of(layout, index)
    keys = [f"{own}<{parent}"]
    if not element.get("class") and not element.get("id") and layout.parents[index] >= 0:
        keys.append(f"{own}[{_rank(layout, index)}]<{parent}")  # the second cell of a row
    keys += [f"{element.tag}.{name}" for name in (element.get("class") or "").split()]
    if identity := element.get("id"):
        keys.append(f"{element.tag}#{plain_form(identity)}")
    return keys


def _rank(layout: Layout, index: int) -> int:
    """Return which child of its parent an element is, counted to a few."""
    sibling, rank = layout.parents[index] + 1, 0
    while sibling < index and rank < _MOST_RANKED:
        sibling, rank = layout.ends[sibling], rank + 1
    return rank


def _costs(layout: Layout, region: Region, common: set[Shared], marks: set[int]) -> list[float]:
    """Return running sums over the region's own elements: text worth having, less what is no body."""
    worth = [0.0]
    shared = {index for index, text in own_texts(layout, region) if text in common}
    noise_until = -1
    for index in region.inner:
        if index >= noise_until and index != region.index and is_noise(layout.elements[index]):
            noise_until = layout.ends[index]
        length = (layout.text[index + 1] - layout.text[index]) + 0.3 * (layout.links[index + 1] - layout.links[index])
        if index in marks:
            length = -_MARK_COST
        elif index < noise_until:
            length *= -0.2
        elif index in shared and layout.elements[index].tag != "p":
            length *= -_BOILER_COST
        elif layout.dates[index + 1] > layout.dates[index] or layout.authors[index + 1] > layout.authors[index]:
            length -= _OTHER_COST
        worth.append(worth[-1] + length)
    return worth


def _value(layout: Layout, name: str, found: dict[Region, int], costs: dict[Region, list[float]], blocks: int) -> float:
    total = 0.0
    for region, index in found.items():
        total += min(_worth(region, costs, index, layout.ends[index]), 4_000)
    return total * (1.12 if _BODY_NAME.search(name) else 1.0) * (0.5 + 0.5 * len(found) / blocks)
