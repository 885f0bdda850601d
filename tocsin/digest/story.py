"""The story inside an episode, in words: how its claim changed on the way, and what people talk about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tocsin.digest.facts import SaidSo, TalkedAbout
from tocsin.digest.quotes import label, permalink, quote

SAID_CHARACTERS = 180
EXAMPLE_CHARACTERS = 120
MOST_TOPICS = 3


@dataclass(frozen=True, slots=True)
class ClaimStep:
    """One dated quote of a claim. `change` says what is new in it against the step before, None for the first."""

    when: str
    said: str
    by: str
    change: str | None
    posts: str
    url: str | None


@dataclass(frozen=True, slots=True)
class TopicNews:
    """One topic: its key phrases, how many people, and a post to read. `example` None: it is gone."""

    words: str
    people: str
    example: str | None
    url: str | None


def claim_steps(wordings: Sequence[SaidSo], clock: Callable[[datetime], str]) -> tuple[ClaimStep, ...]:
    """Return the wordings of a claim as dated quotes, oldest first; none when it did not change."""
    last = len(wordings) - 1
    return tuple(
        ClaimStep(
            when=clock(told.created_at),
            said=quote(told.said, SAID_CHARACTERS),
            by=f"{label(told.author) if told.author else 'unknown author'}, {label(told.source)}",
            change=_change(told, newest=place == last) if place else None,
            posts="1 post says it so" if told.posts == 1 else f"{told.posts} posts say it so",
            url=permalink(told.url),
        )
        for place, told in enumerate(wordings)
    )


def topic_news(topics: Sequence[TalkedAbout]) -> tuple[TopicNews, ...]:
    """Return the largest topics in words."""
    return tuple(
        TopicNews(
            words=label(topic.words),
            people="1 person" if topic.voices == 1 else f"{topic.voices} people",
            example=quote(topic.example, EXAMPLE_CHARACTERS) if topic.example else None,
            url=permalink(topic.url),
        )
        for topic in topics[:MOST_TOPICS]
    )


def _change(told: SaidSo, *, newest: bool) -> str | None:
    added, lost = label(told.added), label(told.lost)
    if added and lost:
        return f"changed: \u201c{lost}\u201d became \u201c{added}\u201d"
    if added:
        return f"new: \u201c{added}\u201d"
    if lost:
        return f"gone: \u201c{lost}\u201d"
    return "the newest that says so" if newest else None
