"""Threads that are trees of replies: read whole by their root, and again while something may be expected of them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from crawler.items import GonePost, Mark
from crawler.missing import Counted
from crawler.spiders.base import Found
from crawler.streams import StreamSpider
from crawler.watching import Tree, Watch

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

    from crawler.plan import SourcePlan
    from crawler.session import Session


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

    def no_branch(self, response: Response, tree: Tree, native: str, **_: object) -> Iterator[Found]:
        """Note that a thread or a part of it is not there any more."""
        if not self.says_gone(response):
            yield from self.refused(response)
            return
        yield GonePost(native)
        if native == tree.root:
            yield self.forget(native)
        else:
            yield from self.branch_read(tree)

    def gone(self, response: Response, native: str, **_: object) -> Iterator[Found]:
        """Note that a post is gone, and watch its thread no more if it began one."""
        yield from super().gone(response, native)
        if native in self.watched and self.says_gone(response):
            yield self.forget(native)

    def branch_of(self, tree: Tree, native: str) -> Iterator[Request]:
        """Ask for what stands below the post `native` of a thread, and note that."""
        tree.branches.add(native)
        tree.pending += 1
        yield self.ask_branch(tree, native)
