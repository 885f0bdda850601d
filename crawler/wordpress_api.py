"""Addresses of WordPress's REST API (https://developer.wordpress.org/rest-api/reference/). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from crawler.wordpress_rows import iso

PAGE = 100
"""The most rows that the API gives at once."""

_FIELDS = {
    "posts": "id,date_gmt,modified_gmt,link,title,content,_links.author,_embedded",
    "comments": "id,post,parent,author_name,date_gmt,link,content,type",
}


@dataclass(frozen=True, slots=True)
class WordPressApi:
    """The API of the site at `root` (ends in a slash). Sites without permalinks have it under `?rest_route=`.

    `what` is `posts` or `comments` throughout.
    """

    root: str
    pretty: bool = True

    def between(self, what: str, oldest: int, newest: int) -> str:
        """Return the address of the newest rows from `oldest` to `newest` (seconds since 1970, both included)."""
        # The API's own bounds are exclusive.
        order = {"orderby": "date" if what == "posts" else "date_gmt", "order": "desc"}
        return self._rows(what, after=iso(oldest - 1), before=iso(newest + 1), **order)

    def numbered(self, what: str, numbers: Iterable[int]) -> str:
        """Return the address of up to 100 rows by their numbers."""
        return self._rows(what, include=",".join(map(str, numbers)))

    def edited(self, since: datetime, page: int) -> str:
        """Return the address of posts since `since` by their last change."""
        after = iso(int(since.timestamp()))
        return self._rows("posts", orderby="modified", order="desc", after=after, page=page)

    def ids(self, what: str, since: datetime, page: int) -> str:
        """Return the address of the numbers, and only those, of everything since `since`."""
        after = iso(int(since.timestamp()) - 1)
        return self._at(what, per_page=PAGE, _fields="id", after=after, page=page, orderby="id", order="asc")

    def _rows(self, what: str, **query: object) -> str:
        embed = {"_embed": "author"} if what == "posts" else {}
        return self._at(what, per_page=PAGE, _fields=_FIELDS[what], **embed, **query)

    def _at(self, what: str, **query: object) -> str:
        if self.pretty:
            return f"{self.root}wp-json/wp/v2/{what}?{urlencode(query)}"
        return f"{self.root}?rest_route=/wp/v2/{what}&{urlencode(query)}"
