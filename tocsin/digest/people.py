"""Whom to write to: complaints worth a personal reply, praise worth thanking, and what one's accounts say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tocsin.digest.facts import WorthPost
from tocsin.digest.quotes import label, permalink, quote
from tocsin.store.records import BrandRole, WorthKind

WORTH_OF: dict[WorthKind, BrandRole] = {"complaint": "own", "advocate": "own", "account": "target"}
"""Of brands with which role each kind is told."""
MOST: dict[WorthKind, int] = {"complaint": 5, "advocate": 3, "account": 5}
SHORT = 160
"""Characters of a quote here: enough to know it again; the link leads to the rest."""
_MANNER = {"anger": "anger", "criticism": "criticism", "praise": "praise"}


@dataclass(frozen=True, slots=True)
class Person:
    """One post to act on, ready to print: what was said, by whom and where, and a few words why it stands here."""

    text: str
    author: str
    where: str
    why: str
    url: str | None


def people_to(kind: WorthKind, posts: Sequence[WorthPost], now: datetime, zone: ZoneInfo) -> tuple[Person, ...]:
    """Return the posts of one kind in words, at most `MOST` of it, as given: the most important first."""
    chosen = [post for post in posts if post.kind == kind][: MOST[kind]]
    return tuple(
        Person(
            text=quote(post.text, SHORT) or "(no text)",
            author=label(post.author) if post.author else "unknown author",
            where=_where(post, zone),
            why=_why(post, now),
            url=permalink(post.url),
        )
        for post in chosen
    )


def _where(post: WorthPost, zone: ZoneInfo) -> str:
    local = post.created_at.astimezone(zone)
    title = f"in \u201c{label(post.title)}\u201d, " if label(post.title) else ""
    return f"{title}{label(post.source)}, {local:%a} {local.day} {local:%b %H:%M}"


def _why(post: WorthPost, now: datetime) -> str:
    brand = label(post.brand)
    if post.kind == "account":
        return f"{'written by' if post.by_staff else 'on'} {brand}; {_towards(post.towards_us)}"
    if post.kind == "advocate":
        return f"praises {brand}"
    manner = _MANNER.get(post.manner or "", "complaint")
    return f"{manner} about {brand}, without an answer for {_for(now - post.created_at)}"


def _towards(tones: str | None) -> str:
    """Return `negative about Acme` from `Acme: negative`, as the store tells it."""
    if not tones:
        return "does not speak of you, or its tone is not known"
    said = [tone.rpartition(": ") for tone in tones.split(",")]
    return ", ".join(f"{tone} about {label(brand)}" for brand, _, tone in sorted(said))


def _for(span: timedelta) -> str:
    hours = int(span / timedelta(hours=1))
    return f"{hours} hours" if hours < 48 else f"{hours // 24} days"
