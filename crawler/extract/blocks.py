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
    ["data-pid", "data-post-id", "data-postid", "data-comment-id", "data-commentid", "data-message-id", "data-fullname", "thingid"]
)
_DIGITS = re.compile(r"\d+")
_POST_NAME = re.compile(
    r"(?:^|[-_#])(?:posts?|messages?|comments?|answers?|repl(?:y|ies)|entry|msg|discussion)(?:$|[-_#])|^p#$|^c#$|"
    r"(?:post|comment|message|answer|reply)(?:#|$)",
    re.IGNORECASE,
)
_MAX_MEMBERS = 30_000
_MAX_CANDIDATES = 60
_WORD_MASS = 20
"""Characters that count as one step of text mass: the logarithm starts there."""

Key = tuple[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """Elements that look like siblings in kind: indexes into the layout, in page order, none twice."""

    key: Key
    members: tuple[int, ...]
    score: float
    dated: float
    authored: float


def find_blocks(layout: Layout) -> Family | None:
    """Return the family of elements that best looks like the posts of a thread, None when nothing does."""
    families = [family for key, members in _families(layout).items() if (family := _judge(layout, key, members))]
    if not families:
        return None
    best = max(families, key=lambda family: family.score)
    # Wrappers of the same posts score alike: the outermost holds the most about them.
    rivals = [family for family in families if family.score >= 0.93 * best.score or _wraps(layout, family, best)]
    return min(rivals, key=lambda family: (-_extent(layout, family), -family.score))


def _wraps(layout: Layout, outer: Family, inner: Family) -> bool:
    """Say whether the members of `outer` hold two or three of `inner` each: the cells of one post."""
    if outer.score < 0.4 * inner.score or outer.dated < 0.9 or outer.authored < 0.9 * inner.authored:
        return False
    held = [
        bisect_left(inner.members, layout.ends[member]) - bisect_left(inner.members, member) for member in outer.members
    ]
    once = 0.6 * len(inner.members) <= sum(held) <= len(inner.members)
    return once and min(held) >= 1 and sorted(held)[len(held) // 2] in (2, 3)


def _extent(layout: Layout, family: Family) -> int:
    return sum(layout.ends[member] - member for member in family.members)


def _families(layout: Layout) -> dict[Key, list[int]]:
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
        if "-" in tag:
            found[(tag, "*")].append(index)
    return {key: members for key, members in found.items() if 2 <= len(members) <= _MAX_MEMBERS}


def _judge(layout: Layout, key: Key, members: list[int]) -> Family | None:
    members = _without_wrappers(layout, members)
    if len(members) < 2:
        return None
    whole = max(1, layout.text[-1])
    own, dates, authors = _own(layout, members)
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
    score *= 1.2 if key[1] == "##" or key[1].startswith("@") else 1.0
    score *= 0.4 + 0.6 * dated / size if dated else 1.0
    return Family(key, tuple(members), score, dated / size, authored / size)


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


def _own(layout: Layout, members: list[int]) -> tuple[list[int], list[int], list[int]]:
    """Return text, dates and authors of each member without the members nested in it."""
    own = [layout.mass(member) for member in members]
    dates = [layout.dated(member) for member in members]
    authors = [layout.authored(member) for member in members]
    open_members: list[int] = []
    for position, member in enumerate(members):
        while open_members and layout.ends[members[open_members[-1]]] <= member:
            open_members.pop()
        if open_members:
            outer = open_members[-1]
            own[outer] -= layout.mass(member)
            dates[outer] -= layout.dated(member)
            authors[outer] -= layout.authored(member)
        open_members.append(position)
    return own, dates, authors
