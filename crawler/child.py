"""The crawling child process: `python -P -m crawler.child`, the plan as one line of JSON on stdin.

Prints the name of every source that is done on stdout, its closing line on stderr. A process of
its own, because Twisted's reactor cannot be started twice in one.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from pathlib import Path

from scrapy.crawler import AsyncCrawlerProcess

from crawler.errors import CrawlError
from crawler.memory import Memory
from crawler.plan import CrawlPlan, from_json
from crawler.process import KEY_VARIABLE
from crawler.session import Session
from crawler.settings import settings_for
from crawler.spiders.base import SourceSpider
from crawler.spiders.feed import FeedSpider
from crawler.spiders.forum import ForumSpider
from crawler.spiders.hackernews import HackerNewsSpider
from crawler.spiders.wordpress import WordPressSpider
from tocsin.store.database import open_store
from tocsin.store.errors import StoreError

SPIDERS: dict[str, type[SourceSpider]] = {
    "feed": FeedSpider,
    "wordpress": WordPressSpider,
    "hackernews": HackerNewsSpider,
    "forum": ForumSpider,
}

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
    process = AsyncCrawlerProcess(settings_for(session.plan))
    for source in session.plan.sources:
        if source.kind not in SPIDERS:
            continue
        task = process.crawl(SPIDERS[source.kind], source=source, session=session)
        asyncio.ensure_future(task).add_done_callback(_note_failure)
    process.start()


def _note_failure(task: asyncio.Future[None]) -> None:
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


def main() -> int:
    """Read the plan, crawl, return the exit code: 0 done (whatever the sources gave), 1 could not crawl."""
    _log_to_stderr()
    try:
        # It reads the environment because the pseudonym key must never stand among arguments or in the plan.
        plan = from_json(sys.stdin.readline(), os.environ.pop(KEY_VARIABLE, None))
        threading.Thread(target=_stop_without_parent, daemon=True).start()
        run(plan)
    except (CrawlError, StoreError) as error:
        logger.error("%s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
