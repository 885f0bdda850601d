"""Who talks: regulars whose activity has a heavy tail, people who come once, and how they write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

_STYLES = ("plain", "plain", "plain", "plain", "plain", "lower", "emoji", "emoji")
_EMOJI = {
    "negative": ("😡", "😤", "🙄", "😞", "👎"),
    "hostile": ("🤬", "😡", "🤡"),
    "positive": ("😀", "👍", "🙏", "🎉", "❤️", "🙂"),
}


class People:
    """The handles of one place, and their habits."""

    def __init__(self, rng: Random, names: Mapping[str, Any], regulars: int) -> None:
        self._rng = rng
        self._names = names["people"]
        self._used: set[str] = set()
        self.regulars = [self.newcomer() for _ in range(regulars)]
        self._weights = [1.0 / (rank + 4) ** 0.8 for rank in range(regulars)]
        self._style: dict[str, str] = {}

    def newcomer(self) -> str:
        """Return a handle that nobody in this place has had."""
        while True:
            handle = self._invented()
            if handle not in self._used:
                self._used.add(handle)
                return handle

    def regular(self) -> str:
        """Return somebody who writes often."""
        return self._rng.choices(self.regulars, self._weights)[0]

    def anybody(self, once: float = 0.14) -> str:
        """Return a regular, or with probability `once` somebody new."""
        return self.newcomer() if self._rng.random() < once else self.regular()

    def crowd(self, size: int, known: float) -> list[str]:
        """Return `size` different handles, a share `known` of them regulars."""
        regulars = self._rng.sample(self.regulars, min(len(self.regulars), round(size * known)))
        crowd = regulars + [self.newcomer() for _ in range(size - len(regulars))]
        self._rng.shuffle(crowd)
        return crowd

    def written(self, author: str, text: str, tone: str) -> str:
        """Return `text` as `author` would type it: some never press shift, some like emoji."""
        style = self._style.setdefault(author, self._rng.choice(_STYLES))
        if style == "lower" and "`" not in text and text[1:2].islower():
            return text[0].lower() + text[1:].removesuffix(".")
        faces: Sequence[str] = _EMOJI.get(tone, ())
        if style == "emoji" and faces and text[-1:] in ".!" and self._rng.random() < 0.45:
            return f"{text} {self._rng.choice(faces)}"
        return text

    def _invented(self) -> str:
        first, job, thing = (self._rng.choice(self._names[kind]) for kind in ("first", "job", "thing"))
        number = str(self._rng.randint(2, 99))
        initial = self._rng.choice("abcdefghijklmnoprstvw")
        shapes = (f"{first}_{initial}", f"{job}_{first}", f"{job}{thing}", f"{first}{number}", f"{thing}{number}")
        return self._rng.choice((*shapes, f"{first}-{thing}", f"{first}.{job}"))
