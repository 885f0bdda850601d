"""Hand posts to people as a table, and take their labels back into the store."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from sqlite3 import Row

from analyzers.calibration import read_calibration
from analyzers.errors import LabelledRowError, ModelError
from analyzers.heads import LABELS
from analyzers.label_sheet import ASKED, SheetLabel, complaint, read_sheet, shown, write_sheet
from analyzers.model import read_manifest
from analyzers.own_labels import Candidate, answer, choose, few_of, margin
from analyzers.text import text_key
from tocsin.store.database import Store
from tocsin.store.labels import (
    LABELLED_TASKS,
    Label,
    answers_on,
    any_posts,
    brands_named,
    held_keys,
    labels_of,
    least_sure,
    tones_towards,
    write_labels,
)
from tocsin.store.tags import current_model, fill_text_keys

Offsets = Mapping[str, Sequence[float]]


@dataclass(frozen=True, slots=True)
class Exported:
    """A table that was written. `why` counts its rows by the question in doubt, and those of `chance`."""

    file: Path
    rows: int
    why: dict[str, int]
    model: str
    model_version: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What a table brought: labels by question and label, and how many of them were new, changed or known.

    `edited` counts labels of a text that was edited since the export: they are kept, and not learnt from.
    """

    file: Path
    labels: dict[str, dict[str, int]]
    new: int
    changed: int
    unchanged: int
    edited: int


def export_labels(store: Store, path: Path, count: int, offsets: Offsets, *, again: bool = False) -> Exported:
    """Write a table of up to `count` posts that the current model is least sure of, to be labelled.

    `offsets` are the model's by question (see `decisions`). `again` lets labelled posts come again, with their
    labels. Raises `ModelError` where nothing is tagged yet, `LabelledRowError` where the file exists.
    """
    model = current_model(store)
    if model is None:
        raise ModelError("no post has a tag yet: run `tocsin tag` (or `tocsin nightly`) first")
    name, version = model
    fill_text_keys(store, text_key)
    few, limit = few_of(count), 3 * count
    pools = {}
    for task in LABELLED_TASKS:
        weights = [math.exp(value) for value in offsets.get(task) or [0.0] * len(LABELS[task])]
        rows = least_sure(store, version, task, weights, few=few, limit=limit, again=again)
        pools[task] = [_candidate(row) for row in rows]
    by_chance = [_candidate(row) for row in any_posts(store, version, few=few, limit=limit, again=again)]
    chosen = choose(pools, by_chance, count)
    if not chosen:
        raise ModelError("no tagged post is left to label; --again exports labelled ones once more")
    write_sheet(path, _sheet(store, version, [found.candidate for found in chosen], offsets))
    return Exported(path, len(chosen), dict(Counter(found.why for found in chosen)), name, version)


def decisions(model: Path, version: str) -> dict[str, tuple[float, ...]]:
    """Return the offsets of the decisions of the model in the folder `model`, empty where it is another `version`."""
    manifest = read_manifest(model)
    if manifest["version"] != version:
        return {}
    stored, labels = manifest["calibration"], manifest["labels"]
    return {task: read_calibration(stored[task], labels[task]).offset for task in stored}


def import_labels(store: Store, path: Path, now: datetime) -> Imported:
    """Take the labels of a filled table into the store, all or none; importing again updates.

    Raises `LabelledRowError` naming every line that is wrong: a label, a post or a brand that is not known.
    """
    fill_text_keys(store, text_key)
    said, wrong = read_sheet(path)
    ids = list({label.post_id for label in said})
    keys, named = held_keys(store, ids), brands_named(store, ids)
    places: dict[tuple[str, str, str], SheetLabel] = {}
    for label in said:
        place = (label.post_id, label.task, label.brand)
        mistake = _mistake(label, keys, named, places.setdefault(place, label))
        if mistake:
            wrong.setdefault(label.line, mistake)
    if wrong:
        raise LabelledRowError(complaint(path, wrong))
    labels = [
        Label(first.post_id, first.task, first.brand, first.label, first.text_key or keys[first.post_id] or "")
        for first in places.values()
    ]
    written = write_labels(store, labels, now)
    counts: dict[str, dict[str, int]] = {}
    for taken in labels:
        of_task = counts.setdefault(taken.task, dict.fromkeys(LABELS[taken.task], 0))
        of_task[taken.label] += 1
    edited = sum(taken.text_key != keys[taken.post_id] for taken in labels)
    return Imported(path, counts, written.new, written.changed, written.unchanged, edited)


def _mistake(
    label: SheetLabel, keys: Mapping[str, str | None], named: set[tuple[str, str]], first: SheetLabel
) -> str | None:
    if label.post_id not in keys:
        return f"the store holds no post {label.post_id[:80]!r}"
    if label.brand and (label.post_id, label.brand) not in named:
        return f"the text of {label.post_id[:80]!r} does not name the brand {label.brand[:80]!r}"
    if first.label != label.label:
        return f"says {label.label} of {label.task}, line {first.line} says {first.label} of the same post"
    return None


def _candidate(row: Row) -> Candidate:
    return Candidate(row["post_id"], row["thread_id"], row["author_id"], row["text_key"], row["brand"])


def _sheet(store: Store, version: str, chosen: Sequence[Candidate], offsets: Offsets) -> list[dict[str, str]]:
    ids = [candidate.post_id for candidate in chosen]
    answers = {row["post_id"]: row for row in answers_on(store, version, ids)}
    tones: dict[str, dict[str, tuple[float, ...]]] = {}
    for row in tones_towards(store, version, ids):
        chances = (row["negative"], row["neutral"], row["positive"])
        tones.setdefault(row["post_id"], {})[row["brand"]] = chances
    columns = {task: column for column, task in ASKED.items()}
    given: dict[tuple[str, str], dict[str, str]] = {}
    for row in labels_of(store, ids):
        given.setdefault((row["post_id"], row["brand"]), {})[columns[row["task"]]] = row["label"]
    rows = []
    for candidate in chosen:
        towards = tones.get(candidate.post_id, {})
        doubt = offsets.get("target_sentiment", ())
        brand = candidate.brand or min(towards, key=lambda name: margin(towards[name], doubt), default="")
        cells = _said(answers[candidate.post_id], offsets)
        if brand:
            cells["model_towards"] = answer(LABELS["target_sentiment"], towards[brand], doubt)
        labelled = given.get((candidate.post_id, ""), {}) | given.get((candidate.post_id, brand), {})
        rows.append({**cells, "brand": brand, **labelled})
    return rows


def _said(row: Row, offsets: Offsets) -> dict[str, str]:
    cells = {name: str(row[name] or "") for name in ("post_id", "source", "url", "text_key")}
    cells |= {"created_at": str(row["created_at"])[:16].replace("T", " "), "text": shown(str(row["text"]))}
    tones = (row["negative"], row["neutral"], row["positive"])
    cells["model_sentiment"] = answer(LABELS["sentiment"], tones, offsets.get("sentiment", ()))
    for task in ("hostility", "irony", "anger"):
        if row[task] is not None:
            cells[f"model_{task}"] = answer(LABELS[task], (1 - row[task], row[task]), offsets.get(task, ()))
    return cells
