"""Find each block's author by asking which slot holds a name in most blocks."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import islice

from lxml import html

from crawler.extract.date_forms import looks_dated
from crawler.extract.layout import Layout, direct_text
from crawler.extract.markup import is_quote, is_user_link, naming_strength
from crawler.extract.regions import Region, Slot, slot_of
from crawler.extract.slots import Dated
from crawler.extract.text import one_line

_NAME_LENGTH = 60
_SHORT_NAME = 30
_NAME_WORDS = 4
_LEAD = 30
"""How many elements into a block a name may stand that nothing marks as one."""
_ALL_BLOCKS = 0.9
_NEVER_NAMES = frozenset(["h1", "h2", "h3", "h4", "h5", "h6", "p", "li", "pre", "code", "blockquote", "time"])
_EDITED = re.compile(r"(?:last )?(?:edited|modified|updated|changed)\b", re.IGNORECASE)
_EDIT_CLIMB = 4
_EDIT_BOX = 40
_NOT_A_NAME = re.compile(
    r"^(?:#?\d[\d,.]*|reply|quote|report|share|edit|delete|like|post reply|profile|view (?:profile|(?:forum )?posts)|"
    r"send message|pm|"
    r"website|guest|member|senior member|junior member|moderator|administrator|new member|registered|permalink|by|re|"
    r"top|up|likes?|reactions?|posts?|messages?|offline|online|author|op|original poster|link|parent|thread|next|"
    r"prev(?:ious)?|"
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|satur|sat|sun)(?:day)?|score|hide|show|more|comments?|edited|asked|answered|"
    r"commented|message #?\d*)$|"
    r"^(?:please )?(?:log|sign) ?in\b|^(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]* \d{1,2}$|https?://|\.\.\.$",
    re.IGNORECASE,
)


def find_authors(layout: Layout, regions: Sequence[Region]) -> dict[Region, tuple[int, str]]:
    """Return the author's name (and the element that shows it) of each block that shows one."""
    slots: dict[Slot, dict[Region, tuple[int, str]]] = defaultdict(dict)
    strength: dict[Slot, float] = {}
    for region in regions:
        quoted = _edit_notes(layout, region)
        for index in region.inner:
            if index in quoted or is_quote(layout.elements[index]):
                quoted.update(range(index, layout.ends[index]))
                continue
            mark = _name_strength(layout, index)
            if not mark:
                continue
            name = _name_text(layout, index)
            if name is not None:
                slot = slot_of(layout, index)
                strength[slot] = max(strength.get(slot, 0), mark)
                slots[slot].setdefault(region, (index, name))
    ranked = sorted(slots, key=lambda slot: -_author_rank(slots[slot], strength[slot], len(regions)))
    named: dict[Region, tuple[int, str]] = {}
    for slot in ranked:
        # A moderator's or a guest's name may stand in a slot of its own, hence the rarer slots after the usual ones.
        if not named or len(slots[slot]) >= 0.3 * len(regions) or strength[slot] >= 0.8:
            for region, found in slots[slot].items():
                named.setdefault(region, found)
        elif named:
            break
    if ranked and len(named) < len(regions):
        named |= _names_in_same_box(layout, [region for region in regions if region not in named], ranked[0][1])
    return named


def _edit_notes(layout: Layout, region: Region) -> set[int]:
    """Return the elements of the small boxes that tell who edited the block, beside those that tell who wrote it."""
    noted: set[int] = set()
    for index in region.inner:
        if layout.text[index + 1] + layout.links[index + 1] == layout.text[index] + layout.links[index]:
            continue
        dates = layout.dated(index)
        if not dates or not _EDITED.match(direct_text(layout.elements[index])[:_NAME_LENGTH]):
            continue
        box = index
        for _ in range(_EDIT_CLIMB):
            if layout.authored(box) or layout.parents[box] <= region.index:
                break
            box = layout.parents[box]
        more = layout.authored(region.index) > layout.authored(box) > 0
        if more and layout.dated(box) == dates and layout.ends[box] - box <= _EDIT_BOX:
            noted.update(range(box, layout.ends[box]))
    return noted


def _names_in_same_box(layout: Layout, regions: Sequence[Region], box: str) -> dict[Region, tuple[int, str]]:
    """Return the names that stand where the others' links stand, without a link: guests, people who left."""
    named: dict[Region, tuple[int, str]] = {}
    if box.split(":", maxsplit=1)[0].endswith("."):
        return named  # a box without a class name is any box
    for region in regions:
        for index in region.inner:
            if slot_of(layout, index)[0] == box and (name := _name_text(layout, index)) is not None:
                named[region] = (index, name)
                break
    return named


