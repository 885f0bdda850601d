"""Imports: CSV or JSON Lines, plain or gzipped, row by row, into the store.

A row that cannot be read is counted and named by its line; it never stops the others.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, cast

from crawler.errors import ImportFileError
from crawler.import_rows import RowError, check_columns, post_of, source_of
from crawler.posting import InvalidPostError, identified, validated
from tocsin.store.database import Store
from tocsin.store.posts import write_posts
from tocsin.store.records import Post
from tocsin.store.sources import ensure_sources, source_names

BATCH = 2_000
BAD_SHOWN = 100
MAX_CELL = 16 * 1024 * 1024

Row = tuple[int, Mapping[str, object] | RowError]
"""A line number (from 1) and what stands there."""


@dataclass
class ImportReport:
    """What an import did. `bad` counts rows left out, `bad_lines` says for the first hundred where and why."""

    sources: list[str] = field(default_factory=list)
    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    bad: int = 0
    bad_lines: list[tuple[int, str]] = field(default_factory=list)
    newest_post_at: datetime | None = None

    def refuse(self, line: int, reason: str) -> None:
        """Count a bad row."""
        self.bad += 1
        if len(self.bad_lines) < BAD_SHOWN:
            self.bad_lines.append((line, reason))


def import_file(
    store: Store,
    path: Path,
    source: str,
    now: datetime,
    *,
    backdate: bool = True,
    pseudonym_key: bytes | None = None,
    progress: Callable[[int], None] | None = None,
) -> ImportReport:
    """Read `path` into the store; rows without a `source` of their own belong to `source`.

    With `backdate` a post counts as seen when it was written, which is what replays and backtests
    need. Importing a file twice adds nothing. `progress` is told the number of rows read. Raises
    `ImportFileError` when the file cannot be read or its columns are not the known ones.
    """
    return _Importing(store, source, now, backdate=backdate, pseudonym_key=pseudonym_key, progress=progress).read(path)


class _Importing:
    def __init__(
        self,
        store: Store,
        source: str,
        now: datetime,
        *,
        backdate: bool,
        pseudonym_key: bytes | None,
        progress: Callable[[int], None] | None,
    ) -> None:
        self._store, self._source, self._now = store, source, now
        self._backdate, self._key, self._progress = backdate, pseudonym_key, progress
        self._known = set(source_names(store))
        self._threads: dict[str, str] = {}
        self._batch: list[Post] = []
        self.report = ImportReport()

    def read(self, path: Path) -> ImportReport:
        with _lines(path) as stream:
            rows = _jsonl_rows(stream, path) if _is_jsonl(path) else _csv_rows(stream, path)
            for line, row in rows:
                self._take(line, row)
        self._write()
        self.report.sources.sort()
        return self.report

    def _take(self, line: int, row: Mapping[str, object] | RowError) -> None:
        self.report.rows += 1
        try:
            if isinstance(row, RowError):
                raise row
            source = source_of(row, self._source)
            found = post_of(row, self._threads)
            # A post without thread, parent and id opens a thread that bears its own made id.
            post = identified(validated(found), source, self._now)
        except (RowError, InvalidPostError) as error:
            self.report.refuse(line, str(error))
            return
        if source not in self.report.sources:
            self._meet(source)
        newest = self.report.newest_post_at
        if (
            post.created_at is not None
            and post.created_at <= self._now
            and (newest is None or post.created_at > newest)
        ):
            self.report.newest_post_at = post.created_at
        self._batch.append(post)
        if len(self._batch) >= BATCH:
            self._write()

    def _meet(self, source: str) -> None:
        self.report.sources.append(source)
        if source not in self._known:
            # A source that is crawled stays what it is: an import may fill its past.
            ensure_sources(self._store, [(source, "import", None)], self._now)

    def _write(self) -> None:
        written = write_posts(self._store, self._batch, self._now, pseudonym_key=self._key, backdate=self._backdate)
        self.report.new += written.new
        self.report.changed += written.changed
        self.report.unchanged += written.unchanged
        self._batch = []
        if self._progress is not None:
            self._progress(self.report.rows)


def _is_jsonl(path: Path) -> bool:
    name = path.name.removesuffix(".gz").lower()
    if name.endswith((".jsonl", ".ndjson")):
        return True
    if name.endswith(".csv"):
        return False
    raise ImportFileError(f"{path}: not .csv, .jsonl or .ndjson (each may end in .gz)")


@contextmanager
def _lines(path: Path) -> Iterator[IO[str]]:
    opener = gzip.open if path.name.endswith(".gz") else open
    try:
        with opener(path, "rt", encoding="utf-8-sig", errors="replace", newline="") as text:
            yield cast("IO[str]", text)
    except (OSError, EOFError) as error:
        raise ImportFileError(f"{path}: cannot be read: {error}") from error


def _csv_rows(stream: IO[str], path: Path) -> Iterator[Row]:
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(stream)
    try:
        header = [column.strip() for column in next(reader, [])]
    except csv.Error as error:
        raise ImportFileError(f"{path}: {error}") from error
    _checked(path, header)
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
            yield line, dict(zip(header, cells, strict=True))


def _jsonl_rows(stream: IO[str], path: Path) -> Iterator[Row]:
    first = True
    for line, text in enumerate(stream, 1):
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
            _checked(path, row)
            first = False
        try:
            check_columns(row)
        except ImportFileError as error:
            yield line, RowError(str(error).split("; known", maxsplit=1)[0])
            continue
        yield line, row


def _checked(path: Path, columns: Mapping[str, object] | list[str]) -> None:
    try:
        check_columns(columns)
    except ImportFileError as error:
        raise ImportFileError(f"{path}: {error}") from error
