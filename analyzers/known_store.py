"""What was known at a moment of a store's past: what had been seen by then, with the reactions shown by then."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from analyzers.aims import aims
from analyzers.deciding import READ_DAYS
from analyzers.heard import Heard, what_was_heard
from analyzers.listening import towards_brand
from analyzers.post_arrays import PostArrays
from tocsin.store.database import Store
from tocsin.store.judged import judged_posts
from tocsin.store.reactions import observed_reactions
from tocsin.store.records import JudgedPost
from tocsin.store.times import from_text

TICK = timedelta(microseconds=1)
READ_AT_ONCE = timedelta(days=30)


class KnownStore:
    """A store's posts on `brands` that nights in (begin, end] read, read once.

    Mentions and tags are those of today: what is replayed is the decision, with today's model and rules.
    `staff`: each brand's accounts, as `analyzers.aims.aims` takes them.
    Raises StoreError.
    """

    def __init__(
        self,
        store: Store,
        brands: Sequence[str],
        begin: datetime,
        end: datetime,
        staff: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        self._store = store
        since = begin - timedelta(days=READ_DAYS)
        rows = {brand: _read(store, brand, since, end) for brand in brands}
        rows = towards_brand(rows, aims(rows, staff or {}))
        self._posts = {brand: _Brand(store, brand, rows[brand]) for brand in brands}
        self._heard: dict[datetime, Heard] = {}

    def heard(self, at: datetime) -> Heard:
        """Return what was heard by `at`."""
        if at not in self._heard:
            self._heard[at] = what_was_heard(self._store, at)
        return self._heard[at]

    def posts(self, brand: str, at: datetime) -> PostArrays:
        """Return the posts on `brand` of the 46 days before `at`, seen by then, oldest first."""
        undated = self.heard(at).undated
        posts = self._posts[brand].as_of(at).written(at - timedelta(days=READ_DAYS) - TICK, at).seen_by(at)
        if undated:
            posts = posts.kept(np.array([post.post_id not in undated for post in posts.posts], dtype=np.bool_))
        return posts


class _Brand:
    """The posts on one brand, with the reactions that had been observed by a moment that moves on."""

    def __init__(self, store: Store, brand: str, rows: Sequence[JudgedPost]) -> None:
        self._observed = observed_reactions(store, brand)
        shown = {row["post_id"] for row in self._observed}
        self._bare = [
            replace(post, likes=None, replies=None, reposts=None) if post.post_id in shown else post for post in rows
        ]
        self._place_of = {post.post_id: place for place, post in enumerate(rows) if post.post_id in shown}
        self._posts = list(self._bare)
        self._arrays = PostArrays(self._posts)
        self._applied = 0

    def as_of(self, at: datetime) -> PostArrays:
        if self._applied and from_text(self._observed[self._applied - 1]["observed_at"]) > at:
            self._posts[:] = self._bare
            self._applied = 0
        while self._applied < len(self._observed):
            row = self._observed[self._applied]
            if from_text(row["observed_at"]) > at:
                break
            place = self._place_of.get(row["post_id"])
            if place is not None:
                shown = {name: row[name] for name in ("likes", "replies", "reposts")}
                self._posts[place] = replace(self._posts[place], **shown)
            self._applied += 1
        return self._arrays


def _read(store: Store, brand: str, since: datetime, end: datetime) -> list[JudgedPost]:
    """Read month by month: a year of rows in SQLite's form at once would take twice the memory."""
    found: list[JudgedPost] = []
    until = end + TICK
    while since < until:
        upto = min(since + READ_AT_ONCE, until)
        found += judged_posts(store, brand, since=since, until=upto, seen_by=end)
        since = upto
    return found
