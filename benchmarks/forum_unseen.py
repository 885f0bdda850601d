"""Every page as if its engine had never been seen: no structured data, no engine selectors, once without names too.

The reference is what the page's structured data or its engine's selectors give, and the pages read by hand. In the
second reading (`nameless`) the words of all class names and ids are replaced as well: a site that calls its posts
`sc-bdvaja`. What is left to both are shapes, repetition, addresses, dates and words.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from statistics import mean
from typing import Any

from forum_hand import TRUTHS, compare_by_hand
from forum_stripped import ZONES, strip

from crawler.extract import ExtractedPost, ExtractedThread, extract_page, read_page
from crawler.extract.engines import find_engine_blocks
from crawler.extract.layout import lay_out
from crawler.extract.page import Page

FIRST_WORDS = 6
_WORD = re.compile(r"\w+")
_LETTERS = re.compile(r"[^\W\d_]+")
_PARTS = ("words", "author", "time", "parent")


def read_unseen(source: bytes, url: str, *, nameless: bool = False) -> ExtractedThread:
    """Return a page read by repeated blocks alone."""
    page = read_page(source, url)
    strip(page)
    if nameless:
        unname(page)
    return extract_page(page, url, engines=())


def unname(page: Page) -> None:
    """Replace every word of class names and ids by one that says nothing, equal ones alike."""
    for element in page.root.iter():
        if isinstance(element.tag, str):
            for name in ("class", "id"):
                value = element.get(name)
                if value:
                    element.set(name, _LETTERS.sub(_nothing, value))


def _nothing(word: re.Match[str]) -> str:
    figures = hashlib.sha256(word[0].lower().encode()).hexdigest()[:8]
    return "".join("ghjkmnpqrstvwxyz"[int(figure, 16)] for figure in figures)


def is_reference(thread: ExtractedThread, source: bytes, url: str) -> bool:
    """Say whether a page was read by its structured data or by its engine's selectors."""
    if thread.route in ("json-ld", "microdata", "microformats"):
        return True
    return thread.route == "repeated-blocks" and find_engine_blocks(lay_out(read_page(source, url).root)) is not None


def compare_unseen(
    pages: Sequence[tuple[str, str, bytes, str]],
    threads: Mapping[str, ExtractedThread],
    word_f1: Any,
    *,
    nameless: bool = False,
) -> dict[str, Any]:
    """Return the figures of all pages and of each half; `pages`: (id, url, html, truth), `threads`: read as usual.

    `post_f1` is the F1 of posts right in first words, author and time (within 26 h) against the reference, over all
    posts; `words`, `author`, `time` and `parent` are the F1 of that part alone; `same_count` is a share of pages;
    `hand_f1` is `post_f1` of the pages read by hand; `own_word_f1` is a mean over all pages.
    """
    rows = [_row(page, threads[page[0]], word_f1, nameless=nameless) for page in pages]
    halves = {
        "even": [row for row in rows if not int(row["id"]) % 2],
        "odd": [row for row in rows if int(row["id"]) % 2],
    }
    return {**_figures(rows), **{half: _figures(found) for half, found in halves.items() if found}, "pages": rows}


def _row(page: tuple[str, str, bytes, str], usual: ExtractedThread, word_f1: Any, *, nameless: bool) -> dict[str, Any]:
    name, url, source, truth = page
    thread = read_unseen(source, url, nameless=nameless)
    right: Counter[str] = Counter()
    reference = is_reference(usual, source, url)
    if reference:
        right = compare_posts(usual.posts, thread.posts)
    hand = compare_by_hand({name: thread}) if (TRUTHS / f"{name}.json").exists() else None
    return {
        "id": name,
        "url": url,
        "route": thread.route,
        "own_word_f1": word_f1("\n".join(post.text for post in thread.posts), truth)[0],
        "reference": reference,
        "wanted": len(usual.posts),
        "found": len(thread.posts),
        "right": dict(right),
        "hand": None if hand is None else (hand["pages"][name]["right"], hand["pages"][name]["posts"]),
    }


def compare_posts(wanted: Sequence[ExtractedPost], found: Sequence[ExtractedPost]) -> Counter[str]:
    """Return how many of `wanted` are found with equal `words`, `author`, `time`, `parent`; `all`: the first three.

    Posts are paired by their first six words, equal ones by what else agrees.
    """
    free = list(found)
    pairs: list[tuple[ExtractedPost, ExtractedPost]] = []
    for post in wanted:
        alike = [other for other in free if _first(other) == _first(post)]
        if alike:
            best = max(alike, key=lambda other: len(_equal(post, other)))
            free.remove(best)
            pairs.append((post, best))
    places = {one.position: other.position for one, other in pairs}
    right: Counter[str] = Counter()
    for one, other in pairs:
        equal = _equal(one, other)
        answered = places.get(one.parent_position or 0) if one.parent_position else 0
        equal |= {"parent"} if answered == (other.parent_position or 0) else set()
        right.update(equal)
        right["all"] += {"words", "author", "time"} <= equal
    return right


def _first(post: ExtractedPost) -> list[str]:
    return _WORD.findall(post.text.lower())[:FIRST_WORDS]


def _equal(one: ExtractedPost, other: ExtractedPost) -> set[str]:
    equal = {"words"}
    equal |= {"author"} if one.author == other.author else set()
    equal |= {"time"} if _same_time(one.created_at, other.created_at) else set()
    return equal


def _same_time(one: datetime | None, other: datetime | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= ZONES


def _figures(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    referred = [row for row in rows if row["reference"]]
    total = sum(row["found"] + row["wanted"] for row in referred)
    sums: Counter[str] = Counter()
    for row in referred:
        sums.update(row["right"])
    hands = [row for row in rows if row["hand"]]
    hand_total = sum(row["found"] + row["hand"][1] for row in hands)
    return {
        "post_f1": round(2 * sums["all"] / total, 4) if total else None,
        **{part: round(2 * sums[part] / total, 4) for part in _PARTS if total},
        "same_count": round(mean(row["found"] == row["wanted"] for row in referred), 4) if referred else None,
        "hand_f1": round(2 * sum(row["hand"][0] for row in hands) / hand_total, 4) if hand_total else None,
        "own_word_f1": round(mean(row["own_word_f1"] for row in rows), 4) if rows else None,
        "n": len(referred),
        "posts": sum(row["wanted"] for row in referred),
    }
