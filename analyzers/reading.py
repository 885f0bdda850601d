"""From texts to what the encoder reads: token ids, which text each token is of, where the target is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tokenizers import Tokenizer

from analyzers.hashtags import HashtagSplitter
from analyzers.heads import PAIR_TASKS, POST_TOKENS, ROOM
from analyzers.text import normalize

LOUD = "in capitals: "
"""Written before a text that shouts: the encoder's vocabulary is lower case and would not see it."""
LOUD_LETTERS = 8
LOUD_SHARE = 0.7

FIRST, SECOND, NAMED = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Reading:
    """One question as the encoder reads it. All three have one entry a token.

    `types` are the encoder's token types (0 first text, 1 second). `parts` says what a head pools:
    FIRST, SECOND, or NAMED for a token of the first text that names the second (a brand in a post).
    """

    ids: tuple[int, ...]
    types: tuple[int, ...]
    parts: tuple[int, ...]


class Reader:
    """Reads posts and pairs with `tokenizer` (its truncation and padding are switched off)."""

    def __init__(self, tokenizer: Tokenizer, post_tokens: int = POST_TOKENS) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self.tokenizer = tokenizer
        self.post_tokens = post_tokens
        vocabulary = tokenizer.get_vocab(with_added_tokens=True)
        self._begin, self._end = vocabulary["[CLS]"], vocabulary["[SEP]"]
        self._hashtags = HashtagSplitter(tokenizer.get_vocab(with_added_tokens=False))

    def posts(self, texts: Sequence[str]) -> list[Reading]:
        """Read normalized `texts`, each by itself, cut at `post_tokens` tokens."""
        readings = []
        for found in self._tokens([self.spoken(text) for text in texts]):
            ids = (self._begin, *found[: self.post_tokens - 2], self._end)
            readings.append(Reading(ids, (0,) * len(ids), (FIRST,) * len(ids)))
        return readings

    def pairs(self, task: str, firsts: Sequence[str], seconds: Sequence[str]) -> list[Reading]:
        """Read normalized pairs for a pair task: (post, target), (parent, reply) or (comments before, last)."""
        if task not in PAIR_TASKS:
            raise ValueError(f"{task!r} does not read pairs")
        spoken = seconds if task == "target_sentiment" else [self.spoken(text) for text in seconds]
        return [
            self._pair(task, first, second)
            for first, second in zip(
                self._tokens([self.spoken(text) for text in firsts]), self._tokens(spoken), strict=True
            )
        ]

    def spoken(self, text: str) -> str:
        """Return `text` with hashtags as words, and with a word before it where it is written in capitals."""
        letters = [character for character in text if character.isalpha()]
        loud = len(letters) >= LOUD_LETTERS and sum(map(str.isupper, letters)) >= LOUD_SHARE * len(letters)
        return (LOUD if loud else "") + self._hashtags.split(text)

    def _tokens(self, texts: Sequence[str]) -> list[list[int]]:
        return [list(found.ids) for found in self.tokenizer.encode_batch(list(texts), add_special_tokens=False)]

    def _pair(self, task: str, first: list[int], second: list[int]) -> Reading:
        room = ROOM[task]
        second = second[: room.second]
        named = places(first, second) if task == "target_sentiment" else []
        start = _start(len(first), room.first, room.keep, named)
        first = first[start : start + room.first]
        marks = [FIRST] * len(first)
        for place in named:
            for index in range(max(0, place - start), min(len(first), place - start + len(second))):
                marks[index] = NAMED
        ids = (self._begin, *first, self._end, *second, self._end)
        ahead = len(first) + 2
        return Reading(
            ids, (0,) * ahead + (1,) * (len(ids) - ahead), (FIRST, *marks, FIRST, *(SECOND,) * (len(ids) - ahead))
        )


def places(first: Sequence[int], second: Sequence[int]) -> list[int]:
    """Return where `second` stands in `first`, token by token."""
    width = len(second)
    if not width:
        return []
    return [at for at in range(len(first) - width + 1) if first[at] == second[0] and first[at : at + width] == second]


def conversation(comments: Sequence[str]) -> tuple[str, str]:
    """Return (the comments before, the last comment) of a thread as the derailment head reads them, normalized."""
    texts = [normalize(comment) for comment in comments if comment.strip()]
    return (" \u2022 ".join(texts[:-1]), texts[-1]) if texts else ("", "")


def _start(length: int, room: int, keep: str, named: Sequence[int]) -> int:
    if length <= room or keep == "head":
        return 0
    if keep == "around" and named:
        return min(max(0, named[0] - room // 2), length - room)
    return length - room if keep == "tail" else 0
