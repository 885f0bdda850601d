"""How long does a year take? A million posts with given labels, replayed by `tocsin backtest`, against reading them.

    .venv/bin/python benchmarks/backtest.py [--posts 1000000] [--into DIR] [--json]

Writes a CSV of one made-up year (created_at, author, thread, text, negative; threads of a log-normal number of
posts, a tenth of the authors write half of them, one pile-on in November) and runs the command on it in a process
of its own. Printed: seconds, those of the processor (which other work on the machine does not
change much), peak memory, posts a second, and the ratio to `csv.reader` reading the file and
`datetime.fromisoformat` its times, in this run. The goal: a year of a million posts in under 600 s on two cores.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

START = datetime(2025, 12, 1, tzinfo=UTC)
DAYS = 365
GOAL = 600.0
PILE_ON = 345
SUBJECTS = ("export", "dashboard", "billing page", "mobile app", "API", "release", "documentation", "sign-on")
CALM = ("works for us", "got a small update", "does the job", "needs some setup", "is quicker now", "is as it was")
ANGRY = ("is down again", "keeps failing", "lost my filters", "is slow today", "costs too much")


def main() -> int:
    """Write the year, replay it, print the figures; exit code 1 when the goal is missed or the pile-on is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--into", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    into = options.into or Path(tempfile.mkdtemp(prefix="tocsin-backtest-"))
    into.mkdir(parents=True, exist_ok=True)
    file = into / f"year-{options.posts}.csv"
    if not file.exists():
        write_year(file, options.posts)
    began = time.perf_counter()
    with file.open(encoding="utf-8", newline="") as stream:
        newest = max(datetime.fromisoformat(row["created_at"]) for row in csv.DictReader(stream))
    read = time.perf_counter() - began
    began = time.perf_counter()
    done = subprocess.run(
        [str(Path(sys.executable).with_name("tocsin")), "backtest", str(file), "--brand", "Acme", "--json"],
        capture_output=True, text=True, check=True, cwd=into,
    )  # fmt: skip
    seconds = time.perf_counter() - began
    episodes = json.loads(done.stdout)["episodes"]
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    figures = {
        "posts": options.posts,
        "newest": newest.isoformat(),
        "seconds": round(seconds, 1),
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 1),
        "posts_a_second": round(options.posts / seconds),
        "peak_mb": round(used.ru_maxrss / 1024),
        "times_a_plain_read": round(seconds / read, 1),
        "episodes": [(one["kind"], one["opened_at"][:16], one["voices"]) for one in episodes],
    }
    print(json.dumps(figures, indent=2) if options.json else figures)
    found = any(one["kind"] == "backlash" for one in episodes)
    return 0 if found and seconds < GOAL * options.posts / 1_000_000 + 60 else 1


def write_year(file: Path, posts: int) -> None:
    """Write `posts` posts of a year, and 600 more of a pile-on on day 345, oldest first."""
    rng = np.random.default_rng(posts)
    busy = np.array([2, 1, 1, 1, 1, 2, 5, 14, 26, 34, 38, 36, 28, 32, 36, 34, 30, 24, 18, 16, 16, 14, 9, 5])
    days = np.array([1.0, 1.0, 1.0, 1.0, 0.9, 0.45, 0.4] * 53)[:DAYS]
    begun = np.sort(
        rng.choice(DAYS, posts, p=days / days.sum()) * 24.0
        + rng.choice(24, posts, p=busy / busy.sum())
        + rng.random(posts)
    )
    sizes = np.maximum(1, rng.lognormal(1.5, 0.9, posts).astype(int))
    threads = np.repeat(np.arange(posts), sizes)[:posts]
    at = begun[np.searchsorted(np.cumsum(sizes), np.arange(posts), side="right") * posts // (threads[-1] + 1)]
    at = np.minimum(at + rng.lognormal(0.5, 1.2, posts), DAYS * 24 - 0.01)
    authors = np.where(rng.random(posts) < 0.5, rng.integers(0, 2_000, posts), rng.integers(2_000, 60_000, posts))
    negative = rng.random(posts) < np.clip(rng.beta(1.2, 4, threads[-1] + 1)[threads], 0, 1)
    rows = [
        (float(at[n]), f"u{authors[n]}", f"t{threads[n]}", _said(rng, bool(negative[n]), n), int(negative[n]))
        for n in range(posts)
    ]
    size = max(600, posts // 500)
    for number in range(size):
        hour = PILE_ON * 24 + 9 + 14 * number / size
        rows.append((hour, f"p{number % (4 * size // 5)}", f"storm{number % 3}", _said(rng, True, posts + number), 1))
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("created_at", "author", "thread", "text", "negative"))
        for hour, *rest in sorted(rows):
            writer.writerow(((START + timedelta(hours=hour)).isoformat(timespec="seconds"), *rest))


def _said(rng: np.random.Generator, negative: bool, number: int) -> str:
    words = " ".join(f"w{word}" for word in rng.integers(0, 4_000, int(rng.integers(3, 18))))
    return f"Acme {rng.choice(SUBJECTS)} {rng.choice(ANGRY if negative else CALM)} {words} {number}"


if __name__ == "__main__":
    sys.exit(main())
