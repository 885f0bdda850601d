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
from tocsin.demo.phrases import Phrases
from tocsin.demo.voice import Subject, Voice

DAYS = 42
MOST_NEGATIVE = 4
"""In one ordinary thread; more would be a small backlash of its own."""
MOST_ABOUT_A_BRAND = 26
"""Replies in one ordinary thread that names a brand."""
MOST_NEGATIVE_A_DAY = 6
"""Towards one brand: the usual grumbling, whose days differ but hold no unannounced storm."""
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
    branded: bool = True


FORUM = (
    Habit(
        "question", "forum", 8, "neutral",
        (("answer", "neutral", 0.56), ("followup", "neutral", 0.26), ("thanks", "positive", 0.18)),
        3.6, 30, ("thanks",),
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
    Habit("chatter", "forum", 4, "neutral", (("reply", "neutral", 1.0),), 4.5, 40, (), False),
)  # fmt: skip
NEWS = Habit(
    "news", "news", 1, "neutral",
    (("comment", "neutral", 0.7), ("keen", "positive", 0.14), ("sour", "negative", 0.16)), 7.0, 60,
)  # fmt: skip
BLOG = Habit(
    "blog", "blog", 1, "neutral",
    (("comment", "neutral", 0.55), ("keen", "positive", 0.27), ("sour", "negative", 0.18)), 7.0, 30,
)  # fmt: skip
BLOGGERS = ("Wilma Tschirner", "Rasmus Ode")


def ordinary(voice: Voice, material: Mapping[str, Any], now: datetime) -> list[DraftTalk]:
    """Return the ordinary threads of the 42 days before `now`; answers may still lie after it."""
    talk = material["talk"]
    lists = {kind: voice.phrases(table) for kind, table in talk.items()}
    subjects = _subjects(voice, material["names"]["own"], material["names"]["rivals"])
    kinds = _dealt(voice, [habit for habit in FORUM for _ in range(habit.weight)])
    talks: list[DraftTalk] = []
    sour: Counter[tuple[str, date]] = Counter()
    for day in range(DAYS, 0, -1):
        start = now - timedelta(days=day)
        busy = voice.rhythm.weight(start.replace(hour=10)) > 0.5
        habits = [next(kinds) for _ in range(voice.rng.randint(4, 5) if busy else voice.rng.randint(2, 3))]
        habits += [NEWS] * (voice.rng.randint(1, 2) if busy else 1)
        habits += [BLOG] * (busy and voice.rng.random() < 0.6)
        talks += [_thread(voice, habit, lists, next(subjects), start, sour) for habit in habits]
    return talks


def _dealt(voice: Voice, cards: list[_Card]) -> Iterator[_Card]:
    while True:
        voice.rng.shuffle(cards)
        yield from cards


def _subjects(voice: Voice, own: str, rivals: list[str]) -> Iterator[Subject]:
    brands = [own] * 2 * len(rivals) + rivals * 2
    for brand in _dealt(voice, brands):
        yield Subject(brand, voice.rng.choice([name for name in (own, *rivals) if name != brand]))


def _thread(
    voice: Voice,
    habit: Habit,
    lists: Mapping[str, Phrases],
    subject: Subject,
    start: datetime,
    sour: Counter[tuple[str, date]],
) -> DraftTalk:
    phrases = lists[habit.kind]
    people = voice.people[habit.place]
    opener = voice.rng.choice(BLOGGERS) if habit.kind == "blog" else people.anybody()
    title = phrases.say("titles", **voice.slots(subject))
    link = phrases.say("link") if habit.kind == "news" and not title.startswith(("Ask", "Show")) else None
    at = voice.rhythm.between(start, start + timedelta(days=1))
    talk = DraftTalk(habit.place, title, [], link, habit.kind if habit.branded else "general")
    text = _opening(voice, habit, phrases, subject, title, opener, link)
    talk.remarks.append(DraftRemark(opener, at, text, likes=voice.likes(2.0), tone=habit.tone))
    # A branded story that everybody answers would be a burst of attention, and truth knows of one only.
    most = min(habit.most, MOST_ABOUT_A_BRAND) if subject.brand in title + text else habit.most
    for _ in range(voice.length(habit.middle, 0.9, most)):
        _answer(voice, habit, phrases, subject, talk, sour)
    return talk


def _opening(
    voice: Voice, habit: Habit, phrases: Phrases, subject: Subject, title: str, opener: str, link: str | None
) -> str:
    slots = voice.slots(subject)
    if habit.kind == "blog":
        return "\n\n".join(phrases.say("body", **slots) for _ in range(voice.rng.randint(3, 6)))
    if habit.kind == "news":
        return title if link or title.startswith("Show") else phrases.say("ask", **slots)
    return voice.word(phrases, "opening", opener, habit.tone, habit.place, **slots)


def _answer(
    voice: Voice, habit: Habit, phrases: Phrases, subject: Subject, talk: DraftTalk, sour: Counter[tuple[str, date]]
) -> None:
    parent = talk.remarks[0] if voice.rng.random() < 0.45 else voice.rng.choice(talk.remarks)
    at = voice.rhythm.answer(parent.at)
    name, tone, _ = voice.rng.choices(habit.replies, [weight for *_, weight in habit.replies])[0]
    if tone == "negative":
        here = sum(one.tone == "negative" for one in talk.remarks)
        if here >= MOST_NEGATIVE or sour[subject.brand, at.date()] >= MOST_NEGATIVE_A_DAY:
            name, tone, _ = next(reply for reply in habit.replies if reply[1] == "neutral")
        else:
            sour[subject.brand, at.date()] += 1
    author = _who(voice, habit, name, talk)
    text = voice.word(phrases, name, author, tone, habit.place, **voice.slots(subject, parent))
    remark = talk.reply(author, at, text, parent, likes=max(0, voice.likes()), tone=tone)
    voice.maybe_edited(remark)


def _who(voice: Voice, habit: Habit, name: str, talk: DraftTalk) -> str:
    opener = talk.remarks[0].author
    if name in habit.of_opener:
        return opener
    if name == "staff":
        return voice.rng.choice(voice.staff)
    if len(talk.remarks) > 2 and voice.rng.random() < 0.2:
        return voice.rng.choice(talk.remarks).author
    return voice.people[habit.place].anybody()
