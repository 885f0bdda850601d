"""What the model says of a text, and whether that counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analyzers.calibration import Floats
from analyzers.language import language_of
from analyzers.model import Model
from analyzers.text import normalize

LEAST_MARGIN = 0.1
"""Least distance of the two likeliest sentiments; below it a post needs a human and is not counted."""
SURELY_IRONIC = 0.8
"""From here on praise is read as possible sarcasm: it needs a human and is not counted. It takes 1 % of 641 dev tweets
rightly read as praise, and 2 of 30 clear lines of praise from trade forums (benchmarks/gate); at .7 4 % and 5 of 30."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Calibrated probabilities 0..1; `abstained` names why they do not count (`Tag`), None when they do.

    Where the text is empty or in a language the model does not read, every probability is None. `irony` and
    `anger` are None too where the model has no such head.
    """

    language: str | None
    sentiment: str | None = None
    negative: float | None = None
    neutral: float | None = None
    positive: float | None = None
    hostility: float | None = None
    irony: float | None = None
    anger: float | None = None
    abstained: str | None = None


@dataclass(frozen=True, slots=True)
class Towards:
    """Calibrated probabilities of a post's tone towards one target; `abstained` as in `Judgement`."""

    sentiment: str
    negative: float
    neutral: float
    positive: float
    abstained: str | None = None


@dataclass(frozen=True, slots=True)
class Stance:
    """What a reply does to its parent: calibrated probabilities, and the label that is said."""

    stance: str
    support: float
    deny: float
    query: float
    comment: float


def judge(model: Model, texts: Sequence[str]) -> list[Judgement]:
    """Judge `texts` as written, in order. Equal texts get equal judgements, whatever stands beside them."""
    normal = [normalize(text) for text in texts]
    languages = [language_of(text) for text in normal]
    readable = [i for i, text in enumerate(normal) if languages[i].readable and says_something(text)]
    found = model.judge_posts([normal[i] for i in readable])
    said = model.decide("sentiment", found["sentiment"])
    row_of = {index: row for row, index in enumerate(readable)}
    judged = []
    for index, language in enumerate(languages):
        if index in row_of:
            row = row_of[index]
            chances = {
                task: float(found[task][row][1]) if task in found else None for task in ("hostility", "irony", "anger")
            }
            sentiment = dict(zip(model.labels["sentiment"], map(float, found["sentiment"][row]), strict=True))
            judged.append(_judgement(language.code, model.labels["sentiment"][said[row]], sentiment, **chances))
        else:
            judged.append(Judgement(language.code, abstained="empty" if language.readable else "language"))
    return judged


def _judgement(
    language: str | None,
    said: str,
    sentiment: dict[str, float],
    *,
    hostility: float | None = None,
    irony: float | None = None,
    anger: float | None = None,
) -> Judgement:
    """Return the judgement of one readable text, given its probabilities and the sentiment that is said."""
    abstained = "low_margin" if unsure(sentiment.values()) else None
    if abstained is None and said == "positive" and irony is not None and irony >= SURELY_IRONIC:
        abstained = "irony"
    return Judgement(
        language,
        sentiment=said,
        negative=round(sentiment["negative"], 6),
        neutral=round(sentiment["neutral"], 6),
        positive=round(sentiment["positive"], 6),
        hostility=None if hostility is None else round(hostility, 6),
        irony=None if irony is None else round(irony, 6),
        anger=None if anger is None else round(anger, 6),
        abstained=abstained,
    )


def judge_towards(model: Model, pairs: Sequence[tuple[str, str]]) -> list[Towards]:
    """Judge the tone of each (post, target) towards its target. Only readable posts are to be asked about."""
    found = _asked(model, "target_sentiment", pairs)
    said = model.decide("target_sentiment", found)
    labels = model.labels["target_sentiment"]
    judged = []
    for row, index in zip(found, said, strict=True):
        chances = dict(zip(labels, map(float, row), strict=True))
        judged.append(
            Towards(
                labels[index],
                negative=round(chances["negative"], 6),
                neutral=round(chances["neutral"], 6),
                positive=round(chances["positive"], 6),
                abstained="low_margin" if unsure(chances.values()) else None,
            )
        )
    return judged


def judge_stances(model: Model, pairs: Sequence[tuple[str, str]]) -> list[Stance]:
    """Judge what each reply of (parent, reply) does to its parent. Only readable replies are to be asked about."""
    found = _asked(model, "reply_stance", pairs)
    said = model.decide("reply_stance", found)
    labels = model.labels["reply_stance"]
    return [
        Stance(labels[index], *(round(float(value), 6) for value in row))
        for row, index in zip(found, said, strict=True)
    ]


def judge_derailment(model: Model, contexts: Sequence[tuple[str, str]]) -> list[float]:
    """Return the probability that each conversation turns, of (the comments before, the last), normalized."""
    found = model.judge_pairs("derailment", [before for before, _ in contexts], [last for _, last in contexts])
    turns = model.labels["derailment"].index("derails")
    return [round(float(row[turns]), 6) for row in found]


def _asked(model: Model, task: str, pairs: Sequence[tuple[str, str]]) -> Floats:
    return model.judge_pairs(task, [normalize(first) for first, _ in pairs], [normalize(second) for _, second in pairs])


def unsure(chances: Iterable[float]) -> bool:
    """Return whether the two likeliest of a row's `chances` are too close for it to count."""
    first, second = sorted(chances, reverse=True)[:2]
    return first - second < LEAST_MARGIN


def says_something(text: str) -> bool:
    """Return whether there is a letter or a digit in `text`."""
    return any(character.isalnum() for character in text)
