"""One's own professional Instagram account (https://developers.facebook.com/docs/instagram-platform)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from crawler.answers import json_object
from crawler.extract.text import tidy
from crawler.graph_api import WATCHED, GraphSpider, moment, rows_in
from crawler.items import FoundAccount, FoundPost
from crawler.spiders.base import Ask, Found
from crawler.streams import Page
from crawler.walks import Walk

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

MEDIA = "id,caption,timestamp,permalink,username,like_count,comments_count"
ANSWER = "id,text,timestamp,username,like_count"
COMMENT = f"{ANSWER},replies.limit(50){{{ANSWER}}}"


def medium_of(row: Mapping[str, Any]) -> Iterator[FoundPost]:
    """Return a picture or film as the post that opens its thread. Raises `KeyError`."""
    native, made = str(row["id"]), moment(row["timestamp"])
    yield FoundPost(
        thread=native,
        native_id=native,
        text=tidy(row.get("caption") or ""),
        created_at=made,
        thread_url=row.get("permalink"),
        thread_created_at=made,
        author=row.get("username"),
        url=row.get("permalink"),
        position=0,
        opens=True,
        likes=row.get("like_count"),
        replies=row.get("comments_count"),
    )


def comment_of(row: Mapping[str, Any], medium: str, above: str | None = None) -> Iterator[FoundPost]:
    """Return a comment, or a reply to the comment `above`. Raises `KeyError`."""
    yield FoundPost(
        thread=medium,
        native_id=str(row["id"]),
        text=tidy(row["text"]),
        created_at=moment(row["timestamp"]),
        author=row.get("username"),
        parent=above or medium,
        likes=row.get("like_count"),
    )


class InstagramSpider(GraphSpider):
    """Reads the account's media, then the comments of each that has some."""

    async def start(self) -> AsyncIterator[Request]:
        """Begin with every account's figures and its media."""
        for user in self.source.accounts:
            path = quote(user)
            yield self.get(self.address(path, fields="followers_count,media_count"), self.figures, user=user)
            first = self.address(f"{path}/media", fields=MEDIA, limit=50)

            def ask(address: str, walk: Walk, first: str = first, name: str = f"media {user}") -> Request:
                known = {"stream": name, "walk": walk, "asked": address or first}
                return self.get(address or first, self.media, ask=ask, **known)

            yield self.stream(f"media {user}", first, ask)

    def figures(self, response: Response, user: str) -> Iterator[Found]:
        """Read how many follow an account."""
        answer = json_object(response)
        yield FoundAccount(user, answer.get("followers_count"), answer.get("media_count"))

    def media(self, response: Response, stream: str, walk: Walk, asked: str, ask: Ask) -> Iterator[Found]:
        """Read one page of media, newest first."""
        answer = json_object(response)
        rows = rows_in(answer)
        ids = [str(row.get("id")) for row in rows]
        moments = [made for row in rows if (made := moment(row.get("timestamp")))]
        page = Page(ids, ids, moments, self.following(answer))
        young = any(made >= self.account.started_at - WATCHED for made in moments)
        known = self.is_known(page) and not young
        yield from self.each(rows, medium_of)
        for row in rows:
            if row.get("comments_count"):
                address = self.address(f"{row.get('id')}/comments", fields=COMMENT, limit=50)
                yield self.get(address, self.comments, medium=str(row.get("id")), above=None, priority=10)
        yield from self.stream_on(stream, walk, asked, page, known, ask)

    def comments(self, response: Response, medium: str, above: str | None) -> Iterator[Found]:
        """Read one page of comments with their replies, or of replies."""
        yield from self._comments(json_object(response), medium, above)

    def _comments(self, edge: object, medium: str, above: str | None) -> Iterator[Found]:
        rows = rows_in(edge)
        yield from self.each(rows, lambda row: comment_of(row, medium, above))
        for row in rows:
            yield from self._comments(row.get("replies"), medium, str(row.get("id")))
        if address := self.following(edge):
            yield self.get(address, self.comments, medium=medium, above=above, priority=10)
