"""Hacker News through Algolia's API (https://hn.algolia.com/api): search_by_date in slices of time, item trees.

A query gives at most 1000 hits whatever the page, so time is cut where an answer is full. With
`query`, whole discussions that a matching post belongs to are read; without, the whole site.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from crawler.answers import json_object
from crawler.extract.text import render_fragment
from crawler.items import FoundPost, Mark
from crawler.missing import Counted
from crawler.slices import Slices, plan_slices
from crawler.spiders.base import RECHECK, Found, SourceSpider
from crawler.values import moment_at
from tocsin.store.posts import thread_reply_count

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

DEFAULT_URL = "https://hn.algolia.com/api/v1"
HITS = 1_000
FOLLOW_DAYS = 14
"""With a query: how long a discussion is watched for new replies after it began (HN closes them after two weeks)."""

_CLOCK_SLACK = 300


class HackerNewsSpider(SourceSpider):
    """Reads stories and comments by date; asks for whole trees where replies are missing."""

    slices: Slices

    async def start(self) -> AsyncIterator[Request]:
        """Begin with the newest slice."""
        now = int(self.account.started_at.timestamp()) + _CLOCK_SLACK
        remembered = self.session.memory.recall(self.source.name, "slices")
        self.slices = plan_slices(remembered, int(self.since.timestamp()), now, int(RECHECK.total_seconds()))
        self.stories: dict[str, tuple[int | None, int]] = {}
        for request in self._next_slice():
            yield request

    def _api(self, path: str, **query: object) -> str:
        base = (self.source.url or DEFAULT_URL).rstrip("/")
        return f"{base}/{path}?{urlencode(query)}" if query else f"{base}/{path}"

    def _next_slice(self) -> Iterator[Request]:
        if self.slices.current is None:
            return
        low, high = self.slices.current
        query: dict[str, object] = {"query": self.source.query} if self.source.query else {}
        query |= {"tags": "(story,comment)", "hitsPerPage": HITS}
        query["numericFilters"] = f"created_at_i>={low},created_at_i<={high}"
        yield self.ask(self._api("search_by_date", **query), self.hits, essential=True, priority=10)

    def hits(self, response: Response) -> Iterator[Found]:
        """Read one answer, remember how far we are, go on with what is left."""
        answer = json_object(response)
        hits = [hit for hit in answer.get("hits", []) if isinstance(hit, dict)]
        capacity = min(HITS, int(answer.get("hitsPerPage") or HITS))
        yield from self.each(hits, self._hit)
        moments = [hit["created_at_i"] for hit in hits if isinstance(hit.get("created_at_i"), int)]
        self.slices.page_read(moments, full=len(hits) >= capacity)
        yield Mark("slices", self.slices.to_mark())
        if self.slices.current is not None:
            yield from self._next_slice()
        else:
            self._note_crowded()
            yield from self._trees()

    def _note_crowded(self) -> None:
        if self.slices.crowded:
            reason = "more posts in one second than one answer holds"
            self.counted.append(Counted(None, None, reason, missing=None))

    def _hit(self, hit: Mapping[str, Any]) -> Iterator[FoundPost]:
        native = str(hit.get("objectID") or "")
        if hit.get("comment_text") is None and "comment" not in hit.get("_tags", ()):
            self.stories[native] = (_number(hit.get("num_comments")), int(hit.get("created_at_i") or 0))
            yield self._post(hit, native, native, title=hit.get("title"), text=hit.get("story_text"))
            return
        story = str(hit.get("story_id") or "")
        self.stories.setdefault(story, (None, 0))
        yield self._post(hit, native, story, title=hit.get("story_title"), text=hit.get("comment_text"))

    def _post(
        self,
        hit: Mapping[str, Any],
        native: str,
        story: str,
        *,
        title: object,
        text: object,
        position: int | None = None,
    ) -> FoundPost:
        opens = native == story
        return FoundPost(
            thread=story,
            native_id=native,
            title=render_fragment(title) if isinstance(title, str) else "",
            text=render_fragment(text) if isinstance(text, str) else "",
            thread_url=self._permalink(story),
            created_at=moment_at(hit.get("created_at_i")),
            thread_created_at=moment_at(hit.get("created_at_i")) if opens else None,
            author=hit.get("author") if isinstance(hit.get("author"), str) else None,
            parent=str(hit["parent_id"]) if hit.get("parent_id") and not opens else None,
            url=self._permalink(native),
            position=0 if opens else position,
            opens=opens,
            likes=hit.get("points"),
            replies=hit.get("num_comments"),
        )

    def _reply(self, item: Mapping[str, Any], story: str, title: object, *, position: int) -> FoundPost:
        return self._post(item, str(item.get("id") or ""), story, title=title, text=item.get("text"), position=position)

    def _permalink(self, native: str) -> str:
        if not self.source.url or "hn.algolia.com" in self.source.url:
            return f"https://news.ycombinator.com/item?id={native}"
        parts = urlsplit(self.source.url)
        return f"{parts.scheme}://{parts.netloc}/item?id={native}"

    def _trees(self) -> Iterator[Found]:
        self.flush()
        self.stories.pop("", None)
        if self.source.query:
            yield from self._watched()
        for story, (count, _) in self.stories.items():
            yield from self._tree_if_due(story, count)

    def _watched(self) -> Iterator[Request]:
        youngest = self.account.started_at.timestamp() - FOLLOW_DAYS * 86_400
        trees = self.session.memory.keys(self.source.name, "tree ")
        due = [story for story, tree in trees.items() if tree["began"] >= youngest and story not in self.stories]
        for start in range(0, len(due), 100):
            tags = ",".join(f"story_{story}" for story in due[start : start + 100])
            yield self.ask(self._api("search_by_date", tags=f"story,({tags})", hitsPerPage=100), self.counts)

    def counts(self, response: Response) -> Iterator[Found]:
        """Read the reply counts of discussions that are being watched."""
        for hit in json_object(response).get("hits", []):
            yield from self._tree_if_due(str(hit.get("objectID") or ""), _number(hit.get("num_comments")))

    def _tree_if_due(self, story: str, count: int | None) -> Iterator[Request]:
        fetched = self.session.memory.recall(self.source.name, f"tree {story}").get("count", -1)
        if self.source.query:
            due = count is None or count != fetched
        else:
            held = thread_reply_count(self.session.store, f"{self.source.name}:{story}")
            due = count is not None and count > held and count != fetched
        if due and (count != 0 or not self.source.query):
            yield self.ask(self._api(f"items/{story}"), self.tree, story=story, count=count)

    def tree(self, response: Response, story: str, count: int | None) -> Iterator[Found]:
        """Read a whole discussion."""
        root = json_object(response)
        replies = -1
        stack: list[Mapping[str, Any]] = [root]
        items: list[tuple[int, Mapping[str, Any]]] = []
        while stack:
            item = stack.pop()
            replies += 1
            if item.get("text") or str(item.get("id")) == story:
                items.append((replies, item))
            stack.extend(child for child in reversed(item.get("children") or []) if isinstance(child, dict))
        title = root.get("title")
        yield from self.each(items, lambda found: [self._reply(found[1], story, title, position=found[0])])
        began = root.get("created_at_i") if isinstance(root.get("created_at_i"), int) else 0
        yield Mark(f"tree {story}", {"count": replies if count is None else count, "began": began})
        if count is not None:
            reason = f"the story counts {count} replies, its tree shows fewer"
            self.counted.append(Counted(f"{self.source.name}:{story}", count, reason))


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None
