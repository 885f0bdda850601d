"""Each block's own id, permalink, the post it answers and its likes, where the page shows them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from lxml import html

from crawler.extract.counts import parse_count
from crawler.extract.layout import Layout, direct_text
from crawler.extract.markup import is_quote
from crawler.extract.page import Page
from crawler.extract.regions import Region

_ATTRIBUTES = (
    "id", "name", "data-post-id", "data-postid", "data-comment-id", "data-commentid", "data-message-id",
    "data-answerid", "data-id", "data-content", "data-fullname", "data-pid", "thingid", "data-objectid", "data-cid",
    "data-node-id", "data-shortid",
)  # fmt: skip
_NUMBERED = re.compile(r"^(?P<prefix>[^\d\s]*?)(?P<id>\d+)(?P<suffix>[^\d\s]*)$")
_FULLNAME = re.compile(r"^(?P<prefix>(?:thing_)?t\d_)(?P<id>[a-z0-9]+)(?P<suffix>)$")
_HASH = re.compile(r"^(?P<prefix>c_|comment-)(?P<id>[a-z0-9]{5,12})(?P<suffix>)$")
_PARENT_ATTRIBUTES = (
    "parentid",
    "data-parent-id",
    "data-parentid",
    "data-parent",
    "data-reply-to",
    "data-parent-comment-id",
)
_NEAR_ATTRIBUTES = ("data-parent-pid", "data-parent-id", "data-parentid", "data-reply-to", "data-reply-to-id")
_SOURCE_ATTRIBUTES = ("data-post", "data-post-id", "data-source", "data-quote-id", "data-comment-id")
_ANY_NUMBER = re.compile(r"\d+")
_NUMBER = re.compile(r"\d{2,}")
_VOTES = re.compile(
    r"(?:^|[-_ ])(?:score|likes?|votes?|vote-count|upvotes?|points|karma|thanks-count|reaction-score|helpful)"
    r"(?:$|[-_ ])",
    re.IGNORECASE,
)
_LOOK = 60
"""An id stands on the block or near its start."""


@dataclass(frozen=True, slots=True)
class Identity:
    """`anchor` is the id or name of the element that a fragment would lead to, None when it came from elsewhere."""

    native_id: str
    anchor: str | None


def find_ids(layout: Layout, regions: Sequence[Region]) -> dict[Region, Identity]:
    """Return the native id of each block: the numbered attribute that most blocks have.

    All differ, but for blocks that the page shows twice: an answer that is repeated on top of its thread. A single
    block tells its id itself or not at all: there is nothing to compare with.
    """
    if len(regions) == 1:
        return _own(regions[0])
    slots: dict[tuple[str, str, str], dict[Region, Identity]] = defaultdict(dict)
    for region in regions:
        for index in region.inner[:_LOOK]:
            element = layout.elements[index]
            for name in _ATTRIBUTES:
                value = element.get(name)
                match = _match(value) if value and len(value) <= 60 else None
                if match is not None:
                    anchor = value if name in ("id", "name") else None
                    slot = (name, re.sub(r"\d", "#", match["prefix"]), match["suffix"])
                    slots[slot].setdefault(region, Identity(match["id"], anchor))
    best: dict[Region, Identity] = {}
    for found in slots.values():
        if len(found) > len(best) and _tells_apart(found):
            best = found
    if len(best) < max(2, 0.6 * len(regions)):
        return {}
    return best


def _own(region: Region) -> dict[Region, Identity]:
    for name in _ATTRIBUTES:
        value = region.element.get(name)
        match = _match(value) if value and len(value) <= 60 else None
        if match is not None and match["prefix"]:
            return {region: Identity(match["id"], value if name in ("id", "name") else None)}
    return {}


def _tells_apart(found: dict[Region, Identity]) -> bool:
    distinct = len({identity.native_id for identity in found.values()})
    if distinct == len(found):
        return True
    if 2 * distinct < len(found):
        return False
    said = {(identity.native_id, "".join(region.element.itertext())) for region, identity in found.items()}
    return len(said) == distinct


def _match(value: str) -> re.Match[str] | None:
    return _NUMBERED.match(value) or _FULLNAME.match(value) or _HASH.match(value)


def permalink(page: Page, layout: Layout, region: Region, identity: Identity) -> str | None:
    """Return the address that leads to this very post: a link that holds its id, else the page with its anchor."""
    short = None
    for index in region.inner:
        element = layout.elements[index]
        link = element.get("href") if element.tag == "a" else None
        if link and identity.native_id in link and len(link) < 500 and _leads_to(link, identity.native_id):
            found = page.absolute(link)
            if found is not None and (short is None or len(found) < len(short)):
                short = found
    return short or (f"{page.url}#{identity.anchor}" if identity.anchor else None)


def _leads_to(link: str, native_id: str) -> bool:
    """Say whether a link shows a post; those to reply to, quote, report or share it hold its id too."""
    if re.search(
        r"reply|quote|report|share|edit|delete|login|register|mode=|do=|warn|vote|react|like|print", link, re.IGNORECASE
    ):
        return False
    return bool(re.search(rf"(?:[#/=_-]|\b[a-z]+){re.escape(native_id)}/?(?:$|[#&])", link))


def named_parent(layout: Layout, region: Region, known: set[str]) -> str | None:
    """Return the id of the post that this one says it answers: a parent attribute, else its first quote's source."""
    for name in _PARENT_ATTRIBUTES:
        value = region.element.get(name)
        match = _match(value) if value else None
        if match is not None and match["id"] in known:
            return match["id"]
    for index in region.inner:
        for name in _NEAR_ATTRIBUTES:
            value = layout.elements[index].get(name)
            if value and value in known:
                return str(value)
        if is_quote(layout.elements[index]):
            for inner in range(index, min(layout.ends[index], index + 8)):
                for name, value in layout.elements[inner].attrib.items():
                    form = _ANY_NUMBER if name in _SOURCE_ATTRIBUTES else _NUMBER
                    for number in form.findall(value[:300]):
                        if number in known:
                            return str(number)
    return None


def own_id(element: html.HtmlElement | None) -> str | None:
    """Return the numbered id of an element or of the nearest one around it, at most seven up."""
    for _ in range(8):
        if element is None:
            return None
        for name in _ATTRIBUTES:
            value = element.get(name)
            match = _match(value) if value and len(value) <= 60 else None
            if match is not None and match["prefix"]:
                return match["id"]
        element = element.getparent()
    return None


def find_likes(layout: Layout, region: Region) -> int | None:
    """Return the votes or likes that a block shows, None when it shows none."""
    score = region.element.get("score")
    if score is not None:
        return parse_count(score)
    for index in region.inner:
        element = layout.elements[index]
        if _VOTES.search(element.get("class") or ""):
            text = direct_text(element)
            if 0 < len(text) <= 14 and re.match(r"^[+-]?\d", text):
                return parse_count(text)
    return None
