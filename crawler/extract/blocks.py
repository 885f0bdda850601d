"""Find the repeated blocks of a page that are posts, without knowing the forum software.

Posts share a class name, an id pattern (`post-12`, `post-13`) or a parent; each holds its own text,
a date and an author. Every such family of elements is scored, the best one is the thread.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from crawler.extract.layout import Layout

_TAGS = frozenset(
    [
        "div",
        "article",
        "li",
        "tr",
        "td",
        "table",
        "section",
        "dl",
        "dd",
        "dt",
        "tbody",
        "p",
        "form",
        "details",
        "blockquote",
        "font",
        "span",
        "main",
    ]
)
_ID_ATTRIBUTES = frozenset(
    [
        "data-pid",
        "data-post-id",
        "data-postid",
        "data-comment-id",
        "data-commentid",
        "data-message-id",
        "data-fullname",
        "thingid",
    ]
)
_DIGITS = re.compile(r"\d+")
_POST_NAME = re.compile(
    r"(?:^|[-_#])(?:posts?|messages?|comments?|answers?|repl(?:y|ies)|entry|msg|discussion)(?:$|[-_#])|^p#$|^c#$|"
    r"(?:post|comment|message|answer|reply)(?:#|$)",
    re.IGNORECASE,
)
_MAX_MEMBERS = 30_000
_MAX_SPANS = 3_000
_MAX_ROW = 4
_SPAN_LEAD = 1.2
"""How much better rows of siblings must score than single elements to be believed."""
_WORD_MASS = 20
"""Characters that count as one step of text mass: the logarithm starts there."""

Key = tuple[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """Elements that look like siblings in kind: indexes into the layout, in page order, none twice.

    `stops[i]` is the index after the block that member i begins: the end of its subtree, or of the
    siblings that belong to it where a post is several siblings (a header row and a body row).
    """

    key: Key
    members: tuple[int, ...]
    stops: tuple[int, ...]
    score: float
    dated: float
    authored: float


def find_blocks(layout: Layout) -> Family | None:
    """Return the family of elements that best looks like the posts of a thread, None when nothing does."""
    kinds = families(layout)
    whole = [family for key, members in kinds.items() if (family := judge(layout, key, members))]
    spans = [
        family
        for key, members in kinds.items()
        if (stops := _spans(layout, members)) and (family := judge(layout, key, members, stops))
    ]
    best = max(whole, key=lambda family: family.score, default=None)
    span = max(spans, key=lambda family: family.score, default=None)
    if span is not None and (best is None or span.score > _SPAN_LEAD * best.score):
        return span
    if best is None:
        return None
    # Wrappers of the same posts score alike: the outermost holds the most about them.
    rivals = [family for family in whole if family.score >= 0.93 * best.score or _wraps(layout, family, best)]
    return min(rivals, key=lambda family: (-_extent(family), -family.score))


def _wraps(layout: Layout, outer: Family, inner: Family) -> bool:
    """Say whether the members of `outer` hold two or three of `inner` each: the cells of one post."""
    if outer.score < 0.4 * inner.score or outer.dated < 0.9 or outer.authored < 0.9 * inner.authored:
        return False
    held = [
        bisect_left(inner.members, layout.ends[member]) - bisect_left(inner.members, member) for member in outer.members
    ]
    once = 0.6 * len(inner.members) <= sum(held) <= len(inner.members)
    return once and min(held) >= 1 and sorted(held)[len(held) // 2] in (2, 3)


def _extent(family: Family) -> int:
    return sum(stop - member for member, stop in zip(family.members, family.stops, strict=True))


def _spans(layout: Layout, members: list[int]) -> list[int] | None:
    """Return where the blocks end when each member begins a row of siblings of equal number, else None."""
    parent = layout.parents[members[0]]
    if len(members) > _MAX_SPANS or parent < 0 or any(layout.parents[member] != parent for member in members):
        return None
    rows = [_siblings(layout, start, stop) for start, stop in pairwise([*members, layout.ends[parent]])]
    usual = sorted(rows[:-1])[(len(rows) - 1) // 2]
    if not 2 <= usual <= _MAX_ROW or sum(row == usual for row in rows[:-1]) < 0.6 * (len(rows) - 1):
        return None
    last = members[-1]
    for _ in range(usual):
        last = layout.ends[last] if last < layout.ends[parent] else last
    return [*members[1:], last]


def _siblings(layout: Layout, start: int, stop: int) -> int:
    count = 0
    while start < stop:
        start = layout.ends[start]
        count += 1
    return count


@lru_cache(maxsize=1)
def families(layout: Layout) -> dict[Key, list[int]]:
    """Return all sets of elements of a kind, two or more each, by what they share."""
    found: dict[Key, list[int]] = defaultdict(list)
    for index, element in enumerate(layout.elements):
        tag = element.tag
        if tag not in _TAGS and "-" not in tag:
            continue
        if layout.mass(index) + layout.linked(index) < 2:
            continue
        for name in set((element.get("class") or "").split()):
            found[(tag, "." + _DIGITS.sub("#", name))].append(index)
        identity = element.get("id")
        if identity and _DIGITS.search(identity):
            found[(tag, "#" + _DIGITS.sub("#", identity))].append(index)
        for name in element.attrib:
            if name in _ID_ATTRIBUTES:
                found[(tag, "@" + name)].append(index)
        if tag not in ("p", "span", "font"):
            found[(tag, f"<{layout.parents[index]}")].append(index)
            if not element.get("class"):
                shape = f"{','.join(sorted(element.attrib))}/{len(element)}"
                found[(tag, f"<{layout.parents[index]}~{shape}")].append(index)
        if "-" in tag or (tag in ("article", "details") and not element.get("class") and not identity):
            found[(tag, "*")].append(index)
    return {key: members for key, members in found.items() if 2 <= len(members) <= _MAX_MEMBERS}


def judge(layout: Layout, key: Key, members: list[int], stops: list[int] | None = None) -> Family | None:
    """Return the elements as a family with its score, None when they hold nothing to speak of."""
    if stops is None:
        members = _without_wrappers(layout, members)
        stops = [layout.ends[member] for member in members]
    if len(members) < 2:
        return None
    whole = max(1, layout.text[-1])
    own, dates, authors = _own(layout, members, stops)
    score = covered = 0.0
    dated = authored = 0
    for mass, date_count, author_count in zip(own, dates, authors, strict=True):
        weight = math.log2(1 + mass / _WORD_MASS)
        covered += mass
        dated += date_count > 0
        authored += author_count > 0
        weight *= 1.0 if date_count else 0.12
        weight *= 1.0 if author_count else 0.45
        weight *= 1.0 if date_count <= 5 else 0.5
        score += weight
    size = len(members)
    if covered < 40:
        return None
    score *= 0.25 + 0.75 * min(1.0, covered / whole)
    score *= 1.3 if _POST_NAME.search(key[1]) else 1.0
    score *= 0.9 if key[1].startswith("<") else 1.0
    score *= 1.2 if key[1] == "##" or key[1].startswith("@") else 1.0
    score *= 0.4 + 0.6 * dated / size if dated else 1.0
    return Family(key, tuple(members), tuple(stops), score, dated / size, authored / size)


def _without_wrappers(layout: Layout, members: list[int]) -> list[int]:
    """Leave out members that hold most of the others: boxes around the thread that share a class with its posts."""
    if len(members) < 4:
        return members
    many = 0.6 * len(members)
    return [
        member
        for position, member in enumerate(members)
        if bisect_left(members, layout.ends[member]) - position - 1 < many
    ]


def _own(layout: Layout, members: list[int], stops: list[int]) -> tuple[list[int], list[int], list[int]]:
    """Return text, dates and authors of each block without the blocks nested in it."""
    own, dates, authors = (
        [sums[stop] - sums[member] for member, stop in zip(members, stops, strict=True)]
        for sums in (layout.text, layout.dates, layout.authors)
    )
    whole = (list(own), list(dates), list(authors))
    open_members: list[int] = []
    for position, member in enumerate(members):
        while open_members and stops[open_members[-1]] <= member:
            open_members.pop()
        if open_members:
            for sums, all_of in zip((own, dates, authors), whole, strict=True):
                sums[open_members[-1]] -= all_of[position]
        open_members.append(position)
    return own, dates, authors
