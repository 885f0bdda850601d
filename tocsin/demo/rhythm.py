"""When people write: by hour of the day and day of the week in the audience's zone, and how fast they answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

HOURS = (2, 1, 1, 1, 1, 2, 5, 14, 26, 34, 38, 36, 28, 32, 36, 34, 30, 24, 18, 16, 16, 14, 9, 5)
DAYS = (1.0, 1.06, 1.04, 1.0, 0.86, 0.38, 0.34)
_BUSIEST = max(HOURS) * max(DAYS)


class Rhythm:
    """Draws moments that follow the audience's day and week."""

    def __init__(self, rng: Random, zone: ZoneInfo) -> None:
        self._rng = rng
        self._zone = zone

    def weight(self, at: datetime) -> float:
        """Return how busy the moment is, 0..1."""
        local = at.astimezone(self._zone)
        return HOURS[local.hour] * DAYS[local.weekday()] / _BUSIEST

    def between(self, start: datetime, end: datetime) -> datetime:
        """Return a moment in [start, end), busy hours more often."""
        span = (end - start).total_seconds()
        for _ in range(400):
            at = start + timedelta(seconds=int(self._rng.random() * span))
            if self._rng.random() < self.weight(at):
                return at
        return start + timedelta(seconds=int(self._rng.random() * span))

    def answer(self, asked: datetime, hours: float = 2.0) -> datetime:
        """Return when an answer comes: log-normal around `hours`, put off while the audience sleeps."""
        at = asked
        for _ in range(12):
            at = asked + timedelta(seconds=int(3600 * self._rng.lognormvariate(0.0, 1.2) * hours) + 40)
            if self._rng.random() < self.weight(at) + 0.12:
                return at
        return at
