"""From the configuration and the store to the places where our audience talks and we do not listen yet."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from analyzers.discovery import Site, pointers, rank
from tocsin.config import Config
from tocsin.config_sections import Brand, Source
from tocsin.digest.facts import Place
from tocsin.known_places import place_of, stack_host
from tocsin.nights import has_monday
from tocsin.store.database import Store
from tocsin.store.outlinks import pointing_posts

DAYS = 30
LEAST_VOICES = 2
"""For the digest: what one person alone points to is no place where an audience talks."""

_MOST_PLACES = 50
_ROOTS = {
    "reddit": "reddit.com",
    "x": "x.com",
    "bluesky": "bsky.app",
    "github": "github.com",
    "youtube": "youtube.com",
    "hackernews": "news.ycombinator.com",
}
_SECOND_LEVEL = {"ac", "co", "com", "edu", "gov", "net", "or", "org"}


def discover(store: Store, config: Config, now: datetime, days: int = DAYS) -> list[Site]:
    """Return the sites that posts of the last `days` on the brands point to and that are no source, best first."""
    rows = pointing_posts(store, now - timedelta(days=days), now)
    return rank(pointers(dict(row) for row in rows), covered_by(config.sources), owns(config.brands))


def weekly_places(store: Store, config: Config, now: datetime, nights: Sequence[str]) -> tuple[Place, ...]:
    """Return what the digest of these nights may tell of new places: nothing, unless a Monday is among them."""
    if not has_monday(nights):
        return ()
    found = [site for site in discover(store, config, now) if site.voices >= LEAST_VOICES and not site.closed]
    return tuple(_place(site) for site in found[:_MOST_PLACES])


def covered_by(sources: Iterable[Source]) -> frozenset[str]:
    """Return the keys of the places (`known_places`) that the sources read; what lies below one is covered too."""
    return frozenset(key for source in sources for key in _keys(source))


def owns(brands: Iterable[Brand]) -> Callable[[str], bool]:
    """Return a test whether a host is a brand's own: named in its aliases, or called like the brand."""
    words = {word.casefold().strip() for brand in brands for word in (brand.name, *brand.aliases)}
    domains = {word.removeprefix("www.") for word in words if re.fullmatch(r"[\w-]+(?:\.[\w-]+)+", word)}
    names = {re.sub(r"\W|_", "", word) for word in words}

    def is_own(host: str) -> bool:
        named = any(host == domain or host.endswith(f".{domain}") for domain in domains)
        return named or re.sub(r"\W|_", "", _label(host)) in names

    return is_own


def _label(host: str) -> str:
    """Return the part of a host that its owner chose: `acme` of docs.acme.com and of acme.co.uk."""
    labels = host.split(".")
    if len(labels) > 2 and labels[-2] in _SECOND_LEVEL:
        return labels[-3]
    return labels[-2] if len(labels) > 1 else host


def _keys(source: Source) -> list[str]:
    root = _ROOTS.get(source.kind)
    if root and (source.query or source.kind == "hackernews"):
        return [root]
    if source.kind == "stackexchange":
        return [stack_host(community) for community in source.communities]
    under = {
        "reddit": [f"reddit.com/r/{name.casefold().removeprefix('r/')}" for name in source.communities],
        "github": [f"github.com/{name.casefold()}" for name in source.communities],
        "x": [f"x.com/{name.casefold().lstrip('@')}" for name in source.accounts],
        "bluesky": [f"bsky.app/profile/{name.casefold().lstrip('@')}" for name in source.accounts],
        "youtube": [f"youtube.com/{name.casefold()}" for name in source.accounts],
        "linkedin": [f"linkedin.com/company/{name.casefold()}" for name in source.accounts],
        "facebook": [f"facebook.com/{name.casefold()}" for name in source.accounts],
        "instagram": [f"instagram.com/{name.casefold()}" for name in source.accounts],
    }
    addresses = [source.url or "", *source.pages] if source.kind not in _ROOTS else source.pages
    places = [place.key for address in addresses if (place := place_of(address)) is not None]
    return [*under.get(source.kind, ()), *places]


def _place(site: Site) -> Place:
    return Place(
        site.site,
        site.posts,
        site.voices,
        site.brands,
        site.tone["negative"],
        sum(site.tone.values()) - site.tone["not_judged"],
        next(iter(site.pointed_from), None),
        site.proposal.kind if site.proposal else None,
    )
