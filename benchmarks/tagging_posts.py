"""Posts to measure tagging with: made up from the sample community's sentences, of the lengths real posts have.

Every text is drawn from a seed and is our own. Lengths in tokens are log-normal, from a tweet of six words to a
forum post of some hundred; their mean is 40, and a cut at 128 tokens keeps 96 % of all tokens, as measured on real
posts (`token_lengths` checks both). In order of arrival 71 % of a batch of 32 are then padding.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from datetime import UTC, datetime

from tokenizers import Tokenizer

from analyzers.heads import POST_TOKENS
from analyzers.language import language_of
from analyzers.text import normalize
from tocsin.config import shipped
from tocsin.demo.community import generate

MEDIAN_WORDS = 21.5
SPREAD = 0.8
"""Sigma of the logarithm of a post's words: with a mean of 40 tokens the one at which 128 keep 96 % of them."""
LONGEST_WORDS = 400
TRIMMINGS = (
    "https://forum.example/t/{}",
    "@user{}",
    "\U0001f621",
    "\U0001f44d",
    "#gateway",
    "v{}.2",
    "{} times",
    "{}%",
)
"""What people add: links, handles, emoji, hashtags, figures. The normal form has work with each of them."""

_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def made_up_posts(count: int, seed: int = 1) -> list[str]:
    """Return `count` distinct English texts; the same seed gives the same, and a shorter list begins a longer one."""
    rng = random.Random(seed)
    sentences = _sentences()
    found: dict[str, None] = {}
    while len(found) < count:
        found[_post(rng, sentences)] = None
    return list(found)


def token_lengths(texts: Sequence[str], tokenizer: Tokenizer) -> dict[str, float]:
    """Return how long `texts` are in the mean, both ends counted: whole (`mean_tokens`) and as read (`read_tokens`)."""
    tokenizer.no_padding()
    tokenizer.no_truncation()
    whole = [len(found.ids) for found in tokenizer.encode_batch(list(texts))]
    read = [min(POST_TOKENS, length) for length in whole]
    return {"mean_tokens": sum(whole) / len(whole), "read_tokens": sum(read) / len(read)}


def _post(rng: random.Random, sentences: Sequence[str]) -> str:
    wanted = min(LONGEST_WORDS, max(4, round(rng.lognormvariate(0.0, SPREAD) * MEDIAN_WORDS)))
    words: list[str] = []
    while len(words) < wanted:
        words += rng.choice(sentences).split()
        if rng.random() < 0.1:
            words.append(rng.choice(TRIMMINGS).format(rng.randrange(1_000)))
    return " ".join(words[:wanted])


def _sentences() -> list[str]:
    community = generate(1, datetime(2026, 6, 1, tzinfo=UTC), shipped("data", "sample", "material"))
    texts = (remark.text for talk in community.talks for remark in talk.remarks)
    # Other languages never reach the model: its speed would look better than it is.
    english = (text for text in texts if language_of(normalize(text)).readable)
    return sorted({one for text in english for one in _SENTENCE.split(text) if len(one.split()) >= 3})
