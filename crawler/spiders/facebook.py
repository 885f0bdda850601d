"""One's own Facebook pages by the Graph API (https://developers.facebook.com/docs/graph-api/reference/page/feed).

The feed holds what the page and its visitors wrote and posts that tag the page; it gives about 600 posts a year, at
most 100 at once, and unpublished ones too. Comments: https://developers.facebook.com/docs/graph-api/reference/comment
and .../reference/object/comments (`filter=stream`: replies too). A comment shows its author to page tokens only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from crawler.answers import json_object
from crawler.extract.text import tidy
from crawler.graph_api import GraphSpider, rows_in, total_in
from crawler.items import FoundPost
from crawler.own_pages import Row
from crawler.spiders.base import Found
from crawler.values import moment, part

if TYPE_CHECKING:
    from scrapy.http import Response

COMMENT = "id,message,created_time,from{name},parent{id},like_count,comment_count,permalink_url"
POST = (
    "id,message,created_time,is_published,permalink_url,from{name},shares,reactions.limit(0).summary(true),"
    f"comments.filter(stream).limit(100).summary(true){{{COMMENT}}}"
)


def post_of(row: Row) -> Iterator[FoundPost]:
    """Return a page's post, nothing for one that is not published. Raises `KeyError`."""
    if row.get("is_published") is False:
        return
    native, made = str(row["id"]), moment(row.get("created_time"))
    yield FoundPost(
        thread=native,
        native_id=native,
        text=tidy(row.get("message") or ""),
        created_at=made,
        thread_url=row.get("permalink_url"),
        thread_created_at=made,
        author=part(row, "from").get("name"),
        url=row.get("permalink_url"),
        position=0,
        opens=True,
        likes=total_in(row.get("reactions")),
        replies=total_in(row.get("comments")),
        reposts=part(row, "shares").get("count"),
    )


def comment_of(row: Row, post: str) -> Iterator[FoundPost]:
    """Return a comment below `post`; the API names no author without the permission to. Raises `KeyError`."""
    yield FoundPost(
        thread=post,
        native_id=str(row["id"]),
        text=tidy(row["message"]),
        created_at=moment(row.get("created_time")),
        author=part(row, "from").get("name"),
        parent=str(part(row, "parent").get("id") or post),
        url=row.get("permalink_url"),
        likes=row.get("like_count"),
        replies=row.get("comment_count"),
    )


class FacebookSpider(GraphSpider):
    """Reads the pages' feeds with their comments."""

    figure_fields = "followers_count"
    edge = "feed"
    post_fields = POST
    per_page = 25
    made = "created_time"

    def post_of(self, row: Row) -> Iterator[FoundPost]:
        """Return a row of the feed as a post."""
        yield from post_of(row)

    def below(self, row: Row) -> Iterator[Found]:
        """Return the comments that came with a post."""
        if isinstance(row.get("comments"), dict):
            yield from self._comments(row["comments"], str(row["id"]), asked=False)

    def comments(self, response: Response, post: str) -> Iterator[Found]:
        """Read a further page of comments."""
        yield from self._comments(json_object(response), post, asked=True)

    def _comments(self, edge: object, post: str, *, asked: bool) -> Iterator[Found]:
        rows = rows_in(edge)
        yield from self.each(rows, lambda row: comment_of(row, post))
        if address := self.following(edge):
            yield self.ask_below(address, self.comments, post)
        yield from self.below_read(post, [str(row.get("id")) for row in rows], asked=asked)
