"""From posts to tags: the store's posts through the model, equal text once, resumable at any moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from analyzers.choosing import ModelChoice
from analyzers.heads import PAIR_TASKS
from analyzers.judging import Judgement
from analyzers.pairing import PairReport, tag_pairs
from analyzers.text import text_key
from analyzers.workers import Judges
from tocsin.store.database import Store
from tocsin.store.pairs import count_pairs
from tocsin.store.records import Tag
from tocsin.store.tags import (
    copy_equal_tags,
    count_to_tag,
    delete_tags,
    draw_sample,
    ensure_model,
    fill_text_keys,
    posts_to_tag,
    write_tags,
)

PER_SOURCE_DAY = 200
"""Posts of a source-day that are tagged for the source's normal tone, chosen by the hash of their id."""
PAGE = 2_000

Progress = Callable[[int, int], None]
"""Called with (posts and pairs judged so far, how many there are in all)."""


@dataclass(frozen=True, slots=True)
class TagReport:
    """What a tagging run did. `tagged` posts have new tags, of which `copied` share another's text.

    `pairs` counts the questions about two texts that were answered.
    """

    model: str
    model_version: str
    tagged: int
    copied: int
    judged: int
    abstained: int
    by_sentiment: dict[str, int]
    pairs: PairReport


def tag_store(
    store: Store,
    model: ModelChoice | Path,
    now: datetime,
    *,
    workers: int | None = None,
    retag: bool = False,
    progress: Progress | None = None,
) -> TagReport:
    """Tag every post that wants it with `model` (a folder: one of ours); a killed run goes on where it stopped.

    Posts in threads that mention a brand and each source's daily sample are tagged, newest first.
    Tags of other model versions stay. `retag` renews those of this one. Raises `ModelError`, `StoreError`.
    """
    with Judges(model, workers) as judges:
        return _tag_store(store, judges, now, retag=retag, progress=progress)


def _tag_store(store: Store, judges: Judges, now: datetime, *, retag: bool, progress: Progress | None) -> TagReport:
    # Loaded before it becomes the current one: views and decisions would see no tags of a model that cannot work.
    loaded = judges.model
    name, version, tasks = loaded.name, loaded.version, set(loaded.labels)
    ensure_model(store, version, name, now, current=True)
    if retag:
        delete_tags(store, version)
    fill_text_keys(store, text_key)
    draw_sample(store, PER_SOURCE_DAY)
    total = count_to_tag(store, version)
    copied = copy_equal_tags(store, version, now)
    counts: dict[str, int] = {}
    judged = abstained = 0
    for texts, tags in _tagged(store, judges, name, version, now):
        judged += texts
        copied += len(tags) - texts
        abstained += sum(tag.abstained is not None for tag in tags)
        for tag in tags:
            if tag.sentiment and not tag.abstained:
                counts[tag.sentiment] = counts.get(tag.sentiment, 0) + 1
        if progress:
            progress(judged + copied, total)
    pairs = PairReport()
    if tasks >= PAIR_TASKS.keys():
        pairs = _ask_pairs(store, judges, version, now, judged + copied, progress)
    return TagReport(name, version, judged + copied, copied, judged, abstained, counts, pairs)


def _tagged(store: Store, judges: Judges, name: str, version: str, now: datetime) -> Iterator[tuple[int, list[Tag]]]:
    """Judge what waits, write it chunk by chunk, and yield (texts judged, tags written) of each."""
    while rows := posts_to_tag(store, version, PAGE):
        texts = {str(row["text_key"]): str(row["text"]) for row in rows}
        # Like lengths side by side fill the encoder's batches; the longest first, so that workers end together.
        keys = sorted(texts, key=lambda key: len(texts[key]), reverse=True)
        posts_of: dict[str, list[str]] = {key: [] for key in keys}
        for row in rows:
            posts_of[str(row["text_key"])].append(str(row["post_id"]))
        for start, judgements in judges.judged([texts[key] for key in keys]):
            said = list(zip(keys[start:], judgements, strict=False))
            tags = [
                (_tag(post, name, version, now, judgement), key) for key, judgement in said for post in posts_of[key]
            ]
            write_tags(store, [tag for tag, _ in tags], [key for _, key in tags])
            yield len(said), [tag for tag, _ in tags]


def _ask_pairs(
    store: Store, judges: Judges, version: str, now: datetime, done: int, progress: Progress | None
) -> PairReport:
    total = done + count_pairs(store, version)

    def further(answered: int) -> None:
        nonlocal done
        done += answered
        if progress:
            progress(done, max(total, done))

    return tag_pairs(store, judges, version, now, further)


def _tag(post_id: str, model: str, version: str, now: datetime, judgement: Judgement) -> Tag:
    return Tag(
        post_id=post_id,
        model=model,
        model_version=version,
        tagged_at=now,
        language=judgement.language,
        sentiment=judgement.sentiment,
        negative=judgement.negative,
        neutral=judgement.neutral,
        positive=judgement.positive,
        hostility=judgement.hostility,
        irony=judgement.irony,
        anger=judgement.anger,
        pile_on_risk=None,
        abstained=judgement.abstained,
    )
