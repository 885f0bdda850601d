"""What the decisions read of one brand: its posts as arrays, hour by hour, and which hours are normal.

A post is negative towards the brand when the model judged it negative and the brand is what it
speaks of: it names the brand, or it answers in a thread about this brand alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np

from analyzers.aims import aims, is_angry
from analyzers.baseline import Flags, Floats, Ints, Level, busy_hours, distinct_voices, quiet_windows
from analyzers.copies import COPIERS
from analyzers.post_arrays import PostArrays, micros
from analyzers.thresholds import DEFAULTS, Thresholds
from analyzers.voices import quarrellers
from analyzers.wording_memory import WordingMemory
from tocsin.store.records import Aimed, JudgedPost

WINDOWS = (6, 24)
BURST_DAYS = 3_650.0
"""What is left out of the normal weeks is far rarer than what opens an episode, else the tail of the normal goes."""
MEMORY_HOURS = 72
"""How far back a quarrel is looked for."""


@dataclass(frozen=True, slots=True)
class Period:
    """A span of time, [start, end]."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Listening:
    """One brand's posts, oldest first, and the moments at which it is decided about.

    `points`: moments as hours since `origin`, every clock hour and last the moment of the decision.
    `observed`: false where we were blind or had not begun to listen. `left_out`: earlier episodes.
    `labels_from`: posts before this point are not compared for equal wording (it costs time).
    `arrays` (of the same posts) and `memory` spare a replay to ask again what it asked the night before.
    """

    posts: Sequence[JudgedPost]
    origin: datetime
    points: Floats
    profile: Floats
    zone: ZoneInfo
    observed: Flags
    left_out: tuple[Period, ...] = ()
    labels_from: float = 0.0
    thresholds: Thresholds = DEFAULTS
    arrays: PostArrays | None = field(default=None, compare=False, repr=False)
    memory: WordingMemory | None = field(default=None, compare=False, repr=False)

    def hours(self, moment: datetime) -> float:
        """Return `moment` as hours since the origin."""
        return (moment - self.origin) / timedelta(hours=1)

    def moment(self, point: float) -> datetime:
        """Return the moment that is `point` hours after the origin."""
        return self.origin + timedelta(hours=float(point))

    @cached_property
    def held(self) -> PostArrays:
        """The posts as arrays."""
        return self.arrays or PostArrays(self.posts)

    @cached_property
    def times(self) -> Floats:
        """When each post was written."""
        hours: Floats = (self.held.micros - micros(self.origin)) / 3.6e9
        return hours

    @cached_property
    def negative(self) -> Flags:
        """Which posts are negative towards the brand."""
        return self.held.mask(is_negative)

    @cached_property
    def judged(self) -> Flags:
        """Which posts the model judged."""
        return self.held.mask(is_judged)

    @cached_property
    def heard_heat(self) -> Flags:
        """Which negative posts are known to be angry or civil."""
        return self.negative & self.held.mask(has_heat)

    @cached_property
    def angry(self) -> Flags:
        """Which negative posts are angry; the others are criticism, or nobody asked."""
        return self.negative & self.held.mask(is_hot)

    @cached_property
    def labels(self) -> Ints:
        """The wording of each post that is long enough to be copied; -1 for the others."""
        found = np.full(len(self.posts), -1, dtype=np.int64)
        first = int(np.searchsorted(self.times, self.labels_from, side="left"))
        memory = self.memory or WordingMemory()
        found[first:] = memory.labels([self.posts[place].text for place in range(first, len(self.posts))])
        return found

    @cached_property
    def levels(self) -> dict[tuple[int, str, int], Level]:
        """The levels that the gates asked for so far, by (place, measure, window)."""
        return {}

    @cached_property
    def repeated(self) -> Flags:
        """Which posts say what was said often enough to be copied, at any time: in most nights none."""
        _, number, count = np.unique(self.labels, return_inverse=True, return_counts=True)
        flags: Flags = (count[number] >= COPIERS) & (self.labels != -1)
        return flags

    @cached_property
    def busy(self) -> Mapping[int, Floats]:
        """The audience's usual activity in the window that ends at each point, by window."""
        return {window: busy_hours(self.origin, self.points, window, self.profile, self.zone) for window in WINDOWS}

    @cached_property
    def counts(self) -> Mapping[tuple[str, int], Ints]:
        """Distinct known voices in the window that ends at each point, by (measure, window).

        Measures: `negative`, `angry` (negative and angry), `heat` (negative, angry or civil is known), `judged`, `all`.
        """
        return {
            (measure, window): self._count(mask, window)
            for window in WINDOWS
            for measure, mask in (
                ("negative", self.negative),
                ("angry", self.angry),
                ("heat", self.heard_heat),
                ("judged", self.judged),
                ("all", np.ones(len(self.posts), dtype=np.bool_)),
            )
        }

    @cached_property
    def quiet(self) -> Mapping[tuple[str, int], Flags]:
        """Which windows count as normal, by (`negative` or `all`, window)."""
        found = {}
        for window in WINDOWS:
            heard = self.observed & ~self._touches_left_out(window)
            for measure in ("negative", "all"):
                found[measure, window] = quiet_windows(
                    self.points,
                    self.counts[measure, window],
                    self.busy[window],
                    heard,
                    window,
                    least=int(self.thresholds.least_voices),
                    factor=self.thresholds.times_usual,
                    days=BURST_DAYS,
                )
        return found

    def places(self, after: float, until: float) -> range:
        """Return the places of the posts written in (after, until]."""
        first, last = np.searchsorted(self.times, (after, until), side="right").tolist()
        return range(first, last)

    def fighters(self, until: float) -> Mapping[str, frozenset[str]]:
        """Return thread -> the two who quarrel in it, from the posts of the last 72 h."""
        threads: dict[str, list[JudgedPost]] = defaultdict(list)
        for place in self.places(until - MEMORY_HOURS, until):
            threads[self.posts[place].thread_id].append(self.posts[place])
        found = {thread: quarrellers(posts) for thread, posts in threads.items()}
        return {thread: pair for thread, pair in found.items() if pair}

    def _count(self, mask: Flags, window: int) -> Ints:
        voices = self.held.voices
        known = mask & (voices >= 0)
        return distinct_voices(voices[known], self.times[known], self.points, float(window))

    def _touches_left_out(self, window: int) -> Flags:
        touched = np.zeros(self.points.size, dtype=np.bool_)
        for period in self.left_out:
            touched |= (self.points > self.hours(period.start)) & (self.points < self.hours(period.end) + window)
        return touched


