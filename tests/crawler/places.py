"""Simulated sources for the no-loss property: what is said there, how it is shown, and what goes wrong on the way."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from boards import TOPICS, Board
from conftest import Answer, Asked, Site, feed_of
from test_wordpress_spider import Blog

NOW = datetime.now(UTC).replace(microsecond=0)
PER_PAGE = 5
TELLING = (
    *("cold", "mornings", "spare", "parts", "never", "arrived", "although", "support", "promised", "them", "while"),
    *("our", "night", "shift", "waited", "for", "nothing", "useful", "and", "pressure", "fell", "until", "somebody"),
)
HANG = 1.6
"""Seconds that an answer takes too long; the crawls of these tests wait one."""


@dataclass(frozen=True)
class Said:
    """One post of the simulated source, `seconds` before the test began."""

    number: int
    seconds: int

    @property
    def created_at(self) -> datetime:
        return NOW - timedelta(seconds=self.seconds)

    @property
    def text(self) -> str:
        # What all posts of a page say alike would be taken for furniture of the board: no two say the same.
        said = [TELLING[self.number * step % len(TELLING)] for step in range(1, 4 + self.number % 5)]
        return f"The gasket of batch {self.number} leaks again: {' '.join(said)}."


@dataclass(frozen=True)
class Weather:
    """What goes wrong in one run, at which of its requests (0: never)."""

    killed_at: int = 0
    broken_at: int = 0
    broken_for: int = 1
    late_at: int = 0
    reversed_pages: bool = False
    repeats: bool = False
    budget: int = 2_000

    @property
    def fair(self) -> bool:
        """Whether every page was shown in this run."""
        return not self.killed_at and self.budget >= 2_000 and not (self.broken_at and self.broken_for > 2)


@dataclass
class Place:
    """A source of `kind` ("feed", "wordpress", "forum"). `pages` caps what a feed or a topic shows, None: all."""

    site: Site
    kind: str
    kill: Callable[[], None]
    pages: int | None = None
    said: dict[int, Said] = field(default_factory=dict)
    weather: Weather = field(default_factory=Weather)
    asked: int = 0

    def __post_init__(self) -> None:
        self.blog = Blog(self.site)
        self.site.routes["/robots.txt"] = Answer("", content_type="text/plain")
        self.site.fallback = self.serve

    def begin(self, weather: Weather) -> None:
        self.weather, self.asked = weather, 0

    def shown(self) -> list[Said]:
        """Return what can be reached, newest first; the order of a board is its own."""
        if self.kind == "forum":
            board = self._board()
            return [post for topic in range(TOPICS) for post in board.shown(topic) if isinstance(post, Said)]
        found = sorted(self.said.values(), key=lambda one: (one.seconds, -one.number))
        return found if self.pages is None else found[: self.pages * PER_PAGE]

    def serve(self, asked: Asked) -> Answer:
        self.asked += 1
        weather = self.weather
        if self.asked == weather.killed_at:
            self.kill()
            return Answer(status=500)
        if weather.broken_at and weather.broken_at <= self.asked < weather.broken_at + weather.broken_for:
            return Answer(status=500)
        if self.asked == weather.late_at:
            time.sleep(HANG)
        if self.kind == "forum":
            return self._tagged(self._board().serve(asked))
        return self._feed(asked) if self.kind == "feed" else self._api(asked)

    def _board(self) -> Board:
        return Board(list(self.said.values()), self.pages, self._disordered)

    def _feed(self, asked: Asked) -> Answer:
        page = int(asked.query.get("page", ["1"])[0])
        found = self.shown()
        rows = self._disordered(found[(page - 1) * PER_PAGE : page * PER_PAGE])
        answer = feed_of([{"id": f"e{one.number}", "date": one.created_at, "text": one.text} for one in rows])
        if page * PER_PAGE >= len(found):
            return self._tagged(answer)
        link = f"<atom:link xmlns:atom='http://www.w3.org/2005/Atom' rel='next' href='/feed?page={page + 1}'/>"
        return self._tagged(replace(answer, body=str(answer.body).replace("</title>", f"</title>{link}", 1)))

    def _tagged(self, answer: Answer) -> Answer:
        return replace(answer, headers={"ETag": f'"{hash(answer.body)}"'})

    def _api(self, asked: Asked) -> Answer:
        if not asked.path.startswith("/wp-json/wp/v2/"):
            return Answer(status=404)
        self.blog.posts, self.blog.comments = {}, {}
        self.blog.post(1, days=9)
        for one in self.said.values():
            self.blog.comment(one.number, 1, days=(NOW - one.created_at) / timedelta(days=1))
            self.blog.comments[one.number]["content"] = {"rendered": f"<p>{one.text}</p>"}
        # Rounding of days to dates must not move a post to another second.
        for row in self.blog.comments.values():
            row["date_gmt"] = self.said[row["id"]].created_at.replace(tzinfo=None).isoformat()
        answer = self.blog.serve(asked)
        rows = json.loads(answer.body)
        return replace(answer, body=json.dumps(self._disordered(rows))) if isinstance(rows, list) else answer

    def _disordered(self, rows: list[Any]) -> list[Any]:
        rows = list(reversed(rows)) if self.weather.reversed_pages else rows
        # A page that holds one post twice and nothing else tells nobody what its words are and what its furniture is.
        return [*rows, *rows[:2]] if self.weather.repeats and len(rows) > 2 else rows
