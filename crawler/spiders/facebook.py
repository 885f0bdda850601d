"""One's own Facebook pages by the Graph API (https://developers.facebook.com/docs/graph-api/reference/page/feed)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from crawler.answers import json_object
from crawler.extract.text import tidy
from crawler.graph_api import WATCHED, GraphSpider, moment, rows_in, total_in
from crawler.items import FoundAccount, FoundPost
from crawler.spiders.base import Ask, Found
from crawler.streams import Page
from crawler.walks import Walk

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

COMMENT = "id,message,created_time,from{name},parent{id},like_count,comment_count,permalink_url"
POST = (
    "id,message,created_time,permalink_url,from{name},shares,reactions.limit(0).summary(true),"
    f"comments.filter(stream).limit(100).summary(true){{{COMMENT}}}"
)


def post_of(row: Mapping[str, Any]) -> Iterator[FoundPost]:
    """Return a page's post, nothing for one without words. Raises `KeyError`."""
    native, made = str(row["id"]), moment(row["created_time"])
    yield FoundPost(
        thread=native,
        native_id=native,
        text=tidy(row.get("message") or ""),
        created_at=made,
        thread_url=row.get("permalink_url"),
        thread_created_at=made,
        author=(row.get("from") or {}).get("name"),
        url=row.get("permalink_url"),
        position=0,
        opens=True,
        likes=total_in(row.get("reactions")),
        replies=total_in(row.get("comments")),
        reposts=(row.get("shares") or {}).get("count"),
    )


def comment_of(row: Mapping[str, Any], post: str) -> Iterator[FoundPost]:
    """Return a comment below `post`; the API names no author without the permission to. Raises `KeyError`."""
    yield FoundPost(
        thread=post,
        native_id=str(row["id"]),
        text=tidy(row["message"]),
        created_at=moment(row["created_time"]),
        author=(row.get("from") or {}).get("name"),
        parent=str((row.get("parent") or {}).get("id") or post),
        url=row.get("permalink_url"),
        likes=row.get("like_count"),
        replies=row.get("comment_count"),
    )


class FacebookSpider(GraphSpider):
    """Reads the pages' feeds with their comments."""

    async def start(self) -> AsyncIterator[Request]:
        """Begin with every page's figures and its feed."""
        for page in self.source.accounts:
            path = quote(page)
            yield self.get(self.address(path, fields="followers_count"), self.figures, page=page)
            first = self.address(f"{path}/feed", fields=POST, limit=25)

            def ask(address: str, walk: Walk, first: str = first, name: str = f"feed {page}") -> Request:
                known = {"stream": name, "walk": walk, "asked": address or first}
                return self.get(address or first, self.feed, ask=ask, **known)

            yield self.stream(f"feed {page}", first, ask)

    def figures(self, response: Response, page: str) -> Iterator[Found]:
        """Read how many follow a page."""
        yield FoundAccount(page, json_object(response).get("followers_count"))

    def feed(self, response: Response, stream: str, walk: Walk, asked: str, ask: Ask) -> Iterator[Found]:
        """Read one page of posts, newest first."""
        answer = json_object(response)
        rows = rows_in(answer)
        ids = [str(row.get("id")) for row in rows]
        moments = [made for row in rows if (made := moment(row.get("created_time")))]
        page = Page(ids, ids, moments, self.following(answer))
        young = any(made >= self.account.started_at - WATCHED for made in moments)
        known = self.is_known(page) and not young
        yield from self.each(rows, post_of)
        for row in rows:
            yield from self._comments(row.get("comments"), str(row.get("id")))
        yield from self.stream_on(stream, walk, asked, page, known, ask)

    def comments(self, response: Response, post: str) -> Iterator[Found]:
        """Read a further page of comments."""
        yield from self._comments(json_object(response), post)

    def _comments(self, edge: object, post: str) -> Iterator[Found]:
        yield from self.each(rows_in(edge), lambda row: comment_of(row, post))
        if address := self.following(edge):
            yield self.get(address, self.comments, post=post, priority=10)
