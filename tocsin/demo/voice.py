"""How one thread's posts are worded: who is quoted, which brand is meant, which language is spoken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tocsin.demo.draft import PLACES, DraftRemark, Place
from tocsin.demo.people import People
from tocsin.demo.phrases import Phrases, stream
from tocsin.demo.rhythm import Rhythm

FOREIGN_SHARE = 0.035
EDITED_SHARE = 0.02
MORE = {"neutral": 0.45, "negative": 0.6, "positive": 0.5}
"""How often a second sentence follows, by tone."""
REGULARS: Mapping[Place, int] = {"forum": 170, "blog": 60, "news": 130}


@dataclass(frozen=True, slots=True)
class Subject:
    """What a thread is about: a brand, and another one it may be held against."""

    brand: str
    other: str


class Voice:
    """Makes one part of the sample speak: its own random numbers, the community's people."""

    def __init__(self, seed: int, part: str, material: Mapping[str, Any], people: Mapping[Place, People]) -> None:
        self.rng = stream(seed, part)
        self.people = people
        self.rhythm = Rhythm(self.rng, ZoneInfo("Europe/Berlin"))
        self._names = material["names"]
        self.staff: list[str] = self._names["people"]["staff"]
        self._foreign = {
            language: Phrases(self.rng, self._names["slots"], tones) for language, tones in material["foreign"].items()
        }
        self._more = Phrases(self.rng, self._names["slots"], material["talk"]["more"])

    def phrases(self, *lists: Mapping[str, list[str]]) -> Phrases:
        """Return the sentences of some lists, with the common slots."""
        return Phrases(self.rng, self._names["slots"], *lists)

    def slots(self, subject: Subject, parent: DraftRemark | None = None) -> dict[str, str]:
        """Return what `{B}`, `{P}`, `{R}`, `{who}` and `{quote}` stand for."""
        filled = {
            "B": subject.brand,
            "P": self.rng.choice(self._names["forms"][subject.brand]),
            "R": subject.other,
        }
        if parent is not None:
            filled |= {"who": parent.author, "quote": _quotable(parent.text)}
        return filled

    def word(self, phrases: Phrases, name: str, author: str, tone: str, place: Place, **slots: str) -> str:
        """Return a sentence of the list `name` as `author` writes it, now and then in another language."""
        if tone in ("neutral", "negative", "positive") and self.rng.random() < FOREIGN_SHARE:
            language = "german" if self.rng.random() < 0.75 else "japanese"
            return self._foreign[language].say(tone, **slots)
        text = phrases.say(name, **slots)
        if tone in MORE and len(text) < 140 and self.rng.random() < MORE[tone]:
            text = f"{text} {self._more.say(tone, **slots)}"
        return self.people[place].written(author, text, tone)

    def foreign_storm(self, **slots: str) -> str:
        """Return an angry post in another language."""
        return self._foreign["german" if self.rng.random() < 0.7 else "japanese"].say("storm", **slots)

    def likes(self, scale: float = 1.0) -> int:
        """Return a count with a heavy tail, most often 0 to 3."""
        return min(240, int(scale * self.rng.paretovariate(1.3) - scale * 0.9))

    def length(self, middle: float, spread: float, most: int) -> int:
        """Return a number of replies with a heavy tail."""
        return min(most, int(self.rng.lognormvariate(0.0, spread) * middle))

    def maybe_edited(self, remark: DraftRemark) -> None:
        """Edit a few posts a little later."""
        if self.rng.random() < EDITED_SHARE:
            remark.edited_at = remark.at + timedelta(minutes=self.rng.randint(3, 55))
            remark.text += "\n\nEdit: typo."


def population(seed: int, material: Mapping[str, Any]) -> dict[Place, People]:
    """Return the people of each place."""
    return {place: People(stream(seed, f"people {place}"), material["names"], REGULARS[place]) for place in PLACES}


def _quotable(text: str) -> str:
    lines = [line for line in text.splitlines() if line and not line.startswith(">")]
    line = lines[0] if lines else text
    return line if len(line) <= 90 else line[:90].rsplit(" ", 1)[0] + " ..."
