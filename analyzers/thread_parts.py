"""The parts of a thread risk: what of a thread, and around it, speaks for or against a pile-on.

A part that could not be observed is None; it is never taken for zero.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from analyzers.listening import is_judged, is_negative
from analyzers.wordings import wordings, words
from tocsin.store.records import JudgedPost

NEW_AUTHOR = timedelta(days=30)
_TARGET = frozenset(["you", "your", "yours", "you're", "they", "their", "them", "theirs", "company"])
_SELF = frozenset(["i", "me", "my", "mine", "i'm", "i've"])


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known beyond the thread. None: not known.

    `usual_negative`: the source's mean share of negative posts. `usual_reply_ratio`: the source's
    median of log2((replies+1)/(likes+1)). `history_since`: from when authors of the source are known.
    """

    usual_negative: float | None = None
    usual_reply_ratio: float | None = None
    history_since: datetime | None = None
    links_in: int | None = None
    derailment: float | None = None


def thread_parts(posts: Sequence[JudgedPost], at: datetime, around: Surroundings) -> dict[str, float | None]:
    """Return the value of every part, None where it could not be observed. `posts`: oldest first, none after `at`."""
    authors = {post.author_id for post in posts if post.author_id is not None}
    angry = {post.author_id for post in posts if post.author_id is not None and is_negative(post)}
    judged = [post for post in posts if is_judged(post)]
    parts: dict[str, float | None] = {
        "negative_voices": math.log1p(len(angry)) if judged and authors else None,
        "acceleration": _acceleration(posts, at),
        "voices_per_post": len(authors) / len(posts) if authors else None,
        "new_author_share": _new_authors(posts, around.history_since),
        "negative_share_over_source": None,
        "talk_of_target": _talk_of_target(posts),
        "reply_ratio": _reply_ratio(posts, around.usual_reply_ratio),
        "direct_reply_share": _direct_replies(posts),
        "near_duplicates": _near_duplicates(posts),
        "links_in": None if around.links_in is None else math.log1p(around.links_in),
        "derailment": around.derailment,
        "deny_share": _deny_share(posts),
    }
    if judged and around.usual_negative is not None:
        share = sum(map(is_negative, judged)) / len(judged)
        parts["negative_share_over_source"] = share - around.usual_negative
    return {name: None if value is None else round(value, 4) for name, value in parts.items()}


def reply_ratio(post: JudgedPost) -> float | None:
    """Return log2((replies+1)/(likes+1)) of a post, None where the source does not show both."""
    if post.likes is None or post.replies is None:
        return None
    return math.log2((max(post.replies, 0) + 1) / (max(post.likes, 0) + 1))


def _acceleration(posts: Sequence[JudgedPost], at: datetime) -> float | None:
    if at - posts[0].created_at < timedelta(hours=2):
        return None
    ages = [(at - post.created_at) / timedelta(hours=1) for post in posts]
    last, before = sum(age < 1 for age in ages), sum(1 <= age < 2 for age in ages)
    return math.log2((last + 1) / (before + 1))


def _new_authors(posts: Sequence[JudgedPost], history_since: datetime | None) -> float | None:
    """Share of the authors whose first post in the source is at most 30 days older than their first one here."""
    if history_since is None or posts[0].created_at - history_since < NEW_AUTHOR:
        return None
    first: dict[str, JudgedPost] = {}
    for post in posts:
        if post.author_id is not None and post.author_first_seen_at is not None:
            first.setdefault(post.author_id, post)
    if not first:
        return None
    new = sum(
        post.author_first_seen_at is not None and post.created_at - post.author_first_seen_at < NEW_AUTHOR
        for post in first.values()
    )
    return new / len(first)


def _talk_of_target(posts: Sequence[JudgedPost]) -> float | None:
    """Words that point at the other side minus words that point at oneself, in a hundred words; English only."""
    heap = [word for post in posts for word in words(post.text)]
    if not heap:
        return None
    return 100 * (sum(word in _TARGET for word in heap) - sum(word in _SELF for word in heap)) / len(heap)


def _reply_ratio(posts: Sequence[JudgedPost], usual: float | None) -> float | None:
    here = reply_ratio(posts[0])
    return None if here is None or usual is None else here - usual


def _direct_replies(posts: Sequence[JudgedPost]) -> float | None:
    parents = Counter(post.parent_id for post in posts if post.parent_id is not None)
    return max(parents.values()) / parents.total() if parents else None


def _deny_share(posts: Sequence[JudgedPost]) -> float | None:
    """Share of the replies that deny what they answer, of those whose stance was judged."""
    stances = [post.stance for post in posts if post.stance is not None]
    return stances.count("deny") / len(stances) if stances else None


def _near_duplicates(posts: Sequence[JudgedPost]) -> float | None:
    """Share of the posts whose wording somebody else posted too."""
    if not any(post.author_id for post in posts):
        return None
    return _repeated_share(tuple((post.text, post.author_id) for post in posts))


@lru_cache(maxsize=256)
def _repeated_share(said: tuple[tuple[str, str | None], ...]) -> float:
    """Kept for a while: a thread in which nothing was said since is asked about again at its next age."""
    if len({author for _, author in said} - {None}) < 2:
        return 0.0
    authors: dict[int, set[str]] = defaultdict(set)
    labels = wordings([text for text, _ in said])
    for (_, author), label in zip(said, labels, strict=True):
        if author is not None:
            authors[label].add(author)
    return sum(len(authors[label]) > 1 for label in labels) / len(said)
