"""Stack Exchange (https://api.stackexchange.com/docs): questions by activity, answers and comments by their ids.

Time is read in slices of the last activity (crawler/slices.py), so that no page number grows. A comment does not count
as activity of its question: threads are looked at again on a schedule (crawler/watching.py), 100 a request.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from crawler.items import FoundPost, GonePost, Mark
from crawler.missing import Counted
from crawler.slices import Slices, plan_slices
from crawler.spiders.base import RECHECK, Found
from crawler.stackexchange_api import PAGE, StackExchangeApi
from crawler.stackexchange_rows import Batch, Row, answer_of, comment_of, number, question_of, rows_in, site_of
from crawler.watching import NEVER, Watch
from tocsin.store.times import from_text

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

_CLOCK_SLACK = 300


class StackExchangeSpider(StackExchangeApi):
    """Reads the questions of sites by activity, then the threads that are due."""

    async def start(self) -> AsyncIterator[Request]:
        """Begin with the filter."""
        self.sites = list(dict.fromkeys(site_of(community) for community in self.source.communities))
        self._streams.update(self.sites)
        self.clock = int(self.account.started_at.timestamp())
        self.slices: dict[str, Slices] = {}
        self.watched = {native: Watch.of(mark) for native, mark in self.left_over("thread ").items()}
        self.met: dict[str, Row] = {}
        for found in self.create_filter(self._sites):
            yield found  # type: ignore[misc] # before any answer these are requests

    def _sites(self) -> Iterator[Request]:
        for site in self.sites:
            remembered = self.session.memory.recall(self.source.name, self._slices_of(site))
            since, recheck = int(self.since.timestamp()), int(RECHECK.total_seconds())
            self.slices[site] = plan_slices(remembered, since, self.clock + _CLOCK_SLACK, recheck)
            yield from self._next_slice(site)

    def _slices_of(self, site: str) -> str:
        # Other tags or another query are another list, whose history has not been read.
        return f"slices {site} {';'.join(sorted(self.source.tags))} {self.source.query or ''}"

    def _next_slice(self, site: str) -> Iterator[Request]:
        current = self.slices[site].current
        if current is None:
            return
        query: dict[str, object] = {"site": site, "sort": "activity", "order": "desc"}
        query |= {"min": current[0], "max": current[1]}
        query |= {"tagged": ";".join(self.source.tags)} if self.source.tags else {}
        query |= {"q": self.source.query} if self.source.query else {}
        # Only a search takes tags as alternatives; a list of questions wants all of them.
        path = "search/advanced" if self.source.tags or self.source.query else "questions"
        yield from self.api(path, self.questions, query, priority=10, site=site)

    def questions(self, response: Response, site: str) -> Iterator[Found]:
        """Read one answer of the list, remember how far we are, go on with what is left."""
        answer = self.told(response)
        self._answered_streams.add(site)
        rows, slices = rows_in(answer), self.slices[site]
        yield from self.each(rows, lambda row: [question_of(site, row)])
        for row in rows:
            yield from self._meet(site, row)
        active = [moment for row in rows if isinstance(moment := row.get("last_activity_date"), int)]
        slices.page_read(active, full=bool(answer.get("has_more") and active))
        yield Mark(self._slices_of(site), slices.to_mark())
        if slices.current is None and slices.crowded:
            reason = f"{site}: more questions active in one second than one answer holds"
            self.counted.append(Counted(None, None, reason, missing=None))
        yield from self._next_slice(site)

    def _meet(self, site: str, row: Row) -> Iterator[Mark]:
        if not isinstance(question := row.get("question_id"), int):
            return
        native = f"{site}/{question}"
        self.met[native] = row
        if native not in self.watched:
            active = number(row, "last_activity_date") or self.clock
            self.watched[native] = Watch(NEVER, active, active)
            yield Mark(f"thread {native}", self.watched[native].to_mark())

    def look_again(self) -> Iterator[Request]:
        """Return the requests for threads that are due: listed ones at once, the others first by their question."""
        for site in self.sites:
            listed = {_question(native): row for native, row in self.met.items() if native.startswith(f"{site}/")}
            due = [question for question, row in listed.items() if self._is_due(f"{site}/{question}", row)]
            for part in _parts(due):
                batch = Batch(site, {question: listed[question] for question in part})
                yield from self._handed_on(self._read(batch))
            rested = [
                _question(native)
                for native, watch in self.watched.items()
                if native.startswith(f"{site}/") and native not in self.met and watch.rested(self.clock)
            ]
            for part in _parts(rested):
                yield from self._look(site, part, {})

    def _look(self, site: str, asked_for: list[int], shown: dict[int, Row], page: int = 1) -> Iterator[Request]:
        path = f"questions/{';'.join(map(str, asked_for))}"
        query: dict[str, object] = {"site": site, "sort": "creation", "page": page}
        yield from self.api(path, self.looked, query, site=site, asked_for=asked_for, shown=shown, page=page)

    def _is_due(self, native: str, row: Row) -> bool:
        watch, active = self.watched[native], number(row, "last_activity_date")
        young = active >= self.recheck_after.timestamp()
        return young or watch.count != _counted(row) or active > watch.newest or watch.rested(self.clock)

    def looked(
        self, response: Response, site: str, asked_for: list[int], shown: dict[int, Row], page: int
    ) -> Iterator[Found]:
        """Read questions again; those that are not shown any more are deleted."""
        answer = self.told(response)
        rows = rows_in(answer)
        yield from self.each(rows, lambda row: [question_of(site, row)])
        shown |= {question: row for row in rows if isinstance(question := row.get("question_id"), int)}
        if answer.get("has_more"):
            yield from self._look(site, asked_for, shown, page + 1)
            return
        for question in asked_for:
            if question not in shown:
                yield GonePost(f"{site}/{question}")
                yield Mark(f"thread {site}/{question}", None)
        if shown:
            yield from self._read(Batch(site, shown))

    def _read(self, batch: Batch) -> Iterator[Found]:
        for question, row in batch.threads.items():
            batch.add(question, row)
        if any(number(row, "answer_count") for row in batch.threads.values()):
            yield from self._answers(batch, 1)
        else:
            yield from self._read_comments(batch)

    def _answers(self, batch: Batch, page: int) -> Iterator[Request]:
        answered = [question for question, row in batch.threads.items() if number(row, "answer_count")]
        path = f"questions/{';'.join(map(str, answered))}/answers"
        query: dict[str, object] = {"site": batch.site, "sort": "creation", "order": "asc", "page": page}
        yield from self.api(path, self.answers, query, site=batch.site, batch=batch, page=page)

    def answers(self, response: Response, site: str, batch: Batch, page: int) -> Iterator[Found]:
        """Read a page of answers, then the comments below all posts of the batch."""
        answer = self.told(response)

        def read(row: Row) -> Iterable[FoundPost]:
            found = answer_of(site, row)
            batch.add(int(row["answer_id"]), row)
            return [found]

        yield from self.each(rows_in(answer), read)
        if answer.get("has_more"):
            yield from self._answers(batch, page + 1)
        else:
            yield from self._read_comments(batch)

    def _read_comments(self, batch: Batch) -> Iterator[Found]:
        batch.wait = [post for post, count in batch.counts.items() if count]
        yield from self._comments(batch, 1)

    def _comments(self, batch: Batch, page: int) -> Iterator[Found]:
        if not batch.wait:
            yield from self._whole(batch)
            return
        path = f"posts/{';'.join(map(str, batch.wait[:PAGE]))}/comments"
        query: dict[str, object] = {"site": batch.site, "sort": "creation", "order": "asc", "page": page}
        yield from self.api(path, self.comments, query, site=batch.site, batch=batch, page=page)

    def comments(self, response: Response, site: str, batch: Batch, page: int) -> Iterator[Found]:
        """Read a page of comments, then the next posts' ones."""
        answer = self.told(response)

        def read(row: Row) -> Iterable[FoundPost]:
            question = batch.posts[int(row["post_id"])]
            found = comment_of(site, row, question)
            batch.below[int(row["comment_id"])] = question
            return [found]

        yield from self.each(rows_in(answer), read)
        if answer.get("has_more"):
            yield from self._comments(batch, page + 1)
        else:
            del batch.wait[:PAGE]
            yield from self._comments(batch, 1)

    def _whole(self, batch: Batch) -> Iterator[Found]:
        """Note what a batch read whole lacks and what is gone from it."""
        self.flush()
        shown = batch.shown()
        for question, row in batch.threads.items():
            native = f"{batch.site}/{question}"
            for held, created in self._held(native):
                # What was written since we began may only have missed its page.
                if held not in shown and created < self.account.started_at:
                    yield GonePost(held)
            reason = "the question counts more answers and comments than the API shows"
            self.counted.append(Counted(f"{self.source.name}:{native}", None, reason, batch.lacking(question)))
            newest = max((int(created.timestamp()) for _, created in self._held(native)), default=0)
            watch = Watch(_counted(row), max(newest, number(row, "last_activity_date")), self.clock)
            yield Mark(f"thread {native}", None if watch.over(self.clock) else watch.to_mark())

    def _held(self, native: str) -> list[tuple[str, datetime]]:
        rows = self.session.store.rows(
            """SELECT id, created_at FROM posts WHERE thread_id = ?
                 AND id NOT IN (SELECT post_id FROM gone_posts)""",
            [f"{self.source.name}:{native}"],
        )
        prefix = f"{self.source.name}:"
        return [(row["id"].removeprefix(prefix), from_text(row["created_at"])) for row in rows]


def _question(native: str) -> int:
    return int(native.split("/")[1])


def _counted(row: Row) -> int:
    return number(row, "answer_count") + number(row, "comment_count")


def _parts(numbers: list[int]) -> list[list[int]]:
    return [numbers[start : start + PAGE] for start in range(0, len(numbers), PAGE)]
