"""Which brands a post speaks of: by its own words, or because it answers in a thread that is about one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Literal

from analyzers.ambiguity import THRESHOLD, Reason, reasons_for, score_of
from analyzers.brand_rules import (
    BrandRules,
    CompiledRules,
    Field,
    Hits,
    compile_rules,
    field_of,
    possible,
    rules_digest,
)
from analyzers.occurrences import Setting
from tocsin.store.database import Store
from tocsin.store.mentions import ensure_brands, opening_of, posts_of, posts_to_scan, write_mentions
from tocsin.store.records import Mention

__all__ = ["BrandRules", "Found", "find_mentions", "scan_store"]

BATCH = 2_000

SURE = 0.8
"""From this score on a name settles what the rest of its thread means by it."""


@dataclass(frozen=True, slots=True)
class Found:
    """A brand that a text speaks of, the alias that named it, and where the alias stands.

    `score` is null where the name leaves no doubt, else how likely it means the brand (`THRESHOLD` to 1), with
    its `reasons`.
    """

    brand: str
    alias: str
    via: Literal["text", "thread"]
    score: float | None = None
    reasons: tuple[Reason, ...] = ()

    @property
    def sure(self) -> bool:
        """Whether it settles what the same word means in the rest of its thread."""
        return self.score is None or self.score >= SURE


def find_mentions(
    text: str,
    title: str = "",
    opening: str = "",
    rules: Sequence[CompiledRules] = (),
    settled: AbstractSet[str] = frozenset(),
) -> tuple[Found, ...]:
    """Return the brands of a post with `text` in a thread called `title` that began with `opening`.

    A brand named in the text is `via="text"`; one named only in the title or the opening post is
    `via="thread"`. `settled` are the brands that earlier posts of the thread surely name. At most one row a
    brand, in the order of `rules`. Use `compile_rules` first.
    """
    if not rules:
        return ()
    rules = tuple(rules)
    thread = _thread_of(_field_of(title), _field_of(opening), rules)
    found = []
    for own, about in zip(_named(field_of(text), thread, rules, settled), thread.about, strict=True):
        if own is not None:
            found.append(own)
        elif about is not None:
            found.append(replace(about, via="thread"))
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
    settling: dict[str, Mapping[str, tuple[str, str]]] = {}
    read = 0
    while rows := posts_to_scan(store, digest, BATCH):
        batch = {row["id"]: row for row in rows}
        for thread in {row["thread_id"] for row in rows}:
            if thread not in openings:
                openings[thread] = opening_of(store, thread)
            opening = openings[thread]
            if opening is not None and opening[0] in batch:
                for row in posts_of(store, thread):
                    batch.setdefault(row["id"], row)
        mentions = []
        for post_id, row in batch.items():
            thread = row["thread_id"]
            if thread not in settling and _may_be_ambiguous(row["text"], compiled):
                settling[thread] = _first_named(store, thread, compiled)
            settled = _settled_before(settling.get(thread, {}), (row["created_at"], post_id))
            opening_text = _opening_for(post_id, openings[thread])
            mentions += [
                Mention(post_id, found.brand, found.alias, found.via, found.score)
                for found in find_mentions(row["text"], row["title"], opening_text, compiled, settled)
            ]
        write_mentions(store, [(post_id, row["content_hash"]) for post_id, row in batch.items()], mentions, digest)
        read += len(batch)
    return read


def _may_be_ambiguous(text: str, rules: tuple[CompiledRules, ...]) -> bool:
    near = possible(rules, field_of(text))
    return any(alias.doubtful is not None for aliases in near.values() for alias in aliases)


def _first_named(store: Store, thread: str, rules: Sequence[CompiledRules]) -> dict[str, tuple[str, str]]:
    """Return for each brand the (time, id) of the first post of `thread` that surely names it by its own words."""
    first: dict[str, tuple[str, str]] = {}
    for row in posts_of(store, thread):
        for found in find_mentions(row["text"], rules=rules):
            if found.sure:
                first.setdefault(found.brand, (row["created_at"], row["id"]))
    return first


def _settled_before(first: Mapping[str, tuple[str, str]], post: tuple[str, str]) -> frozenset[str]:
    """Only what was written before a post settles what it means: a replay of the past must not look ahead."""
    return frozenset(brand for brand, key in first.items() if key < post)


def _opening_for(post_id: str, opening: tuple[str, str] | None) -> str:
    return "" if opening is None or opening[0] == post_id else opening[1]


@dataclass(frozen=True, slots=True)
class _Thread:
    """What the title and the opening of a thread give: their fields, and for each brand what they say of it."""

    fields: tuple[Field, ...]
    about: tuple[Found | None, ...]


@lru_cache(maxsize=4_096)
def _field_of(text: str) -> Field:
    """Titles and openings are shared by all posts of a thread."""
    return field_of(text)


@lru_cache(maxsize=4_096)
def _thread_of(headline: Field, first: Field, rules: tuple[CompiledRules, ...]) -> _Thread:
    nothing: tuple[Found | None, ...] = (None,) * len(rules)
    bare = _Thread((headline, first), nothing)
    of_title = _named(headline, bare, rules, frozenset())
    of_opening = _named(first, _Thread(bare.fields, of_title), rules, frozenset())
    return _Thread(bare.fields, tuple(_surer(one, other) for one, other in zip(of_title, of_opening, strict=True)))


def _surer(one: Found | None, other: Found | None) -> Found | None:
    if one is None or other is None:
        return one or other
    return one if one.score is None or (other.score is not None and one.score >= other.score) else other


def _named(
    own: Field, thread: _Thread, rules: tuple[CompiledRules, ...], settled: AbstractSet[str]
) -> tuple[Found | None, ...]:
    """Return for each brand how `own` names it, or None."""
    near = possible(rules, own)
    if not near:
        return (None,) * len(rules)
    fields = (own, *thread.fields)
    hits = {at: rules[at].hits(aliases, own, _has_context(rules[at], fields)) for at, aliases in near.items()}
    companies = frozenset(rules[at].name.casefold().split()[0] for at, hit in hits.items() if hit.sure is not None)
    found: list[Found | None] = [None] * len(rules)
    for at, hit in hits.items():
        rule, about = rules[at], thread.about[at]
        if hit.sure is not None:
            found[at] = Found(rule.name, hit.sure, "text")
        elif hit.doubtful:
            known = rule.name in settled or (about is not None and about.sure)
            found[at] = _weighed(rule, hit, _setting(rule, own, thread.fields, companies, known))
    return tuple(found)


def _weighed(rule: CompiledRules, hit: Hits, setting: Setting) -> Found | None:
    """Return the likeliest of the doubtful places, or None where none is likely enough."""
    best: Found | None = None
    for alias, place in hit.doubtful:
        reasons = reasons_for(place, setting)
        score = score_of(reasons)
        if score >= THRESHOLD and (best is None or best.score is None or score > best.score):
            best = Found(rule.name, alias, "text", round(score, 4), reasons)
    return best


def _setting(
    rule: CompiledRules, own: Field, around: Sequence[Field], companies: frozenset[str], known: bool
) -> Setting:
    return Setting(
        hints=_hints(rule, (own,)),
        near_hints=_hints(rule, around),
        context=rule.context is not None,
        companies=companies,
        thread=known,
    )


def _hints(rule: CompiledRules, fields: Sequence[Field]) -> int:
    """Return how many different hint words stand in `fields`."""
    if rule.hints is None:
        return 0
    return len({found[0].casefold() for field in fields for found in rule.hints.finditer(field.plain)})


def _has_context(rule: CompiledRules, fields: Sequence[Field]) -> bool:
    return rule.context is None or any(rule.context.search(field.plain) for field in fields)
