"""Sources of several lists that run from new to old (tags, accounts, communities), and of threads that grow for weeks.

Every list has a walk and marks of its own, so that one that is cut short or refused holds up no other. Threads are
remembered by their root as soon as they are met and read once the lists are: a run that ends in between reads them
the next time.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

from scrapy.exceptions import DontCloseSpider

from crawler.items import Mark
from crawler.missing import Counted
from crawler.spiders.base import Ask, Found, SourceSpider
from crawler.walks import Trail, Walk, plan_walk
from crawler.watching import Tree, Watch

if TYPE_CHECKING:
    from scrapy import Request

    from crawler.plan import SourcePlan
    from crawler.session import Session


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: the ids of the posts to keep, everything it holds, when it was made, the page after it."""

    posts: Sequence[str]
    held: Sequence[str]
    moments: Sequence[datetime] = field(default=())
    following: str | None = None


class StreamSpider(SourceSpider):
    """Base of spiders that walk through several lists, each from new to old, by known ids."""

    by_contract = True

    def __init__(self, source: SourcePlan, session: Session) -> None:
        super().__init__(source, session)
        self._trails: dict[str, Trail] = {}
        self._streams: set[str] = set()
        self._answered_streams: set[str] = set()
        self._looked = False

    def stream(self, name: str, first: str, ask: Ask) -> Request:
        """Return the first request of the list `name`: `ask(address, walk)` makes it and all that follow."""
        self._streams.add(name)
        recall = self.session.memory.recall
        read = bool(recall(self.source.name, f"root {name}"))
        return ask(first, plan_walk(recall(self.source.name, f"walk {name}"), history_read=read))

    def stream_on(self, name: str, walk: Walk, asked: str, page: Page, known: bool, ask: Ask) -> Iterator[Found]:
        """Go on with the list `name` after `page`, found at `asked`; yield this after the page's posts and marks."""
        self._answered_streams.add(name)
        following = page.following
        if page.moments and self.too_old(max(page.moments)):
            following = None
        if not self._trails.setdefault(name, Trail()).goes_on(walk, following, page.held):
            following = None
        step = walk.step(following, known=known)
        if step is not None:
            if following == step[0]:
                yield Mark(f"walk {name}", walk.to_mark(asked))
            yield ask(*step)
            return
        yield Mark(f"walk {name}", None)
        if walk.root:
            yield Mark(f"root {name}", {"done": True})

    def stream_lost(self, name: str, walk: Walk) -> Iterator[Mark]:
        """Note that the list `name` could not be read on; where an earlier run stopped it may be gone: begin anew."""
        self.history_left = True
        if walk.jumped:
            yield Mark(f"walk {name}", {"at": "", "on_top": True})

    def is_known(self, page: Page) -> bool:
        """Tell whether all posts of a page are in the store and too old to be read again. Ask before yielding them."""
        young = any(moment >= self.recheck_after for moment in page.moments)
        return bool(page.posts) and not young and not self.unknown(page.posts)

    def idle(self) -> None:
        """Read what the lists led to, before the spider closes."""
        if not self._looked:
            self._looked = True
            self.flush()
            # One more than the budget allows, so that coverage says that something was left for the next run.
            room = max(self.source.budget - self.account.requests, 0) + 1
            requests = list(islice(self.look_again(), room))
            for request in requests:
                self.crawler.engine.crawl(request)
            if requests:
                raise DontCloseSpider
        super().idle()

    def look_again(self) -> Iterator[Request]:
        """Return what to ask for once the lists are read."""
        yield from ()

    def settle(self) -> None:
        """Note lists that were not read to their end; without any answer the source has failed."""
        self.history_left = self.history_left or bool(self.left_over("walk "))
        if self._streams and not self._answered_streams and self.account.status == "partial" and self.account.requests:
            self.account.trouble("failed", f"none of {len(self._streams)} lists could be read")
        super().settle()


