"""What reading a page gives: a thread with its posts, links to follow, a feed with its entries.

Every time is an aware `datetime` in UTC. `None` means "the page does not say", never zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from crawler.extract.precision import Precision

Route = Literal["json-ld", "microdata", "microformats", "repeated-blocks", "article", "description", "none"]


@dataclass(frozen=True, slots=True)
class ExtractedPost:
    """One post as the page shows it.

    `position` counts from 0 in the page's order. `native_id` is the site's own id (unique within
    the page), None where the page shows none. `parent` is the native id of the post answered, None
    for the opening post and where the page does not tell. `url` is the post's permalink. `likes`,
    `replies` and `views` are None where not shown (a Stack Exchange score can be negative).

    `created_at` is as exact as `precision` says; `zoned` is False when the page printed no zone and UTC was
    assumed; `shown_at` is the date in the page's own words. `quoted` is the text of other posts that this one
    repeats, which `text` leaves out. All four are None where the page shows no date, or no quote.
    `parent_position` is the place on this page of the post answered, also where posts have no ids.
    """

    position: int
    text: str
    author: str | None = None
    created_at: datetime | None = None
    edited_at: datetime | None = None
    native_id: str | None = None
    parent: str | None = None
    url: str | None = None
    likes: int | None = None
    replies: int | None = None
    views: int | None = None
    precision: Precision | None = None
    zoned: bool | None = None
    shown_at: str | None = None
    quoted: str | None = None
    parent_position: int | None = None


@dataclass(frozen=True, slots=True)
class ExtractedThread:
    """A page read as a thread. `route` says how; `none` with no posts when nothing was found.

    `url` is the page's canonical address without a fragment, else the address it was fetched from.
    `title` is empty when the page has none.
    """

    route: Route
    title: str
    url: str
    posts: tuple[ExtractedPost, ...] = ()


@dataclass(frozen=True, slots=True)
class ThreadLink:
    """A link that looks like a thread on a forum's listing page.

    `last_activity` and `replies` are None where the listing does not show them.
    """

    url: str
    title: str
    last_activity: datetime | None = None
    replies: int | None = None


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry of a feed.

    `native_id` is guid or id, else the link, else a digest of the content: never empty. `parent` is
    the id named by `thr:in-reply-to`; `comments_feed` the address of the entry's own comment feed
    (`wfw:commentRss`, Atom `link rel=replies`); `replies` the count from `slash:comments` or `thr:count`.
    `text` is plain text, in paragraphs.
    """

    native_id: str
    title: str
    text: str
    url: str | None = None
    author: str | None = None
    created_at: datetime | None = None
    edited_at: datetime | None = None
    parent: str | None = None
    comments_feed: str | None = None
    replies: int | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: `format` is `rss`, `rdf`, `atom` or `json`; `title` is empty when it has none."""

    format: str
    title: str
    url: str | None
    entries: tuple[FeedEntry, ...] = ()
