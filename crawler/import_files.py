"""Files to import, row by row: CSV, JSON Lines and mbox, each also gzipped.

A row that cannot be read comes as a `RowError` in its place and never stops the others.
"""

from __future__ import annotations

import csv
import gzip
import json
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from io import BufferedReader, RawIOBase, TextIOWrapper
from itertools import chain
from pathlib import Path
from typing import IO, Literal, cast

from crawler.errors import ImportFileError
from crawler.import_columns import Columns
from crawler.import_rows import RowError
from crawler.mails import Mail, NoMailError, read_mail
from crawler.mbox_file import messages

MAX_CELL = 16 * 1024 * 1024
DELIMITERS = ",;\t|"
FORMATS: Mapping[str, Literal["csv", "jsonl", "mbox"]] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".mbox": "mbox",
}

Row = tuple[int, Mapping[str, object] | Mail | RowError]
"""A line number (from 1) and what stands there."""


def rows_of(path: Path, columns: Columns) -> Iterator[Row]:
    """Yield every row of a file. Raises `ImportFileError` when it cannot be read or lacks the columns."""
    name = path.name.lower().removesuffix(".gz")
    form = next((form for ending, form in FORMATS.items() if name.endswith(ending)), None)
    if form is None:
        raise ImportFileError(f"{path}: not .csv, .tsv, .jsonl, .ndjson or .mbox (each may end in .gz)")
    with _opened(path) as stream:
        if form == "mbox":
            yield from _mails(stream, path)
            return
        text = TextIOWrapper(*_decoded(stream), errors="replace", newline="")
        yield from _csv_rows(text, path, columns) if form == "csv" else _jsonl_rows(text, path, columns)


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    opener = gzip.open if path.name.lower().endswith(".gz") else open
    try:
        with opener(path, "rb") as stream:
            yield cast("IO[bytes]", stream)
    except (OSError, EOFError) as error:
        raise ImportFileError(f"{path}: cannot be read: {error}") from error


def _decoded(stream: IO[bytes]) -> tuple[IO[bytes], str]:
    """Return the stream and its encoding: UTF-16 when it begins with that mark (Excel's "Unicode text"), else UTF-8."""
    buffered = BufferedReader(cast("RawIOBase", stream))
    return buffered, "utf-16" if buffered.peek(2)[:2] in (BOM_UTF16_LE, BOM_UTF16_BE) else "utf-8-sig"


def _delimiter(header: str, columns: Columns) -> str:
    """Return the sign between the cells: a comma, else what makes the header one that is known."""
    for sign in DELIMITERS:
        try:
            columns.check([column.strip() for column in next(csv.reader([header], delimiter=sign), [])])
        except (ImportFileError, csv.Error):
            continue
        return sign
    return ","


def _csv_rows(lines: Iterable[str], path: Path, columns: Columns) -> Iterator[Row]:
    csv.field_size_limit(MAX_CELL)
    lines = iter(lines)
    header_line = next(lines, "")
    reader = csv.reader(chain([header_line], lines), delimiter=_delimiter(header_line, columns))
    try:
        header = [column.strip() for column in next(reader, [])]
    except csv.Error as error:
        raise ImportFileError(f"{path}: {error}") from error
    _checked(path, header, columns)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, RowError(str(error))
            continue
        if not cells:
            continue
        if len(cells) != len(header):
            yield line, RowError(f"{len(cells)} cells for {len(header)} columns")
        else:
            yield line, columns.renamed(zip(header, cells, strict=True))


def _jsonl_rows(lines: Iterable[str], path: Path, columns: Columns) -> Iterator[Row]:
    first = True
    for line, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            row = json.loads(text)
        except (ValueError, RecursionError):
            yield line, RowError("no JSON")
            continue
        if not isinstance(row, dict):
            yield line, RowError("no JSON object")
            continue
        if first:
            _checked(path, row, columns)
            first = False
        try:
            columns.check(row)
        except ImportFileError as error:
            yield line, RowError(str(error).split("; ", maxsplit=1)[0])
            continue
        yield line, columns.renamed(row.items())


def _mails(stream: IO[bytes], path: Path) -> Iterator[Row]:
    line = 0
    for line, raw in messages(stream):
        try:
            yield line, read_mail(raw)
        except NoMailError as error:
            yield line, RowError(str(error))
    if not line:
        raise ImportFileError(f'{path}: holds no mails; an mbox file begins with a line "From ..."')


def _checked(path: Path, given: Iterable[str], columns: Columns) -> None:
    try:
        columns.check(given)
    except ImportFileError as error:
        raise ImportFileError(f"{path}: {error}") from error
