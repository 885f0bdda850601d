"""From the store's labels to a version of the model that is kept only where it is not worse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from analyzers.adopting import adopt, in_force
from analyzers.calibration import Floats
from analyzers.head_fit import (
    Examples,
    Figures,
    Head,
    guessing,
    is_held_back,
    judged,
    refit,
    split,
    why_not,
    why_refused,
)
from analyzers.heads import PAIR_TASKS
from analyzers.judging import says_something
from analyzers.language import language_of
from analyzers.model import EmbeddedModel
from analyzers.text import normalize, text_key
from tocsin.store.database import Store
from tocsin.store.labels import LABELLED_TASKS, labelled_texts
from tocsin.store.tags import fill_text_keys

CHUNK = 256
KEPT = "kept"
UNMOVED = "the labels ask for no change"

Progress = Callable[[int, int], None]
"""Called with (labelled texts read since the last call, how many there are in all)."""


@dataclass(frozen=True, slots=True)
class HeadReport:
    """What became of one head. `unused` labels are of texts edited since, or that the model does not read.

    The figures are those of the `held_back` labels, None where the head was left alone before it was judged.
    `verdict` says why the head is kept or not.
    """

    task: str
    labels: int
    unused: int
    held_back: int
    old: Figures | None
    new: Figures | None
    kept: bool
    verdict: str


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """What training did: `version` (of the model `name` in `folder`) is in force now, `was` was before."""

    name: str
    version: str
    was: str
    based_on: str
    folder: Path
    kept: bool
    heads: tuple[HeadReport, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    text: str
    alias: str
    label: str
    key: str


def train_on_labels(
    store: Store, configured: Path, models: Path, now: datetime, progress: Progress | None = None
) -> TrainingReport:
    """Refit the heads of the model in `configured` on the store's labels and adopt, in `models`, what is not worse.

    Each head starts from the configured model's and must do no worse than the one in force on the labels held
    back, so training again on the same labels changes nothing. Raises `ModelError`, `StoreError`.
    """
    fill_text_keys(store, text_key)
    before = in_force(configured, models)
    base = EmbeddedModel.load(configured)
    current = base if before == configured else EmbeddedModel.load(before)
    asked, unused = _labels(store, base)
    total = sum(map(len, asked.values()))
    reports: list[HeadReport] = []
    heads: dict[str, Head] = {}
    for task, rows in asked.items():
        report, head = _trained(base, current, task, rows, unused[task], lambda read: _tell(progress, read, total))
        reports.append(report)
        if head is not None:
            heads[task] = head
    if not heads:
        return _report(current, current.version, base, before, reports)
    found = adopt(configured, models, heads, now)
    return _report(current, found.version, base, models / found.folder, reports)


def _trained(
    base: EmbeddedModel,
    current: EmbeddedModel,
    task: str,
    rows: Sequence[_Asked],
    unused: int,
    progress: Callable[[int], None],
) -> tuple[HeadReport, Head | None]:
    labels, calibration = base.labels[task], base.calibration[task]
    truth, held = [labels.index(row.label) for row in rows], [is_held_back(row.key) for row in rows]
    reason = why_not(truth, held)
    if reason:
        return HeadReport(task, len(rows), unused, sum(held), None, None, kept=False, verdict=reason), None
    examples = Examples(_features(base, task, rows, progress), np.array(truth), tuple(row.key for row in rows))
    learn, back = split(examples)
    old, new = Head(*current.heads[task]), refit(Head(*base.heads[task]), learn, calibration)
    was, now = judged(old, back, calibration, labels), judged(new, back, calibration, labels)
    if np.allclose(old.weight, new.weight, atol=1e-6) and np.allclose(old.bias, new.bias, atol=1e-6):
        reason = UNMOVED
    else:
        reason = why_refused(was, now, guessing(learn, back, len(labels)))
    report = HeadReport(task, len(rows), unused, sum(held), was, now, kept=reason is None, verdict=reason or KEPT)
    return report, None if reason else new


def _labels(store: Store, model: EmbeddedModel) -> tuple[dict[str, list[_Asked]], Counter[str]]:
    asked: dict[str, list[_Asked]] = {task: [] for task in LABELLED_TASKS if task in model.labels}
    unused: Counter[str] = Counter()
    for row in labelled_texts(store):
        task, text = str(row["task"]), normalize(str(row["text"]))
        named = row["alias"] is not None or not row["brand"]
        readable = language_of(text).readable and says_something(text)
        if task in asked and row["of_this_text"] and named and readable:
            asked[task].append(_Asked(text, normalize(row["alias"] or ""), str(row["label"]), str(row["text_key"])))
        else:
            unused[task] += 1
    return asked, unused


def _features(model: EmbeddedModel, task: str, rows: Sequence[_Asked], progress: Callable[[int], None]) -> Floats:
    parts = []
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        aliases = [row.alias for row in chunk] if task in PAIR_TASKS else None
        parts.append(model.features(task, [row.text for row in chunk], aliases))
        progress(len(chunk))
    return np.concatenate(parts)


def _tell(progress: Progress | None, read: int, total: int) -> None:
    if progress:
        progress(read, total)


def _report(
    current: EmbeddedModel, version: str, base: EmbeddedModel, folder: Path, heads: Sequence[HeadReport]
) -> TrainingReport:
    kept = any(head.kept for head in heads)
    return TrainingReport(current.name, version, current.version, base.version, folder, kept, tuple(heads))
