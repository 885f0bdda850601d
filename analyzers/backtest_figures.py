"""The figures of a replay: false episodes a brand-month, lead time to known events, two settings compared. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from analyzers.replaying import LEARNING_DAYS, Replayed, Told, ToldKind, told_kind

MONTH = timedelta(days=30)
BEFORE_EVENT = timedelta(days=3)
AFTER_EVENT = timedelta(days=7)
"""An alarm belongs to an event from three days before it on and for seven days after it."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that is known to have happened. `brand` None: every brand. A date alone is its first moment, UTC."""

    at: datetime
    name: str = ""
    brand: str | None = None


@dataclass(frozen=True, slots=True)
class Lead:
    """An event and the first alarm that belongs to it, None where there was none.

    `opened_after`, `told_after`: from the event to the hour the gates were passed, and to the digest; negative: before.
    """

    event: Event
    episode: Told | None
    opened_after: timedelta | None
    told_after: timedelta | None


@dataclass(frozen=True, slots=True)
class FalseRate:
    """Episodes that belong to no event, by kind, in so many brand-months at which a claim could be made.

    `a_month` is their number a brand-month, None where no claim was made at any time.
    """

    backlash: int
    attention: int
    campaign: int
    brand_months: float

    @property
    def a_month(self) -> float | None:
        """All of them but campaigns, which are told for what they are, a brand-month."""
        return (self.backlash + self.attention) / self.brand_months if self.brand_months else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What another setting changes. `gone`, `come`: episodes of one replay that the other has not; `moved`: both."""

    gone: tuple[Told, ...]
    come: tuple[Told, ...]
    kept: tuple[tuple[Told, Told], ...]


def leads(replayed: Replayed, events: Iterable[Event]) -> list[Lead]:
    """Return for each event of the replay's time and brand the first alarm that belongs to it."""
    found = []
    for event in sorted(events, key=lambda one: one.at):
        if event.brand not in (None, replayed.brand) or not _within(replayed.nights, event.at):
            continue
        told = next((one for one in replayed.episodes if belongs(one, event)), None)
        opened = told.first.opened_at - event.at if told else None
        found.append(Lead(event, told, opened, told.told_at - event.at if told else None))
    return found


def belongs(told: Told, event: Event) -> bool:
    """Return whether an alarm opened so near an event that it is about it."""
    return event.at - BEFORE_EVENT <= told.first.opened_at <= event.at + AFTER_EVENT


def false_rate(replayed: Replayed, events: Sequence[Event] = (), false: Iterable[str] | None = None) -> FalseRate:
    """Count the episodes that belong to no event. `false`: ids that people called false; then only these count."""
    mine = [event for event in events if event.brand in (None, replayed.brand)]
    called = None if false is None else frozenset(false)
    counts: dict[ToldKind, int] = {"backlash": 0, "attention": 0, "campaign": 0}
    for told in replayed.episodes:
        if called is not None and told.last.id not in called:
            continue
        if not any(belongs(told, event) for event in mine):
            counts[told_kind(told.last)] += 1
    return FalseRate(**counts, brand_months=_claimed(replayed) / MONTH)


def compared(now: Replayed, other: Replayed) -> Comparison:
    """Return what goes and what comes with the other setting: episodes of one kind that overlap in time are one."""
    kept: list[tuple[Told, Told]] = []
    rest = list(other.episodes)
    gone = []
    for told in now.episodes:
        same = next((one for one in rest if told_kind(one.last) == told_kind(told.last) and overlap(told, one)), None)
        if same is None:
            gone.append(told)
        else:
            rest.remove(same)
            kept.append((told, same))
    return Comparison(tuple(gone), tuple(rest), tuple(kept))


def overlap(one: Told, other: Told) -> bool:
    """Return whether two episodes were going on at the same time."""

    def ends(told: Told) -> datetime:
        return told.last.over_at or told.records[-1][0]

    return one.first.onset_at <= ends(other) and other.first.onset_at <= ends(one)


def _claimed(replayed: Replayed) -> timedelta:
    """Return how long a claim could be made: nights of enough history, each for the time since the last."""
    total = timedelta()
    for (before, at), days in zip(pairwise(replayed.nights), replayed.history_days[1:], strict=True):
        if days >= LEARNING_DAYS:
            total += at - before
    return total


def _within(nights: Sequence[datetime], moment: datetime) -> bool:
    return bool(nights) and nights[0] - BEFORE_EVENT <= moment <= nights[-1]
