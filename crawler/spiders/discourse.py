"""Discourse through its JSON: the list of latest topics, those of categories, or a search, and the topics behind them.

A topic's answer holds its first 20 posts and the ids of all (`stream`); the others are asked for by id. The search
shows 50 posts a page and 10 pages; what lies beyond is reached by its own `before:` filter.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from crawler.answers import json_object
from crawler.discourse_rows import SAID, Placed, is_withheld, post_of, stream_of, topic_of
from crawler.errors import NotUnderstoodError
from crawler.extract.dates import machine_date
from crawler.items import FoundPost
from crawler.missing import Counted
from crawler.quoting import whole
from crawler.spiders.base import Ask, Found
from crawler.streams import Page
from crawler.topic_lists import IdTopicSpider
from crawler.topics import Part, Reading, Topic
from crawler.walks import Walk

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

SEARCH_PAGES = 10
"""Pages that the search shows of one query."""


class DiscourseSpider(IdTopicSpider):
    """Reads lists of topics (or a search), then the posts of those that moved or are young."""

    async def start(self) -> AsyncIterator[Request]:
        """Begin with the top of every list."""
        places = [place.strip().strip("/") for place in self.source.communities] or [""]
        for place in places:
            name = f"category {place}" if place else "latest"
            if self.source.query:
                yield self.list_of(f"search {name}", self._search(self._terms(place)), alone=len(places) == 1)
                continue
            path = f"c/{quote(place)}/l/latest.json" if place else "latest.json"
            yield self.list_of(name, f"{self.base}/{path}?no_definitions=true&page=0", alone=len(places) == 1)

    def _terms(self, place: str) -> str:
        # A category is named by its id where we know it: names are not unique.
        category = f" category:{place.rsplit('/', 1)[-1]}" if place else ""
        return f"{self.source.query}{category} order:latest after:{self.since.date() - timedelta(days=1)}"

    def _search(self, terms: str, page: int = 1) -> str:
        return f"{self.base}/search.json?{urlencode({'q': terms, 'page': page})}"

    def listing(self, response: Response, asked: str, stream: str, walk: Walk, ask: Ask) -> Iterator[Found]:
        """Read one page of a list of topics or of a search."""
        answer = json_object(response)
        if stream.startswith("search "):
            yield from self._found(answer, asked, stream, walk, ask)
            return
        shown = answer.get("topic_list")
        if not isinstance(shown, dict) or not isinstance(shown.get("topics"), list):
            raise NotUnderstoodError("no list of topics; check that the url is a Discourse forum's, open to all")
        topics = self._topics(shown["topics"])
        following = None
        if shown.get("more_topics_url") and topics:
            address, _, query = asked.partition("?")
            page = int(parse_qs(query)["page"][0]) + 1
            following = f"{address}?no_definitions=true&page={page}"
        yield from self.listed(topics, asked, stream, walk, ask, self.page_of(topics, following))
        if walk.begins:
            yield self.read(response, asked)

    def _topics(self, rows: list[Any]) -> list[Topic]:
        topics = []
        for row in rows:
            try:
                topics.append(topic_of(row, self.base))
            except (KeyError, TypeError, ValueError, AttributeError):
                self.account.dropped["not of the expected shape"] += 1
        return topics

    def _found(self, answer: Mapping[str, Any], asked: str, stream: str, walk: Walk, ask: Ask) -> Iterator[Found]:
        """Read one page of a search; a page that is known ends it only below what the index may still gain."""
        posts = [post for post in answer.get("posts") or [] if isinstance(post, dict) and post.get("id")]
        topics = self._topics(answer.get("topics") or [])
        dates = [moment for post in posts if (moment := machine_date(post.get("created_at")))]
        oldest = min(dates, default=None)
        following = self._search_on(answer, asked, oldest) if posts else None
        natives = [str(row["id"]) for row in posts]
        settled = (oldest is None or oldest < self.recheck_after) and not self.unknown(natives)
        # Below a new bound the posts of its day come once more: that is no list that runs in circles.
        bound = _bound(asked) or ""
        page = Page(natives, [f"{bound} {native}" for native in natives], dates, following)
        yield from self.listed(topics, asked, stream, walk, ask, page, settled)

    def _search_on(self, answer: Mapping[str, Any], asked: str, oldest: datetime | None) -> str | None:
        told = answer.get("grouped_search_result")
        if not isinstance(told, dict) or not told.get("more_full_page_results"):
            return None
        query = parse_qs(urlsplit(asked).query)
        terms, page = query["q"][0], int(query["page"][0])
        if page < SEARCH_PAGES:
            return self._search(terms, page + 1)
        if oldest is None:
            return None
        plain, bound = terms.partition(" before:")[0], _bound(asked)
        before = oldest.date() + timedelta(days=1)
        if bound and before >= date.fromisoformat(bound):
            before = oldest.date()
            reason = "the search found more posts of one day than it shows"
            self.counted.append(Counted(None, None, reason, missing=None))
        return self._search(f"{plain} before:{before}")

    def ask_topic(self, topic: Topic, priority: int) -> Request:
        """Return the request for a topic's ids and first posts."""
        url = f"{self.base}/t/{topic.native}.json"
        return self.ask(url, self.topic, otherwise=self.no_topic, priority=priority, topic=topic)

    def topic(self, response: Response, topic: Topic) -> Iterator[Found]:
        """Read a topic's own answer."""
        answer = json_object(response)
        try:
            stream, rows, shown = stream_of(answer), list(answer["post_stream"]["posts"]), topic_of(answer, self.base)
        except (KeyError, TypeError) as error:
            raise NotUnderstoodError("no topic with its posts") from error
        yield from self.begin(topic, shown, stream, rows)

    def ask_posts(self, reading: Reading, natives: list[str]) -> Request:
        """Return the request for some posts of a topic."""
        query = urlencode([("post_ids[]", native) for native in natives])
        url = f"{self.base}/t/{reading.topic.native}/posts.json?{query}"
        return self.ask(url, self.posts, priority=950, reading=reading, natives=natives)

    def posts(self, response: Response, reading: Reading, natives: list[str]) -> Iterator[Found]:
        """Read some posts of a topic."""
        stream = json_object(response).get("post_stream")
        rows = stream.get("posts") if isinstance(stream, dict) else None
        if not isinstance(rows, list):
            raise NotUnderstoodError("no posts of a topic")
        yield from self.go_on(reading, natives, rows)

    def sort_out(self, rows: Sequence[Any], reading: Reading) -> Part:
        """Return what the posts of an answer are."""
        known = [row for row in rows if isinstance(row, dict) and row.get("id")]
        said = [row for row in known if row.get("post_type", 1) in SAID]
        held = [row for row in said if not is_withheld(row)]
        reading.numbers.update((row["post_number"], str(row["id"])) for row in said if whole(row.get("post_number")))
        posts = list(self.each(held, lambda row: self._placed(post_of(row, reading.shown), reading)))
        return Part(
            shown={str(row["id"]) for row in known},
            posts=posts,
            gone=[str(row["id"]) for row in said if is_withheld(row)],
            aside=[str(row["id"]) for row in known if row.get("post_type", 1) not in SAID],
            moments=[moment for row in held if (moment := machine_date(row.get("created_at")))],
        )

    def _placed(self, placed: Placed, reading: Reading) -> Iterator[FoundPost]:
        if placed.answers is None or placed.answers in reading.numbers:
            placed.post.parent = reading.numbers.get(placed.answers or 0)
            yield placed.post
        else:
            reading.waiting.append((placed.answers, placed.post))


def _bound(asked: str) -> str | None:
    """Return the day that a search's address is bounded by."""
    return parse_qs(urlsplit(asked).query)["q"][0].partition(" before:")[2] or None
