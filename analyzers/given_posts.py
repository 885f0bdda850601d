"""Posts that stand in no store: the model's answers for them, and the quiet weeks that one may assume before them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

import numpy as np

from analyzers.judging import Judgement, Towards
from analyzers.text import text_key
from analyzers.workers import Judges
from tocsin.store.records import JudgedPost

READABLE = (None, "low_margin", "irony")
ASSUMED_NEGATIVE = 0.25
ASSUMED_PEOPLE = 200
"""Assumed quiet: a quarter of the posts negative, by so many people; benchmarks/quiet_months.py has the same share."""

Progress = Callable[[int, int], None]
Key = TypeVar("Key")
Item = TypeVar("Item")
Answer = TypeVar("Answer", Judgement, Towards)


def tagged(
    posts: Sequence[JudgedPost], aliases: Mapping[tuple[str, str], str], judges: Judges, progress: Progress
) -> list[JudgedPost]:
    """Return `posts` with the model's tones, as a store would hold them: equal texts are asked about once.

    `aliases`: (post id, brand) -> the words that named the brand; such a post has its tone towards it.
    Raises `ModelError`.
    """
    keys = [text_key(post.text) for post in posts]
    texts = {key: post.text for key, post in zip(keys, posts, strict=True)}
    done = 0

    def further(answers: int) -> None:
        nonlocal done
        done += answers
        progress(done, max(done, len(texts)))

    said = _answers(texts, judges.judged, further)
    asked = {
        (key, alias): (post.text, alias)
        for key, post in zip(keys, posts, strict=True)
        if post.via == "text" and (alias := aliases.get((post.post_id, post.brand))) and said[key].abstained in READABLE
    }
    towards = _answers(asked, judges.towards, further)
    return [
        _tagged(post, said[key], towards.get((key, aliases.get((post.post_id, post.brand), ""))))
        for key, post in zip(keys, posts, strict=True)
    ]


def assumed_quiet(brand: str, source: str, until: datetime, days: int, a_day: float) -> list[JudgedPost]:
    """Return made-up ordinary posts on `brand` for `days` days before `until`, `a_day` in the mean; the same each time.

    Each stands in a thread of its own, a quarter of them are negative: what "quiet" means here, not what was.
    """
    rng = np.random.default_rng(days)
    posts = []
    for number in range(int(rng.poisson(days * a_day)) or 1):
        at = until - timedelta(minutes=float(rng.uniform(1, days * 24 * 60)))
        negative = 0.8 if rng.random() < ASSUMED_NEGATIVE else 0.1
        posts.append(
            JudgedPost(
                post_id=f"{source}:assumed-{number}", brand=brand, via="text", source=source,
                thread_id=f"{source}:assumed-{number}", parent_id=None,
                author_id=f"{source}:assumed-{rng.integers(ASSUMED_PEOPLE)}", created_at=at, first_seen_at=at,
                text=f"assumed quiet {number}", url=None, negative=negative, neutral=0.9 - negative, positive=0.1,
                hostility=0.1, abstained=None, anger=0.1, post_tone="negative" if negative > 0.5 else "neutral",
            )
        )  # fmt: skip
    return posts


def _answers(
    items: Mapping[Key, Item],
    ask: Callable[[Sequence[Item]], Iterable[tuple[int, list[Answer]]]],
    further: Callable[[int], None],
) -> dict[Key, Answer]:
    """Ask about each item once; the longest first, so that like lengths stand side by side."""
    keys = sorted(items, key=lambda key: len(str(items[key])), reverse=True)
    found: dict[Key, Answer] = {}
    for start, answers in ask([items[key] for key in keys]):
        found.update(zip(keys[start:], answers, strict=False))
        further(len(answers))
    return found


def _tagged(post: JudgedPost, said: Judgement, towards: Towards | None) -> JudgedPost:
    """Return the post as `tocsin.store.judged` reads it: the tone towards the brand goes before its own."""
    tone = towards or said
    return replace(
        post,
        negative=tone.negative,
        neutral=tone.neutral,
        positive=tone.positive,
        tone=tone.sentiment,
        hostility=said.hostility if post.hostility is None else post.hostility,
        anger=said.anger,
        abstained=said.abstained if towards is None or said.abstained == "irony" else towards.abstained,
        post_tone=said.sentiment if said.abstained is None else None,
    )
