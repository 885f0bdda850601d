"""A replay of the past: night after night the decision of that night, from what was known by then.

Every night decides as the nightly run does (`analyzers/deciding.py`) and hands its episodes on to the next.
Nothing that was written or seen after a night takes part in its decision, so cutting the input changes no
earlier one. Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from analyzers.baseline import week_profile
from analyzers.deciding import Before, Decision, Night, decide
from analyzers.heard import Heard
from analyzers.post_arrays import PostArrays
from analyzers.thread_risk import HORIZON
from analyzers.thresholds import DEFAULTS, Thresholds
from analyzers.wording_memory import WordingMemory
from tocsin.store.records import Episode

ToldKind = Literal["backlash", "attention", "campaign"]
LEARNING_DAYS = 14.0


class Known(Protocol):
    """What was known at a moment. Moments are asked for in order, oldest first, or from the start again."""

    def heard(self, at: datetime) -> Heard:
        """Return what was heard by `at`."""

    def posts(self, brand: str, at: datetime) -> PostArrays:
        """Return the posts on `brand` of the 46 days before `at`, seen by then, oldest first."""


@dataclass(frozen=True, slots=True)
class Told:
    """An episode as it was told: the record that each night made of it, oldest first."""

    records: tuple[tuple[datetime, Episode], ...]

    @property
    def first(self) -> Episode:
        """The record of the night that told it first."""
        return self.records[0][1]

    @property
    def last(self) -> Episode:
        """The record of the last night that followed it."""
        return self.records[-1][1]

    @property
    def told_at(self) -> datetime:
        """The night that told it first."""
        return self.records[0][0]


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay of one brand found. `history_days`: as of each night; under 14 no claim was made.

    `learning`: the sources that did not count yet at the last night.
    """

    brand: str
    nights: tuple[datetime, ...]
    history_days: tuple[float, ...]
    episodes: tuple[Told, ...]
    learning: tuple[str, ...] = ()

    @property
    def claimed_nights(self) -> int:
        """Nights at which a claim could be made."""
        return sum(days >= LEARNING_DAYS for days in self.history_days)


@dataclass
class _Followed:
    """The episodes of one brand while its nights go by, as the store would hold them."""

    records: dict[str, list[tuple[datetime, Episode]]] = field(default_factory=dict)
    decided: bool = False

    def before(self, at: datetime) -> Before:
        latest = [records[-1][1] for records in self.records.values()]
        alive = [episode for episode in latest if episode.state != "over" and episode.opened_at <= at]
        over = [e for e in latest if e.state == "over" and e.over_at is not None and e.over_at < at]
        return Before(sorted(alive, key=_age), sorted(over, key=_age), first=not self.decided)

    def take(self, at: datetime, decision: Decision, posts: PostArrays) -> None:
        for episode in decision.episodes:
            self.records.setdefault(episode.id, []).append((at, episode))
        # As in the store: a brand was decided about once a thread of its was alive.
        self.decided |= bool(decision.episodes) or posts.place(at) > posts.place(at - HORIZON - timedelta.resolution)


def replay_nights(
    brand: str,
    known: Known,
    nights: Sequence[datetime],
    zone: ZoneInfo,
    thresholds: Thresholds | Callable[[datetime], Thresholds] = DEFAULTS,
    progress: Callable[[int], None] | None = None,
) -> Replayed:
    """Decide about `brand` at each of `nights`, in order, as a store that was begun before the first would have.

    `thresholds`: one set for all nights, or the set in force at a night. `progress` is told the nights done.
    """
    followed, days, memory = _Followed(), [], WordingMemory()
    learning: tuple[str, ...] = ()
    for done, at in enumerate(nights, 1):
        heard, posts = known.heard(at), known.posts(brand, at)
        decision = decide(
            brand,
            posts,
            Night(at, heard, week_profile(heard.posts_an_hour, zone), zone),
            followed.before(at),
            thresholds=thresholds if isinstance(thresholds, Thresholds) else thresholds(at),
            memory=memory,
        )
        followed.take(at, decision, posts)
        days.append(decision.history_days)
        learning = heard.learning
        if progress:
            progress(done)
    told = [Told(tuple(records)) for records in followed.records.values()]
    told.sort(key=lambda one: _age(one.first))
    return Replayed(brand, tuple(nights), tuple(days), tuple(told), learning)


def nights_between(begin: datetime, end: datetime, at: time, zone: ZoneInfo, every: int = 24) -> list[datetime]:
    """Return the moments of decision in (begin, end]: each day at local time `at`, and `end` rounded up to the hour.

    `every` hours (a part of 24) between them.
    """
    # A set: where the clocks go forward, a day's last hour is the next day's first.
    found = sorted({moment for moment in _moments(begin, end, at, zone, every) if begin < moment <= end})
    last = (end + timedelta(hours=1) - timedelta.resolution).replace(minute=0, second=0, microsecond=0)
    return found if found and found[-1] == last else [*found, last]


def told_kind(episode: Episode) -> ToldKind:
    """Return what readers are told an episode is: a campaign is one whatever else it looks like."""
    if episode.parts.get("track") == "campaign" or str(episode.kind) == "campaign":
        return "campaign"
    return "backlash" if episode.kind == "backlash" else "attention"


def _moments(begin: datetime, end: datetime, at: time, zone: ZoneInfo, every: int) -> Iterator[datetime]:
    day: date = begin.astimezone(zone).date() - timedelta(days=1)
    while day <= end.astimezone(zone).date():
        first = datetime.combine(day, at, zone).astimezone(UTC)
        yield from (first + timedelta(hours=step) for step in range(0, 24, every))
        day += timedelta(days=1)


def _age(episode: Episode) -> tuple[datetime, str]:
    return episode.opened_at, episode.id
