"""NodeBB through its read API (`/api/` before the path of a page): latest topics, categories, topics page by page.

`/api/recent` shows only the latest topics (200 unless the forum says otherwise); where that does not reach down to
what is known, the lists of all categories are read.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from crawler.answers import json_object
from crawler.errors import NotUnderstoodError
from crawler.items import FoundPost, GonePost, Mark
from crawler.nodebb_rows import categories_of, page_count, post_of, topic_of
from crawler.spiders.base import Ask, Found
from crawler.topic_lists import TopicSpider
from crawler.topics import Topic
from crawler.walks import Walk

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

WHOLE_PAGES = 5
"""Topics of up to so many pages are read again from their start, longer ones from their first young or new post."""

MOST_PAGES = 5_000
RECENT, CATEGORIES = "recent", "categories"


class NodeBBSpider(TopicSpider):
    """Reads lists of topics, then the pages of those that moved or are young."""

    async def start(self) -> AsyncIterator[Request]:
        """Begin with the top of every list, and with categories that an earlier run did not read to their end."""
        self.seen: dict[str, set[str]] = {}
        chosen = [place.strip().strip("/").split("/")[0] for place in self.source.communities]
        if not chosen:
            yield self.list_of(RECENT, f"{self.base}/api/recent?page=1", alone=True)
            left = self.left_over("walk ")
            chosen = [name.removeprefix("category ") for name in left if name not in (RECENT, CATEGORIES)]
            if CATEGORIES in left:
                yield self._ask_categories()
        for category in chosen:
            yield self._category(category, alone=len(self.source.communities) == 1)

    def _category(self, category: str, *, alone: bool = False) -> Request:
        address = f"{self.base}/api/category/{quote(category, safe='')}?page=1&sort=recently_replied"
        return self.list_of(f"category {category}", address, alone=alone)

    def listing(self, response: Response, asked: str, stream: str, walk: Walk, ask: Ask) -> Iterator[Found]:
        """Read one page of a list of topics."""
        answer = json_object(response)
        if not isinstance(answer.get("topics"), list):
            raise NotUnderstoodError("no list of topics; check that the url is a NodeBB forum's, open to all")
        topics = [topic for topic in self._topics(answer["topics"]) if topic.active or self._was_read(topic)]
        address, _, rest = asked.partition("?page=")
        page, _, sort = rest.partition("&")
        last = page_count(answer)
        following: str | None = f"{address}?page={int(page) + 1}{'&' + sort if sort else ''}"
        if not answer["topics"] or (last is not None and int(page) >= last):
            following = None
        shown = self.page_of(topics, following)
        if stream == RECENT and following is None and self._lies_below(topics):
            yield Mark(f"walk {CATEGORIES}", {"at": "", "on_top": True})
            yield self._ask_categories()
        yield from self.listed(topics, asked, stream, walk, ask, shown)
        if walk.begins:
            yield self.read(response, asked)

    def _lies_below(self, topics: list[Topic]) -> bool:
        """Tell whether there may be topics to read below the last page of the latest ones."""
        return any(True for _ in self.due(topics)) and not any(self.too_old(topic.active) for topic in topics)

    def _was_read(self, topic: Topic) -> bool:
        return bool(self.session.memory.recall(self.source.name, f"topic {topic.native}"))

    def _topics(self, rows: list[Any]) -> Iterator[Topic]:
        for row in rows:
            try:
                yield topic_of(row, self.base)
            except (KeyError, TypeError, AttributeError):
                self.account.dropped["not of the expected shape"] += 1

    def _ask_categories(self) -> Request:
        return self.ask(f"{self.base}/api/categories", self.categories, priority=960)

    def categories(self, response: Response) -> Iterator[Found]:
        """Begin with the list of every category, each noted first as one to be read."""
        for category in categories_of(json_object(response)):
            yield Mark(f"walk category {category}", {"at": "", "on_top": True})
            yield self._category(category)
        yield Mark(f"walk {CATEGORIES}", None)

    def ask_topic(self, topic: Topic, priority: int) -> Request:
        """Return the request for the first page of a topic that is worth reading."""
        return self._ask_page(replace(topic, page=self._first_page(topic), done=False), priority)

    def _first_page(self, topic: Topic) -> int:
        if topic.read is None:
            return topic.page
        if topic.page <= WHOLE_PAGES:
            return 1
        young = [
            place
            for moment, place in self.held_posts(topic.native).values()
            if place is not None and moment >= self.recheck_after
        ]
        # Posts a page are at most so many, or there would be fewer pages: so the page is never too late.
        most = max(((topic.posts or 1) - 1) // (topic.page - 1), 1)
        return min(topic.page, min(young) // most + 1) if young else topic.page

    def _ask_page(self, topic: Topic, priority: int, first: int | None = None) -> Request:
        return self.ask(
            f"{self.base}/api/topic/{topic.native}?page={topic.page}&sort=oldest_to_newest",
            self.topic,
            otherwise=self.no_topic,
            priority=priority,
            topic=topic,
            first=first or topic.page,
        )

    def topic(self, response: Response, topic: Topic, first: int) -> Iterator[Found]:
        """Read one page of a topic."""
        answer = json_object(response)
        rows = answer.get("posts")
        if not isinstance(rows, list):
            raise NotUnderstoodError("no topic with its posts")
        shown = topic_of(answer, self.base)
        seen = self.seen.setdefault(topic.native, set())
        before = len(seen)
        said = [row for row in rows if isinstance(row, dict) and not row.get("deleted")]
        posts = list(self.each(enumerate(said, before), lambda found: [self._post(found, shown)]))
        yield from posts
        ids = [str(row["pid"]) for row in rows if isinstance(row, dict) and row.get("pid")]
        yield from (GonePost(str(row["pid"])) for row in rows if isinstance(row, dict) and row.get("deleted"))
        seen.update(ids)
        dates = [post.created_at for post in posts if post.created_at]
        newest = max([*dates, *([topic.newest] if topic.newest else [])], default=None)
        topic = replace(topic, newest=newest)
        pages = page_count(answer) or topic.page
        if topic.page < min(pages, MOST_PAGES) and len(seen) > before:
            following = replace(topic, page=topic.page + 1)
            yield Mark(f"topic {topic.native}", following.to_mark())
            yield self._ask_page(following, 950, first)
            return
        yield from self._settled(topic, shown.posts, first)

    def _post(self, found: tuple[int, dict[str, Any]], topic: Topic) -> FoundPost:
        return post_of(found[1], topic, self.base, found[0])

    def _settled(self, topic: Topic, counted: int | None, first: int) -> Iterator[Found]:
        """Compare what a topic counts with what was met; where only its end was read, read the rest if they differ."""
        seen = self.seen.pop(topic.native)
        held = self.held_posts(topic.native)
        if first == 1:
            missing = max((counted or 0) - len(seen), 0)
            # While posts are purged, pages move: what was not met then may be there all the same.
            yield from self.gone_from(topic, held.keys() - seen if not missing else ())
            topic = replace(topic, short=max((counted or 0) - len(held.keys() | seen), 0))
            yield from self.topic_read(topic, missing)
            return
        missing = max((counted or 0) - self._ever_held(topic.native, seen), 0)
        if missing > topic.short:
            again = replace(topic, page=1)
            yield Mark(f"topic {topic.native}", again.to_mark())
            yield self._ask_page(again, 950)
            return
        yield from self.topic_read(topic, topic.short)

    def _ever_held(self, native: str, seen: set[str]) -> int:
        name = self.source.name
        rows = self.session.store.rows("SELECT id FROM posts WHERE thread_id = ?", [f"{name}:{native}"])
        return len({row["id"][len(name) + 1 :] for row in rows} | seen)
