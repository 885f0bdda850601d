"""Defuse tags with thousands of attributes, on which libxml2 spends quadratic time (40,000 of them: 22 s)."""

from __future__ import annotations

import re

_ATTRIBUTE = r"""[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"?|'[^']*+'?|[^\s>"']?[^\s>]*+))?+"""
_EACH = re.compile(_ATTRIBUTE)
# As the HTML tokenizer reads (WHATWG HTML, 13.2.5): possessive, one pass, every character looked at once.
_TAG = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?:script|style)\b.*?(?:</(?:script|style)|\Z)|"
    rf"(?P<tag><[a-zA-Z][^\s/>]*+(?:[\s/]++|{_ATTRIBUTE})*+)",
    re.DOTALL | re.IGNORECASE,
)
_HOLDS_END = re.compile(r"""=\s*(?:"[^">]*>|'[^'>]*>)""")
"""A quoted value with a `>` in it: where a page has none, every `>` ends a tag."""

_LONG = 4_000
_MOST = 300
_SAFE_PAGE = 20_000


def may_hold_tag_of(size: int, text: str) -> bool:
    """Say in a fraction of the time of reading its tags whether a page may hold one of `size` characters or more."""
    if _HOLDS_END.search(text):
        return True
    long = (piece for piece in text.split(">") if len(piece) >= size)
    return any("<" in piece and len(piece) - piece.find("<") >= size for piece in long)


def without_attribute_floods(text: str) -> str:
    """Return the page with at most 300 attributes in any tag."""
    if len(text) < _SAFE_PAGE or not may_hold_tag_of(_LONG, text):
        return text
    parts: list[str] = []
    done = 0
    for tag in _TAG.finditer(text):
        if tag["tag"] is None or len(tag["tag"]) < _LONG:
            continue
        for number, attribute in enumerate(_EACH.finditer(text, tag.start() + 1, tag.end())):
            if number == _MOST:
                parts.append(text[done : attribute.start()])
                done = tag.end()
                break
    return "".join([*parts, text[done:]]) if parts else text
