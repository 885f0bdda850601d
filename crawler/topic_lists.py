"""Forum engines with an API: lists of topics by latest activity, and the topics that they lead to.

Every list has a walk of its own (crawler/streams.py). A topic is noted as unread before it is asked for and as read
only when its posts are stored, so a run that is cut short leaves nothing behind.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from scrapy.exceptions import DontCloseSpider

from crawler.items import GonePost, Mark
from crawler.missing import Counted
from crawler.spiders.base import Ask, Found
from crawler.streams import Page, StreamSpider
from crawler.topics import Part, Reading, Topic
from crawler.walks import Walk
from tocsin.store.times import from_text

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

    from crawler.plan import SourcePlan
    from crawler.session import Session


class TopicSpider(StreamSpider):
    """Base of spiders that read lists of topics, then those that moved or are young."""

    # The API lies on the forum's own site, so its robots.txt speaks to us.
    by_contract = False
    moves_posts = True

    def __init__(self, source: SourcePlan, session: Session) -> None:
        super().__init__(source, session)
        self.base = self.url.rstrip("/")
        self._asked_topics: set[str] = set()
        self._looked = False

    @abstractmethod
    def ask_topic(self, topic: Topic, priority: int) -> Request:
        """Return the request that begins to read `topic`, with `otherwise=self.no_topic` and `topic=topic`."""

    def idle(self) -> None:
        """Once the lists are read, ask for what earlier runs left unread, then for what is to be read again."""
        if not self._looked:
            self._looked = True
            self.flush()
            requests = list(self.topics_left())
            for request in requests:
                self.crawler.engine.crawl(request)
            if requests:
                raise DontCloseSpider
        super().idle()

    def topics_left(self) -> Iterator[Request]:
        """Return requests for topics that no list of this run led to and that are to be read all the same."""
        for native, mark in self.left_over("topic ").items():
            topic = Topic.from_mark(native, mark)
            rested = bool(self.source.query) and topic.has_rested(self.account.started_at)
            if native not in self._asked_topics and (not topic.done or rested or topic.is_young(self.recheck_after)):
                yield self.ask_topic(topic, -20 if topic.done else -10)

    def list_of(self, name: str, first: str, *, alone: bool) -> Request:
        """Return the first request of the list `name`, which `alone` makes up the source."""

        def ask(address: str, walk: Walk) -> Request:
            return self.ask(
                address,
                self.listing,
                otherwise=None if walk.begins and alone else self.no_list,
                unchanged=self.same_list if walk.begins and not walk.root else None,
                essential=walk.begins and alone,
                priority=1_000 - min(walk.page, 900),
                asked=address,
                stream=name,
                walk=walk,
                ask=ask,
            )

        return self.stream(name, first, ask)

    @abstractmethod
    def listing(self, response: Response, asked: str, stream: str, walk: Walk, ask: Ask) -> Iterator[Found]:
        """Read one page of a list; ends with `listed`."""

    def same_list(self, _url: str, asked: str, stream: str, walk: Walk, ask: Ask) -> Iterator[Found]:
        """Nothing has moved up to the first page, so nothing changed behind it."""
        yield from self.stream_on(stream, walk, asked, Page((), ()), True, ask)

    def no_list(self, response: Response, asked: str, stream: str, walk: Walk, ask: Ask) -> Iterator[Found]:
        """Accept that a page beyond the last one does not exist; note a list that is not shown."""
        if not walk.begins and response.status in (400, 404, 410):
            yield from self.stream_on(stream, walk, asked, Page((), ()), True, ask)
            return
        yield from self.stream_lost(stream, walk)
        self.trouble(response, essential=False)

    def listed(
        self, topics: Sequence[Topic], asked: str, stream: str, walk: Walk, ask: Ask, page: Page, settled: bool = True
    ) -> Iterator[Found]:
        """Ask for the topics of a page that are due and go on; unless `settled` the page behind it is read anyway."""
        due = list(self.due(topics))
        for topic in due:
            yield Mark(f"topic {topic.native}", topic.to_mark())
            self._asked_topics.add(topic.native)
            yield self.ask_topic(topic, 900 - min(walk.page, 800))
        yield from self.stream_on(stream, walk, asked, page, settled and not due, ask)

    def page_of(self, topics: Sequence[Topic], following: str | None) -> Page:
        """Return a page of a list by what it shows of `topics`."""
        held = [topic.native for topic in topics]
        return Page(held, held, [topic.active for topic in topics if topic.active], following)

    def due(self, topics: Iterable[Topic]) -> Iterator[Topic]:
        """Return the topics to read: unknown ones, and those that are listed otherwise than when they were read."""
        for topic in topics:
            mark = self.session.memory.recall(self.source.name, f"topic {topic.native}")
            held = Topic.from_mark(topic.native, mark) if mark else None
            if self.too_old(topic.active) or topic.native in self._asked_topics:
                continue
            if held is None or not held.done or topic.moved(held):
                yield topic.known_as(held)

    def no_topic(self, response: Response, topic: Topic, **_context: object) -> Iterator[Found]:
        """Note a topic that is gone, or closed to us."""
        gone = response.status in (404, 410)
        held = self.held_posts(topic.native) if gone else {}
        if not held:
            self.trouble(response, essential=False)
        yield from map(GonePost, sorted(held))
        if gone or response.status in (401, 403):
            # Should a list show a deleted topic again, it differs from this and is due.
            closed = replace(topic, done=True, newest=None, active=None if gone else topic.active)
            yield Mark(f"topic {topic.native}", closed.to_mark())

    def held_posts(self, native: str) -> dict[str, tuple[datetime, int | None]]:
        """Return the stored posts of a topic that are not known to be gone, each with its date and position."""
        self.flush()
        rows = self.session.store.rows(
            """SELECT id, created_at, position FROM posts WHERE thread_id = ?
               AND id NOT IN (SELECT post_id FROM gone_posts)""",
            [f"{self.source.name}:{native}"],
        )
        cut = len(self.source.name) + 1
        return {row["id"][cut:]: (from_text(row["created_at"]), row["position"]) for row in rows}

    def gone_from(self, topic: Topic, natives: Iterable[str]) -> Iterator[GonePost]:
        """Return posts that a topic does not show any more, but for those met in another one while it was read."""
        missing = sorted(natives)
        held = self.held_posts(topic.native) if missing else {}
        yield from (GonePost(native) for native in missing if native in held)

    def topic_read(self, topic: Topic, missing: int) -> Iterator[Mark]:
        """Note that a topic was read to its end, and how many of its posts could not be."""
        done = replace(topic, done=True, read=self.account.started_at)
        yield Mark(f"topic {topic.native}", done.to_mark())
        reason = "the topic counts more posts than it shows"
        self.counted.append(Counted(f"{self.source.name}:{topic.native}", None, reason, missing))

    def settle(self) -> None:
        """Count the history as complete only when no topic is left over."""
        self.history_left = self.history_left or any(not mark["done"] for mark in self.left_over("topic ").values())
        super().settle()


class IdTopicSpider(TopicSpider):
    """Base of spiders whose topics tell all ids of their posts at once."""

    part = 20
    """Posts to ask for at once."""

    @abstractmethod
    def ask_posts(self, reading: Reading, natives: list[str]) -> Request:
        """Return the request for some posts of a topic, whose answer ends with `part_read`."""

    @abstractmethod
    def sort_out(self, rows: Sequence[Any], reading: Reading) -> Part:
        """Return what the posts of an answer are; those whose parent is not known yet wait in `reading`."""

    def begin(self, topic: Topic, shown: Topic, stream: list[str], rows: Sequence[Any]) -> Iterator[Found]:
        """Go on after a topic's own answer: the topic as it shows it, the ids of all its posts and some posts."""
        held = self.held_posts(topic.native)
        places = {place + 1: native for native, (_, place) in held.items() if place is not None}
        reading = Reading(topic, shown, stream, {native: date for native, (date, _) in held.items()}, places)
        part = self.sort_out(rows, reading)
        reading.plan(part.shown, self.since, self.recheck_after)
        yield from self._part_read(reading, part)

    def go_on(self, reading: Reading, asked: Sequence[str], rows: Sequence[Any]) -> Iterator[Found]:
        """Go on after the answer to `ask_posts`."""
        part = self.sort_out(rows, reading)
        reading.answered(asked, part, self.since)
        yield from self._part_read(reading, part)

    def _part_read(self, reading: Reading, part: Part) -> Iterator[Found]:
        yield from part.posts
        yield from map(GonePost, part.gone)
        reading.topic = reading.topic.after(part)
        if following := reading.next(self.part):
            yield self.ask_posts(reading, following)
            return
        for number, post in reading.waiting:
            post.parent = reading.numbers.get(number)
            yield post
        yield from self.gone_from(reading.topic, reading.gone())
        yield from self.topic_read(reading.topic, len(reading.lacking - reading.held.keys()))
