"""A post while it is being read, before positions and parents are settled."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from lxml import html

from crawler.extract.precision import is_zoned, precision_of
from crawler.extract.records import ExtractedPost

_BBCODE = re.compile(r"\[quote(?P<head>[^\]\n]{0,120})\](?P<words>.*?)\[/quote\]", re.IGNORECASE | re.DOTALL)
_LONG_NUMBER = re.compile(r"\d{2,}")
_GAP = re.compile(r"\n\s*\n\s*")
_WORD = re.compile(r"\w+")
_COMPARED = 20_000
_STRETCH = 12
_LEAST_STRETCH = 4
_LINES = 6
_HEAD = 60


@dataclass(slots=True, eq=False)
class Draft:
    """`element` is the post's block on the page, None for JSON-LD; `parent` the draft it answers."""

    text: str
    author: str | None = None
    created_at: datetime | None = None
    edited_at: datetime | None = None
    native_id: str | None = None
    parent: Draft | None = None
    url: str | None = None
    likes: int | None = None
    replies: int | None = None
    views: int | None = None
    dated_by: str | None = None
    """The words or the machine-readable form that `created_at` was read from."""
    shown_at: str | None = None
    quoted: str | None = None
    element: html.HtmlElement | None = None
    answers: str | None = None
    """The native id that the page itself names as the one answered, more exactly than `parent`."""
    aliases: set[str] = field(default_factory=set)
    """Other ids by which the page speaks of this post."""


def to_posts(drafts: list[Draft]) -> tuple[ExtractedPost, ...]:
    """Return the drafts as posts: numbered, ids unique within the page, parents named by id."""
    drafts = _once(drafts)
    seen: set[str] = set()
    for draft in drafts:
        _part_bbcode(draft)
        if draft.native_id is not None and draft.native_id in seen:
            draft.native_id = None
        if draft.native_id is not None:
            seen.add(draft.native_id)
    _answer_quoted(drafts)
    _answer_mentioned(drafts)
    known = {alias: draft for draft in reversed(drafts) for alias in (*draft.aliases, draft.native_id) if alias}
    places = {draft: position for position, draft in enumerate(drafts)}
    parents = [_parent(draft, known) for draft in drafts]
    return tuple(
        ExtractedPost(
            position=position,
            text=draft.text,
            author=draft.author,
            created_at=draft.created_at,
            edited_at=draft.edited_at,
            native_id=draft.native_id,
            parent=answered.native_id if answered is not None else None,
            url=draft.url,
            likes=draft.likes,
            replies=draft.replies,
            views=draft.views,
            precision=precision_of(draft.dated_by) if draft.dated_by and draft.created_at else None,
            zoned=is_zoned(draft.dated_by) if draft.dated_by and draft.created_at else None,
            shown_at=draft.shown_at or None,
            quoted=draft.quoted or None,
            parent_position=places.get(answered) if answered is not None else None,
        )
        for position, (draft, answered) in enumerate(zip(drafts, parents, strict=True))
    )


def _once(drafts: list[Draft]) -> list[Draft]:
    """Return the drafts without those that the page shows a second time: the same id, author and words."""
    first: dict[tuple[str, str | None, str], Draft] = {}
    twins: dict[Draft, Draft] = {}
    for draft in drafts:
        if draft.native_id is not None:
            met = first.setdefault((draft.native_id, draft.author, draft.text), draft)
            if met is not draft:
                twins[draft] = met
    for draft in drafts if twins else ():
        if draft.parent is not None:
            draft.parent = twins.get(draft.parent, draft.parent)
    return [draft for draft in drafts if draft not in twins]


def _part_bbcode(draft: Draft) -> None:
    """Part quotes that a page shows as BBCode, unrendered, from the words; their number names the post answered."""
    if "[/quote]" not in draft.text.lower():
        return
    quotes = list(_BBCODE.finditer(draft.text))
    rest = _GAP.sub("\n\n", _BBCODE.sub("\n\n", draft.text)).strip()
    if not rest:
        return
    draft.text = rest
    draft.quoted = "\n\n".join(filter(None, [draft.quoted, *(quote["words"].strip() for quote in quotes)])) or None
    number = next((found[0] for quote in quotes if (found := _LONG_NUMBER.search(quote["head"]))), None)
    draft.answers = draft.answers or number


def _answer_quoted(drafts: list[Draft]) -> None:
    """Find the post answered where a quote names none: the last one before that has the quoted words."""
    flat = [" ".join(_WORD.findall(draft.text.lower()[:_COMPARED])) for draft in drafts]
    for place, draft in enumerate(drafts):
        if not draft.quoted or draft.answers is not None or (draft.parent is not None and draft.parent.parent):
            continue
        for wanted in _stretches(draft.quoted):
            source = next((one for one in range(place - 1, -1, -1) if wanted in flat[one]), None)
            if source is not None:
                draft.parent = drafts[source]
                break


def _answer_mentioned(drafts: list[Draft]) -> None:
    """Take a post that begins with "@ann" as an answer to the last one of hers before it, where nothing says more."""
    last: dict[str, Draft] = {}
    longest = 0
    for draft in drafts:
        if draft.text.startswith("@") and draft.answers is None and draft.parent is None:
            name = _mentioned(draft.text[1 : 2 + longest].casefold(), last)
            several = name is not None and draft.text[1 + len(name) :].lstrip(" ,").startswith("@")
            if name is not None and not several and last[name].author != draft.author:
                draft.parent = last[name]
        if draft.author:
            last[draft.author.casefold()] = draft
            longest = max(longest, len(draft.author))


def _mentioned(words: str, names: Collection[str]) -> str | None:
    ends = (end for end in range(len(words), 0, -1) if not words[end : end + 1].isalnum())
    return next((words[:end] for end in ends if words[:end] in names), None)


def _stretches(quoted: str) -> list[str]:
    """Return stretches of words of a quote, long enough to be nobody else's: its lines, the last ones first.

    A quote may hold a head ("Ann wrote:") and an older quote before the words that are answered.
    """
    heads = [line.partition(":") for line in quoted[:_COMPARED].lower().splitlines()]
    said = [rest if 0 < len(head) <= _HEAD and rest else head + rest for head, _, rest in heads]
    lines = [words for line in reversed(said) if len(words := _WORD.findall(line)) >= _LEAST_STRETCH][:_LINES]
    return [" ".join(words) for line in lines for words in (line[:_STRETCH], line[-_STRETCH:])]


def _parent(draft: Draft, known: dict[str, Draft]) -> Draft | None:
    parent = known.get(draft.answers) if draft.answers is not None else None
    if parent is None or parent is draft:
        parent = draft.parent
    return parent if parent is not draft else None
