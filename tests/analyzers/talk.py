"""Posts in a row, for the tests of what is told of an episode."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from tocsin.store.records import JudgedPost

BEGIN = datetime(2026, 11, 20, 8, tzinfo=UTC)


def said(
    number: int,
    text: str,
    *,
    author: str | None = None,
    thread: str = "f:t",
    negative: float | None = None,
    hostility: float | None = None,
    stance: str | None = None,
    source: str = "f",
) -> JudgedPost:
    """Return the post `f:<number>`, a minute after the one before; each its own author unless one is given."""
    at = BEGIN + timedelta(minutes=number)
    return JudgedPost(
        post_id=f"{source}:{number:04d}",
        brand="Acme",
        via="text",
        source=source,
        thread_id=thread,
        parent_id=None,
        author_id=author or f"{source}:a{number}",
        created_at=at,
        first_seen_at=at,
        text=text,
        url=None,
        negative=negative,
        neutral=None if negative is None else 1 - negative,
        positive=None if negative is None else 0.0,
        hostility=hostility,
        abstained=None,
        stance=stance,
    )


def row(texts: Sequence[str] | Iterable[str], first: int = 0) -> list[JudgedPost]:
    """Return a post a text, in order."""
    return [said(first + number, text) for number, text in enumerate(texts)]
