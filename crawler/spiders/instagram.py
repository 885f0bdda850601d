"""One's own professional Instagram account (https://developers.facebook.com/docs/instagram-platform).

Media: .../instagram-graph-api/reference/ig-media; comments: .../reference/ig-media/comments and .../ig-comment
(`replies`: only top-level comments have some). Comments of people whom the account restricted, and on media with an
age limit, are not shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from crawler.answers import json_object
from crawler.extract.text import tidy
from crawler.graph_api import GraphSpider, rows_in
from crawler.items import FoundPost
from crawler.own_pages import Row
from crawler.spiders.base import Found
from crawler.values import moment, part

if TYPE_CHECKING:
    from scrapy.http import Response

MEDIA = "id,caption,timestamp,permalink,username,like_count,comments_count"
ANSWER = "id,text,timestamp,username,from,like_count"
COMMENT = f"{ANSWER},replies.limit(50){{{ANSWER}}}"


def medium_of(row: Row) -> Iterator[FoundPost]:
    """Return a picture or film as the post that opens its thread. Raises `KeyError`."""
    native, made = str(row["id"]), moment(row.get("timestamp"))
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


def comment_of(row: Row, medium: str, above: str | None = None) -> Iterator[FoundPost]:
    """Return a comment, or a reply to the comment `above`. Raises `KeyError`."""
    yield FoundPost(
        thread=medium,
        native_id=str(row["id"]),
        text=tidy(row["text"]),
        created_at=moment(row.get("timestamp")),
        author=row.get("username") or part(row, "from").get("username"),
        parent=above or medium,
        likes=row.get("like_count"),
    )


class InstagramSpider(GraphSpider):
    """Reads the account's media, then the comments of each that has some."""

    figure_fields = "followers_count,media_count"
    edge = "media"
    post_fields = MEDIA
    per_page = 50
    made = "timestamp"

    def post_of(self, row: Row) -> Iterator[FoundPost]:
        """Return a row of the media as a post."""
        yield from medium_of(row)

    def below(self, row: Row) -> Iterator[Found]:
        """Ask for the comments on a medium that has some."""
        medium = str(row["id"])
        if row.get("comments_count"):
            address = self.address(f"{medium}/comments", fields=COMMENT, limit=50)
            yield self.ask_below(address, self.comments, medium, above=None)
        elif row.get("comments_count") == 0:
            yield from self.below_read(medium, (), asked=False)

    def comments(self, response: Response, post: str, above: str | None) -> Iterator[Found]:
        """Read one page of comments with their replies, or of replies."""
        shown: list[str] = []
        yield from self._comments(json_object(response), post, above, shown)
        yield from self.below_read(post, shown)

    def _comments(self, edge: object, medium: str, above: str | None, shown: list[str]) -> Iterator[Found]:
        rows = rows_in(edge)
        shown += [str(row.get("id")) for row in rows]
        yield from self.each(rows, lambda row: comment_of(row, medium, above))
        for row in rows:
            yield from self._comments(row.get("replies"), medium, str(row.get("id")), shown)
        if address := self.following(edge):
            yield self.ask_below(address, self.comments, medium, above=above)
