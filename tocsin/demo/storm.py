"""The pile-on: a report, a rush of angry people, a claim that grows as it is passed on, two more places joining."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tocsin.demo.draft import DraftRemark, DraftTalk
from tocsin.demo.ordinary import BLOGGERS
from tocsin.demo.phrases import Phrases
from tocsin.demo.voice import Subject, Voice

ROLES = (
    ("upset", "negative", 0.5),
    ("hostile", "hostile", 0.24),
    ("wry", "negative", 0.05),
    ("asking", "neutral", 0.09),
    ("defending", "positive", 0.09),
    ("foreign", "negative", 0.03),
)
FOLLOWED = ("hostile", "wry", "asking", "defending")
FORUM_SHARE, NEWS_SHARE = 0.55, 0.3


@dataclass(frozen=True, slots=True)
class Storm:
    """A pile-on as it happened: its topic, when it began, its threads."""

    key: str
    onset: datetime
    talks: tuple[DraftTalk, ...]


def pile_on(voice: Voice, material: Mapping[str, Any], now: datetime) -> Storm:
    """Return a pile-on against the own brand that began 9 to 17 hours before `now`, by 46 to 90 voices."""
    names, storms = material["names"], material["storms"]
    topic = voice.rng.choice(storms["storm"])
    subject = Subject(names["own"], voice.rng.choice(names["rivals"]))
    onset = now - timedelta(minutes=voice.rng.randint(9 * 60, 17 * 60))
    teller = _Teller(voice, topic, voice.phrases(storms["talk"], _flat(topic)), subject, onset, now)
    talks = teller.places()
    size = voice.rng.randint(46, 90)
    for share in sorted(voice.rng.betavariate(1.75, voice.rng.uniform(2.4, 3.0)) for _ in range(size)):
        teller.voice_joins(share, talks)
    return Storm(topic["key"], onset, tuple(talk for talk in talks if talk.remarks))


def _flat(topic: Mapping[str, Any]) -> dict[str, list[str]]:
    return {"act": topic["act"], "victim": topic["victim"], "demand": topic["demand"]} | {
        f"stage{stage}": claims for stage, claims in enumerate(topic["claims"])
    }


class _Teller:
    def __init__(
        self, voice: Voice, topic: Mapping[str, Any], phrases: Phrases, subject: Subject, onset: datetime, now: datetime
    ) -> None:
        self.voice, self.topic, self.phrases, self.subject = voice, topic, phrases, subject
        self.onset, self.now = onset, now
        self.crowds = {place: people.crowd(95, 0.35) for place, people in voice.people.items()}

    def places(self) -> list[DraftTalk]:
        """Open the threads: the first report, later forum threads, a news story, a blog post."""
        rng, span = self.voice.rng, self.now - self.onset
        titles = rng.sample(self.topic["later"], rng.randint(1, len(self.topic["later"])))
        later = [(title, self.onset + span * rng.uniform(0.2, 0.6)) for title in titles]
        talks = [self._opened("forum", rng.choice(self.topic["title"]), self.onset, 0)]
        talks += [self._opened("forum", title, at, 1) for title, at in later]
        news = self._opened("news", rng.choice(self.topic["news"]), self.onset + span * rng.uniform(0.12, 0.25), 2)
        blog = self._opened("blog", rng.choice(self.topic["blog"]), self.onset + span * rng.uniform(0.2, 0.35), 3)
        return [*talks, news, blog]

    def voice_joins(self, share: float, talks: list[DraftTalk]) -> None:
        """Let one person write one to four posts, the first at `share` of the time since onset."""
        rng, at = self.voice.rng, self.onset + (self.now - self.onset) * share
        open_talks = [talk for talk in talks if talk.remarks[0].at <= at]
        talk = self._chosen(open_talks)
        author = self.crowds[talk.place].pop()
        for _ in range(rng.choices((1, 2, 3, 4), (68, 20, 8, 4))[0]):
            if at < self.now:
                self._remark(talk, author, at)
            at += timedelta(minutes=rng.randint(4, 110))

    def _chosen(self, talks: list[DraftTalk]) -> DraftTalk:
        weights = {"forum": FORUM_SHARE, "news": NEWS_SHARE, "blog": 1 - FORUM_SHARE - NEWS_SHARE}
        forums = sum(talk.place == "forum" for talk in talks)
        return self.voice.rng.choices(
            talks,
            [
                weights[talk.place] / (forums if talk.place == "forum" else 1) * (2 if talk is talks[0] else 1)
                for talk in talks
            ],
        )[0]

    def _opened(self, place: Any, title: str, at: datetime, kind: int) -> DraftTalk:
        talk = DraftTalk(place, title, [], "https://press.example/torvane" if kind == 2 else None)
        author = self.voice.rng.choice(BLOGGERS) if kind == 3 else self.crowds[talk.place].pop()
        slots = self.voice.slots(self.subject) | {"claim0b": "", "who": "all"}
        if kind == 2:
            text, tone = title, "neutral"
        elif kind == 3:
            text, tone = self._said("reporting", **slots | {"claim0": self.phrases.draw("stage0")}), "neutral"
        elif kind == 0:
            text, tone = self._said("opening", **slots | {"claim0": self.phrases.draw("stage0")}), "negative"
        else:
            text, tone = self._said("upset", **slots | {"claim": self._claim(at), "quote": title}), "negative"
        talk.remarks.append(DraftRemark(author, at, text, likes=self.voice.likes(9.0), part="pile_on", tone=tone))
        return talk

    def _remark(self, talk: DraftTalk, author: str, at: datetime) -> None:
        rng = self.voice.rng
        earlier = [remark for remark in talk.remarks if remark.at <= at]
        parent = earlier[0] if rng.random() < 0.55 else rng.choice(earlier)
        role, tone, _ = rng.choices(ROLES, [weight for *_, weight in ROLES])[0]
        slots = self.voice.slots(self.subject, parent) | {"claim": self._claim(at)}
        if rng.random() < 0.02 and talk.place == "forum":
            role, tone, author = "staff", "neutral", rng.choice(self.voice.staff)
        text = self.voice.foreign_storm(**slots) if role == "foreign" else self._said(role, **slots)
        if role != "foreign":
            text = self.voice.people[talk.place].written(author, text, tone)
        remark = talk.reply(author, at, text, parent, likes=self.voice.likes(3.0), part="pile_on", tone=tone)
        self.voice.maybe_edited(remark)

    def _said(self, name: str, **slots: str) -> str:
        text = self.phrases.say(name, **slots)
        if name in FOLLOWED and len(text) < 110 and self.voice.rng.random() < 0.6:
            text = f"{text} {self.phrases.say(f'after_{name}', **slots)}"
        return text

    def _claim(self, at: datetime) -> str:
        share = (at - self.onset) / (self.now - self.onset)
        stage = min(3, max(0, int(share * 4.6 + self.voice.rng.uniform(-0.7, 0.7))))
        return self.phrases.draw(f"stage{stage}")
