"""The heads of the listening model: which questions it answers, in which words, and what each reads.

A *post task* reads one post, and one pass of the encoder answers all of them. A *pair task* reads two
texts side by side (Devlin et al. 2019, section 3: sentence pairs) and is asked only where it is needed.
"""

from __future__ import annotations

from dataclasses import dataclass

POST_TASKS: dict[str, tuple[str, ...]] = {
    "sentiment": ("negative", "neutral", "positive"),
    "hostility": ("civil", "hostile"),
    "irony": ("literal", "ironic"),
    "anger": ("other", "anger"),
}
PAIR_TASKS: dict[str, tuple[str, ...]] = {
    "target_sentiment": ("negative", "neutral", "positive"),
    "reply_stance": ("support", "deny", "query", "comment"),
    "derailment": ("calm", "derails"),
}
LABELS: dict[str, tuple[str, ...]] = {**POST_TASKS, **PAIR_TASKS}
"""Each task with its labels, in the order of its logits."""

MEASURES: dict[str, str] = {
    "sentiment": "macro_recall",
    "hostility": "macro_f1",
    "irony": "ironic",
    "anger": "anger",
    "target_sentiment": "macro_f1",
    "reply_stance": "macro_f1",
    "derailment": "accuracy",
}
"""What each head is judged by, as its corpus is in the literature: a mean of `Scores`, or a label, by its F1."""

POST_TOKENS = 128
"""Keeps 96 % of the tokens of forum posts; a longer post is judged by its beginning."""


@dataclass(frozen=True, slots=True)
class Room:
    """How many tokens of the first and the second text of a pair are read.

    `keep` says which part of a first text that is too long stays: its `head`, its `tail`, or what stands
    `around` the first place where it names the second text. The second text keeps its head.
    """

    first: int
    second: int
    keep: str


ROOM: dict[str, Room] = {
    "target_sentiment": Room(100, 24, "around"),  # (post, brand)
    "reply_stance": Room(56, 68, "head"),  # (parent, reply)
    "derailment": Room(144, 80, "tail"),  # (the comments before, the last comment)
}
