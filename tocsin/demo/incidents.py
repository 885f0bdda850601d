"""What looks like a backlash and is none: a burst of attention, a copy-paste campaign, a quarrel of two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tocsin.demo.draft import DraftRemark, DraftTalk, Place
from tocsin.demo.ordinary import BLOGGERS
from tocsin.demo.phrases import Phrases
from tocsin.demo.voice import Subject, Voice


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident: against (or about) which brand, when it began, its threads, the accounts behind it."""

    key: str
    brand: str
    at: datetime
    talks: tuple[DraftTalk, ...]
    accounts: tuple[str, ...] = ()


def attention(voice: Voice, material: Mapping[str, Any], day: datetime) -> Incident:
    """Return a burst of happy and plain talk about the own brand within 14 hours of the local morning of `day`."""
    names, events = material["names"], material["events"]
    event = voice.rng.choice(events["attention"])
    subject = Subject(names["own"], voice.rng.choice(names["rivals"]))
    phrases = voice.phrases(events["attention_talk"], {"what": event["what"], "facts": event["facts"]})
    start = _morning(voice, day)
    places: list[tuple[Place, str]] = [("forum", title) for title in event["forum_titles"]]
    places += [("news", event["news_title"]), ("blog", event["blog_title"])]
    talks = [_announced(voice, phrases, subject, place, title, start) for place, title in places]
    crowds = {place: people.crowd(90, 0.55) for place, people in voice.people.items()}
    for _ in range(voice.rng.randint(60, 85)):
        talk = voice.rng.choices(talks, (4, 2, 3, 2))[0]
        author = crowds[talk.place].pop()
        at = talk.remarks[0].at + timedelta(minutes=int(840 * voice.rng.betavariate(1.2, 2.6)))
        for _ in range(voice.rng.choices((1, 2), (82, 18))[0]):
            _cheer(voice, phrases, subject, talk, author, at)
            at += timedelta(minutes=voice.rng.randint(5, 90))
    return Incident(event["key"], subject.brand, start, tuple(talks))


def _announced(
    voice: Voice, phrases: Phrases, subject: Subject, place: Place, title: str, start: datetime
) -> DraftTalk:
    at = start + timedelta(minutes=voice.rng.randint(0, 90))
    author = voice.rng.choice(BLOGGERS) if place == "blog" else voice.people[place].regular()
    slots = voice.slots(subject)
    text = title if place == "news" else " ".join(phrases.say("facts", **slots) for _ in range(3))
    link = "https://press.example/torvane-news" if place == "news" else None
    opening = DraftRemark(author, at, text, likes=voice.likes(6.0), part="attention")
    return DraftTalk(place, title, [opening], link)


def _cheer(voice: Voice, phrases: Phrases, subject: Subject, talk: DraftTalk, author: str, at: datetime) -> None:
    earlier = [remark for remark in talk.remarks if remark.at <= at] or talk.remarks[:1]
    parent = earlier[0] if voice.rng.random() < 0.6 else voice.rng.choice(earlier)
    name, tone = voice.rng.choices(
        (("glad", "positive"), ("plain", "neutral"), ("meh", "negative")), (0.5, 0.46, 0.04)
    )[0]
    text = voice.word(phrases, name, author, tone, talk.place, **voice.slots(subject, parent))
    talk.reply(author, at, text, parent, likes=voice.likes(2.0), part="attention", tone=tone)


def campaign(voice: Voice, material: Mapping[str, Any], day: datetime) -> Incident:
    """Return 24 to 40 near-equal posts by 3 or 4 accounts within five hours, against the own brand or a rival."""
    names, events = material["names"], material["events"]
    event = voice.rng.choice(events["campaign"])
    brand = voice.rng.choice((names["own"], names["own"], *names["rivals"]))
    subject = Subject(brand, names["own"] if brand != names["own"] else voice.rng.choice(names["rivals"]))
    people = voice.people["forum"]
    accounts = [people.newcomer() for _ in range(voice.rng.randint(3, 4) if brand == names["own"] else 3)]
    start = _morning(voice, day)
    number = str(voice.rng.randint(20, 60))
    wordings = [wording.replace("{B}", brand).replace("{number}", number) for wording in event["wordings"]]
    talks = [
        DraftTalk("forum", title.replace("{B}", brand), [])
        for title in voice.rng.sample(event["titles"], voice.rng.randint(2, len(event["titles"])))
    ]
    endings = ["", "", "", " 👈", " Share this!"]
    for count in range(voice.rng.randint(24, 40)):
        talk = talks[count % len(talks)]
        at = start + timedelta(minutes=count * 7 + voice.rng.randint(0, 5))
        text = voice.rng.choice(wordings) + voice.rng.choice(endings)
        author = accounts[count % len(accounts)] if count < len(accounts) else voice.rng.choice(accounts)
        talk.remarks.append(
            DraftRemark(author, at, text, talk.remarks[0] if talk.remarks else None, part="campaign", tone="negative")
        )
    return Incident("campaign", subject.brand, start, tuple(talks), tuple(accounts))


def quarrel(voice: Voice, material: Mapping[str, Any], day: datetime) -> Incident:
    """Return a long hostile thread of two people about the own product, with two or three bystanders."""
    names, lists = material["names"], material["events"]["quarrel"]
    subject = Subject(names["own"], voice.rng.choice(names["rivals"]))
    phrases = voice.phrases(lists)
    asker, one, two, *others = voice.people["forum"].crowd(5, 0.8)
    start = _morning(voice, day)
    slots = voice.slots(subject)
    opening = DraftRemark(asker, start, phrases.say("opening", **slots), likes=1)
    talk = DraftTalk("forum", phrases.say("titles", **slots), [opening])
    last, at = opening, start
    for turn in range(voice.rng.randint(24, 36)):
        at += timedelta(minutes=voice.rng.randint(3, 55))
        author = one if turn % 2 == 0 else two
        if turn % 11 == 8 and others:
            author, name, tone = others.pop(), "bystander", "neutral"
        else:
            name, tone = ("blow", "hostile") if voice.rng.random() < 0.75 else ("grind", "negative")
        slots = voice.slots(subject, last) | ({"who": one if author == two else two} if tone != "neutral" else {})
        remark = talk.reply(author, at, phrases.say(name, **slots), last, part="quarrel", tone=tone)
        last = remark if tone != "neutral" else last
    return Incident("quarrel", subject.brand, start, (talk,), (one, two))


def _morning(voice: Voice, day: datetime) -> datetime:
    return day.replace(hour=voice.rng.randint(7, 11), minute=voice.rng.randint(0, 59), second=0, microsecond=0)
