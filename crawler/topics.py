"""Topics of forum engines with an API: what is remembered of one, when it is read again, which posts to ask for. Pure.

Lists of topics are sorted by latest activity and show counts, so an unmoved topic costs nothing. Young ones are read
again in every run, as an edit, a like or a deletion moves no topic up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Self

from crawler.items import FoundPost
from crawler.revisits import has_rested

_TIMES = ("active", "created", "newest", "read")
FOLLOW = timedelta(days=30)
"""How long such a topic may be quiet before it is looked at no more."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as a list showed it when it was last due, and how far it was read.

    `posts` counts the opening post too; None: not shown. `newest` is the date of its youngest post, `read` when it was
    last read to its end. `aside` are ids of it that are no posts (notes of machines); ids up to `floor` are
    older than the history that is wanted. Where topics are read page by page, `page` is the one to go on with (the
    last one when `done`), `short` how many posts it counted more than are stored when it was last read whole.
    """

    native: str
    title: str = ""
    url: str | None = None
    posts: int | None = None
    active: datetime | None = None
    created: datetime | None = None
    views: int | None = None
    newest: datetime | None = None
    read: datetime | None = None
    done: bool = False
    aside: tuple[str, ...] = ()
    floor: int = 0
    page: int = 1
    short: int = 0

    @classmethod
    def from_mark(cls, native: str, mark: Mapping[str, Any]) -> Self:
        """Return the topic that `to_mark` wrote."""
        times = {name: datetime.fromisoformat(mark[name]) for name in _TIMES if mark.get(name)}
        return cls(**{**mark, **dict.fromkeys(_TIMES), **times, "native": native, "aside": tuple(mark["aside"])})

    def to_mark(self) -> dict[str, object]:
        """Return what to remember of it."""
        times = {name: moment.isoformat() for name in _TIMES if (moment := getattr(self, name))}
        kept = {key: value for key, value in asdict(self).items() if key != "native"}
        return {**kept, **dict.fromkeys(_TIMES), **times, "aside": list(self.aside)}

    def known_as(self, held: Topic | None) -> Topic:
        """Return a listed topic with what an earlier reading left."""
        if held is None:
            return self
        kept = {name: getattr(held, name) for name in ("newest", "read", "aside", "floor", "page", "short")}
        return replace(self, **kept)

    def moved(self, held: Topic) -> bool:
        """Tell whether a list shows the topic otherwise than when it was read."""
        return (self.posts, self.active) != (held.posts, held.active)

    def is_young(self, recheck_after: datetime) -> bool:
        """Tell whether its youngest post is young enough to be read again in every run."""
        return self.newest is not None and self.newest >= recheck_after

    def has_rested(self, now: datetime) -> bool:
        """Tell whether a topic of which no list tells that it moves is to be read again."""
        if self.newest is None or self.read is None or now - self.newest > FOLLOW:
            return False
        return has_rested(self.newest, self.read, now)

    def after(self, part: Part, most_aside: int = 1_000) -> Topic:
        """Return the topic after a part of it was read; of ids that are no posts the last `most_aside` are kept."""
        newest = max([*part.moments, *([self.newest] if self.newest else [])], default=None)
        aside = tuple(dict.fromkeys([*self.aside, *part.aside]))[-most_aside:]
        return replace(self, newest=newest, aside=aside)


@dataclass(frozen=True, slots=True)
class Part:
    """What one answer shows of a topic.

    `shown` are all ids in it, `posts` those to keep, `gone` those that are withheld, `aside` those that never were
    posts; `moments` are the dates of posts.
    """

    shown: Collection[str]
    posts: Sequence[FoundPost] = ()
    gone: Sequence[str] = ()
    aside: Sequence[str] = ()
    moments: Sequence[datetime] = ()


@dataclass
class Reading:
    """A topic of which all ids are told at once, while its posts are asked for part by part.

    `topic` is what will be remembered of it, `shown` the topic as its own answer shows it. `held` are the stored posts
    of it with their dates, `numbers` their ids by place (from 1). `waiting` are posts whose parent is only known by its
    place so far.
    """

    topic: Topic
    shown: Topic
    stream: list[str]
    held: Mapping[str, datetime]
    numbers: dict[int, str] = field(default_factory=dict)
    todo: list[str] = field(default_factory=list)
    lacking: set[str] = field(default_factory=set)
    waiting: list[tuple[int, FoundPost]] = field(default_factory=list)
    from_end: bool = False

    def plan(self, answered: Collection[str], since: datetime, young: datetime) -> None:
        """Choose what to ask for: unknown ids, and posts younger than `young`.

        A topic that began before `since` is read from its end, down to that moment.
        """
        self.from_end = self.shown.created is not None and self.shown.created < since
        for native in reversed(self.stream) if self.from_end else self.stream:
            known = native in self.held and self.held[native] < young
            if not (known or native in answered or native in self.topic.aside or _number(native) <= self.topic.floor):
                self.todo.append(native)

    def next(self, most: int) -> list[str]:
        """Take the next ids to ask for."""
        part, self.todo = self.todo[:most], self.todo[most:]
        return part

    def answered(self, asked: Iterable[str], part: Part, since: datetime) -> None:
        """Note the answer to what was `asked`; below `since` there is nothing more to ask."""
        self.lacking.update(native for native in asked if native not in part.shown)
        if self.from_end and part.moments and max(part.moments) < since:
            floor = max(map(_number, self.todo), default=self.topic.floor)
            self.topic = replace(self.topic, floor=max(self.topic.floor, floor))
            self.todo = []

    def gone(self) -> list[str]:
        """Return the stored posts that the topic does not show any more."""
        return sorted(self.held.keys() - set(self.stream))


def _number(native: str) -> int:
    return int(native) if native.isdecimal() else 1 << 62
