"""Comments that stand inside the blocks of a thread and look unlike them: the notes below an answer.

A second family of elements, each dated and signed, all inside the blocks, and such that the blocks keep
a date and an author of their own without them (a wrapper around a post's words would take those away).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from statistics import median

from crawler.extract.blocks import Family, Key, families, judge
from crawler.extract.layout import Layout
from crawler.extract.markup import is_noise, is_quote, tokens
from crawler.extract.regions import likely

_COMMENT_NAME = re.compile(
    r"(?:^|[-_.#])(?:sub)?(?:comments?|repl(?:y|ies)|responses?|notes?)(?:$|[-_#])|(?:comment|reply|note)(?:#|$)",
    re.IGNORECASE,
)
_ALL = 0.9
_UNNAMED = 0.95
_LEAST_UNNAMED = 40
_KEPT = 0.8
"""Share of the blocks that must stay dated and signed when the comments are taken out."""
_LEAST_WORDS = 12
"""Characters that the usual comment has at least, beside its author's linked name."""


def find_comments(layout: Layout, family: Family, known: str | None = None) -> Family | None:
    """Return the family of comments inside the blocks of `family`, None when there is none.

    `known` is the class name that the page's engine is known to give them.
    """
    blocks = likely(layout, family)
    if known is not None:
        places = (i for i, element in enumerate(layout.elements) if known in tokens(element))
        members = [i for i in places if _holder(blocks, i) is not None]
        if members and (dated := [i for i in members if layout.dated(i) and layout.authored(i)]):
            stops = tuple(layout.ends[i] for i in dated)
            return Family((layout.elements[dated[0]].tag, "." + known), tuple(dated), stops, 1.0, 1.0, 1.0)
    found: list[Family] = []
    for key, members in families(layout).items():
        if key[1].startswith("<"):
            continue
        named = bool(_COMMENT_NAME.search(key[1]))
        inside = [member for member in members if _holder(blocks, member) is not None]
        if len(inside) < max(2, _ALL * len(members)) or set(inside) & set(family.members):
            continue
        comments = _judged(layout, key, inside, named=named)
        if comments is not None and _blocks_stay_whole(layout, blocks, comments):
            found.append(comments)
    return max(found, key=lambda one: (one.score, -one.members[0]), default=None)


def _holder(blocks: list[tuple[int, int]], member: int) -> int | None:
    """Return which block a member lies strictly inside of."""
    place = bisect_right(blocks, (member, 1 << 60)) - 1
    while place >= 0:
        start, stop = blocks[place]
        if start < member < stop:
            return place
        if member >= stop and place and blocks[place - 1][1] <= start:
            return None
        place -= 1
    return None


def _judged(layout: Layout, key: Key, members: list[int], *, named: bool) -> Family | None:
    """Return the elements as comments; those that no name calls so must all be signed and dated, and say more."""
    if layout.dated(members[0]) == 0:
        return None
    comments = judge(layout, key, members)
    enough = _ALL if named else _UNNAMED
    if comments is None or comments.dated < enough or comments.authored < enough:
        return None
    if median(layout.mass(member) for member in comments.members) < (_LEAST_WORDS if named else _LEAST_UNNAMED):
        return None
    if any(_is_aside(layout, member) for member in comments.members[:5]):
        return None
    return comments


def _is_aside(layout: Layout, member: int) -> bool:
    """Say whether an element is a quote, a signature or a note about editing, or lies in one."""
    for _ in range(6):
        element = layout.elements[member]
        if is_quote(element) or is_noise(element):
            return True
        member = layout.parents[member]
        if member < 0:
            break
    return False


def _blocks_stay_whole(layout: Layout, blocks: list[tuple[int, int]], comments: Family) -> bool:
    kept = most = 0
    for start, stop in blocks:
        left, right = bisect_left(comments.members, start), bisect_left(comments.members, stop)
        dates, authors, words = (sums[stop] - sums[start] for sums in (layout.dates, layout.authors, layout.text))
        end = -1
        most = max(most, right - left)
        for place in range(left, right):
            if comments.members[place] < end:
                continue
            end = comments.stops[place]
            dates -= layout.dates[end] - layout.dates[comments.members[place]]
            authors -= layout.authors[end] - layout.authors[comments.members[place]]
            words -= layout.text[end] - layout.text[comments.members[place]]
        kept += dates > 0 and authors > 0 and words >= _LEAST_WORDS
    # What every block has once is a part of it: its author's profile, its head.
    return most > 1 and kept >= _KEPT * len(blocks)
