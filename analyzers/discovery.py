"""Where else is the talk? Sites that posts on our brands point to, ranked. Pure: rows in, sites out.

A post points to a site by a link, by naming a place (`r/sysadmin`, `!aquariums@lemmy.example`, `@jo@social.example`,
`www.example.org`), or as a cross-post (`cross-posted from ...`). What counts is how many people point there, not
how often: one who posts a link a hundred times is one voice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from analyzers.left_out_hosts import left_out
from tocsin.known_places import place_of
from tocsin.place_guesses import guess
from tocsin.proposals import Proposal
from tocsin.store.times import from_text

Way = Literal["link", "mention", "cross_post"]

SAMPLES = 3
_LINK = re.compile(r"""https?://[^\s<>"'\]\[{}|\\^`]{3,2000}""", re.IGNORECASE)
_TRAILING = ".,;:!?…*_~'\"»“”"
_NAMED: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?<![\w/.@])/?r/([A-Za-z0-9_]{3,21})\b(?!/)"), "https://www.reddit.com/r/{0}"),
    (re.compile(r"(?<![\w/])!([\w.-]{2,60})@([a-z0-9-]+(?:\.[a-z0-9-]+)+)", re.IGNORECASE), "https://{1}/c/{0}"),
    (re.compile(r"(?<![\w/])@([\w.-]{2,60})@([a-z0-9-]+(?:\.[a-z0-9-]+)+)", re.IGNORECASE), "https://{1}/@{0}"),
    (re.compile(r"(?<![\w/.@])(www\.[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:/[^\s<>\"'\])}]*)?)", re.IGNORECASE), "https://{0}"),
)
_CROSS_POST = re.compile(r"\b(?:x|cross)[- ]?post(?:ed|ing)?\b", re.IGNORECASE)
_NEAR = 80
"""Characters between the word cross-post and the place it names."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """A post on a brand pointing to an address. `author`, `permalink` None: not known; `tone` None: not judged."""

    post_id: str
    source: str
    author: str | None
    permalink: str | None
    created_at: datetime
    brand: str
    tone: str | None
    address: str
    way: Way


@dataclass(frozen=True, slots=True)
class Site:
    """A place that posts on the brands point to. `voices` is a lower bound: all unknown authors count as one.

    `tone` counts judgements (a post on two brands has two). `samples` are addresses there, `pointed_from` permalinks
    of posts of ours, newest first. `proposal` None: its addresses tell no kind; `closed`: why it cannot be read.
    """

    site: str
    posts: int
    voices: int
    sources: tuple[str, ...]
    ways: Mapping[str, int]
    brands: Mapping[str, int]
    tone: Mapping[str, int]
    newest_at: datetime
    samples: tuple[str, ...]
    pointed_from: tuple[str, ...]
    proposal: Proposal | None
    closed: str | None


def pointers(rows: Iterable[Mapping[str, Any]]) -> Iterator[Pointer]:
    """Return what each row of `store.outlinks.pointing_posts` points to."""
    for row in rows:
        for address, way in addresses_in(row["text"]):
            yield Pointer(
                row["id"],
                row["source"],
                row["author_id"],
                row["url"],
                from_text(row["created_at"]),
                row["brand"],
                row["tone"],
                address,
                way,
            )


def addresses_in(text: str) -> list[tuple[str, Way]]:
    """Return the addresses that a text links to or names, each once."""
    crossed = [hit.end() for hit in _CROSS_POST.finditer(text)]

    def way(start: int, usual: Way) -> Way:
        return "cross_post" if any(0 <= start - end <= _NEAR for end in crossed) else usual

    found: dict[str, Way] = {}
    for hit in _LINK.finditer(text):
        found.setdefault(_trimmed(hit[0]), way(hit.start(), "link"))
    rest = _LINK.sub(lambda hit: " " * len(hit[0]), text)
    for shape, address in _NAMED:
        for hit in shape.finditer(rest):
            found.setdefault(_trimmed(address.format(*hit.groups())), way(hit.start(), "mention"))
    return list(found.items())


def rank(
    found: Iterable[Pointer], covered: Collection[str] = (), is_own: Callable[[str], bool] = lambda _: False
) -> list[Site]:
    """Return the sites, most voices first, then most sources that point there, most posts, newest.

    `covered` are keys of places that are sources already (what lies below one is covered too); `is_own` tells
    whether a host belongs to a brand.
    """
    by_site: dict[str, list[Pointer]] = {}
    for pointer in found:
        place = place_of(pointer.address)
        if place is None or _is_covered(place.key, covered) or _host_of(pointer.permalink) == _host_of(pointer.address):
            continue
        host = _host_of(pointer.address)
        if not left_out(host) and not is_own(host):
            by_site.setdefault(place.key, []).append(pointer)
    sites = [_site(key, those) for key, those in by_site.items()]
    return sorted(sites, key=lambda s: (-s.voices, -len(s.sources), -s.posts, -s.newest_at.timestamp(), s.site))


def _site(key: str, those: Sequence[Pointer]) -> Site:
    newest_first = sorted(those, key=lambda pointer: pointer.created_at, reverse=True)
    by_post = {pointer.post_id: pointer for pointer in those}
    judged = {(pointer.post_id, pointer.brand): pointer.tone or "not_judged" for pointer in those}
    samples = tuple(dict.fromkeys(pointer.address for pointer in newest_first))
    places = [place for address in samples if (place := place_of(address)) is not None]
    return Site(
        site=key,
        posts=len(by_post),
        voices=len({pointer.author for pointer in those}),
        sources=tuple(sorted({pointer.source for pointer in those})),
        ways=_counted(("link", "mention", "cross_post"), [p.way for p in by_post.values()]),
        brands=_counted(sorted({brand for _, brand in judged}), [brand for _, brand in judged]),
        tone=_counted(("negative", "neutral", "positive", "not_judged"), list(judged.values())),
        newest_at=newest_first[0].created_at,
        samples=samples[:SAMPLES],
        pointed_from=tuple(dict.fromkeys(p.permalink for p in newest_first if p.permalink))[:SAMPLES],
        proposal=next((place.proposal for place in places if place.proposal), None) or guess(samples),
        closed=next((place.closed for place in places if place.closed), None),
    )


def _counted(names: Iterable[str], values: Sequence[str]) -> dict[str, int]:
    return {name: values.count(name) for name in names}


def _is_covered(key: str, covered: Collection[str]) -> bool:
    steps = key.split("/")
    return any("/".join(steps[: count + 1]) in covered for count in range(len(steps)))


def _host_of(address: str | None) -> str:
    try:
        return (urlsplit(address or "").hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _trimmed(address: str) -> str:
    """Cut off what belongs to the sentence: full stops, and a bracket that was opened before the address."""
    while address and (address[-1] in _TRAILING or (address[-1] == ")" and address.count(")") > address.count("("))):
        address = address[:-1]
    return address
