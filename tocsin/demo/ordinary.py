"""Six weeks in which nothing happens: questions, complaints, praise, comparisons, news, a blog.

Kinds and brands are dealt evenly over the weeks: a community has its usual amount of grumbling every day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from tocsin.demo.draft import DraftRemark, DraftTalk, Place
from tocsin.demo.voice import Subject, Voice

DAYS = 42
MOST_NEGATIVE = 3
"""In one ordinary thread; more would be a small backlash of its own."""
MOST_NEGATIVE_A_DAY = {"own": 6, "rival": 4}
"""Towards one brand: the usual grumbling, whose days differ but hold no unannounced storm."""
MOST_ABOUT_A_BRAND = 14
"""Replies in one ordinary thread that names a brand; more would be a second burst of attention."""
_Card = TypeVar("_Card")


@dataclass(frozen=True, slots=True)
class Habit:
    """How one kind of thread goes: its lists are `talk.toml`'s table of the same name.

    `replies`: (list, tone, weight). `of_opener`: lists that only the opener of the thread writes.
    """

    kind: str
    place: Place
    weight: int
    tone: str
    replies: tuple[tuple[str, str, float], ...]
    middle: float
    most: int
    of_opener: tuple[str, ...] = ()


FORUM = (
    Habit(
        "question", "forum", 8, "neutral",
        (("answer", "neutral", 0.56), ("followup", "neutral", 0.26), ("thanks", "positive", 0.18)),
        4.2, 30, ("thanks",),
    ),
    Habit(
        "complaint", "forum", 6, "negative",
        (
            ("agree", "negative", 0.36), ("help", "neutral", 0.42),
            ("staff", "neutral", 0.1), ("solved", "positive", 0.12),
        ),
        3.4, 14, ("solved",),
    ),
    Habit(
        "praise", "forum", 2, "positive",
        (("joining", "positive", 0.5), ("doubting", "neutral", 0.5)), 3.0, 16,
    ),
    Habit(
        "comparison", "forum", 2, "neutral",
        (("even", "neutral", 0.56), ("for_it", "positive", 0.2), ("against", "negative", 0.24)), 4.0, 20,
    ),
    Habit("chatter", "forum", 4, "neutral", (("reply", "neutral", 1.0),), 4.5, 40),
)  # fmt: skip
NEWS = Habit(
    "news", "news", 1, "neutral",
    (("comment", "neutral", 0.7), ("keen", "positive", 0.14), ("sour", "negative", 0.16)), 8.5, 60,
)  # fmt: skip
BLOG = Habit(
    "blog", "blog", 1, "neutral",
    (("comment", "neutral", 0.55), ("keen", "positive", 0.27), ("sour", "negative", 0.18)), 7.0, 30,
)  # fmt: skip
BLOGGERS = ("Wilma Tschirner", "Rasmus Ode")


def ordinary(voice: Voice, material: Mapping[str, Any], now: datetime) -> list[DraftTalk]:
    """Return the ordinary threads of the 42 days before `now`; answers may still lie after it."""
    weeks = _Weeks(voice, material)
    kinds = _dealt(voice, [habit for habit in FORUM for _ in range(habit.weight)])
    talks: list[DraftTalk] = []
    for day in range(DAYS, 0, -1):
        start = now - timedelta(days=day)
        busy = voice.rhythm.weight(start.replace(hour=10)) > 0.5
        habits = [next(kinds) for _ in range(voice.rng.randint(4, 5) if busy else voice.rng.randint(2, 3))]
        habits += [NEWS] * (voice.rng.randint(1, 2) if busy else 1)
        habits += [BLOG] * (busy and voice.rng.random() < 0.75)
        talks += [weeks.thread(habit, start) for habit in habits]
    return talks


def _dealt(voice: Voice, cards: list[_Card]) -> Iterator[_Card]:
    while True:
        voice.rng.shuffle(cards)
        yield from cards


class _Weeks:
    """Makes up threads, and keeps count of the grumbling."""

    def __init__(self, voice: Voice, material: Mapping[str, Any]) -> None:
        self.voice = voice
        self.lists = {kind: voice.phrases(table) for kind, table in material["talk"].items()}
        self.own: str = material["names"]["own"]
        rivals: list[str] = material["names"]["rivals"]
        self.brands = (self.own, *rivals)
        self.turns = _dealt(voice, [self.own] * 2 * len(rivals) + rivals * 2)
        self.negative: Counter[tuple[str, date]] = Counter()
        self.closings: set[DraftRemark] = set()

    def thread(self, habit: Habit, start: datetime) -> DraftTalk:
        """Return a thread that begins on the day from `start`."""
        rng, phrases = self.voice.rng, self.lists[habit.kind]
        brand = next(self.turns)
        subject = Subject(brand, rng.choice([name for name in self.brands if name != brand]))
        opener = rng.choice(BLOGGERS) if habit.kind == "blog" else self.voice.people[habit.place].anybody()
        title = phrases.say("titles", **self.voice.slots(subject))
        link = phrases.say("link") if habit.kind == "news" and not title.startswith(("Ask", "Show")) else None
        at = self.voice.rhythm.between(start, start + timedelta(days=1))
        talk = DraftTalk(habit.place, title, [], link)
        text = self._opening(habit, subject, talk, opener)
        talk.remarks.append(DraftRemark(opener, at, text, likes=self.voice.likes(2.0), tone=habit.tone))
        most = min(habit.most, MOST_ABOUT_A_BRAND) if brand in title + text else habit.most
        for _ in range(self.voice.length(habit.middle, 0.9, most)):
            self._answer(habit, subject, talk)
        return talk

    def _opening(self, habit: Habit, subject: Subject, talk: DraftTalk, opener: str) -> str:
        phrases, slots = self.lists[habit.kind], self.voice.slots(subject)
        if habit.kind == "blog":
            return "\n\n".join(phrases.say("body", **slots) for _ in range(self.voice.rng.randint(3, 6)))
        if habit.kind == "news":
            return talk.title if talk.link or talk.title.startswith("Show") else phrases.say("ask", **slots)
        return self.voice.word(phrases, "opening", opener, habit.tone, habit.place, **slots)

    def _answer(self, habit: Habit, subject: Subject, talk: DraftTalk) -> None:
        rng = self.voice.rng
        parent = talk.remarks[0] if rng.random() < 0.45 else rng.choice(talk.remarks)
        at = self.voice.rhythm.answer(parent.at)
        name, tone, _ = rng.choices(habit.replies, [weight for *_, weight in habit.replies])[0]
        foreign_staff = name == "staff" and subject.brand != self.own
        closed = name in habit.of_opener and any(one in self.closings for one in talk.remarks)
        too_sour = tone == "negative" and not self._bears_another(subject.brand, at, talk)
        if foreign_staff or closed or too_sour:
            name, tone, _ = next(reply for reply in habit.replies if reply[1] == "neutral")
        author = self._who(habit, name, talk)
        slots = self.voice.slots(subject, parent)
        text = self.voice.word(self.lists[habit.kind], name, author, tone, habit.place, **slots)
        remark = talk.reply(author, at, text, parent, likes=self.voice.likes(), tone=tone)
        self.voice.maybe_edited(remark)
        if name in habit.of_opener:
            self.closings.add(remark)

    def _bears_another(self, brand: str, at: datetime, talk: DraftTalk) -> bool:
        most = MOST_NEGATIVE_A_DAY["own" if brand == self.own else "rival"]
        here = sum(one.tone == "negative" for one in talk.remarks)
        if here >= MOST_NEGATIVE or self.negative[brand, at.date()] >= most:
            return False
        self.negative[brand, at.date()] += 1
        return True

    def _who(self, habit: Habit, name: str, talk: DraftTalk) -> str:
        if name in habit.of_opener:
            return talk.remarks[0].author
        if name == "staff":
            return self.voice.rng.choice(self.voice.staff)
        if len(talk.remarks) > 2 and self.voice.rng.random() < 0.2:
            return self.voice.rng.choice(talk.remarks).author
        return self.voice.people[habit.place].anybody()
