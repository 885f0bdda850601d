"""Which stretches of a source's time are still to be read: pure, whole seconds since 1970, both ends included.

Reading goes from new to old. What was not reached (budget, time-out, crash) stays on the list and
is read next time; a run with nothing left over also reads the last days again, so that late and
edited posts are met.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

OVERLAP = 3_600
"""Seconds read again in a run that has older work left over."""


@dataclass
class Slices:
    """`todo` holds (oldest, newest) pairs, newest pair last; `top` is up to where reading was begun."""

    todo: list[tuple[int, int]]
    top: int
    crowded: list[int] = field(default_factory=list)

    @property
    def current(self) -> tuple[int, int] | None:
        """The newest stretch that is still to be read, None when all is read."""
        return self.todo[-1] if self.todo else None

    def page_read(self, moments: Iterable[int], *, full: bool) -> None:
        """Note that the newest posts of the current stretch were read; `full`: the page had no room for all.

        The second of the oldest post is read again, as more posts of it may not have fitted. A second
        with more posts than a page holds can only be read in part: it is noted in `crowded`.
        """
        low, high = self.todo.pop()
        if not full:
            return
        oldest = min((moment for moment in moments if low <= moment <= high), default=low)
        if oldest >= high:
            self.crowded.append(high)
            oldest = high - 1
        if oldest >= low:
            self.todo.append((low, oldest))

    def to_mark(self) -> dict[str, object]:
        """Return what to remember."""
        return {"todo": [list(pair) for pair in self.todo], "top": self.top}


def plan_slices(remembered: Mapping[str, Any], since: int, now: int, recheck: int) -> Slices:
    """Return what to read in this run: what was left over, and all from `recheck` seconds before the last top."""
    if "top" not in remembered:
        return Slices([(since, now)], now)
    left = [(int(low), int(high)) for low, high in remembered.get("todo", [])]
    # What is left over goes before reading known days again, or a small budget would never get there.
    again = max(since, min(int(remembered["top"]), now) - (min(recheck, OVERLAP) if left else recheck))
    return Slices(_merged([*left, (again, now)]), now)


def _merged(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for low, high in sorted(pair for pair in pairs if pair[0] <= pair[1]):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged
