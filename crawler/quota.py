"""Daily quotas that hold over runs: what an API allows per day is counted in the crawl memory, not in a run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from crawler.session import Session

SHARED = "@quotas"
"""Under this name the memory keeps them: sources of one kind share an account, and so its quota."""


@dataclass(frozen=True, slots=True)
class Quota:
    """At most `most` units a day for everybody who uses the account `name`; a day ends at midnight in `zone`."""

    name: str
    most: int
    zone: str = "UTC"

    def left(self, session: Session) -> int:
        """Return how many units may still be spent today."""
        return max(0, self.most - self._spent(session))

    def spend(self, session: Session, units: int = 1) -> bool:
        """Note that `units` are used, before the request goes out; return whether there were so many left."""
        spent = self._spent(session)
        if spent + units > self.most:
            return False
        self._note(session, spent + units)
        return True

    def told(self, session: Session, left: int) -> None:
        """Note what the API itself says is left: others may use the account too."""
        self._note(session, max(self._spent(session), self.most - left))

    def _spent(self, session: Session) -> int:
        held = session.memory.recall(SHARED, self.name)
        return int(held["spent"]) if held.get("day") == self._day(session.now()) else 0

    def _note(self, session: Session, spent: int) -> None:
        session.memory.remember(SHARED, [(self.name, {"day": self._day(session.now()), "spent": spent})])

    def _day(self, now: datetime) -> str:
        return now.astimezone(ZoneInfo(self.zone)).date().isoformat()


class MonthQuota(Quota):
    """A quota that begins anew with every calendar month."""

    def _day(self, now: datetime) -> str:
        return now.astimezone(ZoneInfo(self.zone)).strftime("%Y-%m")
