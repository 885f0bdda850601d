"""What belongs to one block: its elements without those of blocks nested in it, each with its slot.

A slot is where an element stands in its block (its own and its parent's tag and class names). The
same slot in most blocks means the same thing: the date, the author, the body.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from lxml import html

from crawler.extract.blocks import Family
from crawler.extract.layout import Layout, direct_text

Slot = tuple[str, str]
Shared = tuple[Slot, str]
_MOSTLY = 0.6
_NEARLY_ALL = 0.9
_DIGITS = re.compile(r"\d+")


@dataclass(slots=True, eq=False)
class Region:
    """One block, the elements from `index` to before `stop`.

    `inner` are the indexes of its own elements in page order; `outer` is the block it is nested in.
    """

    index: int
    stop: int
    element: html.HtmlElement
    inner: list[int]
    nested: list[html.HtmlElement]
    outer: Region | None = None


def regions_of(layout: Layout, family: Family, comments: Family | None = None) -> list[Region]:
    """Return the regions of a family and of the comments inside it, in page order."""
    found: list[Region] = []
    stack: list[Region] = []
    blocks = likely(layout, family) + (likely(layout, comments) if comments is not None else [])
    for member, stop in sorted(blocks):
        while stack and stack[-1].stop <= member:
            stack.pop()
        region = Region(member, stop, layout.elements[member], [], [], stack[-1] if stack else None)
        if region.outer is not None:
            region.outer.nested.append(region.element)
        found.append(region)
        stack.append(region)
    _fill(found)
    return found


def likely(layout: Layout, family: Family) -> list[tuple[int, int]]:
    """Leave out members that have nothing of what most have, date or author: advertisements, notices, forms, heads."""
    blocks = list(zip(family.members, family.stops, strict=True))
    marks = [layout.dates] if family.dated >= _MOSTLY else []
    marks += [layout.authors] if family.authored >= _MOSTLY and family.dated < _NEARLY_ALL else []
    if not marks:
        return blocks
    return [(start, stop) for start, stop in blocks if any(sums[stop] > sums[start] for sums in marks)]


def _fill(regions: Sequence[Region]) -> None:
    starts = {region.index: region for region in regions}
    stack: list[Region] = []
    for region in regions:
        if region.outer is not None:
            continue
        for index in range(region.index, region.stop):
            while stack and stack[-1].stop <= index:
                stack.pop()
            if index in starts:
                stack.append(starts[index])
            stack[-1].inner.append(index)
        stack.clear()


def parts_of(layout: Layout, region: Region) -> list[html.HtmlElement]:
    """Return the elements that make a block: one, or several siblings."""
    found: list[html.HtmlElement] = []
    index = region.index
    while index < region.stop:
        found.append(layout.elements[index])
        index = layout.ends[index]
    return found


def slot_of(layout: Layout, index: int) -> Slot:
    """Return where an element stands: its own name and its parent's."""
    parent = layout.parents[index]
    return (_name(layout.elements[index]), _name(layout.elements[parent]) if parent >= 0 else "")


def _name(element: html.HtmlElement) -> str:
    return _normal(element.tag, element.get("class") or "", element.get("itemprop") or "")


@lru_cache(maxsize=50_000)
def _normal(tag: str, names: str, prop: str) -> str:
    return f"{tag}.{'.'.join(sorted({_DIGITS.sub('#', name) for name in names.split()})[:6])}:{prop}"


def boilerplate(layout: Layout, regions: Sequence[Region]) -> set[Shared]:
    """Return the short texts (figures as `#`) that most blocks show in the same slot: "Reply", "Posts: #", "Member"."""
    counts: Counter[Shared] = Counter()
    for region in regions:
        counts.update({shared for _, shared in own_texts(layout, region)})
    enough = max(2 if len(regions) <= 3 else 3, round(0.4 * len(regions)))
    return {shared for shared, count in counts.items() if count >= enough}


def own_texts(layout: Layout, region: Region) -> Iterator[tuple[int, Shared]]:
    """Yield the short direct texts of a region with their slots, as `boilerplate` names them."""
    for index in region.inner:
        if layout.text[index + 1] + layout.links[index + 1] > layout.text[index] + layout.links[index]:
            text = direct_text(layout.elements[index])
            if len(text) <= 80:
                yield index, (slot_of(layout, index), plain_form(text))


def plain_form(text: str) -> str:
    """Return a short text with its figures as `#`, so that "Posts: 12" equals "Posts: 845"."""
    return _DIGITS.sub("#", text.replace(",", "")).casefold()
