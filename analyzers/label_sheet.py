"""The table that people fill in: one row a post, as a CSV file that spreadsheets open and save.

Crawled text must not become a formula in a spreadsheet (OWASP, "CSV Injection"): a cell, or a part of one that a
spreadsheet with another separator would take for a cell, that begins like a formula gets an apostrophe before it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from analyzers.errors import LabelledRowError
from analyzers.heads import LABELS

ASKED = {
    "sentiment": "sentiment",
    "hostility": "hostility",
    "irony": "irony",
    "anger": "anger",
    "towards": "target_sentiment",
}
"""The columns to fill in, and the question each answers."""
COLUMNS = (
    *("post_id", "created_at", "source", "url", "text"),
    *("model_sentiment", "model_hostility", "model_irony", "model_anger", "brand", "model_towards"),
    *(*ASKED, "text_key"),
)
TEXT_LENGTH = 2_000
"""Characters of a post that a cell shows; the model itself reads 128 tokens."""
YES = frozenset({"yes", "y", "1", "true"})
NO = frozenset({"no", "n", "0", "false"})
SHOWN = 10
"""Mistakes of a file that are named; of the others only their number."""

_BEFORE = r"(^|[,;\t\r\n\"]) *"
_FORMULA = r"(?:[=+@\uff1d\uff0b\uff0d\uff20]|-(?!\)))"
_BARE = re.compile(rf"({_BEFORE})(?='*{_FORMULA})")
_GUARDED = re.compile(rf"({_BEFORE})'(?='*{_FORMULA})")


@dataclass(frozen=True, slots=True)
class SheetLabel:
    """One filled cell: what line `line` says. `text_key` is '' where the file has no such column."""

    line: int
    post_id: str
    task: str
    brand: str
    label: str
    text_key: str


def guard(cell: str) -> str:
    """Return `cell` such that no spreadsheet reads a formula in it, whatever its separator; `unguard` takes it back."""
    return _BARE.sub(r"\1'", cell)


def unguard(cell: str) -> str:
    """Return what `guard` was given."""
    return _GUARDED.sub(r"\1", cell)


def shown(text: str) -> str:
    """Return a post's text for a cell: one line, at most `TEXT_LENGTH` characters, cut after a word."""
    line = " ".join(text.replace("\x00", " ").split())
    if len(line) <= TEXT_LENGTH:
        return line
    return line[:TEXT_LENGTH].rsplit(" ", 1)[0] + " …"


def write_sheet(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Write `rows` (by column; a missing one is empty) as UTF-8 with the mark by which Excel knows it.

    Raises `LabelledRowError` where the file exists, which may hold labels, or cannot be written.
    """
    try:
        with path.open("x", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, restval="", quoting=csv.QUOTE_ALL)
            writer.writeheader()
            writer.writerows({column: guard(cell) for column, cell in row.items()} for row in rows)
    except FileExistsError as error:
        raise LabelledRowError(
            f"{path}: exists and may hold labels; `tocsin label import` it, or name another file with --out"
        ) from error
    except OSError as error:
        raise LabelledRowError(f"{path}: cannot be written: {error.strerror}") from error


def read_sheet(path: Path) -> tuple[list[SheetLabel], dict[int, str]]:
    """Return the filled cells of a table as spreadsheets save it, and what is wrong by line.

    The separator may be a comma, a semicolon or a tab; other columns than `COLUMNS` are passed over, and so are
    lines without a label. Raises `LabelledRowError` where the file as a whole is no such table.
    """
    text = _decoded(path)
    labels: list[SheetLabel] = []
    wrong: dict[int, str] = {}
    line = 1
    try:
        columns, separator = _header(path, text)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        next(reader)
        line = reader.line_num + 1
        for cells in reader:
            row = {name: unguard(cell).strip() for name, cell in zip(columns, cells, strict=False)}
            try:
                labels.extend(_labels(line, row))
            except ValueError as error:
                wrong[line] = str(error)
            line = reader.line_num + 1
    except csv.Error as error:
        raise LabelledRowError(f"{path}: line {line} is not CSV: {error}") from error
    return labels, wrong


def complaint(path: Path, wrong: Mapping[int, str]) -> str:
    """Return what is wrong with a file, the first lines by their number."""
    named = [f"{path}: line {line}: {wrong[line]}" for line in sorted(wrong)[:SHOWN]]
    more = [f"and {len(wrong) - SHOWN} more lines"] if len(wrong) > SHOWN else []
    return "\n".join([*named, *more, "Nothing was imported."])


def _decoded(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise LabelledRowError(f"{path}: cannot be read: {error.strerror}") from error
    if raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise LabelledRowError(f"{path}: a workbook; save it as CSV (Excel: Save As, CSV UTF-8) and import that")
    try:
        return raw.decode("utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError:
        # What Excel saves under plain "CSV" in the west; the columns that count are ASCII nearly always.
        return raw.decode("cp1252", "replace")


def _header(path: Path, text: str) -> tuple[list[str], str]:
    first = next(iter(text.splitlines()), "")
    for separator in ",;\t":
        columns = [cell.strip().casefold() for cell in next(csv.reader([first], delimiter=separator), [])]
        if "post_id" in columns and ASKED.keys() & set(columns):
            return columns, separator
    raise LabelledRowError(
        f"{path}: the first line must name post_id and at least one of {', '.join(ASKED)}, "
        "as `tocsin label export` writes it"
    )


def _labels(line: int, row: Mapping[str, str]) -> Iterator[SheetLabel]:
    for column, task in ASKED.items():
        cell = row.get(column, "")
        if not cell:
            continue
        if not row["post_id"]:
            raise ValueError("has a label but no post_id")
        brand = row.get("brand", "") if task == "target_sentiment" else ""
        if task == "target_sentiment" and not brand:
            raise ValueError("says a tone towards a brand, but the column brand is empty")
        key = row.get("text_key", "")
        if key and not re.fullmatch("[0-9a-f]{32}", key):
            raise ValueError("its text_key was changed; restore it, or delete the whole column")
        yield SheetLabel(line, row["post_id"], task, brand, _label(column, task, cell), key)


def _label(column: str, task: str, cell: str) -> str:
    labels = LABELS[task]
    said = cell.casefold()
    if said in labels:
        return said
    if len(labels) == 2 and said in YES | NO:
        return labels[said in YES]
    known = ", ".join(labels) + (", yes, no" if len(labels) == 2 else "")
    raise ValueError(f"{column} is {cell[:40]!r}; it may be {known}, or empty")
