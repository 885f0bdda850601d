"""Brand rules as the user writes them, and their compiled form.

An alias matches as a word: whole, in any case, with any of space, hyphen or underscore between its
parts, accents folded. Scripts written without spaces (Chinese, Japanese, Thai ...) and Korean, whose
particles cling to the name, have no word edges, so none are asked for there.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analyzers.common_words import COMMON_WORDS

MAX_CHARACTERS = 20_000
"""Longer texts are cut: who speaks of a brand says so before that."""

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0002fa1f"
)
_EDGE_UNSPACED = re.compile(f"[{_UNSPACED}]")
_LEFT = rf"(?:(?<![^\W_])|(?<=[{_UNSPACED}]))"
_RIGHT = rf"(?:(?![^\W_])|(?=[{_UNSPACED}]))"
_ACCENTS = re.compile("[\u0300-\u036f]")
_BREAK = re.compile(r"[\s\-_]+")
_HANDLE_TAILS = "app|care|cloud|dev|help|hq|inc|io|news|official|status|support|team"
_MIN_COMPOUND = 4
"""Shorter aliases are not looked for inside a longer hashtag: #sapling is not about SAP."""


@dataclass(frozen=True, slots=True)
class BrandRules:
    """How to tell that a post speaks of a brand. The name is an alias of itself.

    `exclusions`: a phrase that contains an alias ("apple pie") is struck out before looking; any
    other phrase ("recipe") rules the text out. `context`: when given, one of these words must
    stand in the post, its thread's title or its opening; handles and domains need none.
    """

    name: str
    role: str = "own"
    aliases: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()
    context: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CompiledAlias:
    """One alias ready to search. `needle` is a plain piece that must occur, to skip most texts cheaply."""

    alias: str
    needle: str
    pattern: re.Pattern[str]
    needs_context: bool


@dataclass(frozen=True, slots=True)
class CompiledRules:
    """One brand ready to search. The patterns are None where the user gave no such words."""

    name: str
    aliases: tuple[CompiledAlias, ...]
    struck_out: re.Pattern[str] | None
    ruled_out: re.Pattern[str] | None
    context: re.Pattern[str] | None

    def named_in(self, field: Field, has_context: bool) -> str | None:
        """Return the alias by which `field` names the brand, or None."""
        hits = [alias for alias in self.aliases if alias.needle in field.folded]
        if not hits or (self.ruled_out is not None and self.ruled_out.search(field.plain)):
            return None
        plain = self.struck_out.sub(" | ", field.plain) if self.struck_out is not None else field.plain
        for alias in hits:
            if (has_context or not alias.needs_context) and alias.pattern.search(plain):
                return alias.alias
        return None


@dataclass(frozen=True, slots=True)
class Field:
    """A text in the form the patterns read: accents and width folded, and the same without case."""

    plain: str
    folded: str


def field_of(text: str) -> Field:
    """Prepare `text` for the patterns."""
    plain = fold_accents(text[:MAX_CHARACTERS])
    return Field(plain, plain.casefold())


def fold_accents(text: str) -> str:
    """Return `text` with compatibility forms and Latin accents folded (`Nestlé` -> `Nestle`, full width -> half)."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFKD", text)))


def compile_rules(rules: Sequence[BrandRules]) -> tuple[CompiledRules, ...]:
    """Compile once, search many times. Blank words are ignored."""
    return tuple(_compile(rule) for rule in rules)


def rules_digest(rules: Sequence[BrandRules]) -> str:
    """Return the identity of a set of rules (32 hex digits); it changes when a rescan is due."""
    plain = sorted(
        [r.name, r.role, sorted(r.aliases), sorted(r.exclusions), sorted(r.context), _RULES_VERSION] for r in rules
    )
    return hashlib.blake2b(json.dumps(plain).encode(), digest_size=16).hexdigest()


_RULES_VERSION = 1
"""Raise it when the matching itself changes, so that stored posts are read again."""


def _compile(rule: BrandRules) -> CompiledRules:
    words = [word for word in dict.fromkeys((rule.name, *rule.aliases)) if _parts(word)]
    alias_patterns = [re.compile(_words(word), re.IGNORECASE) for word in words]
    struck: list[str] = []
    ruled: list[str] = []
    for phrase in rule.exclusions:
        plain = fold_accents(phrase)
        (struck if any(pattern.search(plain) for pattern in alias_patterns) else ruled).append(phrase)
    return CompiledRules(
        name=rule.name,
        aliases=tuple(_alias(word, bool(rule.context)) for word in words),
        struck_out=_any_of(struck),
        ruled_out=_any_of(ruled),
        context=_any_of(rule.context, plural=True),
    )


def _alias(word: str, has_context: bool) -> CompiledAlias:
    parts = _parts(word)
    condensed = re.escape("".join(parts))
    shapes = [_words(word)]
    if not word.startswith(("@", "#")) and not _EDGE_UNSPACED.search(word):
        shapes.append(rf"@{condensed}(?:{_HANDLE_TAILS})?{_RIGHT}")
        if len("".join(parts)) >= _MIN_COMPOUND:
            shapes.append(rf"#(?:{condensed}\w*|\w*{condensed}{_RIGHT})")
        if len(parts) > 1:
            shapes.append(rf"{_LEFT}{condensed}\.[a-z]{{2,}}{_RIGHT}")
    acronym = word.isupper() and word.casefold() in COMMON_WORDS
    unmistakable = word.startswith("@") or re.search(r"\w\.[a-z]{2,}$", word.casefold()) is not None
    # A case-sensitive acronym still answers to its handle and hashtag in any case.
    body = f"{shapes[0]}|(?i:{'|'.join(shapes[1:])})" if acronym and shapes[1:] else "|".join(shapes)
    pattern = re.compile(body, 0 if acronym else re.IGNORECASE)
    return CompiledAlias(word, parts[0].casefold(), pattern, has_context and not unmistakable)


def _parts(word: str) -> list[str]:
    return [part for part in _BREAK.split(fold_accents(word)) if part]


def _words(phrase: str) -> str:
    parts = _parts(phrase)
    body = r"[\s\-_]+".join(re.escape(part) for part in parts)
    left = r"(?<!\w)" if parts[0][0] in "@#" else "" if _bare_edge(parts[0][0]) else _LEFT
    right = "" if _bare_edge(parts[-1][-1]) else _RIGHT
    return f"{left}{body}{right}"


def _bare_edge(character: str) -> bool:
    return _EDGE_UNSPACED.match(character) is not None or not character.isalnum()


def _any_of(phrases: Iterable[str], *, plural: bool = False) -> re.Pattern[str] | None:
    shapes = []
    for phrase in phrases:
        if not _parts(phrase):
            continue
        shape = _words(phrase)
        if plural and shape.endswith(_RIGHT):
            shape = shape.removesuffix(_RIGHT) + r"(?:'?s|es)?" + _RIGHT
        shapes.append(shape)
    return re.compile("|".join(shapes), re.IGNORECASE) if shapes else None
