"""When a thread is worth another look, and what a tree of replies still lacks. Pure; moments are seconds since 1970.

Sources that count only the direct replies of a post say nothing of what happens further down. Their threads are read
again on a schedule that follows their activity: a thread quiet for a day rests six hours, one quiet for a month a week.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crawler.revisits import has_rested

DAY = 86_400
WATCH = 30 * DAY
"""How long a discussion may be quiet before it is looked at no more."""

WATCH_UNANSWERED = 7 * DAY
"""The same for a post that nobody has answered."""

NEVER = -1
"""The count of a thread that has replies and was not read yet."""

MAX_DEEPER = 50
"""Requests that one reading of a thread may spend on branches that the first answer left out."""


@dataclass(frozen=True, slots=True)
class Watch:
    """A thread as it was last read: the root's direct replies, its newest post, and when that was."""

    count: int
    newest: int
    read: int

    @classmethod
    def met(cls, count: int | None, created: datetime | None, now: int) -> Watch:
        """Return the watch of a thread just met, which shows `count` replies and has not been read."""
        began = int(created.timestamp()) if created else now
        return cls(0, began, now) if count == 0 else cls(NEVER, began, began)

    @classmethod
    def of(cls, mark: Mapping[str, Any]) -> Watch:
        """Return what `to_mark` wrote."""
        return cls(int(mark["count"]), int(mark["newest"]), int(mark["read"]))

    def to_mark(self) -> dict[str, object]:
        """Return what to remember."""
        return {"count": self.count, "newest": self.newest, "read": self.read}

    def rested(self, now: int) -> bool:
        """Tell whether the thread has rested long enough to be looked at."""
        return self.count == NEVER or has_rested(self.newest, self.read, now)

    def due(self, now: int, count: int | None) -> bool:
        """Tell whether to read the whole thread, whose root now shows `count` direct replies (None: does not say)."""
        return count not in (self.count, None) or (count != 0 and self.rested(now))

    def over(self, now: int) -> bool:
        """Tell whether nothing more is to be expected."""
        return self.count != NEVER and now - self.newest > (WATCH if self.count else WATCH_UNANSWERED)


@dataclass
class Tree:
    """A thread while it is being read: who answers whom, and which answers are under way.

    `branches` are the posts whose replies were asked for, `pending` how many answers are still to come, `cut` the posts
    at which an answer may have ended too early.
    """

    root: str
    count: int | None
    newest: int = 0
    nodes: dict[str, tuple[str | None, int]] = field(default_factory=dict)
    branches: set[str] = field(default_factory=set)
    cut: set[str] = field(default_factory=set)
    pending: int = 0

    def add(self, native: str, parent: str | None, count: int | None, created: datetime | None) -> None:
        """Note a post of the thread and how many direct replies it says it has."""
        self.nodes[native] = (parent, count or 0)
        if created is not None:
            self.newest = max(self.newest, int(created.timestamp()))

    def short(self) -> dict[str, int]:
        """Return the posts that show fewer direct replies than they count, and how many are missing."""
        counts = {native: count for native, (_, count) in self.nodes.items()}
        counts[self.root] = self.count if self.count is not None else counts.get(self.root, 0)
        shown = Counter(parent for native, (parent, _) in self.nodes.items() if native != self.root)
        return {native: count - shown[native] for native, count in counts.items() if count > shown[native]}

    def deeper(self) -> list[str]:
        """Return the posts to ask for their replies now, as far as a reading of one thread may go."""
        room = MAX_DEEPER + 1 - len(self.branches)
        return [native for native in self.short() if native in self.cut - self.branches][: max(room, 0)]
