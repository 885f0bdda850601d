"""What a crawled page costs, against a plain Scrapy spider and against Scrapy that only downloads, in one run.

    .venv/bin/python benchmarks/crawl.py [--json] [--pages N]

All crawl the same board on loopback (benchmarks/crawl_board.py): 60 KB pages of 20 posts, one request at a time,
robots.txt obeyed, full-text search on. Figures are CPU time of the crawling process (user + system, from the kernel),
not the wall clock, so that neighbours on the machine do not decide. A process' start is not counted: every program
crawls a small board and one with N pages more, and what the N pages added is divided by N.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crawl_board import POSTS, page_of

from crawler.memory import Memory
from crawler.plan import CrawlPlan, SourcePlan
from tocsin.store.database import open_store
from tocsin.store.posts import write_posts
from tocsin.store.records import Post, Thread
from tocsin.store.runs import start_run
from tocsin.store.sources import ensure_sources

HERE = Path(__file__).parent
FEW = 20
"""Pages of the small board."""

KINDS = ("plain", "floor", "ours", "again")

LEAST_MS = 0.01
"""A difference of CPU time below it cannot be told from none."""


@contextmanager
def board(threads: int, first: int = 1) -> Iterator[str]:
    """Serve a board from a process of its own; give its address."""
    command = [sys.executable, str(HERE / "crawl_board.py"), str(threads), str(first)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        port = server.stdout.readline().strip() if server.stdout else ""
        yield f"http://127.0.0.1:{port}"
        server.communicate("")


def cpu_of(command: list[str], text: str = "") -> float:
    """Run a program, hand it `text`, and return its CPU time in seconds."""
    child = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True
    )
    if child.stdin:
        child.stdin.write(text)
        child.stdin.flush()
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.stdin:
        child.stdin.close()
    if child.returncode:
        raise SystemExit(f"{' '.join(command[:4])} ended with {child.returncode}")
    return used.ru_utime + used.ru_stime


def peer(kind: str, site: str, threads: int, folder: Path, first: int = 1) -> float:
    """Return the CPU seconds of a peer that crawls `threads` pages into a fresh store."""
    store = folder / f"{kind}-{threads}.db"
    command = [sys.executable, "-P", str(HERE / "crawl_peer.py"), kind, site, str(first), str(threads), str(store)]
    return cpu_of(command)


def ours(site: str, folder: Path, expected: int) -> float:
    """Return the CPU seconds of Tocsin's crawling process for the board at `site`; it must hold `expected` posts."""
    path = folder / "tocsin.db"
    # The board's port changes with every board, the source stays: its threads are known by their paths.
    source = SourcePlan("board", "forum", f"{site}/board", budget=100_000, allow_private=True)
    with open_store(path) as store:
        run = start_run(store, "crawl", None, datetime.now(UTC))
        ensure_sources(store, [("board", "forum", source.url)], datetime.now(UTC))
    plan = CrawlPlan(str(path), run, (source,), str(folder / "cache"), delay=0)
    used = cpu_of([sys.executable, "-P", "-m", "crawler.child"], plan.to_json() + "\n")
    with open_store(path) as store:
        held = store.number("SELECT count(*) FROM posts")
    if held != expected:
        raise SystemExit(f"{held} posts are in the store, {expected} were on the board")
    return used


def known(folder: Path, posts: int) -> None:
    """Fill a store with `posts` posts of threads that were read before, and the memory with what a crawl leaves."""
    now = datetime.now(UTC)
    with open_store(folder / "tocsin.db") as store:
        ensure_sources(store, [("board", "forum", None)], now)
        for start in range(0, posts, 5_000):
            write_posts(store, [_known_post(number, now) for number in range(start, min(start + 5_000, posts))], now)
    memory = Memory(folder / "cache")
    old = (now - timedelta(days=20)).isoformat()
    state = {"title": "Old", "page": 1, "offset": 0, "replies": 19, "activity": old, "newest": old, "complete": True}
    marks = []
    for number in range(posts // POSTS):
        address = f"http://127.0.0.1/threads/k{number}"
        marks.append((f"thread /threads/k{number}", {"url": address, "at": address, **state}))
        marks.append((f"page {address}", {"etag": '"1"', "next": None, "posts": 20}))
    memory.remember("board", marks)
    memory.close()


def _known_post(number: int, now: datetime) -> Post:
    thread = Thread(f"board:/threads/k{number // POSTS}", "board", "Old", None, None)
    words = f"An old answer about the valve and the seal that nobody has asked for again, number {number}."
    return Post(
        f"board:/threads/k{number // POSTS}#{number}",
        "board",
        thread,
        words * 10,
        created_at=now - timedelta(days=20),
        author=f"reader{number % 5000}",
    )


def measure(pages: int, rounds: int) -> dict[str, float]:
    """Measure everything; times are CPU milliseconds a page. Of several rounds the least counts: noise only adds."""
    least: dict[str, float] = {}

    def note(name: str, seconds: float) -> None:
        least[name] = min(seconds, least.get(name, seconds))

    with board(FEW) as small, board(FEW + pages) as large:
        for _ in range(rounds):
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                for size, site, threads in (("few", small, FEW), ("many", large, FEW + pages)):
                    (folder / size).mkdir()
                    for kind in ("plain", "floor"):
                        note(f"{kind} {size}", peer(kind, site, threads, folder))
                    for kind in ("ours", "again"):
                        note(f"{kind} {size}", ours(site, folder / size, threads * POSTS))
    cost = {kind: (least[f"{kind} many"] - least[f"{kind} few"]) * 1000 / pages for kind in KINDS}
    return {
        "page_bytes": len(page_of(1, datetime.now(UTC))),
        "plain_ms": cost["plain"],
        "floor_ms": cost["floor"],
        "ours_ms": cost["ours"],
        "times_less_than_plain": cost["plain"] / cost["ours"],
        "floor_share": cost["floor"] / cost["ours"],
        "best_possible": cost["plain"] / cost["floor"],
        "unchanged_ms": cost["again"],
        "unchanged_times_cheaper": cost["ours"] / max(cost["again"], LEAST_MS),
        "start_s": least["again few"],
        **_growth(pages, rounds),
    }


def _growth(pages: int, rounds: int) -> dict[str, float]:
    """Return the cost of a new page beside 1,000 and beside 100,000 known posts, and their ratio."""
    cost: dict[int, float] = {}
    with board(FEW) as small, board(pages, FEW + 1) as large, tempfile.TemporaryDirectory() as name:
        for posts in (1_000, 100_000):
            filled = Path(name) / str(posts)
            filled.mkdir()
            known(filled, posts)
            few, many = [], []
            for turn in range(rounds):
                folder = Path(name) / f"{posts}-{turn}"
                shutil.copytree(filled, folder)
                few.append(ours(small, folder, posts + FEW * POSTS))
                many.append(ours(large, folder, posts + (FEW + pages) * POSTS))
                shutil.rmtree(folder)
            cost[posts] = (min(many) - min(few)) * 1000 / pages
    return {
        "beside_1000_ms": cost[1_000],
        "beside_100000_ms": cost[100_000],
        "growth": cost[100_000] / cost[1_000],
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    figures = measure(asked.pages, asked.rounds)
    if asked.json:
        print(json.dumps(figures, indent=2))
        return
    print(f"CPU a page with {POSTS} posts, {asked.pages} pages, the least of {asked.rounds} rounds")
    for name, value in figures.items():
        print(f"{name:>26} {value:,.2f}")


if __name__ == "__main__":
    main()
