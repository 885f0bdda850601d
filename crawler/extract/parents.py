"""Which post a block answers, where the page shows it: nesting, ids, links to an earlier post, indentation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from lxml import html

from crawler.extract.drafts import Draft
from crawler.extract.identify import named_parent
from crawler.extract.layout import Layout, direct_text
from crawler.extract.markup import is_quote
from crawler.extract.regions import Region

_ANSWERS = re.compile(
    r"\bparent\b|in reply to|repl(?:y|ies|ied|ying) to|in response to|answer(?:s|ed|ing)? to|^\W*re\b:?|antwort auf|"
    r"en réponse à|en respuesta a|in risposta a|em resposta a",
    re.IGNORECASE,
)
_OWN_TOOLS = re.compile(r"reply_?to|quote|report|share|edit|login|mode=|vote|like", re.IGNORECASE)
_NUMBER = re.compile(r"\d{2,}")
_LEVEL_CLASS = re.compile(
    r"(?:^|[-_\s])(?:depth|level|lvl|indent|nest(?:ed|ing)?|tier)[-_]?(\d{1,2})(?:$|[\s_-])", re.IGNORECASE
)
_MARGIN = re.compile(r"(?:margin|padding)-(?:left|inline-start)\s*:\s*(\d+(?:\.\d+)?)")
_LEVEL_ATTRIBUTES = ("indent", "data-depth", "data-level", "data-indent", "aria-level", "depth", "level")
_LOOK = 8
"""Indentation stands on a block or near its start."""


def link_posts(layout: Layout, made: dict[Region, Draft], *, opened: bool) -> None:
    """Set of each draft the post that it answers, from the surest witness that the page has.

    `opened`: the thread's opening stands elsewhere, so that the first block is an answer like the others.
    """
    known = {draft.native_id: draft for draft in made.values() if draft.native_id}
    ids = set(known)
    places = {draft: place for place, draft in enumerate(made.values())}
    beside = _beside(layout, list(made), opened=opened)
    above = _above(layout, list(made))
    for region, draft in made.items():
        outer = region.outer
        while outer is not None and outer not in made:
            outer = outer.outer
        if outer is not None:
            draft.parent = made[outer]
            continue
        draft.answers = named_parent(layout, region, ids) if ids else None
        if draft.answers is None:
            answered = _linked(layout, region, draft, known)
            if answered is not None and places[answered] < places[draft]:
                draft.parent = answered
            elif (holder := above.get(region) or beside.get(region)) is not None:
                draft.parent = made[holder]


def _linked(layout: Layout, region: Region, draft: Draft, known: dict[str, Draft]) -> Draft | None:
    """Return the post that a link of the block leads to, when its words say "parent", "in reply to" or the author."""
    for index in region.inner:
        element = layout.elements[index]
        link = element.get("href") if element.tag == "a" else None
        if not link or len(link) > 300 or _OWN_TOOLS.search(link):
            continue
        numbers = [element.get("data-id") or "", *reversed(_NUMBER.findall(link))]
        target = next((known[number] for number in numbers if number in known), None)
        if target is None or target is draft:
            continue
        words = " ".join("".join(element.itertext()).split())[:60]
        named = words.removeprefix("Re:").strip(" @»:>↩→")
        if named and named == target.author:
            return target
        if _ANSWERS.search(words) or _ANSWERS.search(_before(element)[-30:]):
            return None if is_quote(element) else target
    return None


def _before(element: html.HtmlElement) -> str:
    previous, parent = element.getprevious(), element.getparent()
    if previous is not None:
        return (previous.tail or "").strip() or direct_text(previous)
    return (parent.text or "") if parent is not None else ""


def _beside(layout: Layout, regions: Sequence[Region], *, opened: bool) -> dict[Region, Region]:
    """Return the parents of blocks in a box after the one answered: `<article/><div class="indented">...</div>`."""
    depths = {region: _depth(layout, region.index) for region in regions}
    if len(set(depths.values())) < 2:
        return {}
    starts = {region.index: region for region in regions}
    found: dict[Region, Region] = {}
    before: dict[int, int] = {}
    for region in regions:
        index = layout.parents[region.index]
        while index > 0:
            sibling = before.get(index) or _previous(layout, index, before)
            held = next((starts[i] for i in range(sibling, index) if i in starts), None) if sibling > 0 else None
            if held is not None:
                if depths[held] < depths[region] and (opened or held is not regions[0]):
                    found[region] = held
                break
            index = layout.parents[index]
    return found


def _previous(layout: Layout, index: int, before: dict[int, int]) -> int:
    """Return the sibling before an element that has words, -1 when there is none."""
    parent, child, last = layout.parents[index], layout.parents[index] + 1, -1
    while child < layout.ends[parent]:
        before[child] = last
        if layout.mass(child) + layout.linked(child) > 0:
            last = child
        child = layout.ends[child]
    return before[index]


def _depth(layout: Layout, index: int) -> int:
    depth = 0
    while index >= 0:
        index, depth = layout.parents[index], depth + 1
    return depth


def _above(layout: Layout, regions: Sequence[Region]) -> dict[Region, Region]:
    """Return the parents of blocks that are only indented: the last block before with less indentation."""
    for levels in zip(*(_levels(layout, region) for region in regions), strict=True):
        known = [level for level in levels if level is not None]
        steps = sorted(set(known))
        if len(known) < len(levels) or len(steps) < 2:
            continue
        ranks = [steps.index(level) for level in known]
        if ranks[0] or any(after > before + 1 for before, after in pairwise(ranks)):
            continue
        found: dict[Region, Region] = {}
        open_at: dict[int, Region] = {}
        for region, rank in zip(regions, ranks, strict=True):
            if rank:
                found[region] = open_at[rank - 1]
            open_at[rank] = region
        return found
    return {}


def _levels(layout: Layout, region: Region) -> tuple[float | None, ...]:
    """Return how far a block stands in by each witness: attributes, class names, margins, a spacer's width."""
    attribute = named = margin = spacer = None
    for index in region.inner[:_LOOK]:
        element = layout.elements[index]
        for name in _LEVEL_ATTRIBUTES:
            value = element.get(name)
            if attribute is None and value and value.isdecimal():
                attribute = float(value)
        if named is None and (match := _LEVEL_CLASS.search(element.get("class") or "")):
            named = float(match[1])
        if margin is None and (match := _MARGIN.search(element.get("style") or "")):
            margin = float(match[1])
        width = element.get("width") if element.tag in ("img", "td") and not layout.mass(index) else None
        if spacer is None and width and width.removesuffix("px").isdecimal():
            spacer = float(width.removesuffix("px"))
    return attribute, named, margin if margin is not None else 0.0, spacer
