"""The patterns by which an alias is found: as a word, a handle, a hashtag, a domain, in its forms.

An alias matches as a word: whole, in any case, with any of space, hyphen or underscore between its
parts, accents folded, with the endings of `inflection`. Scripts written without spaces (Chinese,
Japanese, Thai ...) and Korean, whose particles cling to the name, have no word edges, so none are
asked for there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from analyzers.addresses import COMPANY_ENDINGS
from analyzers.inflection import compound, nominal_forms, stem, verb_forms

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0002fa1f"
)
_EDGE_UNSPACED = re.compile(f"[{_UNSPACED}]")
_LEFT = rf"(?-i:(?<![^\W_])|(?<=[{_UNSPACED}]))"
_RIGHT = rf"(?-i:(?![^\W_])|(?=[{_UNSPACED}]))"
_ACCENTS = re.compile("[\u0300-\u036f]")
_BREAK = re.compile(r"[\s\-_]+")
_BETWEEN = r"[\s\-_]+"
_HANDLE_TAILS = "app|care|cloud|com|dev|help|hq|inc|io|news|official|status|support|team"
_TAG_WORDS = (
    "alternative|app|boycott|cancel|close|com|delete|down|drop|fail|help|hq|inc|outage|quit|status|sucks|support"
)
_MIN_COMPOUND = 4
"""Shorter aliases are not looked for inside a longer hashtag: #sapling is not about SAP."""


def fold_accents(text: str) -> str:
    """Return `text` with compatibility forms and Latin accents folded (`Nestlé` -> `Nestle`, full width -> half)."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFKD", text)))


def parts_of(alias: str) -> list[str]:
    """Return the parts of `alias`, accents folded; none for a blank one."""
    return [part for part in _BREAK.split(fold_accents(alias)) if part]


def is_plain(alias: str) -> bool:
    """Return whether `alias` is neither a handle nor a hashtag nor in a script without word edges."""
    return not alias.startswith(("@", "#")) and not _EDGE_UNSPACED.search(alias)


def is_address(alias: str) -> bool:
    """Return whether `alias` is a handle or a domain: nothing else is called so."""
    return alias.startswith("@") or re.search(r"\w\.[a-z]{2,}$", alias.casefold()) is not None


def needle_of(parts: Sequence[str]) -> str:
    """Return a piece without case that stands in every text the alias of `parts` is found in."""
    return stem(parts[0].casefold()) if len(parts) == 1 else parts[0].casefold()


def sure_pattern(alias: str, parts: Sequence[str], *, capitals: bool) -> re.Pattern[str]:
    """Return what finds an alias that means nothing else; `capitals`: its word only in capitals."""
    condensed = re.escape("".join(parts))
    shapes = [word_shape(alias)]
    if is_plain(alias):
        shapes.append(rf"@{condensed}(?:{_HANDLE_TAILS})?{_RIGHT}")
        if len("".join(parts)) >= _MIN_COMPOUND:
            shapes.append(rf"#(?:{condensed}\w*|\w*{condensed}{_RIGHT})")
        if len(parts) > 1:
            shapes.append(rf"{_LEFT}{condensed}\.[a-z]{{2,}}{_RIGHT}")
        if not capitals:
            shapes += _forms(parts)
    # A case-sensitive acronym still answers to its handle and hashtag in any case.
    body = f"{shapes[0]}|(?i:{'|'.join(shapes[1:])})" if capitals and shapes[1:] else "|".join(shapes)
    return re.compile(body, 0 if capitals else re.IGNORECASE)


def unmistakable_pattern(parts: Sequence[str]) -> re.Pattern[str]:
    """Return what finds the handle, the domain and the company's hashtags of an alias that is an everyday word."""
    condensed = re.escape("".join(parts))
    shapes = (
        rf"@{condensed}(?:{_HANDLE_TAILS})?{_RIGHT}",
        rf"#(?:{condensed}(?:{_TAG_WORDS})|(?:{_TAG_WORDS}){condensed}){_RIGHT}",
        rf"(?<![\w-]){condensed}\.{COMPANY_ENDINGS}(?![\w-])(?!\.\w)",
    )
    return re.compile("|".join(shapes), re.IGNORECASE)


def doubtful_pattern(parts: Sequence[str]) -> re.Pattern[str]:
    """Return what finds an everyday word in a lower-case text; its groups name the ending.

    The edge on the left is for the caller to see to (`ends_before`): a search that begins with plain letters, without
    regard to case and to what is behind, is many times faster.
    """
    last = parts[-1].lower()
    built = compound(last) if len(parts) == 1 else None
    tails = [r"(?P<genitive>['\u2019]s)"]
    if last.isalpha() and last.isascii() and not last.endswith("s"):
        tails.append("(?P<s>s)")
    if built:
        tails.append(f"(?P<compound>{built.removeprefix(last)})")
    body = _BETWEEN.join(re.escape(part.lower()) for part in parts)
    return re.compile(f"{body}(?:{'|'.join(tails)})?{_RIGHT}")


def ends_before(text: str, start: int) -> bool:
    """Return whether a word may begin at `start`."""
    before = text[start - 1 : start]
    return not before.isalnum() or _EDGE_UNSPACED.match(before) is not None


def word_shape(phrase: str) -> str:
    """Return a pattern of `phrase`, which is not blank, as whole words."""
    parts = parts_of(phrase)
    left = r"(?<!\w)" if parts[0][0] in "@#" else "" if _bare_edge(parts[0][0]) else _LEFT
    right = "" if _bare_edge(parts[-1][-1]) else _RIGHT
    return f"{left}{_BETWEEN.join(re.escape(part) for part in parts)}{right}"


def any_of(phrases: Iterable[str], *, plural: bool = False) -> re.Pattern[str] | None:
    """Return what finds one of `phrases`, its plural too where `plural`; None without any. Blank ones are ignored."""
    shapes = []
    for phrase in phrases:
        if not parts_of(phrase):
            continue
        shape = word_shape(phrase)
        if plural and shape.endswith(_RIGHT):
            shape = shape.removesuffix(_RIGHT) + r"(?:'?s|es)?" + _RIGHT
        shapes.append(shape)
    return re.compile("|".join(shapes), re.IGNORECASE) if shapes else None


def _forms(parts: Sequence[str]) -> Iterator[str]:
    *front, last = (part.casefold() for part in parts)
    joined = "".join(re.escape(part) + _BETWEEN for part in front)
    endings = [*nominal_forms(last), *(() if front else verb_forms(last))]
    if endings:
        yield rf"{_LEFT}{joined}(?:{'|'.join(endings)}){_RIGHT}(?!\.\w)"
    built = None if front else compound(last)
    if built:
        yield f"{_LEFT}{built}{_RIGHT}"


def _bare_edge(character: str) -> bool:
    return _EDGE_UNSPACED.match(character) is not None or not character.isalnum()
