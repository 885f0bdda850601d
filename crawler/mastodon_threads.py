"""Threads of a Mastodon instance: the way up from a reply to its beginning, the tree below, what became of old posts.

Replies that are met without their beginning wait as `orphan` marks until the way up to it is known, because a post
never changes its thread. https://docs.joinmastodon.org/methods/statuses/#context
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from crawler.answers import json_object, json_rows
from crawler.items import FoundPost, Mark
from crawler.mastodon_rows import Row, is_post, parent_of, post_of, replies_of, statuses_in
from crawler.spiders.base import Found, Then
from crawler.trees import TreeSpider
from crawler.values import moment
from crawler.watching import Tree

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

    from crawler.plan import SourcePlan
    from crawler.session import Session

AT_ONCE = 20
"""Statuses that one request may ask for by id (Mastodon 4.3 and newer)."""

ANCESTORS = 40
"""Posts above one that a visitor without a token is shown; a few of them may be hidden."""

DEPTH = 20
"""How deep below a post such a visitor sees. Answers of fewer posts were not cut short."""

MAX_CLIMBS = 25


class MastodonThreads(TreeSpider):
    """Base of the spider: everything about threads."""

    def __init__(self, source: SourcePlan, session: Session) -> None:
        super().__init__(source, session)
        self.threads: dict[str, str] = {}
        self.orphans: dict[str, list[Row]] = {}
        self._marks: list[Mark] = []
        if not source.credentials.get("token"):
            self.missing_reason = "replies are not shown: a visitor without a token sees 60 of a thread, 20 deep"

    def api(self, path: str, **query: object) -> str:
        """Return an address of the API; lists among the values are repeated."""
        parts = urlsplit(self.url if "//" in self.url else f"https://{self.url}")
        base = f"{parts.scheme}://{parts.netloc}/api/v1/{path}"
        return f"{base}?{urlencode(query, doseq=True)}" if query else base

    def get(
        self, address: str, then: Then, *, priority: int = 0, otherwise: Then | None = None, **known: Any
    ) -> Request:
        """Return a request, with the token where there is one."""
        token = self.source.credentials.get("token")
        headers = {"Authorization": f"Bearer {token}"} if token else None
        return self.ask(address, then, priority=priority, otherwise=otherwise, headers=headers, **known)

    def placed(self, row: Row) -> list[FoundPost]:
        """Return a status as a post, with those that waited for it; nothing where its thread is not known yet."""
        native, parent = str(row["id"]), parent_of(row)
        thread = self._thread_of(native) or (native if parent is None else self._thread_of(parent))
        if thread is None:
            self.orphans.setdefault(str(parent), []).append(row)
            self._marks.append(Mark(f"orphan {native}", {"of": str(parent)}))
            return []
        return self._in_thread([row], thread)

    def _in_thread(self, rows: Iterable[Row], thread: str) -> list[FoundPost]:
        """Return the rows as posts of `thread`, and with them the orphans that waited for one of them."""
        found = []
        stack = list(rows)
        while stack:
            row = stack.pop()
            native = str(row["id"])
            self.threads[native] = thread
            if native == thread:
                self._marks.extend(self.meet(native, replies_of(row), moment(row.get("created_at"))))
            if is_post(row):
                found.append(post_of(row, thread))
            for orphan in self.orphans.pop(native, ()):
                self._marks.append(Mark(f"orphan {orphan['id']}", None))
                stack.append(orphan)
        return found

    def noted(self) -> Iterator[Mark]:
        """Return the marks of what was placed; yield them after the posts."""
        marks, self._marks = self._marks, []
        yield from marks

    def _thread_of(self, native: str) -> str | None:
        if native in self.threads:
            return self.threads[native]
        prefix = f"{self.source.name}:"
        row = self.session.store.row("SELECT thread_id FROM posts WHERE id = ?", [prefix + native])
        return str(row["thread_id"]).removeprefix(prefix) if row else None

    def look_again(self) -> Iterator[Request]:
        """Ask for the way up from orphans first: they are not stored yet."""
        held = {str(row["id"]) for rows in self.orphans.values() for row in rows}
        for parent, rows in self.orphans.items():
            if parent not in held:
                yield self._climb(str(rows[0]["id"]), [rows[0]], parent)
        for native in self.left_over("orphan "):
            if native not in held:
                address = self.api(f"statuses/{quote(native, safe='')}")
                yield self.get(address, self.orphan, priority=5, otherwise=self.orphan_lost, native=native)
        yield from super().look_again()

    def orphan(self, response: Response, native: str) -> Iterator[Found]:
        """Read a status that an earlier run could not place."""
        row = json_object(response)
        yield from self.each([row], self.placed)
        yield from self.noted()
        parent = parent_of(row)
        if native in self.threads or parent is None:
            yield Mark(f"orphan {native}", None)
        elif len(self.orphans.get(parent, ())) == 1:
            yield self._climb(native, [row], parent)

    def orphan_lost(self, response: Response, native: str) -> Iterator[Found]:
        """Give a status up that is there no more."""
        if self.says_gone(response):
            yield Mark(f"orphan {native}", None)
        else:
            self.trouble(response, essential=False)

    def _climb(self, native: str, chain: list[Row], waiting: str, climbs: int = 1) -> Request:
        address = self.api(f"statuses/{quote(native, safe='')}/context")
        known = {"chain": chain, "waiting": waiting, "climbs": climbs}
        return self.get(address, self.climbed, priority=5, otherwise=self.unclimbed, **known)

    def climbed(self, response: Response, chain: list[Row], waiting: str, climbs: int) -> Iterator[Found]:
        """Place the orphans below the post `waiting`; `chain` leads down to one of them."""
        above = statuses_in(json_object(response), "ancestors")
        chain = [*above, *chain]
        parent = parent_of(chain[0])
        if parent and len(above) >= ANCESTORS // 2 and climbs < MAX_CLIMBS:
            yield self._climb(str(chain[0]["id"]), chain, waiting, climbs + 1)
            return
        yield from self._settled(chain, waiting)

    def unclimbed(self, response: Response, chain: list[Row], waiting: str, **_: object) -> Iterator[Found]:
        """Place orphans whose way up is not shown by the post they hang on."""
        if not self.says_gone(response):
            self.trouble(response, essential=False)
            return
        yield from self._settled(chain, waiting)

    def _settled(self, chain: list[Row], waiting: str) -> Iterator[Found]:
        # A parent that nobody may see still is what its replies have in common.
        parent = parent_of(chain[0])
        thread = (self._thread_of(parent) or parent) if parent else str(chain[0]["id"])
        rows = {str(row["id"]): row for row in [*chain, *self.orphans.pop(waiting, ())]}
        yield from self.each([list(rows.values())], lambda found: self._in_thread(found, thread))
        yield from self.noted()
        for native in rows:
            yield Mark(f"orphan {native}", None)
        count = replies_of(chain[0])
        if parent:
            yield from self._below_hidden(thread, [row for row in rows.values() if parent_of(row) == parent])
        elif thread in self.watched and self.is_due(thread, self.watched[thread], count):
            yield from self.read_tree(thread, count)

    def _below_hidden(self, thread: str, rows: list[Row]) -> Iterator[Request]:
        if thread in self.trees:
            return
        tree = self.trees[thread] = Tree(thread, None)
        for row in rows:
            tree.add(str(row["id"]), parent_of(row), replies_of(row), moment(row.get("created_at")))
            yield from self.branch_of(tree, str(row["id"]))

    def ask_branch(self, tree: Tree, native: str) -> Request:
        """Ask for what stands below a status."""
        address = self.api(f"statuses/{quote(native, safe='')}/context")
        return self.get(address, self.branch, otherwise=self.no_branch, tree=tree, native=native)

    def branch(self, response: Response, tree: Tree, **_: object) -> Iterator[Found]:
        """Read what stands below a status."""
        rows = statuses_in(json_object(response), "descendants")
        for row in rows:
            tree.add(str(row["id"]), parent_of(row), replies_of(row), moment(row.get("created_at")))
        if len(rows) >= DEPTH:
            tree.cut.update(str(row["id"]) for row in rows)
        yield from self.each([[row] for row in rows], lambda found: self._in_thread(found, tree.root))
        yield from self.noted()
        yield from self.branch_read(tree)

    def look(self, natives: Iterable[str]) -> Iterator[Request]:
        """Ask for single statuses, many at once where the server can."""
        wanted = list(natives)
        for start in range(0, len(wanted), AT_ONCE):
            part = wanted[start : start + AT_ONCE]
            address = self.api("statuses", **{"id[]": part})
            yield self.get(address, self.looked, otherwise=self.look_singly, natives=part)

    def looked(self, response: Response, natives: list[str]) -> Iterator[Found]:
        """Read statuses again; those that are not shown are asked for by themselves before they count as gone."""
        rows = json_rows(response)
        for row in rows:
            yield from self._seen(row)
        shown = {str(row.get("id")) for row in rows}
        yield from self._singly(native for native in natives if native not in shown)

    def look_singly(self, response: Response, natives: list[str]) -> Iterator[Found]:
        """Do without: servers before Mastodon 4.3 do not know the request."""
        if response.status in (400, 404, 405, 422):
            yield from self._singly(natives)
        else:
            self.trouble(response, essential=False)

    def _singly(self, natives: Iterable[str]) -> Iterator[Request]:
        for native in natives:
            address = self.api(f"statuses/{quote(native, safe='')}")
            yield self.get(address, self.single, otherwise=self.gone, native=native)

    def single(self, response: Response, **_: object) -> Iterator[Found]:
        """Read one status again."""
        yield from self._seen(json_object(response))

    def _seen(self, row: Row) -> Iterator[Found]:
        yield from self.each([row], self.placed)
        yield from self.noted()
        yield from self.seen_again(str(row.get("id")), replies_of(row))
