"""When a thread is looked at again, so that cost follows news and not the size of the archive. Pure.

A list sorted by activity tells of new posts by itself. The schedule is for what it does not tell: edits, late
approvals, deletions, changed figures, and replies on boards whose lists show neither counts nor dates. A young thread
is read in every run, its figures as a series. Later it rests for a share of the time it has been quiet, less where it
grew since the last look, and at the end of its watch it is looked at no more: threads of a board that lie still cost
nothing, however many there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self, TypeVar

YOUNG = timedelta(hours=72)
"""Threads with a post younger than this are read again in every run."""

REST_SHARE = 0.25
"""A thread rests for this share of the time it has been quiet: quiet for four days, it rests one."""

GROWING_SHARE = 0.1
"""The same for a thread that had grown when it was last read."""

LONGEST_REST = timedelta(days=7)
WATCH = timedelta(days=42)
"""A thread quiet for so long is looked at no more, unless its list tells of something new."""


@dataclass(frozen=True, slots=True)
class Look:
    """A thread as it was when last read: when that was, its newest post, and whether it had grown since before."""

    read: datetime
    newest: datetime
    grew: bool = False

    @classmethod
    def from_mark(cls, mark: Mapping[str, Any]) -> Self:
        """Return the look that `to_mark` wrote."""
        read, newest = (datetime.fromisoformat(mark[name]) for name in ("read", "newest"))
        return cls(read, newest, bool(mark["grew"]))

    def to_mark(self) -> dict[str, object]:
        """Return the look as JSON can hold it."""
        return {"read": self.read.isoformat(), "newest": self.newest.isoformat(), "grew": self.grew}


Moment = TypeVar("Moment", int, datetime)


def has_rested(newest: Moment, read: Moment, now: Moment) -> bool:
    """Tell whether a thread, last read at `read` when its newest post was of `newest`, has rested its share."""
    return now - read >= (read - newest) * REST_SHARE


def next_look(look: Look) -> datetime | None:
    """Return from when on the thread is to be read again, None when never on its own account."""
    quiet = max(look.read - look.newest, timedelta(0))
    if quiet < YOUNG:
        return look.read
    if quiet >= WATCH:
        return None
    return look.read + min(quiet * (GROWING_SHARE if look.grew else REST_SHARE), LONGEST_REST)


def is_due(look: Look, now: datetime) -> bool:
    """Tell whether the thread is to be read again at `now`."""
    due = next_look(look)
    return due is not None and due <= now
