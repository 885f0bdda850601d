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
    """`signs` are class names that all stand somewhere on a page; `block` those of one post's element.

    Either may name an attribute of the element as well: `[component]` any value, `[component=post]` this one.
    """

    name: str
    signs: frozenset[str]
    block: frozenset[str]
    around: bool = False
    """The post's element is the parent of what `block` names, because it has no name itself."""
    undated: bool = False
    """The engine prints no dates in these pages: names alone are asked for."""
    comment: str | None = None
    """Class name of the comments inside a post: needed where each post has just one, as each has one head."""


def _engine(
    name: str, signs: str, block: str, *, around: bool = False, undated: bool = False, comment: str | None = None
) -> Engine:
    return Engine(name, frozenset(signs.split()), frozenset(block.split()), around, undated, comment)


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
    _engine("NodeBB", "[component=posts] [component=post] [component=post/content]", "[component=post] [data-pid]"),
    _engine("Flarum", "PostStream-item Post-body", "PostStream-item"),
    _engine("Flarum 2", "Post-body CommentPost", "Post CommentPost"),
    _engine("Flarum without scripts", "PostUser PostUser-name Post-body", "Post-body", around=True, undated=True),
    _engine("Stack Exchange", "post-layout js-post-body post-signature", "post-layout", comment="comment"),
)
_ATTRIBUTES = ("component", "data-pid")


def find_engine_blocks(layout: Layout, engines: Sequence[Engine] = ENGINES) -> tuple[Engine, Family] | None:
    """Return the engine whose posts the page shows, and these posts; None when it is none of those known."""
    if not engines:
        return None
    places: dict[str, list[int]] = defaultdict(list)
    for index, element in enumerate(layout.elements):
        for name in (element.get("class") or "").split():
            places[name].append(index)
    if layout.elements[0].find(".//*[@component]") is not None:
        _place_attributes(layout, places)
    for engine in engines:
        if all(name in places for name in engine.signs):
            family = _posts(layout, places, engine)
            if family is not None:
                return engine, family
    return None


def _place_attributes(layout: Layout, places: dict[str, list[int]]) -> None:
    for index, element in enumerate(layout.elements):
        for name in _ATTRIBUTES:
            value = element.get(name)
            if value is not None:
                places[f"[{name}]"].append(index)
                places[f"[{name}={value}]"].append(index)


def _posts(layout: Layout, places: dict[str, list[int]], engine: Engine) -> Family | None:
    shared = set.intersection(*(set(places.get(name, ())) for name in engine.block))
    if engine.around:
        shared = {layout.parents[index] for index in shared}
    members: list[int] = []
    for index in sorted(shared):
        if (not members or index >= layout.ends[members[-1]]) and layout.mass(index) > 1:
            members.append(index)
    key = (layout.elements[members[0]].tag, "." + max(engine.block)) if members else ("", "")
    family = judge(layout, key, members) if len(members) > 1 else _single(layout, key, members)
    if family is None or family.authored < _BELIEVED or (family.dated < _BELIEVED and not engine.undated):
        return None
    return family


def _single(layout: Layout, key: tuple[str, str], members: list[int]) -> Family | None:
    if not members:
        return None
    (member,) = members
    dated, authored = float(layout.dated(member) > 0), float(layout.authored(member) > 0)
    return Family(key, (member,), (layout.ends[member],), 1.0, dated, authored)
