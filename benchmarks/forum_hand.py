"""Threads read by hand, post by post, against what `crawler.extract` reads: only digests are kept, no text."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from crawler.extract import ExtractedThread

TRUTHS = Path(__file__).resolve().parent / "forum_truths"
FIRST_WORDS = 6
_WORD = re.compile(r"\w+")
_PARTS = ("words", "author", "time", "parent")

Row = dict[str, Any]


def digest(text: str) -> str:
    """Return the SHA-256 of a name or of first words, as the truths hold it."""
    return hashlib.sha256(text.encode()).hexdigest()


def row_of(author: str | None, time: str | None, text: str, parent: int | None) -> Row:
    """Return a post as the truths hold it. `time` is ISO 8601 to the minute; `parent` 0 or None: the thread."""
    words = " ".join(_WORD.findall(text.lower())[:FIRST_WORDS])
    return {
        "author": digest(author) if author else None,
        "time": time,
        "words": digest(words),
        "parent": parent or None,
    }


def rows_of(thread: ExtractedThread) -> list[Row]:
    """Return the posts of a thread as the truths hold them."""
    return [
        row_of(
            post.author,
            post.created_at.strftime("%Y-%m-%dT%H:%M") if post.created_at else None,
            post.text,
            post.parent_position,
        )
        for post in thread.posts
    ]


def compare_by_hand(threads: Mapping[str, ExtractedThread]) -> dict[str, Any]:
    """Return `post_f1`, the F1 of each part alone (posts paired by first words) and a row a page."""
    pages: dict[str, Any] = {}
    right = found = wanted = 0
    parts: Counter[str] = Counter()
    for file in sorted(TRUTHS.glob("[0-9]*.json")):
        truth = json.loads(file.read_text(encoding="utf-8"))
        if truth["id"] not in threads:
            continue
        rows = rows_of(threads[truth["id"]])
        own, shares = _right(truth["posts"], rows)
        right, found, wanted = right + own, found + len(rows), wanted + len(truth["posts"])
        parts.update(shares)
        pages[truth["id"]] = {"engine": truth["engine"], "posts": len(truth["posts"]), "found": len(rows), "right": own}
    total = found + wanted
    return {
        "post_f1": round(2 * right / total, 4) if total else None,
        **{part: round(2 * parts[part] / total, 4) for part in _PARTS if total},
        "n": wanted,
        "pages": pages,
    }


def _right(truth: Sequence[Row], rows: Sequence[Row]) -> tuple[int, Counter[str]]:
    """Return how many posts are right in all parts, and in each; posts are paired by first words, then in order."""
    right = 0
    parts: Counter[str] = Counter()
    free = list(rows)
    for post in truth:
        alike = [row for row in free if row["words"] == post["words"]]
        if not alike:
            continue
        row = max(alike, key=lambda one: sum(one[part] == post[part] for part in _PARTS))
        free.remove(row)
        equal = [part for part in _PARTS if row[part] == post[part]]
        parts.update(equal)
        right += len(equal) == len(_PARTS)
    return right, parts