def is_judged(post: JudgedPost) -> bool:
    """Return whether the model said what it thinks of the post."""
    return post.abstained is None and post.negative is not None


def has_heat(post: JudgedPost) -> bool:
    """Return whether it is known of the post if it is angry or civil."""
    return is_angry(post) is not None


def is_hot(post: JudgedPost) -> bool:
    """Return whether the post is known to be angry."""
    return is_angry(post) is True


def is_negative(post: JudgedPost) -> bool:
    """Return whether negative is what the model said of a judged post, or the likeliest of its three tones."""
    if not is_judged(post) or post.negative is None:
        return False
    if post.tone:
        return post.tone == "negative"
    return post.negative > (post.neutral or 0.0) and post.negative > (post.positive or 0.0)


def towards_brand(
    posts: Mapping[str, Sequence[JudgedPost]], told: Sequence[Aimed] | None = None
) -> dict[str, list[JudgedPost]]:
    """Take away the tone of posts that mean somebody else, given all brands' posts; leave out posts by staff.

    A reply that names no brand itself is judged for its thread's brand only when the thread is
    about that one; when the reply names another brand, its tone belongs to that one. The post
    stays as a voice, not judged. A negative post that is aimed at another brand, at another poster or at nobody is
    not negative towards this one. `told` is `aims(posts, staff)`; None: nobody is known to be staff.
    """
    named = {post.post_id for rows in posts.values() for post in rows if post.via == "text"}
    about: dict[str, int] = defaultdict(int)
    for rows in posts.values():
        for post in rows:
            if post.via == "thread":
                about[post.post_id] += 1
    aimed = iter(aims(posts, {}) if told is None else told)
    return {
        brand: [
            replace(post, negative=None, neutral=None, positive=None, tone=None, abstained="other_brand")
            if post.via == "thread" and (post.post_id in named or about[post.post_id] > 1)
            else replace(post, tone="neutral")
            if aim.aim in ("other_brand", "poster", "nobody") and is_negative(post)
            else post
            for post, aim in zip(rows, aimed, strict=False)
            if not aim.staff
        ]
        for brand, rows in posts.items()
    }
