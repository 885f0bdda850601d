"""The way through pages that are sorted from new to old, and how it goes on after it was cut short. Pure.

One walk a run, one mark a source. A walk that is cut short (budget, time, kill -9) leaves the address of
the last page it read. The next one first reads what is new on top, down to a page that is wholly
known, then jumps to that address and reads on to the end of the history. New posts only move pages
back, so nothing lies between. A walk cut short before its jump makes the next one read everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

MAX_PAGES = 1_000
"""Pages that one walk follows in a run: some calendars and archives never end."""

KEY = "walk"
"""The key under which a walk is remembered while it is under way."""


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a walk stands. A `root` walk passes known pages to the end of the history, others stop there.

    `jump` is where an earlier walk was cut short, None when none was or once we are there.
    """

    page: int = 1
    root: bool = False
    jump: str | None = None
    jumped: bool = False

    @property
    def begins(self) -> bool:
        """Whether this is the first page."""
        return self.page == 1

    def step(self, following: str | None, *, known: bool) -> tuple[str, Walk] | None:
        """Return the address and state of the next page, None at the end of the walk.

        `following` is the page after this one, None on the last; `known`: nothing on this one was new.
        """
        if following is not None and (self.root or not known):
            return following, replace(self, page=self.page + 1)
        if self.jump is not None:
            return self.jump, Walk(self.page + 1, root=True, jumped=True)
        return None

    def to_mark(self, asked: str) -> dict[str, object]:
        """Return what to remember after reading the page `asked` when there is more to read."""
        return {"at": self.jump or asked, "on_top": self.jump is not None}


def plan_walk(remembered: Mapping[str, Any], *, history_read: bool) -> Walk:
    """Return this run's walk, given the mark that an earlier one left (empty: none was cut short)."""
    if not remembered:
        return Walk(root=not history_read)
    if remembered["on_top"]:
        return Walk(root=True)
    return Walk(jump=str(remembered["at"]))


@dataclass
class Trail:
    """What a run's walk has met, so that pages which repeat earlier ones end it."""

    _met: dict[bool, set[str]] = field(default_factory=dict)

    def goes_on(self, walk: Walk, following: str | None, held: Iterable[str]) -> bool:
        """Tell whether there is a page after this one, which held the entries `held`, and it is worth reading."""
        met = self._met.setdefault(walk.jumped, set())
        before = len(met)
        met.update(held)
        return following is not None and len(met) > before and walk.page < MAX_PAGES