class TreeSpider(StreamSpider):
    """Base of spiders whose threads are trees of replies, watched by their root."""

    missing_reason = "posts count more replies than the source shows"

    def __init__(self, source: SourcePlan, session: Session) -> None:
        super().__init__(source, session)
        self.watched = {root: Watch.of(mark) for root, mark in self.left_over("tree ").items()}
        self.trees: dict[str, Tree] = {}
        self.pinned: set[str] = set()
        self._met: dict[str, int | None] = {}

    @abstractmethod
    def ask_branch(self, tree: Tree, native: str) -> Request:
        """Return the request for the replies below the post `native`, whose answer ends with `branch_read`."""

    @abstractmethod
    def look(self, natives: Iterable[str]) -> Iterator[Request]:
        """Return requests that read single posts again: those found pass `seen_again`, those missing are gone."""

    def is_due(self, root: str, watch: Watch, count: int | None) -> bool:  # noqa: ARG002 # for spiders that know more
        """Tell whether to read a thread whose root now counts `count` replies."""
        return watch.due(self.clock, count)

    def lacking(self, tree: Tree) -> int:
        """Return how many posts a thread read whole is known to lack."""
        return sum(tree.short().values())

    @property
    def clock(self) -> int:
        """When this run began, in seconds since 1970."""
        return int(self.account.started_at.timestamp())

    def meet(self, root: str, count: int | None, created: datetime | None) -> Iterator[Mark]:
        """Note a thread that shows `count` direct replies, to be read once the lists are."""
        if count is not None or root not in self._met:
            self._met[root] = count
        watch = Watch.met(count, created, self.clock)
        if root not in self.watched and not watch.over(self.clock):
            self.watched[root] = watch
            yield Mark(f"tree {root}", watch.to_mark())

    def look_again(self) -> Iterator[Request]:
        """Return the requests for threads that are due: met ones whole, the others first by their root."""
        unmet = []
        for root, watch in sorted(self.watched.items(), key=lambda pair: -pair[1].newest):
            if (count := self._met.get(root)) is not None:
                if self.is_due(root, watch, count):
                    yield from self.read_tree(root, count)
            elif root in self.pinned or watch.rested(self.clock) or self._vanished(watch):
                unmet.append(root)
        yield from self.look(unmet)

    def _vanished(self, watch: Watch) -> bool:
        # An unanswered post comes from a list, and the lists are read down to `recheck_after`.
        return watch.count == 0 and watch.newest >= self.recheck_after.timestamp()

    def seen_again(self, native: str, count: int | None) -> Iterator[Found]:
        """Go on after a single post was found again: if it is a watched root, its thread may be due."""
        watch = self.watched.get(native)
        if watch is None or native in self.trees:
            return
        if self.is_due(native, watch, count):
            yield from self.read_tree(native, count)
        else:
            yield self._kept(native, Watch(watch.count if count is None else count, watch.newest, self.clock))

    def forget(self, root: str) -> Mark:
        """Watch a thread no more."""
        self.watched.pop(root, None)
        return Mark(f"tree {root}", None)

    def _kept(self, root: str, watch: Watch) -> Mark:
        if watch.over(self.clock) and root not in self.pinned:
            return self.forget(root)
        return Mark(f"tree {root}", watch.to_mark())

    def read_tree(self, root: str, count: int | None) -> Iterator[Request]:
        """Ask for a whole thread, once a run."""
        if root in self.trees:
            return
        held = self.watched.get(root)
        self.trees[root] = Tree(root, count, newest=held.newest if held else 0)
        yield from self.branch_of(self.trees[root], root)

    def branch_read(self, tree: Tree) -> Iterator[Found]:
        """Go on after the answer to one `ask_branch`, whose posts are noted in `tree` and yielded already."""
        tree.pending -= 1
        for native in tree.deeper():
            yield from self.branch_of(tree, native)
        if tree.pending:
            return
        lacking = self.lacking(tree)
        self.counted.append(Counted(f"{self.source.name}:{tree.root}", None, self.missing_reason, lacking))
        yield from self.look(sorted(self.held_in(tree.root) - tree.nodes.keys() - {tree.root}))
        shown = tree.count if tree.count is not None else tree.nodes.get(tree.root, (None, 0))[1]
        yield self._kept(tree.root, Watch(shown, tree.newest, self.clock))

    def held_in(self, root: str) -> set[str]:
        """Return the native ids of a thread's posts that the store holds and that are not known to be gone."""
        rows = self.session.store.rows(
            "SELECT id FROM posts WHERE thread_id = ? AND id NOT IN (SELECT post_id FROM gone_posts)",
            [f"{self.source.name}:{root}"],
        )
        return {row["id"].removeprefix(f"{self.source.name}:") for row in rows}

    def branch_of(self, tree: Tree, native: str) -> Iterator[Request]:
        """Ask for what stands below the post `native` of a thread, and note that."""
        tree.branches.add(native)
        tree.pending += 1
        yield self.ask_branch(tree, native)