def leading_names(
    layout: Layout, regions: Sequence[Region], dated: dict[Region, Dated]
) -> dict[Region, tuple[int, str]]:
    """Return the short texts that all blocks begin with, seldom equal, where nothing marks an author."""
    slots: dict[Slot, dict[Region, tuple[int, str]]] = defaultdict(dict)
    for region in regions:
        for index in region.inner[:_LEAD]:
            element = layout.elements[index]
            if element.tag in _NEVER_NAMES or (region in dated and dated[region].index == index):
                continue
            text = direct_text(element)
            name = clean_name(text) if 0 < len(text) <= _SHORT_NAME and len(text.split()) <= _NAME_WORDS else None
            if name is not None:
                slots[slot_of(layout, index)].setdefault(region, (index, name))
    for found in slots.values():
        names = {name for _, name in found.values()}
        if len(found) >= _ALL_BLOCKS * len(regions) and len(names) > max(1.0, 0.25 * len(found)):
            return found
    return {}


def names_beside_dates(layout: Layout, dated: dict[Region, Dated]) -> dict[Region, tuple[int, str]]:
    """Return the names that stand beside the dates ("longshot · 03/03/2026 19:44") where nothing marks an author."""
    places: dict[str, dict[Region, tuple[int, str]]] = defaultdict(dict)
    for region, date in dated.items():
        element = layout.elements[date.index]
        parent, previous = element.getparent(), element.getprevious()
        shown = {
            "within": re.split(r"[·•|»,-]|\bon\b", element.text or "")[0],
            "around": (parent.text or "") if parent is not None else "",
            "before": _first_name(previous) if previous is not None else "",
        }
        for place, text in shown.items():
            name = clean_name(text)
            if name is not None and element is not region.element:
                places[place][region] = (layout.parents[date.index] if place == "around" else date.index, name)
    best = max(places.values(), key=lambda found: _author_rank(found, 0.5, len(dated)), default={})
    return best if len(best) >= 0.7 * len(dated) and len({name for _, name in best.values()}) > 1 else {}


def _first_name(element: html.HtmlElement) -> str:
    """Return the first text of an element that may be a name: what follows it are rank and figures."""
    return next((text for text in islice(element.itertext(), _LEAD) if clean_name(text) is not None), "")


def _name_strength(layout: Layout, index: int) -> float:
    element = layout.elements[index]
    named = naming_strength(element)
    parent = element.getparent()
    linked = is_user_link(element)
    if "mention" in (element.get("class") or "") or (
        parent is not None and parent.tag == "p" and not parent.get("class")
    ):
        return 0.1 if named or linked else 0.0  # somebody spoken of in a paragraph
    if linked:
        return 1.0 + 0.5 * (named == 2)
    if not named or layout.ends[index] - index > 8:
        return 0.0
    if any(
        naming_strength(layout.elements[i]) or is_user_link(layout.elements[i])
        for i in range(index + 1, layout.ends[index])
    ):
        return 0.1  # a box around the name that says more than the name
    # A box that holds more than a name (rank, figures) is a worse witness than the name itself.
    texts = sum(
        layout.text[i + 1] + layout.links[i + 1] > layout.text[i] + layout.links[i]
        for i in range(index, layout.ends[index])
    )
    return (0.2 if named == 1 else 0.8) / max(1, texts)


def _name_text(layout: Layout, index: int) -> str | None:
    element = layout.elements[index]
    total = layout.mass(index) + layout.linked(index)
    if total > _NAME_LENGTH:
        return None
    return clean_name("".join(element.itertext()))


def clean_name(text: str) -> str | None:
    """Return the name in a short text ("by Ann »" is Ann), None when it is no name."""
    name = one_line(text).strip(" :,@»«-\u2013|·•")
    name = re.sub(r"^(?:by|von|par|por|posted by|written by|author:?)\s+", "", name, flags=re.IGNORECASE)
    name = _DATE_AFTER.sub("", name)
    name = re.sub(r"\s+(?:says|said|wrote|a dit|schrieb|sagt|offline|online)$", "", name, flags=re.IGNORECASE)
    if not name or len(name) > _NAME_LENGTH or _NOT_A_NAME.search(name) or looks_dated(name):
        return None
    return name


_DATE_AFTER = re.compile(
    r"(?:[\s,|·•\u2013-]+(?:on|at|am|le|el|il)?)?\s+(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+)?"
    r"(?:\d{1,2}\.?\s+[^\W\d]{3,9}\.?,?\s+\d{4}|(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?\s+\d{1,2}\b"
    r"|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}).*$|\s+\d+\s*[a-z]+\s+ago$",
    re.IGNORECASE,
)
"""A date that follows a name in one text: "ann, 5 March 2026"."""


def _author_rank(found: dict[Region, tuple[int, str]], strength: float, blocks: int) -> float:
    names = {name for _, name in found.values()}
    distinct = min(1.0, len(names) / max(1.0, 0.25 * len(found)))
    readable = sum(len(name) > 1 for _, name in found.values()) / len(found)
    return (len(found) / blocks) * (0.5 + strength) * (0.4 + 0.6 * distinct) * (0.5 + 0.5 * readable)
