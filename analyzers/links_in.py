"""Which posts elsewhere link to a thread: another place that points at a quarrel brings people to it.

Pure. Addresses are compared without scheme, `www.`, fragment and tracking parameters. A link to a page or a post
below a thread's address is one to the thread.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, urlencode, urlsplit

from analyzers.discovery import addresses_in
from tocsin.store.times import from_text

_TRACKING = ("utm_", "fbclid", "gclid", "mc_", "igshid", "ref_src")


@dataclass(frozen=True, slots=True)
class Link:
    """One post that links to a thread of another source. `who`: its author, or itself where that is unknown."""

    at: datetime
    seen_at: datetime
    who: str


@dataclass(frozen=True, slots=True)
class LinksIn:
    """The links to each thread that has an address. Without another source to see them in, none was observed."""

    links: Mapping[str, tuple[Link, ...]]

    def by(self, thread_id: str, at: datetime) -> int | None:
        """Return how many people had linked to the thread by `at`, as seen by then; None: it could not be observed."""
        found = self.links.get(thread_id)
        if found is None:
            return None
        return len({link.who for link in found if link.at <= at and link.seen_at <= at})


def links_in(posts: Iterable[sqlite3.Row], threads: Iterable[sqlite3.Row], sources: int) -> LinksIn:
    """Return the links to `threads` (rows of id, source, url) in `posts` (rows of `store.outlinks.linking_posts`).

    `sources`: how many sources are listened to.
    """
    if sources < 2:
        return LinksIn({})
    place: dict[str, tuple[str, str]] = {}
    for row in threads:
        key = _key(row["url"] or "")
        if key is not None:
            place[key] = (row["id"], row["source"])
    found: dict[str, list[Link]] = defaultdict(list)
    for row in posts:
        pointed = {place[key] for address, _ in addresses_in(row["text"]) for key in _keys(address) if key in place}
        for thread_id, source in pointed:
            if source != row["source"]:
                link = Link(
                    from_text(row["created_at"]), from_text(row["first_seen_at"]), row["author_id"] or row["id"]
                )
                found[thread_id].append(link)
    return LinksIn({thread_id: tuple(found[thread_id]) for thread_id, _ in place.values()})


def _key(address: str) -> str | None:
    """Return an address in the form it is compared in, None where it is no page of a site."""
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    path, query = parts.path.rstrip("/"), _query(parts.query)
    return f"{host}{path}{query}" if host and (path or query) else None


def _keys(address: str) -> list[str]:
    """Return the forms under which a thread may be known that `address` lies at or below."""
    whole = _key(address)
    if whole is None:
        return []
    found, path = [whole], whole.partition("?")[0]
    while "/" in path:
        found.append(path)
        path = path.rpartition("/")[0]
    return found


def _query(query: str) -> str:
    kept = [(name, value) for name, value in parse_qsl(query) if not name.startswith(_TRACKING)]
    return f"?{urlencode(kept)}" if kept else ""
