"""Which night is it? Days are counted in the configured zone; nothing here reads a clock."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MOST_NIGHTS = 31
"""A digest never claims to cover more nights than this: older news is no news."""


def local_date(now: datetime, zone: ZoneInfo) -> date:
    """Return the day `now` falls on for the readers of the digest."""
    return now.astimezone(zone).date()


def due_at(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return when the night of `day` is due, in UTC.

    A time that the spring clock change skips comes as much later as the clock jumped; one that the
    autumn change repeats comes once, the first time (PEP 495, fold=0).
    """
    return datetime.combine(day, at, zone).astimezone(UTC)


def last_due(now: datetime, at: time, zone: ZoneInfo) -> date:
    """Return the day of the night that was due last at `now`."""
    today = local_date(now, zone)
    return today if due_at(today, at, zone) <= now else today - timedelta(days=1)


def covered(for_date: date, finished: Collection[str]) -> tuple[str, ...]:
    """Return the dates that the digest of `for_date` covers: itself and the nights missed before it.

    `finished` are the dates (`YYYY-MM-DD`) whose run was finished. A first run covers its own night only.
    """
    before = [day for day in finished if day < for_date.isoformat()]
    if not before:
        return (for_date.isoformat(),)
    first = max(date.fromisoformat(max(before)) + timedelta(days=1), for_date - timedelta(days=MOST_NIGHTS - 1))
    count = (for_date - first).days + 1
    return tuple((first + timedelta(days=number)).isoformat() for number in range(count))


def has_monday(nights: Sequence[str]) -> bool:
    """Return whether a Monday is among the dates: what is told once a week is told then, or in the next digest."""
    return any(date.fromisoformat(night).weekday() == 0 for night in nights)


def span(nights: Sequence[str]) -> str:
    """Return the nights in words: `19-21 Nov`, `30 Nov - 2 Dec`, `22 Nov 2026` for a single one."""
    first, last = date.fromisoformat(nights[0]), date.fromisoformat(nights[-1])
    if first == last:
        return f"{last.day} {last:%b %Y}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}-{last.day} {last:%b}"
    return f"{first.day} {first:%b} - {last.day} {last:%b}"
