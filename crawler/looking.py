"""Asking a site the handful of questions that `finding` wants answered."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

from scrapy.http import TextResponse

from crawler.finding import more_questions, questions
from crawler.finding_answers import Answer
from crawler.spiders.base import Found, SourceSpider

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

    from crawler.checking import Met

MOST_CHARACTERS = 400_000
"""Of one answer; what gives a site away stands near its beginning."""


class LookingSpider(SourceSpider):
    """Reads the page, then what it makes worth asking; yields no posts. `answers` holds what was said."""

    def __init__(self, *args: Any, met: Met, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._met = met
        self.answers: list[Answer] = []
        self._asked: set[str] = set()

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the page."""
        yield self.ask(self.url, self.page, otherwise=self.page, essential=True, asked=self.url)

    def page(self, response: Response, asked: str) -> Iterator[Found]:
        """Keep the page and ask on."""
        self.answers.append(_answer(response, asked))
        if response.status >= 400:
            self.trouble(response, essential=True)
            return
        for address in questions(self.answers[0], self._met.sitemaps):
            yield self._question(address)

    def said(self, response: Response, asked: str) -> Iterator[Found]:
        """Keep an answer; NodeInfo may make one more question worth asking."""
        self.answers.append(_answer(response, asked))
        for address in more_questions(self.answers[0], self.answers[1:]):
            if address not in self._asked:
                yield self._question(address)

    def _question(self, address: str) -> Request:
        self._asked.add(address)
        return self.ask(address, self.said, otherwise=self.said, asked=address)


def _answer(response: Response, asked: str) -> Answer:
    text = response.text if isinstance(response, TextResponse) else response.body.decode("utf-8", "replace")
    headers = {
        name.decode("latin-1").lower(): ", ".join(value.decode("latin-1") for value in values)
        for name, values in response.headers.items()
        if name.lower() in (b"link", b"server", b"x-powered-by", b"content-type")
    }
    return Answer(asked, response.url, response.status, text[:MOST_CHARACTERS], headers)
