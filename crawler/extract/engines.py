"""What one post is in the pages of well-known forum software: asked before looking for repeated blocks.

Only the block is named; who wrote it, when and what is found as in any other block, because skins move these about.
An engine is believed when all its signs are on the page and nearly all its blocks carry a date and an author. It
finds what repetition cannot: a thread with a single post.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from crawler.extract.blocks import Family, judge
from crawler.extract.layout import Layout

_BELIEVED = 0.9


@dataclass(frozen=True, slots=True)
class Engine:
    """`signs` are class names that all stand somewhere on a page; `block` those of one post's element."""

    name: str
    signs: frozenset[str]
    block: frozenset[str]


def _engine(name: str, signs: str, block: str) -> Engine:
    return Engine(name, frozenset(signs.split()), frozenset(block.split()))


ENGINES = (
    _engine("XenForo 2", "message--post message-cell", "message message--post"),
    _engine("XenForo 1", "messageUserInfo messageContent messageMeta", "message"),
    _engine("phpBB 3", "postbody postprofile author", "post has-profile"),
    _engine("phpBB 3.0", "postbody postprofile author", "post"),
    _engine("vBulletin 5", "b-post b-post__content", "b-post"),
    _engine("vBulletin 4", "postcontainer posthead", "postcontainer"),
    _engine("Invision 4", "ipsComment ipsComment_content", "ipsComment"),
    _engine("Invision 5", "ipsEntry ipsEntry__content", "ipsEntry"),
    _engine("SMF 2", "post_wrapper poster postarea", "post_wrapper"),
    _engine("MyBB", "post post_content post_author", "post"),
    _engine("Discourse", "crawler-post post", "crawler-post"),
    _engine("bbPress", "bbp-reply-author bbp-reply-content", "type-reply"),
    _engine("Vanilla", "ItemComment Message", "ItemComment"),
    _engine("Khoros", "lia-message-view-wrapper lia-message-body", "lia-message-view-wrapper"),
)
"""NodeBB, Flarum and Stack Exchange are not here: their blocks (`li` with posts of their own id, articles, answers with
comments) are found by repetition, and a selector found nothing more on the pages measured."""


def find_engine_blocks(layout: Layout, engines: Sequence[Engine] = ENGINES) -> tuple[str, Family] | None:
    """Return the engine whose posts the page shows, and these posts; None when it is none of those known."""
    if not engines:
        return None
    places: dict[str, list[int]] = defaultdict(list)
    for index, element in enumerate(layout.elements):
        for name in (element.get("class") or "").split():
            places[name].append(index)
    for engine in engines:
        if all(name in places for name in engine.signs):
            family = _posts(layout, places, engine)
            if family is not None:
                return engine.name, family
    return None


def _posts(layout: Layout, places: dict[str, list[int]], engine: Engine) -> Family | None:
    shared = set.intersection(*(set(places.get(name, ())) for name in engine.block))
    members: list[int] = []
    for index in sorted(shared):
        if (not members or index >= layout.ends[members[-1]]) and layout.mass(index) > 1:
            members.append(index)
    key = (layout.elements[members[0]].tag, "." + min(engine.block)) if members else ("", "")
    family = judge(layout, key, members) if len(members) > 1 else _single(layout, key, members)
    if family is None or min(family.dated, family.authored) < _BELIEVED:
        return None
    return family


def _single(layout: Layout, key: tuple[str, str], members: list[int]) -> Family | None:
    if not members:
        return None
    (member,) = members
    dated, authored = float(layout.dated(member) > 0), float(layout.authored(member) > 0)
    return Family(key, (member,), (layout.ends[member],), 1.0, dated, authored)
