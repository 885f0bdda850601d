"""HyperKitty, the archive of Mailman 3, through its REST API (`/api/list/NAME/threads/` and what hangs below).

Threads come by latest activity. The list of a thread's mails has no texts, so every new mail costs one
request; for years of history the kind `mbox` costs less and gives the same ids.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from crawler.answers import json_object
from crawler.errors import NotUnderstoodError
from crawler.extract.dates import machine_date
from crawler.hyperkitty_rows import ListedThread, post_of, votes_of
from crawler.items import FoundPost, GonePost, Mark
from crawler.mail_archives import ListAddress
from crawler.missing import Counted
from crawler.spiders.base import Found, SourceSpider
from crawler.walks import Walk

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response


class HyperKittySpider(SourceSpider):
    """Reads the list of threads, then the mails of those that moved, then what was left over."""

    archive: ListAddress

    async def start(self) -> AsyncIterator[Request]:
        """Begin with the threads, then those that earlier runs left over."""
        self.pending: dict[str, set[str]] = {}
        found = ListAddress.of(self.url)
        if found is None:
            self.account.trouble("failed", "the url is no HyperKitty list; it ends in /list/NAME@HOST/")
            return
        self.archive = found
        yield self._ask_threads(found.api("threads/"), self.new_walk())
        for thread_id, mark in self.left_over("thread ").items():
            if not mark["done"]:
                yield self._ask_emails(ListedThread.from_mark(thread_id, mark), priority=-10)

    def _ask_threads(self, url: str, walk: Walk) -> Request:
        return self.ask(
            url,
            self.listing,
            otherwise=None if walk.begins else self.past_the_end,
            essential=walk.begins,
            priority=1_000 - 2 * walk.page,
            asked=url,
            walk=walk,
        )

    def listing(self, response: Response, asked: str, walk: Walk) -> Iterator[Found]:
        """Read one page of threads, ask for the mails of those that are due."""
        answer = json_object(response)
        rows = answer.get("results")
        if not isinstance(rows, list):
            raise NotUnderstoodError("no list of threads; check that the url is a public HyperKitty list")
        threads = list(self._threads(rows))
        due = [thread for thread in threads if self._due(thread)]
        for thread in due:
            yield Mark(f"thread {thread.thread_id}", thread.to_mark(done=False))
            yield self._ask_emails(thread, priority=999 - 2 * walk.page)
        oldest = min((thread.active for thread in threads if thread.active), default=None)
        following = answer.get("next")
        following = str(response.urljoin(following)) if isinstance(following, str) else None
        if not self.trail.goes_on(walk, following, (thread.thread_id for thread in threads)) or self.too_old(oldest):
            following = None
        # Of threads that moved lately, replies with an old date are met by looking again.
        known = not due and (oldest is None or oldest < self.recheck_after)
        yield from self.walk_on(walk, asked, following, known=known, ask=self._ask_threads)

    def past_the_end(self, response: Response, asked: str, walk: Walk) -> Iterator[Found]:
        """Accept that a page beyond the last one does not exist."""
        if response.status == 404:
            yield from self.walk_on(walk, asked, None, known=True, ask=self._ask_threads)
        else:
            self.trouble(response, essential=False)

    def _threads(self, rows: list[Any]) -> Iterator[ListedThread]:
        for row in rows:
            try:
                yield ListedThread.of(row)
            except (KeyError, TypeError, AttributeError):
                self.account.dropped["not of the expected shape"] += 1

    def _due(self, thread: ListedThread) -> bool:
        if self.too_old(thread.active):
            return False
        mark = self.session.memory.recall(self.source.name, f"thread {thread.thread_id}")
        if not mark:
            return True
        return bool(mark["done"]) and mark != thread.to_mark(done=True)

    def _ask_emails(self, thread: ListedThread, *, priority: int) -> Request:
        url = self.archive.api(f"thread/{thread.thread_id}/emails/")
        return self.ask(url, self.emails, otherwise=self.no_thread, priority=priority, thread=thread, listed=())

    def emails(self, response: Response, thread: ListedThread, listed: tuple[str, ...]) -> Iterator[Found]:
        """Read one page of a thread's mails, ask for the texts of the new ones."""
        answer = json_object(response)
        rows = [row for row in answer.get("results") or [] if isinstance(row, dict) and row.get("message_id_hash")]
        hashes = [str(row["message_id_hash"]) for row in rows]
        new = self.unknown(hashes) | {str(row["message_id_hash"]) for row in rows if self._voted(row)}
        asked = self.pending.setdefault(thread.thread_id, set())
        for native in [native for native in hashes if native in new and native not in asked]:
            asked.add(native)
            url = self.archive.api(f"email/{native}/")
            yield self.ask(url, self.email, otherwise=self.no_email, priority=500, native=native, thread=thread)
        listed = (*listed, *(native for native in hashes if native not in listed))
        following = answer.get("next")
        if isinstance(following, str) and hashes:
            url = str(response.urljoin(following))
            yield self.ask(url, self.emails, otherwise=self.no_thread, priority=600, thread=thread, listed=listed)
            return
        yield from self._gone(thread, listed)
        yield from self._done(thread)

    def email(self, response: Response, native: str, thread: ListedThread) -> Iterator[Found]:
        """Read one mail."""
        row = json_object(response)
        yield from self.each([row], lambda mail: [self._post(mail, thread)])
        self.pending[thread.thread_id].discard(native)
        yield from self._done(thread)

    def no_email(self, response: Response, native: str, thread: ListedThread) -> Iterator[Found]:
        """Leave a mail alone that was taken out meanwhile."""
        self.trouble(response, essential=False)
        if response.status in (403, 404, 410):
            self.pending[thread.thread_id].discard(native)
            yield from self._done(thread)

    def no_thread(self, response: Response, thread: ListedThread, **_context: object) -> Iterator[Found]:
        """Leave a thread alone that is gone or closed to us."""
        self.trouble(response, essential=False)
        if response.status in (401, 403, 404, 410):
            yield Mark(f"thread {thread.thread_id}", thread.to_mark(done=True))

    def _post(self, row: Mapping[str, Any], thread: ListedThread) -> FoundPost:
        return post_of(row, thread, self.archive)

    def _voted(self, row: Mapping[str, Any]) -> bool:
        """Tell whether a young mail has votes, which are observed again with it."""
        date = machine_date(row.get("date"))
        return any(votes_of(row)) and date is not None and date >= self.recheck_after

    def _gone(self, thread: ListedThread, listed: tuple[str, ...]) -> Iterator[GonePost]:
        self.flush()
        name = self.source.name
        rows = self.session.store.rows("SELECT id FROM posts WHERE thread_id = ?", [f"{name}:{thread.thread_id}"])
        held = {str(row["id"]).removeprefix(f"{name}:") for row in rows}
        yield from map(GonePost, sorted(held.difference(listed)) if listed else ())

    def _done(self, thread: ListedThread) -> Iterator[Mark]:
        if self.pending.get(thread.thread_id):
            return
        yield Mark(f"thread {thread.thread_id}", thread.to_mark(done=True))
        if thread.replies is not None:
            reason = f"the list counts {thread.replies} replies, the thread shows fewer"
            self.counted.append(Counted(f"{self.source.name}:{thread.thread_id}", thread.replies, reason))

    def settle(self) -> None:
        """Count the history as complete only when no thread is left over."""
        self.history_left = self.history_left or any(not mark["done"] for mark in self.left_over("thread ").values())
        super().settle()
