"""Labelled rows: JSON lines with `text` and `label`, one file a task and split.

Pair tasks have their second text under a key of their own: `target` (target sentiment), `parent` (reply
stance); derailment has `context`, a list of comments, oldest first, in place of `text`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from analyzers.errors import LabelledRowError
from analyzers.heads import PAIR_TASKS
from analyzers.reading import conversation
from analyzers.text import normalize


@dataclass(frozen=True, slots=True)
class LabelledRow:
    """One judged post: its text, its label's name, the corpus it is from ('' where not said).

    `other` is the second text of a pair in the order the encoder reads them: the target of a post, the
    reply to a parent, the last comment of a conversation. None for a post task. Texts are normalized.
    """

    text: str
    label: str
    source: str = ""
    other: str | None = None


def read_labelled(path: Path, task: str, labels: Sequence[str]) -> Iterator[LabelledRow]:
    """Yield the rows of a `.jsonl` file of `task`; further keys are ignored, empty lines skipped.

    Raises `LabelledRowError` naming the file, the line and the known labels where a row is not usable.
    """
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _row(line, task, labels, f"{path}:{number}")
    except (OSError, UnicodeDecodeError) as error:
        raise LabelledRowError(f"{path}: cannot be read: {error}") from error


def _row(line: str, task: str, labels: Sequence[str], place: str) -> LabelledRow:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise LabelledRowError(f"{place}: not JSON: {error}") from error
    if not isinstance(record, dict):
        raise LabelledRowError(f"{place}: must be an object")
    label = record.get("label")
    if label not in labels:
        raise LabelledRowError(f"{place}: needs a text and a label out of {', '.join(labels)}; the label is {label!r}")
    source = str(record.get("source") or "")
    if task == "derailment":
        context = record.get("context")
        if not isinstance(context, list) or not all(isinstance(comment, str) for comment in context):
            raise LabelledRowError(f"{place}: needs context, a list of comments, oldest first")
        before, last = conversation(context)
        return LabelledRow(before, str(label), source, last)
    text = _text(record, "text", place)
    if task == "target_sentiment":
        return LabelledRow(text, str(label), source, _text(record, "target", place))
    if task in PAIR_TASKS:
        return LabelledRow(_text(record, "parent", place), str(label), source, text)
    return LabelledRow(text, str(label), source)


def _text(record: dict[str, object], key: str, place: str) -> str:
    value = record.get(key)
    if not isinstance(value, str):
        raise LabelledRowError(f"{place}: needs {key}, a text, got {value!r}")
    return normalize(value)
