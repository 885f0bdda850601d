"""Mailing lists from their mbox files: Pipermail's months, HyperKitty's exports, or a single file.

Files are read oldest first, so that a reply finds the thread of the mail it answers. A file is read again
while it is young and when its index shows another size; an unchanged one is not sent again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Iterator
from io import BytesIO
from typing import TYPE_CHECKING

from crawler.errors import NotUnderstoodError
from crawler.extract.page import read_page
from crawler.items import FoundPost, Mark
from crawler.mail_archives import Archive, ListAddress, archives_of, is_file
from crawler.mails import Mail, NoMailError, Threads, post_of, read_mail
from crawler.mbox_file import messages
from crawler.packed import unpacked
from crawler.spiders.base import Found, SourceSpider

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response
    from twisted.python.failure import Failure


class MboxSpider(SourceSpider):
    """Reads every file that is new, young or changed."""

    async def start(self) -> AsyncIterator[Request]:
        """Begin with the index, or with the files where they are known without one."""
        self.threads = Threads(self._held)
        self.todo: deque[tuple[Archive, bool]] = deque()
        self.hyperkitty = ListAddress.of(self.url)
        if self.hyperkitty is not None:
            files = self.hyperkitty.exports(self.since, self.account.started_at)
            for request in self._ask(files, essential=files[-1]):
                yield request
        elif is_file(self.url):
            only = Archive(self.url)
            for request in self._ask([only], essential=only):
                yield request
        else:
            yield self.ask(self.url, self.index, essential=True)

    def index(self, response: Response) -> Iterator[Found]:
        """Read the page that links to the files."""
        if response.body.startswith((b"From ", b"\x1f\x8b")):
            yield from self.file(response, Archive(self.url))
            return
        header = response.headers.get(b"Content-Type")
        kind = header.decode("latin-1") if header else None
        found = archives_of(read_page(response.body, response.url, now=self.account.started_at, content_type=kind))
        if not found:
            raise NotUnderstoodError(
                "no mbox files are linked here; the url is the list's archive page (.../pipermail/NAME/), "
                "a HyperKitty list (.../list/NAME@HOST/) or a file (.mbox, .mbox.gz, .txt.gz)"
            )
        yield from self._ask(found)

    def _ask(self, files: list[Archive], essential: Archive | None = None) -> Iterator[Request]:
        self.todo.extend((archive, archive == essential) for archive in files if self._due(archive))
        yield from self._next()

    def _next(self) -> Iterator[Request]:
        """Ask for one file, only when the one before is read: priorities do not keep answers in order."""
        if self.todo:
            archive, essential = self.todo.popleft()
            asked = self.ask(
                archive.url,
                self.file,
                unchanged=self.same_file,
                otherwise=self.no_file,
                essential=essential,
                archive=archive,
                needed=essential,
            )
            yield asked.replace(errback=self._no_answer)

    def _no_answer(self, failure: Failure) -> Iterator[Request]:
        self._unanswered(failure)
        yield from self._next()

    def no_file(self, response: Response, archive: Archive, *, needed: bool) -> Iterator[Found]:  # noqa: ARG002 - as asked
        """Note a file that is not there, go on with the others."""
        self.trouble(response, essential=needed)
        yield from self._next()

    def _due(self, archive: Archive) -> bool:
        if archive.until is None:
            return True
        if self.too_old(archive.until):
            return False
        known = self.remembered(archive.url)
        return not known or archive.until >= self.recheck_after or known.get("label") != archive.label

    def same_file(self, _url: str, archive: Archive, *, needed: bool) -> Iterator[Found]:  # noqa: ARG002 - as asked
        """Nothing new in a file."""
        yield Mark(f"page {archive.url}", {**self.remembered(archive.url), "label": archive.label})
        yield from self._next()

    def file(self, response: Response, archive: Archive, *, needed: bool = True) -> Iterator[Found]:  # noqa: ARG002 - as asked
        """Read one mbox file."""
        try:
            mails = self._mails(unpacked(response.body))
        except NotUnderstoodError:
            yield from self._next()
            raise
        for mail in mails:
            thread = self.threads.place(mail)
            if not self.too_old(mail.created_at):
                yield self._post(mail, thread)
        yield self.read(response, archive.url, label=archive.label)
        yield from self._next()

    def _mails(self, body: bytes) -> list[Mail]:
        """Return the mails of a file; those that cannot be read are counted. Raises `NotUnderstoodError`."""
        found: list[Mail] = []
        empty = True
        for _, raw in messages(BytesIO(body)):
            empty = False
            try:
                found.append(read_mail(raw))
            except NoMailError as error:
                self.account.seen += 1
                self.account.dropped[str(error)] += 1
        if empty and body.strip():
            raise NotUnderstoodError("the file holds no mails; is it an mbox file?")
        return found

    def _post(self, mail: Mail, thread: str) -> FoundPost:
        found = post_of(mail, thread)
        if self.hyperkitty is not None and mail.native_id:
            found.url = self.hyperkitty.page("message", mail.native_id)
            found.thread_url = self.hyperkitty.page("thread", thread)
        return found

    def _held(self, native_id: str) -> str | None:
        name = self.source.name
        row = self.session.store.row("SELECT thread_id FROM posts WHERE id = ?", [f"{name}:{native_id}"])
        return str(row["thread_id"]).removeprefix(f"{name}:") if row else None
