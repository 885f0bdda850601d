"""The parent's side of a crawl run: start the child, keep the time, account for every source."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from crawler.account import line
from crawler.errors import ChildError
from crawler.plan import CrawlPlan
from tocsin.store.database import Store, open_store
from tocsin.store.records import Coverage, CoverageStatus
from tocsin.store.runs import coverage_of, write_coverage
from tocsin.store.sources import ensure_sources

logger = logging.getLogger(__name__)

KEY_VARIABLE = "TOCSIN_PSEUDONYM_KEY"
CREDENTIALS_VARIABLE = "TOCSIN_CREDENTIALS"
"""How the child gets the pseudonym key and the sources' secrets: by its environment, never by its arguments."""

GRACE_SECONDS = 15.0
"""How long a child that is told to stop may take to store what it has."""


def crawl(
    plan: CrawlPlan,
    *,
    on_source: Callable[[Coverage], None] | None = None,
    child_program: Sequence[str] = ("crawler.child",),
) -> list[Coverage]:
    """Crawl the sources of `plan` (imports are left out) in one child process; return one coverage a source.

    `on_source` is called as each source is done. After `plan.minutes` the child is stopped, gently
    first; what it stored stays. `child_program` is the module that the child runs, with its arguments.
    Raises `ChildError` when no child can be started, `StoreError` when the store cannot be used.
    """
    crawled = tuple(source for source in plan.sources if source.kind != "import")
    started_at = datetime.now(UTC)
    with open_store(Path(plan.store)) as store:
        ensure_sources(store, [(source.name, source.kind, source.url) for source in plan.sources], started_at)
        if not crawled:
            return []
        child = _start(plan, child_program)
        try:
            timed_out = _wait(child, plan.minutes * 60, lambda name: _announce(store, plan, name, on_source))
        finally:
            _stop(child)
        return _account(store, plan, [source.name for source in crawled], started_at, _verdict(child, timed_out))


def _start(plan: CrawlPlan, program: Sequence[str]) -> subprocess.Popen[str]:
    # It reads the environment because a child inherits it, and must not inherit our secrets (the mail password).
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TOCSIN_")}
    if plan.pseudonym_key:
        environment[KEY_VARIABLE] = plan.pseudonym_key
    if credentials := plan.credentials():
        environment[CREDENTIALS_VARIABLE] = credentials
    try:
        child = subprocess.Popen(  # noqa: S603 (a module of ours)
            [sys.executable, "-P", "-m", *program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
            encoding="utf-8",
            start_new_session=True,  # Ctrl-C is for us: a second signal would cut its orderly end short
        )
        assert child.stdin is not None  # noqa: S101 - asked for above
        # Its input stays open as long as we live: its end tells the child to stop.
        child.stdin.write(plan.to_json() + "\n")
        child.stdin.flush()
    except OSError as error:
        raise ChildError(f"the crawling process could not be started: {error}") from error
    return child


def _wait(child: subprocess.Popen[str], seconds: float, done: Callable[[str], None]) -> bool:
    """Wait for the child and tell `done` the name of each finished source; return whether its time ran out."""
    lines: queue.Queue[str | None] = queue.Queue()
    assert child.stdout is not None  # noqa: S101 - asked for at its start
    threading.Thread(target=_read_lines, args=(child.stdout, lines), daemon=True).start()
    deadline = time.monotonic() + seconds
    timed_out = False
    while True:
        try:
            name = lines.get(timeout=max(deadline - time.monotonic(), 0.01))
        except queue.Empty:
            if timed_out:
                child.kill()
                return True
            timed_out = True
            child.terminate()
            deadline = time.monotonic() + GRACE_SECONDS
            continue
        if name is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(GRACE_SECONDS)
            return timed_out
        done(name)


def _read_lines(stream: IO[str], lines: queue.Queue[str | None]) -> None:
    for text in stream:
        lines.put(text.strip())
    lines.put(None)


def _stop(child: subprocess.Popen[str]) -> None:
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
    child.wait()
    for stream in (child.stdin, child.stdout):
        if stream is not None:
            stream.close()


def _announce(store: Store, plan: CrawlPlan, name: str, on_source: Callable[[Coverage], None] | None) -> None:
    if on_source is None:
        return
    for coverage in coverage_of(store, plan.run_id):
        if coverage.source == name:
            on_source(coverage)


def _verdict(child: subprocess.Popen[str], timed_out: bool) -> tuple[CoverageStatus, str]:
    if timed_out:
        return "timed_out", "the time limit of the run (crawl.minutes) was reached; the next one goes on"
    return "failed", f"the crawling process ended early (exit code {child.returncode}); its messages say why"


def _account(
    store: Store, plan: CrawlPlan, names: list[str], started_at: datetime, verdict: tuple[CoverageStatus, str]
) -> list[Coverage]:
    """Return one coverage a source, writing those that the child could not."""
    found = {coverage.source: coverage for coverage in coverage_of(store, plan.run_id)}
    for name in names:
        if name not in found:
            status, detail = verdict
            found[name] = Coverage(name, status, started_at, datetime.now(UTC), detail=detail)
            write_coverage(store, plan.run_id, found[name])
            logger.warning("%s", line(found[name]))
    return [found[name] for name in names]
