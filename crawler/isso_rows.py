"""Isso's JSON to posts. Pure.

Shape (https://isso-comments.de/docs/reference/server-api/): a comment has `id`, `parent`, `created` and
`modified` (seconds since 1970), `mode` (1 public, 2 held back, 4 deleted but answered), `text` (HTML), `author`,
`likes`, `dislikes`; one at the top also `replies` and `hidden_replies`. `/latest` gives them flat, with `uri`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from crawler.extract.text import render_fragment
from crawler.items import FoundPost, GonePost
from crawler.values import moment_at

PUBLIC, DELETED = 1, 4


@dataclass(frozen=True, slots=True)
class IssoPage:
    """A page that has comments: `uri` as Isso calls it, `url` where the site is known."""

    uri: str
    url: str | None = None

    @classmethod
    def of(cls, given: str, site: str | None) -> IssoPage:
        """Return the page that an address or a URI names."""
        parts = urlsplit(given)
        if parts.scheme in ("http", "https") and parts.netloc:
            return cls(parts.path or "/", given)
        return cls(given, urljoin(site, given) if site else None)


def flat(rows: object) -> Iterator[Mapping[str, Any]]:
    """Yield comments and the replies below them, parents first; what is no object is left out."""
    stack = list(reversed(rows)) if isinstance(rows, list) else []
    while stack:
        row = stack.pop()
        if isinstance(row, Mapping):
            yield row
            below = row.get("replies")
            stack.extend(reversed(below) if isinstance(below, list) else ())


def hidden(rows: object) -> list[int]:
    """Return the ids of comments whose replies are not all shown."""
    found = (row for row in flat(rows) if row.get("hidden_replies"))
    return [row["id"] for row in found if isinstance(row.get("id"), int)]


def read(row: Mapping[str, Any], page: IssoPage) -> FoundPost | GonePost | None:
    """Return a comment as a post, a deleted one as gone, one held back as None.

    Raises `KeyError`, `TypeError` or `ValueError` for another shape.
    """
    native = str(int(row["id"]))
    if row["mode"] == DELETED:
        return GonePost(native)
    if row["mode"] != PUBLIC:
        return None
    parent = row.get("parent")
    return FoundPost(
        thread=page.uri,
        native_id=native,
        text=render_fragment(row["text"]),
        thread_url=page.url,
        created_at=moment_at(row["created"]),
        edited_at=moment_at(row.get("modified")),
        author=row["author"] if isinstance(row.get("author"), str) else None,
        parent=str(int(parent)) if parent is not None else None,
        url=f"{page.url}#isso-{native}" if page.url else None,
        likes=row.get("likes"),
        dislikes=row.get("dislikes"),
    )
