"""Labelled rows: JSON lines with `text` and `label`, one file a task and split."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from analyzers.errors import LabelledRowError


@dataclass(frozen=True, slots=True)
class LabelledRow:
    """One judged post: its text as written, its label's name, and the corpus it is from ('' where not said)."""

    text: str
    label: str
    source: str = ""


def read_labelled(path: Path, labels: Sequence[str]) -> Iterator[LabelledRow]:
    """Yield the rows of a `.jsonl` file; further keys are ignored, empty lines skipped.

    Raises `LabelledRowError` naming the file, the line and the known labels where a row is not usable.
    """
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _row(line, labels, f"{path}:{number}")
    except (OSError, UnicodeDecodeError) as error:
        raise LabelledRowError(f"{path}: cannot be read: {error}") from error


def _row(line: str, labels: Sequence[str], place: str) -> LabelledRow:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise LabelledRowError(f"{place}: not JSON: {error}") from error
    text, label = (record.get("text"), record.get("label")) if isinstance(record, dict) else (None, None)
    if not isinstance(text, str) or label not in labels:
        raise LabelledRowError(f"{place}: needs a text and a label out of {', '.join(labels)}; the label is {label!r}")
    return LabelledRow(text, str(label), str(record.get("source") or ""))
