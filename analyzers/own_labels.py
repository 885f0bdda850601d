"""Which posts people should label: those the model is least sure of, and a part that chance chose.

Uncertainty sampling by the margin (Settles 2010, section 3.1): a label teaches most where the model wavers. A
held-back part of such posts alone would hold hard cases only, so a fifth of the posts is drawn by hash.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

BY_CHANCE = 0.2
"""Share of the posts that are drawn whatever the model says of them."""
FEWEST = 3
CHANCE = "chance"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A post that may be labelled. `author_id` None: an unknown voice. `brand`: whose tone is in doubt, '' for none."""

    post_id: str
    thread_id: str
    author_id: str | None
    text_key: str
    brand: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A candidate, and the question in doubt, or `CHANCE`."""

    candidate: Candidate
    why: str


def few_of(count: int) -> int:
    """Return how many of `count` posts may be of one thread, and of one author."""
    return max(FEWEST, count // 20)


def choose(pools: Mapping[str, Sequence[Candidate]], by_chance: Sequence[Candidate], count: int) -> list[Chosen]:
    """Return at most `count` candidates, each text once, at most `few_of(count)` of a thread and of an author.

    `pools` gives each question's candidates, least sure first: the questions take turns. `by_chance` gives
    candidates in an order of no meaning. The result is in such an order too (that of the text keys' second
    half): who labels only the first rows labels some of every kind.
    """
    picked = _Picked(few_of(count))
    drawn = iter(by_chance)
    while len(picked.chosen) < round(count * BY_CHANCE) and picked.take_next(CHANCE, drawn):
        pass
    offered = {task: iter(pool) for task, pool in pools.items()}
    turns = deque(offered)
    while turns and len(picked.chosen) < count:
        task = turns.popleft()
        if picked.take_next(task, offered[task]):
            turns.append(task)
    while len(picked.chosen) < count and picked.take_next(CHANCE, drawn):
        pass
    return sorted(picked.chosen, key=lambda found: (found.candidate.text_key[16:], found.candidate.post_id))


class _Picked:
    def __init__(self, few: int) -> None:
        self.few = few
        self.chosen: list[Chosen] = []
        self._texts: set[str] = set()
        self._held: Counter[tuple[str, str]] = Counter()

    def take_next(self, why: str, offered: Iterator[Candidate]) -> bool:
        """Take the next of `offered` that may be taken; return whether there was one."""
        for candidate in offered:
            places = [("thread", candidate.thread_id)]
            if candidate.author_id is not None:
                places.append(("author", candidate.author_id))
            if candidate.text_key not in self._texts and all(self._held[place] < self.few for place in places):
                self._texts.add(candidate.text_key)
                self._held.update(places)
                self.chosen.append(Chosen(candidate, why))
                return True
        return False


def margin(probabilities: Sequence[float], offset: Sequence[float] = ()) -> float:
    """Return how far the label that is said is ahead of the next one, 0..1, after the decision's `offset`."""
    second, first = np.sort(_shares(probabilities, offset))[-2:]
    return float(first - second)


def answer(labels: Sequence[str], probabilities: Sequence[float], offset: Sequence[float] = ()) -> str:
    """Return the label that is said and its own probability, for a person: `negative 0.48`."""
    said = int(_shares(probabilities, offset).argmax())
    return f"{labels[said]} {probabilities[said]:.2f}"


def _shares(probabilities: Sequence[float], offset: Sequence[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    weighted = np.array(probabilities, np.float64) * np.exp(np.array(offset or [0.0] * len(probabilities)))
    shares: np.ndarray[tuple[int], np.dtype[np.float64]] = weighted / max(weighted.sum(), 1e-9)
    return shares
