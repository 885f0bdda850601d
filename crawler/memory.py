"""What the crawler remembers between runs besides the posts: validators and where to go on.

Everything here may be deleted: it costs requests, never posts. A mark is written only after the
posts it speaks of are in the store, so a crash can repeat work but cannot skip it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

_SHAPE = 2
"""Raise it when marks change their shape: older ones are then forgotten."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS marks (
  source TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (source, key)
) STRICT, WITHOUT ROWID;
"""


class Memory:
    """Marks by source and key, in one small SQLite file. Close it after use."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(folder / "crawl-memory.sqlite", timeout=30)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        if self._connection.execute("PRAGMA user_version").fetchone()[0] != _SHAPE:
            self._connection.executescript(f"DROP TABLE IF EXISTS marks; PRAGMA user_version = {_SHAPE};")
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def recall(self, source: str, key: str) -> dict[str, Any]:
        """Return what was remembered under `key`, an empty dict when nothing was."""
        row = self._connection.execute("SELECT value FROM marks WHERE source = ? AND key = ?", (source, key)).fetchone()
        return dict(json.loads(row[0])) if row else {}

    def keys(self, source: str, prefix: str) -> dict[str, dict[str, Any]]:
        """Return every mark of `source` whose key starts with `prefix`, without the prefix."""
        rows = self._connection.execute(
            "SELECT key, value FROM marks WHERE source = ? AND key >= ? AND key < ?",
            (source, prefix, prefix + "\U0010ffff"),
        )
        return {key[len(prefix) :]: dict(json.loads(value)) for key, value in rows}

    def remember(self, source: str, marks: Iterable[tuple[str, Mapping[str, object] | None]]) -> None:
        """Write `marks` in one transaction; a value of None forgets the key."""
        with self._connection:
            for key, value in marks:
                if value is None:
                    self._connection.execute("DELETE FROM marks WHERE source = ? AND key = ?", (source, key))
                else:
                    self._connection.execute(
                        "INSERT INTO marks VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
                        (source, key, json.dumps(value)),
                    )
