"""Sentences from lists: `{name}` draws from a list, `[a|b]` picks one. The lists are data files, not code.

A list is dealt like a pack of cards, so that a sentence comes back only after all others were used.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

_CHOICE = re.compile(r"\[([^\[\]]*\|[^\[\]]*)\]")
_SLOT = re.compile(r"\{(\w+)\}")
_DEPTH = 6

Lists = Mapping[str, Sequence[str]]


def stream(seed: int, part: str) -> Random:
    """Return the random numbers of one part of the sample; parts do not disturb one another."""
    return Random(f"tocsin sample {seed} {part}")  # noqa: S311 - a repeatable sample, nothing is protected by it


def read_material(folder: Path) -> dict[str, Any]:
    """Read every `*.toml` in `folder`: `{stem: tables}`. Raises OSError or tomllib.TOMLDecodeError."""
    return {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.toml"))}


class Phrases:
    """Draws and fills sentences. The same lists and the same `rng` give the same sentences."""

    def __init__(self, rng: Random, *lists: Lists) -> None:
        self._rng = rng
        self._lists: dict[str, Sequence[str]] = {}
        for table in lists:
            self._lists.update(table)
        self._packs: dict[str, list[str]] = {}

    def draw(self, name: str) -> str:
        """Deal the next entry of a list, unfilled."""
        pack = self._packs.get(name)
        if not pack:
            pack = list(self._lists[name])
            self._rng.shuffle(pack)
            self._packs[name] = pack
        return pack.pop()

    def say(self, name: str, **slots: str) -> str:
        """Deal an entry of the list `name` and fill it. `slots` win over lists of the same name."""
        return self.fill(self.draw(name), **slots)

    def fill(self, template: str, **slots: str) -> str:
        """Fill `template`. Raises KeyError for a slot that no list and no `slots` entry answers."""

        def answer(match: re.Match[str]) -> str:
            name = match[1]
            return slots[name] if name in slots else self.draw(name)

        for _ in range(_DEPTH):
            chosen = _CHOICE.sub(lambda match: self._rng.choice(match[1].split("|")), template)
            filled = _SLOT.sub(answer, chosen)
            if filled == template:
                break
            template = filled
        return _tidy(template)


def _tidy(text: str) -> str:
    text = re.sub(r"[ \t]{2,}", " ", text).strip()
    text = re.sub(r"(^|[.!?] |\n)the (?=[A-Z])", lambda match: match[1] + "The ", text)
    return text[0].upper() + text[1:] if text and not text.startswith(("http", "`")) else text
