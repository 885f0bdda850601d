"""Imports: CSV, JSON Lines or mbox, plain or gzipped, row by row, into the store.

A row that cannot be read is counted and named by its line; it never stops the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from crawler.import_columns import Columns
from crawler.import_files import rows_of
from crawler.import_rows import RowError, post_of, source_of
from crawler.items import FoundPost
from crawler.mails import Mail, Threads
from crawler.mails import post_of as post_of_mail
from crawler.posting import InvalidPostError, identified, validated
from tocsin.store.database import Store
from tocsin.store.posts import write_posts
from tocsin.store.records import Post
from tocsin.store.sources import ensure_sources, source_names

BATCH = 2_000
BAD_SHOWN = 100


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
    columns: Mapping[str, str] | None = None,
) -> ImportReport:
    """Read `path` into the store; rows without a `source` of their own belong to `source`.

    `columns` maps the file's column names to ours (see `Columns`); other columns are then left out.

    With `backdate` a post counts as seen when it was written, which is what replays and backtests
    need. Importing a file twice adds nothing. `progress` is told the number of rows read. Raises
    `ImportFileError` when the file cannot be read or its columns are not the known ones.
    """
    reading = _Importing(store, source, now, backdate=backdate, pseudonym_key=pseudonym_key, progress=progress)
    return reading.read(path, Columns.of(columns or {}))


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
        self._lists = Threads(self._held)
        self._batch: list[Post] = []
        self.report = ImportReport()

    def read(self, path: Path, columns: Columns) -> ImportReport:
        for line, row in rows_of(path, columns):
            self._take(line, row, columns)
        self._write()
        self.report.sources.sort()
        return self.report

    def _take(self, line: int, row: Mapping[str, object] | Mail | RowError, columns: Columns) -> None:
        self.report.rows += 1
        try:
            source, found = self._found(row, columns)
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

    def _found(self, row: Mapping[str, object] | Mail | RowError, columns: Columns) -> tuple[str, FoundPost]:
        if isinstance(row, RowError):
            raise row
        if isinstance(row, Mail):
            return self._source, post_of_mail(row, self._lists.place(row))
        return source_of(row, self._source), post_of(row, self._threads, order=columns.order, best=columns.best)

    def _held(self, native_id: str) -> str | None:
        """Return the thread of a mail that an earlier import or a crawl of the same list has stored."""
        row = self._store.row("SELECT thread_id FROM posts WHERE id = ?", [f"{self._source}:{native_id}"])
        return str(row["thread_id"]).removeprefix(f"{self._source}:") if row else None

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
