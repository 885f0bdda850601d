"""The crawling child process: `python -P -m crawler.child`, the plan as one line of JSON on stdin.

Prints the name of every source that is done on stdout, its closing line on stderr. A process of
its own, because Twisted's reactor cannot be started twice in one.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from scrapy.crawler import AsyncCrawlerProcess

from crawler.errors import CrawlError
from crawler.memory import Memory
from crawler.plan import CrawlPlan, from_json
from crawler.process import CREDENTIALS_VARIABLE, KEY_VARIABLE
from crawler.session import Session
from crawler.settings import settings_for
from crawler.spiders import spider_for
from tocsin.source_kinds import missing_secrets
from tocsin.store.database import open_store
from tocsin.store.errors import StoreError
from tocsin.store.records import Coverage

logger = logging.getLogger("crawler")


def run(plan: CrawlPlan) -> None:
    """Crawl every source of `plan` at once. Raises `StoreError` when the store cannot be opened."""
    with open_store(Path(plan.store)) as store:
        memory = Memory(Path(plan.cache_dir))
        try:
            _crawl(Session(plan, store, memory))
        finally:
            memory.close()


def _crawl(session: Session) -> None:
    crawled = []
    for source in session.plan.sources:
        if source.kind == "import":
            continue
        if missing := missing_secrets(source.kind, source.credentials):
            session.report(switched_off(source.name, missing, session.now()))
        else:
            crawled.append(source)
    if not crawled:
        return
    # Pages are trees of many small objects: looking for garbage as often as Python does took an eighth of the time.
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    process = AsyncCrawlerProcess(settings_for(session.plan))
    for source in crawled:
        task = process.crawl(spider_for(source.kind), source=source, session=session)
        asyncio.ensure_future(task).add_done_callback(note_failure)
    process.start()


def switched_off(source: str, missing: list[str], now: datetime) -> Coverage:
    """Return the coverage of a source whose secrets are missing."""
    detail = f"{' and '.join(missing)} not set (environment or tocsin.secrets.toml), so nothing was read"
    return Coverage(source, "off", now, now, detail=detail)


def note_failure(task: asyncio.Future[None]) -> None:
    """Say why a spider could not start."""
    # Without a coverage row the parent reports the source as failed; here is why.
    if not task.cancelled() and (error := task.exception()) is not None:
        logger.error("a spider could not start: %s", type(error).__name__)


def _log_to_stderr() -> None:
    # Scrapy and Twisted quote items and tracebacks; only our own lines, which never do, may be seen.
    logging.getLogger().addHandler(logging.NullHandler())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False


def _stop_without_parent() -> None:
    # Not sys.stdin: a thread that holds its lock at exit would abort the process.
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def main(work: Callable[[CrawlPlan], None] = run) -> int:
    """Read the plan, do the `work`, return the exit code: 0 done (whatever the sources gave), 1 could not crawl."""
    _log_to_stderr()
    try:
        # It reads the environment because the pseudonym key must never stand among arguments or in the plan.
        secrets = [os.environ.pop(name, None) for name in (KEY_VARIABLE, CREDENTIALS_VARIABLE)]
        plan = from_json(sys.stdin.readline(), *secrets)
        threading.Thread(target=_stop_without_parent, daemon=True).start()
        work(plan)
    except (CrawlError, StoreError) as error:
        logger.error("%s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
