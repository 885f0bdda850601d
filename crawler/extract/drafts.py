"""A post while it is being read, before positions and parents are settled."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from lxml import html

from crawler.extract.records import ExtractedPost


@dataclass(slots=True, eq=False)
class Draft:
    """`element` is the post's block on the page, None for JSON-LD; `parent` the draft it answers."""

    text: str
    author: str | None = None
    created_at: datetime | None = None
    edited_at: datetime | None = None
    native_id: str | None = None
    parent: Draft | None = None
    url: str | None = None
    likes: int | None = None
    replies: int | None = None
    views: int | None = None
    element: html.HtmlElement | None = None
    answers: str | None = None
    """The native id that the page itself names as the one answered, more exactly than `parent`."""
    aliases: set[str] = field(default_factory=set)
    """Other ids by which the page speaks of this post."""


def to_posts(drafts: list[Draft]) -> tuple[ExtractedPost, ...]:
    """Return the drafts as posts: numbered, ids unique within the page, parents named by id."""
    seen: set[str] = set()
    for draft in drafts:
        if draft.native_id is not None and draft.native_id in seen:
            draft.native_id = None
        if draft.native_id is not None:
            seen.add(draft.native_id)
    known = {alias: draft for draft in reversed(drafts) for alias in (*draft.aliases, draft.native_id) if alias}
    return tuple(
        ExtractedPost(
            position=position,
            text=draft.text,
            author=draft.author,
            created_at=draft.created_at,
            edited_at=draft.edited_at,
            native_id=draft.native_id,
            parent=_parent(draft, known),
            url=draft.url,
            likes=draft.likes,
            replies=draft.replies,
            views=draft.views,
        )
        for position, draft in enumerate(drafts)
    )


def _parent(draft: Draft, known: dict[str, Draft]) -> str | None:
    parent = known.get(draft.answers) if draft.answers is not None else None
    if parent is None or parent is draft:
        parent = draft.parent
    return parent.native_id if parent is not None and parent is not draft else None
