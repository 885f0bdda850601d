"""How likely a thread is to become a pile-on within 72 h: a logistic score whose parts are all shown.

A part that could not be observed is None and adds nothing; it is never taken for zero. The weights
are a first version set by hand from what the parts mean (docs/how-it-decides.md); they name
themselves in `VERSION`, so that a fitted set can be told from them.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from analyzers.listening import is_judged, is_negative
from analyzers.wordings import wordings, words
from tocsin.store.records import JudgedPost, ThreadRisk

VERSION = "thread-risk-2"
AGES = (1, 3, 6, 24)
"""Hours of age at which the weights were thought out; in between and beyond the same ones serve."""
NEW_AUTHOR = timedelta(days=30)
HORIZON = timedelta(hours=72)
INTERCEPT = -4.6
"""Log-odds of a thread of which nothing is known: about 1 in 100."""


@dataclass(frozen=True, slots=True)
class Weight:
    """What one unit of a part above its usual value adds to the log-odds, at most `limit` either way."""

    per_unit: float
    usual: float
    limit: float = 3.0


WEIGHTS: Mapping[str, Weight] = {
    "negative_voices": Weight(1.5, math.log1p(1), 4.0),
    "acceleration": Weight(0.3, 0.0, 0.9),
    "voices_per_post": Weight(1.0, 0.6, 0.6),
    "new_author_share": Weight(1.0, 0.3, 0.7),
    "negative_share_over_source": Weight(2.0, 0.0, 1.5),
    "talk_of_target": Weight(0.1, 0.0, 0.6),
    "reply_ratio": Weight(0.3, 0.0, 0.9),
    "direct_reply_share": Weight(0.5, 0.5, 0.3),
    "near_duplicates": Weight(1.0, 0.0, 0.7),
    "links_in": Weight(0.5, 0.0, 1.5),
    "derailment": Weight(2.0, 0.5, 1.4),
    "deny_share": Weight(1.0, 0.1, 0.8),
}
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


def thread_risk(
    posts: Sequence[JudgedPost], brand: str, at: datetime, around: Surroundings | None = None
) -> ThreadRisk:
    """Score one thread for one brand at `at`, from its posts written by then (at least one, any order).

    Raises ValueError when none was.
    """
    seen = sorted((post for post in posts if post.created_at <= at), key=lambda post: (post.created_at, post.post_id))
    if not seen:
        raise ValueError("a thread without a post has no risk")
    parts = thread_parts(seen, at, around or Surroundings())
    added = {name: contribution(name, value) for name, value in parts.items() if value is not None}
    return ThreadRisk(
        thread_id=seen[0].thread_id,
        brand=brand,
        at=at,
        age_hours=round((at - seen[0].created_at) / timedelta(hours=1), 3),
        probability=round(1 / (1 + math.exp(-(INTERCEPT + sum(added.values())))), 6),
        parts=parts,
        contributions=added,
        model_version=VERSION,
    )


def contribution(part: str, value: float) -> float:
    """Return what a part's value adds to the log-odds."""
    weight = WEIGHTS[part]
    return round(max(-weight.limit, min(weight.limit, weight.per_unit * (value - weight.usual))), 4)


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


def meets_outcome(posts: Sequence[JudgedPost], usual_most: float = 0.0) -> bool:
    """Return whether a thread became what the risk forecasts (DESIGN): a pile-on, in some 72 h window.

    At least max(10, `usual_most`: the source's 99th percentile) distinct negative voices, at least
    half of the window's authors, and nobody wrote over 20 % of its posts.
    """
    ordered = sorted((post for post in posts if post.author_id is not None), key=lambda post: post.created_at)
    first = 0
    for last in range(len(ordered)):
        while ordered[last].created_at - ordered[first].created_at > HORIZON:
            first += 1
        window = ordered[first : last + 1]
        if len(window) < max(10.0, usual_most):
            continue
        wrote = Counter(post.author_id for post in window)
        angry = {post.author_id for post in window if is_negative(post)}
        if len(angry) >= max(10.0, usual_most, len(wrote) / 2) and max(wrote.values()) <= 0.2 * len(window):
            return True
    return False


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
    authors: dict[int, set[str]] = defaultdict(set)
    labels = wordings([post.text for post in posts])
    for post, label in zip(posts, labels, strict=True):
        if post.author_id is not None:
            authors[label].add(post.author_id)
    return sum(len(authors[label]) > 1 for label in labels) / len(posts)
