"""GitHub (https://docs.github.com/rest/issues): issues, pull requests and the comments on both; discussions elsewhere.

Lists are read from old to new by `updated_at`, and every page is asked for by the moment the last one ended with: what
changes meanwhile moves to the end, where it is met, so no page is skipped and a run that is cut short goes on. While
nothing happens the addresses stay the same, and a conditional request costs nothing (crawler/github_api.py).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from crawler.answers import json_object, json_rows
from crawler.github_api import PAGE
from crawler.github_discussions import GitHubDiscussions
from crawler.github_rows import Row, comment_of, issue_of, next_page, repository_of
from crawler.items import GonePost, Mark
from crawler.missing import Counted
from crawler.spiders.base import RECHECK, Found
from crawler.values import moment
from tocsin.store.times import to_text

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

SEARCHES = ("is:issue", "is:pull-request")
"""The search wants one of them; what it finds is capped at 1,000, so it too is asked by moments."""

MOST_LOOKS = 50
"""Young issues that are asked for one by one when a list shows them no more."""


_SECOND = timedelta(seconds=1)


class GitHubSpider(GitHubDiscussions):
    """Reads the lists of repositories, then single threads whose counts differ."""

    async def start(self) -> AsyncIterator[Request]:
        """Begin with every list of every repository."""
        self.issues: dict[str, Row] = {}
        self.began: dict[str, datetime] = {}
        self.done: set[str] = set()
        self.visited: set[str] = set()
        for community in self.source.communities:
            if (repository := repository_of(community)) is None:
                self._streams.add(community)
                self.account.trouble("partial", f"{community!r} is no owner/name; check `communities`")
                continue
            if self.source.query:
                for kind in SEARCHES:
                    yield self._begin(f"search {repository} {kind} {self.source.query}", repository)
                continue
            yield self._begin(f"issues {repository}", repository)
            yield self._begin(f"comments {repository}", repository)
            for request in self.discussions(repository):
                yield request

    def _begin(self, stream: str, repository: str) -> Request:
        self._streams.add(stream)
        cursor = self.session.memory.recall(self.source.name, f"cursor {stream}")
        at = moment(cursor.get("at"))
        again = RECHECK if cursor.get("done") else _SECOND
        since = max(self.since, at - again) if at else self.since
        self.began[stream] = since
        return self._page(stream, repository, self._address(stream, repository, since), since)

    def _address(self, stream: str, repository: str, since: datetime) -> str:
        stamp = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        kind = stream.split(" ", maxsplit=1)[0]
        if kind == "search":
            terms = f"{self.source.query} repo:{repository} {stream.split(' ')[2]} updated:>={stamp}"
            query: dict[str, object] = {"q": terms, "sort": "updated", "order": "asc", "per_page": PAGE}
            return f"{self.base}/search/issues?{urlencode(query)}"
        path = "issues" if kind == "issues" else "issues/comments"
        query = {"state": "all"} if kind == "issues" else {}
        query |= {"sort": "updated", "direction": "asc", "per_page": PAGE, "since": stamp}
        return f"{self.base}/repos/{repository}/{path}?{urlencode(query)}"

    def _page(self, stream: str, repository: str, address: str, since: datetime) -> Request:
        self.visited.add(address)
        known: dict[str, Any] = {"stream": stream, "repository": repository, "since": since, "asked": address}
        return self.get(address, self.page, unchanged=self.same, priority=10, **known)

    def page(self, response: Response, stream: str, repository: str, since: datetime, asked: str) -> Iterator[Found]:
        """Read one page of a list, remember how far we are, go on with the next."""
        if stream.startswith("search "):
            answer = json_object(response)
            rows = [row for row in answer.get("items") or [] if isinstance(row, dict)]
            if answer.get("incomplete_results") is True:
                self.counted.append(Counted(None, None, f"{repository}: the search ran out of time", missing=None))
        else:
            rows = json_rows(response)
        if stream.startswith("comments "):
            yield from self.each(rows, lambda row: [comment_of(repository, row)])
        else:
            yield from self.each(rows, lambda row: [issue_of(repository, row)])
            self.issues |= {
                f"{repository}#{number}": row for row in rows if isinstance(number := row.get("number"), int)
            }
        ends = [found for row in rows if (found := moment(row.get("updated_at")))]
        last = max(ends, default=since)
        following = next_page(link.decode("latin-1") for link in response.headers.getlist("Link"))
        numbers = [row.get("number") for row in rows]
        if following is None and len(rows) >= PAGE:
            # What comes next would not change this page, so "unchanged" would not mean that nothing came.
            yield Mark(f"page {asked}", None)
        else:
            known = {"stream": stream, "last": last.isoformat(), "following": following, "numbers": numbers}
            yield self.read(response, asked, **known)
        yield from self._on(stream, repository, since, last, following)

    def same(self, _: str, /, *, stream: str, repository: str, since: datetime, asked: str) -> Iterator[Found]:
        """Go on after a page that has not changed."""
        known = self.remembered(asked)
        self.done.update(f"{repository}#{number}" for number in known.get("numbers") or [])
        yield from self._on(stream, repository, since, moment(known.get("last")) or since, known.get("following"))

    def _on(
        self, stream: str, repository: str, since: datetime, last: datetime, following: str | None
    ) -> Iterator[Found]:
        self._answered_streams.add(stream)
        yield Mark(f"cursor {stream}", {"at": last.isoformat(), "done": following is None})
        if following is None:
            self.done.add(stream)
            return
        # More may have changed in the last second than fitted, so it is read again; a full second goes by pages.
        again = last - _SECOND
        if again > since:
            yield self._page(stream, repository, self._address(stream, repository, again), again)
        else:
            yield self._page(stream, repository, following, since)

    def look_again(self) -> Iterator[Request]:
        """Read threads whose counts differ, look for young ones that are not listed, forget pages of other moments."""
        for native, row in self.issues.items():
            repository, number = native.split("#")
            count, made = row.get("comments"), moment(row.get("created_at"))
            listed = f"comments {repository}" in self.done and made is not None and made >= self.since
            if not isinstance(count, int) or not (self.source.query or listed):
                continue
            held, tried = len(self.held_in(native)), self.session.memory.recall(self.source.name, f"thread {native}")
            if count != held and (tried.get("count"), tried.get("held")) != (count, held):
                address = f"{self.base}/repos/{repository}/issues/{number}/comments?per_page={PAGE}"
                yield self.get(address, self.thread, repository=repository, native=native, count=count, met=set())
        for stream in self.done & self._streams:
            if stream.startswith("issues "):
                yield from self._missing(stream)
        yield from self._handed_on(self._forget_pages())

    def thread(self, response: Response, repository: str, native: str, count: int, met: set[str]) -> Iterator[Found]:
        """Read all comments of a thread; those held and not shown are deleted."""
        rows = json_rows(response)
        yield from self.each(rows, lambda row: [comment_of(repository, row)])
        met |= {f"{repository}/c{row.get('id')}" for row in rows}
        following = next_page(link.decode("latin-1") for link in response.headers.getlist("Link"))
        if following is not None:
            yield self.get(following, self.thread, repository=repository, native=native, count=count, met=met)
            return
        yield from (GonePost(held) for held in self.held_in(native) - met)
        yield Mark(f"thread {native}", {"count": count, "held": len(met)})
        reason = "the issue counts more comments than the API shows"
        self.counted.append(Counted(f"{self.source.name}:{native}", None, reason, max(0, count - len(met))))

    def _missing(self, stream: str) -> Iterator[Request]:
        repository = stream.split(" ")[1]
        prefix = f"{self.source.name}:{repository}#"
        rows = self.session.store.rows(
            """SELECT id FROM posts WHERE id = thread_id AND substr(id, 1, ?) = ? AND created_at > ?
                 AND url NOT LIKE '%/discussions/%' AND id NOT IN (SELECT post_id FROM gone_posts)""",
            [len(prefix), prefix, to_text(max(self.began[stream], self.recheck_after))],
        )
        held = [str(row["id"]).removeprefix(f"{self.source.name}:") for row in rows]
        unlisted = [native for native in held if native not in self.issues and native not in self.done]
        for native in unlisted[:MOST_LOOKS]:
            address = f"{self.base}/repos/{repository}/issues/{native.split('#')[1]}"
            known = {"repository": repository, "native": native}
            yield self.get(address, self.found_again, otherwise=self.not_found, **known)

    def found_again(self, response: Response, repository: str, native: str) -> Iterator[Found]:
        """Read a single issue again; one that was moved to another repository is gone from this one."""
        row = json_object(response)
        if f"/{repository}/" in str(row.get("html_url")).lower():
            yield from self.each([row], lambda issue: [issue_of(repository, issue)])
        else:
            yield GonePost(native)

    def not_found(self, response: Response, repository: str, native: str) -> Iterator[Found]:
        """Note an issue that is deleted."""
        if response.status in (404, 410):
            yield GonePost(native)
        else:
            yield from self.refused(response, repository=repository)

    def _forget_pages(self) -> Iterator[Mark]:
        for address, known in self.left_over("page ").items():
            if known.get("stream") in self.done and address not in self.visited:
                yield Mark(f"page {address}", None)
