"""Which brands a post speaks of: by its own words, or because it answers in a thread that is about one."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal

from analyzers.brand_rules import BrandRules, CompiledRules, Field, compile_rules, field_of, rules_digest
from tocsin.store.database import Store
from tocsin.store.mentions import ensure_brands, posts_to_scan, write_mentions
from tocsin.store.records import Mention

__all__ = ["BrandRules", "Found", "find_mentions", "scan_store"]

BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Found:
    """A brand that a text speaks of, the alias that named it, and where the alias stands."""

    brand: str
    alias: str
    via: Literal["text", "thread"]


def find_mentions(
    text: str, title: str = "", opening: str = "", rules: Sequence[CompiledRules] = ()
) -> tuple[Found, ...]:
    """Return the brands of a post with `text` in a thread called `title` that began with `opening`.

    A brand named in the text is `via="text"`; one named only in the title or the opening post is
    `via="thread"`. At most one row a brand, in the order of `rules`. Use `compile_rules` first.
    """
    if not rules:
        return ()
    own, headline, first = field_of(text), _field_of(title), _field_of(opening)
    found = []
    for rule in rules:
        context = _has_context(rule, (own, headline, first))
        alias = rule.named_in(own, context)
        if alias is not None:
            found.append(Found(rule.name, alias, "text"))
            continue
        context = _has_context(rule, (headline, first))
        alias = rule.named_in(headline, context) or rule.named_in(first, context)
        if alias is not None:
            found.append(Found(rule.name, alias, "thread"))
    return tuple(found)


def scan_store(store: Store, rules: Sequence[BrandRules], now: datetime) -> int:
    """Read every post that is new, edited, or was read with other rules, and write its mentions.

    When a thread's opening post is among them, the thread's other posts are read again, because
    what they are about may have changed. Returns the number of posts read.
    """
    del now  # Mentions carry no time of their own; the signature is that of every step of the night.
    ensure_brands(store, [(rule.name, rule.role) for rule in rules])
    compiled, digest = compile_rules(rules), rules_digest(rules)
    openings: dict[str, tuple[str, str] | None] = {}
    read = 0
    while rows := posts_to_scan(store, digest, BATCH):
        batch = {row["id"]: row for row in rows}
        for thread in {row["thread_id"] for row in rows}:
            if thread not in openings:
                openings[thread] = _opening_of(store, thread)
            opening = openings[thread]
            if opening is not None and opening[0] in batch:
                for row in _posts_of(store, thread):
                    batch.setdefault(row["id"], row)
        mentions = [
            Mention(post_id, found.brand, found.alias, found.via)
            for post_id, row in batch.items()
            for found in find_mentions(
                row["text"], row["title"], _opening_for(post_id, openings[row["thread_id"]]), compiled
            )
        ]
        write_mentions(store, [(post_id, row["content_hash"]) for post_id, row in batch.items()], mentions, digest)
        read += len(batch)
    return read


@lru_cache(maxsize=4_096)
def _field_of(text: str) -> Field:
    """Titles and openings are shared by all posts of a thread."""
    return field_of(text)


def _has_context(rule: CompiledRules, fields: Sequence[Field]) -> bool:
    return rule.context is None or any(rule.context.search(field.plain) for field in fields)


def _opening_for(post_id: str, opening: tuple[str, str] | None) -> str:
    return "" if opening is None or opening[0] == post_id else opening[1]


def _opening_of(store: Store, thread: str) -> tuple[str, str] | None:
    """Return (id, text) of a thread's opening post: position 0, else the oldest post held."""
    row = store.row(
        "SELECT id, text FROM posts WHERE thread_id = ? ORDER BY coalesce(position, 1) > 0, created_at, id LIMIT 1",
        (thread,),
    )
    return None if row is None else (row["id"], row["text"])


def _posts_of(store: Store, thread: str) -> list[sqlite3.Row]:
    return store.rows(
        "SELECT posts.id, posts.thread_id, posts.text, posts.content_hash, threads.title FROM posts"
        " JOIN threads ON threads.id = posts.thread_id WHERE posts.thread_id = ?",
        (thread,),
    )
