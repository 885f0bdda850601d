"""Key phrases of some posts by contrast with others: what is said here far more than elsewhere, in one to three words.

Weighted log-odds with an informative Dirichlet prior (Monroe, Colaresi, Quinn 2008, "Fightin' Words", Political
Analysis 16(4), equations 15 to 22). The prior is what both heaps say together, scaled to `PRIOR` words. A phrase counts
once a voice, so that neither copies nor one busy author make a topic.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from analyzers.stop_words import STOP_WORDS, stem
from analyzers.wordings import words

LONGEST = 3
PRIOR = 500.0
FEWEST_VOICES = 3
SURE = 1.96
"""z from which a phrase is no accident of this sample (two-sided 5 %)."""
_CHARACTERS = 4_000
_BREAK = re.compile(r"[.!?,;:()\[\]\"\u201c\u201d\u2026]+(?:\s|$)|\s[-\u2013\u2014]\s|\n")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase as it is mostly written, its stems, how many voices say it here, and its z against elsewhere."""

    said: str
    stems: tuple[str, ...]
    voices: int
    z: float


Grams = Mapping[tuple[str, ...], str]
"""The phrases of one text: stems to the words as written there."""


def grams(text: str, left_out: Collection[str] = ()) -> dict[tuple[str, ...], str]:
    """Return the phrases of one to three words in `text` that begin and end with a word that says something.

    `left_out`: words, lower case, that are no topic (the brand's own name).
    """
    found: dict[tuple[str, ...], str] = {}
    for piece in _BREAK.split(text[:_CHARACTERS]):
        for stems, said in _inside(words(piece), left_out):
            found.setdefault(stems, said)
    return found


def _inside(told: Sequence[str], left_out: Collection[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    says = [len(word) > 2 and not word.isdigit() and word not in STOP_WORDS and word not in left_out for word in told]
    stems = [stem(word) for word in told]
    for start in range(len(told)):
        for end in range(start + 1, min(start + LONGEST, len(told)) + 1):
            inside = told[start:end]
            if says[start] and says[end - 1] and not any(word in left_out for word in inside):
                yield tuple(stems[start:end]), " ".join(inside)


def count_voices(texts: Sequence[Grams], voices: Sequence[str]) -> Counter[tuple[str, ...]]:
    """Return how many of `voices` (who wrote each text) say each phrase."""
    who: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for found, voice in zip(texts, voices, strict=True):
        for phrase in found:
            who[phrase].add(voice)
    return Counter({phrase: len(people) for phrase, people in who.items()})


def key_phrases(
    here: Sequence[Grams],
    voices: Sequence[str],
    elsewhere: Counter[tuple[str, ...]],
    among: Counter[tuple[str, ...]] | None = None,
    *,
    least: int = FEWEST_VOICES,
) -> list[Phrase]:
    """Return the phrases that `here` says more than `elsewhere` (voices a phrase), the most telling first.

    `among`: the voices a phrase of a larger heap that `here` is part of; what `here` leaves of it is elsewhere too.
    """
    counts = count_voices(here, voices)
    rest = {phrase: elsewhere[phrase] + (among[phrase] - count if among else 0) for phrase, count in counts.items()}
    total = counts.total()
    other = elsewhere.total() + (among.total() - total if among else 0)
    scale = PRIOR / max(total + other, 1)
    forms: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for found in here:
        for phrase, said in found.items():
            if counts[phrase] >= least:
                forms[phrase][said] += 1
    result = []
    for phrase, count in counts.items():
        if count < least:
            continue
        z = log_odds_z(count, total, rest[phrase], other, scale * (count + rest[phrase]))
        if z >= SURE:
            said = min(forms[phrase].items(), key=lambda pair: (-pair[1], pair[0]))[0]
            result.append(Phrase(said, phrase, count, z))
    return sorted(result, key=lambda phrase: (-phrase.z, phrase.stems))


def log_odds_z(count: int, total: int, count_other: int, total_other: int, prior: float) -> float:
    """Return how many standard errors a phrase's log-odds here lie above those elsewhere (equations 15, 16, 22)."""

    def log_odds(part: int, whole: int) -> float:
        return math.log(part + prior) - math.log(max(whole + PRIOR - part - prior, 1e-9))

    variance = 1.0 / (count + prior) + 1.0 / (count_other + prior)
    return (log_odds(count, total) - log_odds(count_other, total_other)) / math.sqrt(variance)


def distinct(phrases: Sequence[Phrase], most: int) -> list[Phrase]:
    """Return the first `most` phrases without those that only say part of another, or the same words again.

    Of "running contracts" and "contracts" the longer one stands when at least half of the voices say it so.
    """
    kept: list[Phrase] = []
    for phrase in phrases:
        longer = [
            other
            for other in phrases
            if len(other.stems) > len(phrase.stems)
            and set(phrase.stems) < set(other.stems)
            and other.voices * 2 >= phrase.voices
        ]
        if longer or any(set(phrase.stems) & set(other.stems) for other in kept):
            continue
        kept.append(_whole(phrase, phrases))
        if len(kept) == most:
            break
    return kept


def _whole(phrase: Phrase, phrases: Sequence[Phrase]) -> Phrase:
    """Return `phrase` with what nearly all who say it say next: `publish the serial` is followed by `numbers`."""
    for other in phrases:
        joins = len(phrase.stems) > 1 and len(other.stems) > 1 and phrase.stems[-1] == other.stems[0]
        if joins and 0.8 * phrase.voices <= other.voices <= 1.25 * phrase.voices:
            rest = other.said.split(" ")[1:]
            return replace(phrase, said=" ".join([phrase.said, *rest]), stems=(*phrase.stems, *other.stems[1:]))
    return phrase
