"""The probing child process: `python -P -m crawler.probe_child`, the plan as one line of JSON on stdin.

It tries each source of the plan once, or looks at a site (`look`), with the machinery of a crawl run, a scratch
store and a small budget, and leaves what it met in a file beside that store.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.crawler import AsyncCrawlerProcess

from crawler import child
from crawler.checking import NOTES, Met
from crawler.looking import LookingSpider
from crawler.plan import CrawlPlan, SourcePlan
from crawler.probe_watch import ProbeWatch, ScratchMemory
from crawler.session import Session
from crawler.settings import settings_for
from crawler.spiders import spider_for
from tocsin.source_kinds import missing_secrets
from tocsin.store.database import open_store

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

_BEFORE_ROBOTS = 50


def run(plan: CrawlPlan, *, look: bool) -> None:
    """Try every source of `plan`. Raises `StoreError` when the scratch store cannot be opened."""
    logging.getLogger("crawler").setLevel(logging.WARNING)  # the parent says it all, and in more words
    scratch = Path(plan.store).with_name("scratch")
    with open_store(Path(plan.store)) as store, closing(ScratchMemory(scratch, Path(plan.cache_dir))) as memory:
        _Probing(Session(plan, store, memory), look=look).run()


class _Probing:
    def __init__(self, session: Session, *, look: bool) -> None:
        self._session = session
        self._look = look
        self._met: dict[str, Met] = {}
        self._watches: list[ProbeWatch] = []  # signals hold their listeners weakly
        self._crawlers: list[Crawler] = []

    def run(self) -> None:
        settings = settings_for(self._session.plan)
        wares = {**settings["DOWNLOADER_MIDDLEWARES_BASE"], "crawler.probe_watch.Sparing": _BEFORE_ROBOTS}
        process = AsyncCrawlerProcess({**settings, "DOWNLOADER_MIDDLEWARES_BASE": wares, "RETRY_TIMES": 0})
        started = [self._start(process, source) for source in self._session.plan.sources]
        if any(started):
            process.start()
        self._write()

    def _start(self, process: AsyncCrawlerProcess, source: SourcePlan) -> bool:
        if not self._look and (missing := missing_secrets(source.kind, source.credentials)):
            self._met[source.name] = Met(source.name)
            self._session.report(child.switched_off(source.name, missing, self._session.now()))
            return False
        spider = LookingSpider if self._look else spider_for(source.kind)
        met = self._met[source.name] = Met(source.name, by_contract=spider.by_contract)
        crawler = process.create_crawler(spider)
        self._crawlers.append(crawler)
        self._watches.append(ProbeWatch(crawler, self._session, met, self._write))
        task = process.crawl(crawler, source=source, session=self._session, **({"met": met} if self._look else {}))
        asyncio.ensure_future(task).add_done_callback(child.note_failure)
        return True

    def _write(self) -> None:
        """Leave the notes for the parent; again after every source, as the run may be cut short."""
        answers = [asdict(answer) for spider in self._spiders() for answer in spider.answers]
        notes = {"met": [asdict(met) for met in self._met.values()], "answers": answers}
        Path(self._session.plan.store).with_name(NOTES).write_text(json.dumps(notes), encoding="utf-8")

    def _spiders(self) -> list[LookingSpider]:
        return [crawler.spider for crawler in self._crawlers if isinstance(crawler.spider, LookingSpider)]


def main() -> int:
    """Read the plan, try its sources, return the exit code of `child.main`."""
    look = sys.argv[1:] == ["look"]
    return child.main(lambda plan: run(plan, look=look))


if __name__ == "__main__":
    sys.exit(main())
