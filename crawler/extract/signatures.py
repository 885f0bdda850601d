"""Signatures that no class name marks: the same last paragraph below the posts of one author."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from crawler.extract.drafts import Draft

_LEAST_POSTS = 2
_MOSTLY = 0.8
_LONGEST = 400
"""Characters of a closing paragraph that may be a signature."""


def without_signatures(drafts: Iterable[Draft]) -> None:
    """Take off what nearly all posts of an author end with, when each of them says something before it."""
    by_author: dict[str, list[Draft]] = defaultdict(list)
    for draft in drafts:
        if draft.author:
            by_author[draft.author].append(draft)
    for own in by_author.values():
        endings = Counter(end for draft in own if (end := _ending(draft.text)))
        for end, count in endings.most_common(1):
            if count >= _LEAST_POSTS and count >= _MOSTLY * len(own):
                for draft in own:
                    if _ending(draft.text) == end:
                        draft.text = draft.text[: -len(end)].rstrip()


def _ending(text: str) -> str:
    """Return the last paragraph of a text of several, empty when there is only one."""
    said, gap, end = text.rpartition("\n\n")
    return end if gap and said.strip() and len(end) <= _LONGEST else ""
