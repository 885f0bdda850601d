"""What the model says of a text, and whether that counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analyzers.language import language_of
from analyzers.model import EmbeddedModel
from analyzers.text import normalize

LEAST_MARGIN = 0.1
"""Least distance of the two likeliest sentiments; below it a post needs a human and is not counted."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Calibrated probabilities 0..1; `abstained` names why they do not count (`Tag`), None when they do.

    Where the text is empty or in a language the model does not read, every probability is None.
    """

    language: str | None
    sentiment: str | None = None
    negative: float | None = None
    neutral: float | None = None
    positive: float | None = None
    hostility: float | None = None
    abstained: str | None = None


def judge(model: EmbeddedModel, texts: Sequence[str]) -> list[Judgement]:
    """Judge `texts` as written, in order. Equal texts get equal judgements, whatever stands beside them."""
    normal = [normalize(text) for text in texts]
    languages = [language_of(text) for text in normal]
    readable = [i for i, text in enumerate(normal) if languages[i].readable and _says_something(text)]
    probabilities = model.probabilities([normal[i] for i in readable])
    row_of = {index: row for row, index in enumerate(readable)}
    judged = []
    for index, language in enumerate(languages):
        if index in row_of:
            row = row_of[index]
            hostile = float(probabilities["hostility"][row][model.labels["hostility"].index("hostile")])
            sentiment = dict(zip(model.labels["sentiment"], map(float, probabilities["sentiment"][row]), strict=True))
            judged.append(_judgement(language.code, sentiment, hostile))
        else:
            judged.append(Judgement(language.code, abstained="empty" if language.readable else "language"))
    return judged


def _judgement(language: str | None, sentiment: dict[str, float], hostile: float) -> Judgement:
    first, second = sorted(sentiment.values(), reverse=True)[:2]
    return Judgement(
        language,
        sentiment=max(sentiment, key=sentiment.__getitem__),
        negative=round(sentiment["negative"], 6),
        neutral=round(sentiment["neutral"], 6),
        positive=round(sentiment["positive"], 6),
        hostility=round(hostile, 6),
        abstained="low_margin" if first - second < LEAST_MARGIN else None,
    )


def _says_something(text: str) -> bool:
    return any(character.isalnum() for character in text)
