"""Posts as arrays: what is asked of each post is worked out once, and a night is cut out of a year.

The nightly run makes them for 46 days; a replay makes them once for all its time and cuts every night
out of them, so that a year costs no more questions than its posts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Self

import numpy as np
from numpy.typing import NDArray

from tocsin.store.records import JudgedPost

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Test = Callable[[JudgedPost], bool]
Number = Callable[[JudgedPost], int]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


class PostArrays:
    """Posts of one brand, oldest first.

    `micros`, `seen`: when each was written and first seen, microseconds since 1970. `voices`: a number for its author,
    -1 unknown.
    `sources`: a number for its source, a place in `source_names`. What `mask` and `numbers` were told is kept, so what
    they ask must be pure.
    """

    def __init__(self, posts: Sequence[JudgedPost]) -> None:
        self.posts = posts
        self.micros: Ints = np.array([micros(post.created_at) for post in posts], dtype=np.int64)
        self.seen: Ints = np.array([micros(post.first_seen_at) for post in posts], dtype=np.int64)
        authors: dict[str, int] = {}
        sources: dict[str, int] = {}
        self.voices: Ints = np.array(
            [-1 if p.author_id is None else authors.setdefault(p.author_id, len(authors)) for p in posts],
            dtype=np.int64,
        )
        self.sources: Ints = np.array([sources.setdefault(p.source, len(sources)) for p in posts], dtype=np.int64)
        self.source_names = tuple(sources)
        self._root: PostArrays = self
        self._places: slice | Ints = slice(0, len(posts))
        self._masks: dict[Test, Flags] = {}
        self._numbers: dict[Number, Ints] = {}

    def __len__(self) -> int:
        return len(self.posts)

    def mask(self, test: Test) -> Flags:
        """Return which posts pass `test`; each post is asked once, however many parts are cut."""
        held = self._root._masks.get(test)
        if held is None:
            held = np.array([test(post) for post in self._root.posts], dtype=np.bool_)
            self._root._masks[test] = held
        return held[self._places]

    def numbers(self, number: Number) -> Ints:
        """Return `number` of each post; each post is asked once, however many parts are cut."""
        held = self._root._numbers.get(number)
        if held is None:
            held = np.array([number(post) for post in self._root.posts], dtype=np.int64)
            self._root._numbers[number] = held
        return held[self._places]

    def written(self, after: datetime, until: datetime) -> PostArrays:
        """Return the posts written in (after, until]."""
        return self.part(self.place(after), self.place(until))

    def place(self, moment: datetime) -> int:
        """Return how many posts were written by `moment`."""
        return int(np.searchsorted(self.micros, micros(moment), side="right"))

    def part(self, start: int, stop: int) -> PostArrays:
        """Return the posts at [start, stop)."""
        if start == 0 and stop == len(self):
            return self
        chosen = slice(start, stop)
        at = self._places
        places = slice(at.start + start, at.start + stop) if isinstance(at, slice) else at[chosen]
        return self._taken(chosen, places, self.posts[start:stop])

    def kept(self, flags: Flags) -> PostArrays:
        """Return the posts whose flag is set."""
        if flags.all():
            return self
        chosen = np.flatnonzero(flags)
        at = self._places
        places = chosen + at.start if isinstance(at, slice) else at[chosen]
        return self._taken(chosen, places, [self.posts[place] for place in chosen.tolist()])

    def seen_by(self, moment: datetime) -> PostArrays:
        """Return the posts first seen by `moment`."""
        return self.kept(self.seen <= micros(moment))

    def of_sources(self, names: Collection[str]) -> PostArrays:
        """Return the posts of the sources called `names`."""
        wanted = [number for number, name in enumerate(self.source_names) if name in names]
        return self.kept(np.isin(self.sources, wanted))

    def posts_of_each_source(self) -> dict[str, int]:
        """Return how many posts each source gave, those without any left out."""
        counts = np.bincount(self.sources, minlength=len(self.source_names))
        return {name: int(count) for name, count in zip(self.source_names, counts, strict=True) if count}

    def _taken(self, chosen: slice | Ints, places: slice | Ints, posts: Sequence[JudgedPost]) -> PostArrays:
        cut = object.__new__(type(self))
        cut._cut_from(self, chosen, places, posts)
        return cut

    def _cut_from(self, whole: Self, chosen: slice | Ints, places: slice | Ints, posts: Sequence[JudgedPost]) -> None:
        self.posts = posts
        self.micros, self.seen, self.voices = whole.micros[chosen], whole.seen[chosen], whole.voices[chosen]
        self.sources, self.source_names = whole.sources[chosen], whole.source_names
        self._root, self._places, self._masks, self._numbers = whole._root, places, {}, {}


def micros(moment: datetime) -> int:
    """Return an aware moment as microseconds since 1970."""
    return (moment - EPOCH) // _TICK
