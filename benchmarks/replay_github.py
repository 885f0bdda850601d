"""Turn the replay of 149 heated GitHub threads into a file for `tocsin import`, and import it once.

    python benchmarks/replay_github.py [--into DIR] [--shared DIR] [--json]

Reads `replay/github_heated/{comments,threads}.csv` of the shared data, writes `DIR/github_heated.csv` (default: a
fresh folder under the system's temporary one, never the checkout: the comments are unlicensed) and imports it
into `DIR/tocsin.db`, each post seen when it was written. Printed: rows, posts, threads, authors, seconds, posts/s.
Go on with `tocsin tag` and `tocsin detect --at TIME` on that store.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from crawler.importing import import_file
from tocsin.store.database import open_store

SOURCE = "github"
COLUMNS = ("created_at", "text", "thread", "title", "id", "author", "url")


def convert(folder: Path, target: Path) -> int:
    """Write the comments in `folder` as an import file at `target`; return the number of rows."""
    with (folder / "threads.csv").open(encoding="utf-8", newline="") as stream:
        threads = {row["issue_id"]: row for row in csv.DictReader(stream)}
    with (
        (folder / "comments.csv").open(encoding="utf-8", newline="") as stream,
        target.open("w", encoding="utf-8", newline="") as out,
    ):
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        rows = list(csv.DictReader(stream))
        for row in rows:
            thread = threads.get(row["thread_id"], {})
            url = thread.get("url", "")
            if url and row["comment_id"] != row["thread_id"]:
                url = f"{url}#issuecomment-{row['comment_id']}"
            said = (row["created_at"], row["text"], row["thread_id"], thread.get("title", ""), row["comment_id"])
            writer.writerow((*said, row["author_id"], url))
    return len(rows)


def main() -> int:
    """Convert, import, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    here = Path(__file__).resolve().parents[2] / "shared"
    parser.add_argument("--into", type=Path, help="folder for the file and the store (default: a new temporary one)")
    parser.add_argument("--shared", type=Path, default=Path(os.environ.get("TOCSIN_SHARED", here)))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder = options.shared / "data" / "replay" / "github_heated"
    if not folder.is_dir():
        print(f"needs the shared data at {folder} (set TOCSIN_SHARED)", file=sys.stderr)
        return 2
    into = options.into or Path(tempfile.mkdtemp(prefix="tocsin-replay-"))
    into.mkdir(parents=True, exist_ok=True)
    file = into / "github_heated.csv"
    rows = convert(folder, file)
    began = time.perf_counter()
    with open_store(into / "tocsin.db") as store:
        report = import_file(store, file, SOURCE, datetime.now(UTC))
        figures = {
            "file": str(file),
            "store": str(into / "tocsin.db"),
            "rows": rows,
            "posts": store.number("SELECT count(*) FROM posts"),
            "threads": store.number("SELECT count(*) FROM threads"),
            "authors": store.number("SELECT count(*) FROM authors"),
            "new": report.new,
            "left_out": report.bad,
            "seconds": round(time.perf_counter() - began, 2),
        }
    figures["posts_per_second"] = round(report.rows / max(time.perf_counter() - began, 1e-9))
    if options.json:
        print(json.dumps(figures, indent=2))
    else:
        for name, value in figures.items():
            print(f"{name:18} {value}")
        for line, reason in report.bad_lines:
            print(f"left out: line {line}: {reason}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
