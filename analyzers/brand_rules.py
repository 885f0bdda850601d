"""Brand rules as the user writes them, and their compiled form.

An alias that is an everyday word ("Monday") is doubtful where it stands as a word: `ambiguity` weighs
it. Its handle, its domain and its hashtags with a company's word in them are not.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache

from analyzers.addresses import domain_shape, without_foreign_parts, without_links
from analyzers.alias_shapes import (
    any_of,
    doubtful_pattern,
    ends_before,
    fold_accents,
    is_address,
    is_plain,
    needle_of,
    parts_of,
    sure_pattern,
    unmistakable_pattern,
    word_shape,
)
from analyzers.common_words import COMMON_WORDS, everyday
from analyzers.occurrences import Occurrence
from analyzers.passages import passage_of

MAX_CHARACTERS = 20_000
"""Longer texts are cut: who speaks of a brand says so before that."""


@dataclass(frozen=True, slots=True)
class BrandRules:
    """How to tell that a post speaks of a brand. The name is an alias of itself.

    `exclusions`: a phrase that contains an alias ("apple pie") is struck out before looking; any
    other phrase ("recipe") rules the text out. `context`: when given, one of these words must
    stand in the post, its thread's title or its opening; handles and domains need none.
    `domains`: the brand's own sites; a link or a mail address there is a mention. `hints`: words of
    its trade, which make an ambiguous name likelier. `ambiguous`: whether the name and the aliases of
    one word are everyday words too; None: told by `common_words`.
    """

    name: str
    role: str = "own"
    aliases: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    ambiguous: bool | None = None


@dataclass(frozen=True, slots=True)
class CompiledAlias:
    """One alias ready to search. `needle` is a plain piece that must occur, to skip most texts cheaply.

    `sure` finds what names the brand without doubt, `doubtful` what has to be weighed; its groups tell the shape.
    """

    alias: str
    needle: str
    sure: re.Pattern[str]
    doubtful: re.Pattern[str] | None
    needs_context: bool


@dataclass(frozen=True, slots=True)
class Hits:
    """What a field holds of a brand: the first alias that names it without doubt, else the places to be weighed."""

    sure: str | None = None
    doubtful: tuple[tuple[str, Occurrence], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class CompiledRules:
    """One brand ready to search. The patterns are None where the user gave no such words."""

    name: str
    aliases: tuple[CompiledAlias, ...]
    struck_out: re.Pattern[str] | None
    ruled_out: re.Pattern[str] | None
    context: re.Pattern[str] | None
    hints: re.Pattern[str] | None

    def hits(self, near: Sequence[CompiledAlias], field: Field, has_context: bool) -> Hits:
        """Return what `field` holds of the brand by the aliases in `near`, those whose needle occurs."""
        if self.ruled_out is not None and self.ruled_out.search(field.plain):
            return Hits()
        plain = without_foreign_parts(field.plain)
        if self.struck_out is not None:
            plain = self.struck_out.sub(" | ", plain)
        near = [alias for alias in near if has_context or not alias.needs_context]
        for alias in near:
            if alias.sure.search(plain):
                return Hits(alias.alias)
        return Hits(None, tuple(_doubtful(near, plain)))


@dataclass(frozen=True, slots=True)
class Field:
    """A text in the form the patterns read: accents and width folded, and the same without case."""

    plain: str
    folded: str


def field_of(text: str) -> Field:
    """Prepare `text` for the patterns."""
    plain = fold_accents(text[:MAX_CHARACTERS])
    return Field(plain, plain.casefold())


def compile_rules(rules: Sequence[BrandRules]) -> tuple[CompiledRules, ...]:
    """Compile once, search many times. Blank words are ignored."""
    return tuple(_compile(rule) for rule in rules)


@lru_cache(maxsize=16)
def _needles(rules: tuple[CompiledRules, ...]) -> tuple[tuple[str, int, CompiledAlias], ...]:
    return tuple((alias.needle, at, alias) for at, rule in enumerate(rules) for alias in rule.aliases)


def possible(rules: tuple[CompiledRules, ...], field: Field) -> dict[int, list[CompiledAlias]]:
    """Return, by the place of their brand in `rules`, the aliases that may stand in `field`: none for most texts."""
    near: dict[int, list[CompiledAlias]] = {}
    folded = field.folded
    for found in [entry for entry in _needles(rules) if entry[0] in folded]:
        near.setdefault(found[1], []).append(found[2])
    return near


def rules_digest(rules: Sequence[BrandRules]) -> str:
    """Return the identity of a set of rules (32 hex digits); it changes when a rescan is due."""
    plain = sorted(json.dumps([_RULES_VERSION, _unordered(rule)]) for rule in rules)
    return hashlib.blake2b(json.dumps(plain).encode(), digest_size=16).hexdigest()


_RULES_VERSION = 2
"""Raise it when the matching itself changes, so that stored posts are read again."""


def _unordered(rule: BrandRules) -> dict[str, object]:
    return {key: sorted(value) if isinstance(value, tuple) else value for key, value in sorted(asdict(rule).items())}


def _compile(rule: BrandRules) -> CompiledRules:
    words = [word for word in dict.fromkeys((rule.name, *rule.aliases)) if parts_of(word)]
    alias_patterns = [re.compile(word_shape(word), re.IGNORECASE) for word in words]
    struck: list[str] = []
    ruled: list[str] = []
    for phrase in rule.exclusions:
        plain = fold_accents(phrase)
        (struck if any(pattern.search(plain) for pattern in alias_patterns) else ruled).append(phrase)
    domains = [fold_accents(domain).casefold() for domain in rule.domains]
    return CompiledRules(
        name=rule.name,
        aliases=(
            *(_alias(word, rule) for word in words),
            *(
                CompiledAlias(name, name, re.compile(domain_shape(name), re.IGNORECASE), None, False)
                for name in domains
            ),
        ),
        struck_out=any_of(struck),
        ruled_out=any_of(ruled),
        context=any_of(rule.context, plural=True),
        hints=any_of(rule.hints, plural=True),
    )


def _alias(word: str, rule: BrandRules) -> CompiledAlias:
    parts, address = parts_of(word), is_address(word)
    acronym = word.isupper() and word.casefold() in COMMON_WORDS
    needs_context = bool(rule.context) and not address
    if is_plain(word) and not address and not acronym and _is_ambiguous(word, rule):
        sure, doubtful = unmistakable_pattern(parts), doubtful_pattern(parts)
        return CompiledAlias(word, needle_of(parts), sure, doubtful, needs_context)
    return CompiledAlias(word, needle_of(parts), sure_pattern(word, parts, capitals=acronym), None, needs_context)


def _is_ambiguous(word: str, rule: BrandRules) -> bool:
    if rule.ambiguous is None or (rule.ambiguous and word != rule.name and len(parts_of(word)) > 1):
        return everyday(word)
    return rule.ambiguous


def _doubtful(aliases: Sequence[CompiledAlias], plain: str) -> Iterator[tuple[str, Occurrence]]:
    if all(alias.doubtful is None for alias in aliases):
        return
    text = without_links(plain)
    lower = text.lower()
    if len(lower) != len(text):  # a few letters grow, and the places would be wrong
        text = lower
    for alias in aliases:
        for found in alias.doubtful.finditer(lower) if alias.doubtful is not None else ():
            if ends_before(text, found.start()):
                hashtag = text[found.start() - 1 : found.start()] == "#"
                shape = found.lastgroup or ("hashtag" if hashtag else "word")
                yield alias.alias, Occurrence(passage_of(text), found.start(), found.end(), alias.alias, shape)
