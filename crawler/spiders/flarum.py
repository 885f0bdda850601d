"""Flarum through its JSON:API: discussions by latest post (all, those of tags, or a search), and their posts.

A list gives at most 50 rows a page. Of a discussion with more posts the ids of all are asked for, then those posts
that are new.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from crawler.answers import json_object
from crawler.errors import NotUnderstoodError
from crawler.extract.dates import machine_date
from crawler.flarum_rows import has_next, is_hidden, is_said, names_of, post_of, related, resources, tagged, topic_of
from crawler.spiders.base import Ask, Found
from crawler.topic_lists import IdTopicSpider
from crawler.topics import Part, Reading, Topic
from crawler.walks import Walk

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

LIMIT = 50
"""Rows a page: the API's most."""


class FlarumSpider(IdTopicSpider):
    """Reads lists of discussions, then the posts of those that moved or are young."""

    part = LIMIT

    async def start(self) -> AsyncIterator[Request]:
        """Begin with the top of every list."""
        self.names: dict[str, str] = {}
        tags = tuple(tag.strip() for tag in self.source.communities)
        if self.source.query:
            # Versions differ in how a search is narrowed to tags, so what it finds is.
            address = self._list({"filter[q]": self.source.query})
            yield self.list_of(f"search {self.source.query}", address, alone=True)
            return
        for tag in tags:
            yield self.list_of(f"tag {tag}", self._list({"filter[tag]": tag}), alone=len(tags) == 1)
        if not tags:
            yield self.list_of("all", self._list({}), alone=True)

    def _list(self, filters: Mapping[str, str], offset: int = 0) -> str:
        query = {**filters, "sort": "-lastPostedAt", "page[limit]": LIMIT, "page[offset]": offset}
        return f"{self.base}/api/discussions?{urlencode(query)}"

    def listing(self, response: Response, asked: str, stream: str, walk: Walk, ask: Ask) -> Iterator[Found]:
        """Read one page of a list of discussions."""
        answer = json_object(response)
        if not isinstance(answer.get("data"), list):
            raise NotUnderstoodError("no list of discussions; check that the url is a Flarum forum's, open to all")
        rows = resources(answer, "data", "discussions")
        topics = list(self._topics(rows))
        page = self.page_of(topics, self._following(answer, asked))
        if self.source.query and self.source.communities:
            chosen = tagged(answer, self.source.communities)
            topics = [topic for topic in topics if topic.native in chosen]
        yield from self.listed(topics, asked, stream, walk, ask, page)
        if walk.begins:
            yield self.read(response, asked)

    def _following(self, answer: Mapping[str, Any], asked: str) -> str | None:
        if not has_next(answer):
            return None
        query = {name: values[0] for name, values in parse_qs(urlsplit(asked).query).items()}
        filters = {name: value for name, value in query.items() if name.startswith("filter")}
        return self._list(filters, int(query["page[offset]"]) + LIMIT)

    def _topics(self, rows: Sequence[Any]) -> Iterator[Topic]:
        for row in rows:
            try:
                yield topic_of(row, self.base)
            except (KeyError, TypeError, AttributeError):
                self.account.dropped["not of the expected shape"] += 1

    def ask_topic(self, topic: Topic, priority: int) -> Request:
        """Return the request for the first posts of a discussion, or for the ids of all when there are many."""
        if (topic.posts or 0) > LIMIT:
            return self._ask_ids(topic, (), priority)
        url = self._posts({"filter[discussion]": topic.native})
        return self.ask(url, self.topic, otherwise=self.no_topic, priority=priority, topic=topic)

    def _posts(self, filters: Mapping[str, str]) -> str:
        query = {**filters, "sort": "number", "page[limit]": LIMIT, "page[offset]": 0}
        return f"{self.base}/api/posts?{urlencode(query)}"

    def topic(self, response: Response, topic: Topic) -> Iterator[Found]:
        """Read the first posts of a discussion; if there are more, ask for the ids of all."""
        answer = json_object(response)
        if not isinstance(answer.get("data"), list):
            raise NotUnderstoodError("no posts of a discussion")
        rows = resources(answer, "data", "posts")
        self.names |= names_of(answer)
        if has_next(answer):
            yield self._ask_ids(topic, rows, 950)
            return
        yield from self.begin(topic, topic, [str(row["id"]) for row in rows], rows)

    def _ask_ids(self, topic: Topic, rows: Sequence[Any], priority: int) -> Request:
        url = f"{self.base}/api/discussions/{topic.native}"
        return self.ask(url, self.whole, otherwise=self.no_topic, priority=priority, topic=topic, rows=rows)

    def whole(self, response: Response, topic: Topic, rows: Sequence[Any]) -> Iterator[Found]:
        """Read the ids of all posts of a discussion."""
        found = resources(json_object(response), "data", "discussions")
        stream = related(found[0], "posts") if found else []
        if not stream:
            raise NotUnderstoodError("a discussion that does not name its posts")
        yield from self.begin(topic, topic_of(found[0], self.base), stream, rows)

    def ask_posts(self, reading: Reading, natives: list[str]) -> Request:
        """Return the request for some posts of a discussion."""
        url = self._posts({"filter[id]": ",".join(natives)})
        return self.ask(url, self.posts, priority=950, reading=reading, natives=natives)

    def posts(self, response: Response, reading: Reading, natives: list[str]) -> Iterator[Found]:
        """Read some posts of a discussion."""
        answer = json_object(response)
        self.names |= names_of(answer)
        yield from self.go_on(reading, natives, resources(answer, "data", "posts"))

    def sort_out(self, rows: Sequence[Any], reading: Reading) -> Part:
        """Return what the posts of an answer are."""
        stream = set(reading.stream)
        said = [row for row in rows if is_said(row)]
        held = [row for row in said if not is_hidden(row)]
        posts = list(self.each(held, lambda row: [post_of(row, reading.shown, self.names, stream)]))
        return Part(
            shown={str(row["id"]) for row in rows},
            posts=posts,
            gone=[str(row["id"]) for row in said if is_hidden(row)],
            aside=[str(row["id"]) for row in rows if not is_said(row)],
            moments=[moment for row in held if (moment := machine_date(row["attributes"].get("createdAt")))],
        )
