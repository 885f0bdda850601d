"""What kind of source a site may be, judged by the shape of its addresses alone. A guess: nobody was asked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from urllib.parse import urlsplit

from tocsin.proposals import Proposal, source_name
from tocsin.store.records import SourceKind

_SHAPES: tuple[tuple[SourceKind, re.Pattern[str]], ...] = (
    ("discourse", re.compile(r"^(?P<base>/(?:[\w-]+/)??)t/[^/]+/\d+(?:/\d+)?/?$")),
    ("nodebb", re.compile(r"^(?P<base>/(?:[\w-]+/)??)topic/\d+/[^/]+(?:/\d+)?/?$")),
    ("flarum", re.compile(r"^(?P<base>/(?:[\w-]+/)??)d/\d+(?:-[^/]*)?(?:/\d+)?/?$")),
    ("lemmy", re.compile(r"^(?P<base>/)(?:post/\d+|c/(?P<community>[^/@]+)(?:@[^/]+)?)/?$")),
    ("mastodon", re.compile(r"^(?P<base>/)@(?P<account>[^/@]+)(?:/\d{6,})?/?$")),
    ("hyperkitty", re.compile(r"^(?P<base>/.*?/list/[^/]+@[^/]+/)")),
    (
        "forum",
        re.compile(r"^(?P<base>/.*?)(?:viewtopic\.php|showthread\.php|threads/[^/]+\.\d+|topic/\d+-|forums?/)"),
    ),
    ("feed", re.compile(r"^(?P<base>.*(?:/feed/?|\.rss|\.atom|/rss\.xml|/atom\.xml|/feed\.(?:xml|json)))$")),
    ("wordpress", re.compile(r"^(?P<base>/(?:[\w-]+/)??)\d{4}/\d{2}/(?:\d{2}/)?[\w-]+/?$")),
)
_WHY = "guessed from its addresses"


def guess(addresses: Iterable[str]) -> Proposal | None:
    """Return the source that most of a site's addresses look like, None when they look like nothing we know."""
    found = [proposal for address in addresses if (proposal := _of_one(address)) is not None]
    if not found:
        return None
    votes = Counter(proposal.kind for proposal in found)
    best = max(votes, key=lambda kind: votes[kind])
    return next(proposal for proposal in found if proposal.kind == best)


def _of_one(address: str) -> Proposal | None:
    parts = urlsplit(address)
    root = f"{parts.scheme}://{parts.netloc}"
    for kind, shape in _SHAPES:
        hit = shape.match(parts.path)
        if hit is not None:
            keys: dict[str, str | tuple[str, ...]] = {"url": f"{root}{hit['base']}"}
            told = hit.groupdict()
            if kind == "mastodon":
                keys["accounts"] = (told["account"],)
            elif told.get("community"):
                keys["communities"] = (told["community"],)
            note = f"{_WHY}: look first with tocsin sources find {root}/"
            return Proposal(kind, source_name(parts.hostname or ""), keys, _WHY, sure=False, note=note)
    return None
