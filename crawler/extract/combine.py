"""Structured data and repeated blocks of one page, put together.

Structured data is exact about who and when, but may leave out posts (XenForo marks the replies, not
always the opening) or flatten their text (JSON-LD). The blocks show every post as readers see it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lxml import html

from crawler.extract.drafts import Draft

_MOSTLY = 0.7
_ALIKE = 0.6
_MAX_COMPARED = 400
_LONG = 40
"""Words of a text that is long enough to be cut."""
_WORD = re.compile(r"\w+")


def combine(declared: Sequence[Draft], blocks: Sequence[Draft]) -> list[Draft]:
    """Return the declared posts, completed by the blocks when both clearly show the same thread."""
    pairs = match(declared, blocks)
    if not declared or len(pairs) < _MOSTLY * len(declared) or len(declared) > 2 * len(blocks):
        return list(declared)
    whole = {word for draft in declared for word in draft.text.split()}
    merged: list[Draft] = []
    for block in blocks:
        draft = pairs.get(block)
        if draft is not None:
            _complete(draft, block)
            merged.append(draft)
        elif _is_new(block, whole):
            merged.append(block)
    placed = set(merged)
    before: Draft | None = None
    for draft in declared:
        if draft not in placed:
            merged.insert(merged.index(before) + 1 if before is not None else 0, draft)
        before = draft
    return merged


def match(declared: Sequence[Draft], blocks: Sequence[Draft]) -> dict[Draft, Draft]:
    """Return for each block the declared post that it shows: by place on the page, by id, else by words."""
    pairs: dict[Draft, Draft] = {}
    by_element = {block.element: block for block in blocks if block.element is not None}
    by_id = {block.native_id: block for block in blocks if block.native_id}
    words = {block: set(block.text.split()) for block in blocks[:_MAX_COMPARED]}
    for draft in declared[:_MAX_COMPARED]:
        block = _around(draft.element, by_element) if draft.element is not None else by_id.get(draft.native_id or "")
        if block is None or block in pairs:
            block = _likest(draft, [one for one in words if one not in pairs], words)
        if block is not None:
            pairs[block] = draft
    return pairs


def _around(element: html.HtmlElement, blocks: dict[html.HtmlElement, Draft]) -> Draft | None:
    found = element
    while found is not None:
        if found in blocks:
            return blocks[found]
        found = found.getparent()
    return next((blocks[inner] for inner in element.iter() if inner in blocks), None)


def _likest(draft: Draft, free: Sequence[Draft], words: dict[Draft, set[str]]) -> Draft | None:
    own = set(draft.text.split())
    best, most = None, _ALIKE
    for block in free:
        shared = len(own & words[block]) / max(1, min(len(own), len(words[block])))
        shared *= min(1.0, 0.4 + len(words[block]) / max(1, len(own)))
        if shared > most:
            best, most = block, shared
    return best


def _complete(draft: Draft, block: Draft) -> None:
    if draft.element is None and _keeps_words(draft, block):
        draft.text = block.text
    elif block.quoted and not draft.quoted and set(block.text.split()) <= set(draft.text.split()):
        draft.text = block.text  # a quote that only its words betray
    draft.author = draft.author or block.author
    if draft.created_at is None:
        draft.created_at, draft.dated_by = block.created_at, block.dated_by
    draft.shown_at = block.shown_at
    draft.quoted = draft.quoted or block.quoted
    draft.url = draft.url or block.url
    draft.likes = block.likes if draft.likes is None else draft.likes
    if draft.native_id is None:
        draft.native_id = block.native_id
    elif block.native_id is not None:
        draft.aliases.add(block.native_id)
    if block.answers is not None and (draft.parent is None or draft.parent.parent is None):
        draft.answers = block.answers
    elif draft.parent is None:
        draft.parent = block.parent
    draft.element = block.element


def _keeps_words(draft: Draft, block: Draft) -> bool:
    """Say whether the block shows the same words; much more of them only when the declared text is cut short."""
    own, shown = set(draft.text.split()), set(block.text.split())
    cut = draft.text.endswith(("...", "\u2026")) or _is_beginning(draft.text, block.text)
    return len(own & shown) >= 0.8 * len(own) and (cut or len(shown) <= 1.6 * len(own) + 20)


def _is_beginning(declared: str, shown: str) -> bool:
    """Say whether some paragraphs were left out at the end: what is declared is long, and the block begins with it."""
    own, whole = _WORD.findall(declared), _WORD.findall(shown)
    return len(own) >= _LONG and own[-_LONG:] == whole[len(own) - _LONG : len(own)]


def _is_new(block: Draft, whole: set[str]) -> bool:
    words = set(block.text.split())
    return block.author is not None and block.created_at is not None and len(words & whole) < 0.85 * len(words)
