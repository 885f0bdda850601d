"""Discourse's JSON to topics and posts. Pure.

Shapes (https://docs.discourse.org, and the serializers of github.com/discourse/discourse): a listed topic has `id`,
`title`, `slug`, `posts_count`, `created_at`, `bumped_at`, `views`; a post `id`, `post_number`, `post_type` (1 regular,
2 a moderator's note, 3 a machine's note, 4 a whisper), `username`, `cooked` (HTML), `created_at`, `updated_at`,
`version` (above 1: edited), `reply_to_post_number`, `reply_count`, `actions_summary` (id 2: likes; left out at 0),
`hidden`, `user_deleted`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lxml import html

from crawler.extract.dates import machine_date
from crawler.items import FoundPost
from crawler.quoting import own_words, parsed, plain_title, whole
from crawler.topics import Topic

SAID = (1, 2)
"""Types of posts that somebody wrote."""

_LIKE = 2
_NOT_SAID = "elided"


@dataclass(frozen=True, slots=True)
class Placed:
    """A post and the place (from 1) of the one it answers, None where it answers the topic."""

    post: FoundPost
    number: int
    answers: int | None


def topic_of(row: Mapping[str, Any], base: str) -> Topic:
    """Return a topic of a list, of a search or by itself. Raises `KeyError` or `TypeError` for another shape."""
    native = str(row["id"])
    return Topic(
        native,
        title=plain_title(row.get("title")),
        url=f"{base}/t/{row.get('slug') or '-'}/{native}",
        posts=whole(row.get("posts_count")),
        active=machine_date(row.get("bumped_at") or row.get("last_posted_at")),
        created=machine_date(row.get("created_at")),
        views=whole(row.get("views")),
    )


def stream_of(answer: Mapping[str, Any]) -> list[str]:
    """Return the ids of all posts of a topic that visitors see. Raises `KeyError` or `TypeError`."""
    return [str(native) for native in answer["post_stream"]["stream"]]


def is_withheld(row: Mapping[str, Any]) -> bool:
    """Tell whether a post was taken back by its author, deleted, or hidden after complaints."""
    return bool(row.get("hidden") or row.get("user_deleted") or row.get("deleted_at"))


def post_of(row: Mapping[str, Any], topic: Topic) -> Placed:
    """Return a post. Raises `KeyError`, `TypeError` or `ValueError` for another shape."""
    number = int(row["post_number"])
    root = parsed(str(row["cooked"]))
    quotes = root.xpath("//aside[contains(concat(' ', @class, ' '), ' quote ')]") if root is not None else []
    mail = root.find_class(_NOT_SAID) if root is not None else []
    created, edited = machine_date(row.get("created_at")), machine_date(row.get("updated_at"))
    opens = number == 1
    post = FoundPost(
        thread=topic.native,
        native_id=str(int(row["id"])),
        text=own_words(root, [*quotes, *mail]),
        title=topic.title,
        thread_url=topic.url,
        thread_created_at=topic.created or (created if opens else None),
        created_at=created,
        edited_at=edited if (whole(row.get("version")) or 1) > 1 else None,
        author=row.get("username") if isinstance(row.get("username"), str) else None,
        url=f"{topic.url}/{number}",
        position=number - 1,
        opens=opens,
        likes=_likes(row.get("actions_summary")),
        replies=(topic.posts or 1) - 1 if opens and topic.posts is not None else whole(row.get("reply_count")),
        views=topic.views if opens else None,
    )
    return Placed(post, number, None if opens else _answers(row, quotes, topic.native))


def _answers(row: Mapping[str, Any], quotes: list[html.HtmlElement], topic: str) -> int | None:
    told = whole(row.get("reply_to_post_number"))
    if told is not None:
        return told
    # An answer to the topic that quotes one post of it speaks to that one.
    places = {int(quote.get("data-post")) for quote in quotes if quote.get("data-topic") == topic and _is_number(quote)}
    return places.pop() if len(places) == 1 else None


def _is_number(quote: html.HtmlElement) -> bool:
    return (quote.get("data-post") or "").isdecimal()


def _likes(actions: object) -> int | None:
    if not isinstance(actions, list):
        return None
    counts = [action.get("count") for action in actions if isinstance(action, dict) and action.get("id") == _LIKE]
    return whole(counts[0]) if counts else 0
