"""YouTube (https://developers.google.com/youtube/v3/docs): comments on the videos of channels, links and a search.

Lists of comments run from new to old, but a new reply does not bring its comment to the top: a video's own count says
whether anything is new, and the list is read on until what is held agrees with it. One request tells the counts of 50
videos, old ones too. Searches cost as much as a hundred other requests: few pages a run, in slices of time.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from crawler.answers import json_object
from crawler.items import FoundAccount, GonePost, Mark
from crawler.missing import Counted
from crawler.slices import Slices, plan_slices
from crawler.spiders.base import RECHECK, Ask, Found
from crawler.streams import Page
from crawler.values import part
from crawler.walks import Walk
from crawler.youtube_api import SEARCH_UNITS
from crawler.youtube_comments import YouTubeComments
from crawler.youtube_rows import channel_query, count_in, made_at, rows_in, video_in

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

PER_PAGE = 50
"""Videos a page, and ids a request: the API's most."""

MOST_UPLOADS = 20
"""Pages of a channel's uploads that are watched: its newest 1,000 videos."""

SEARCH_PAGES = 3
SEARCH_PAUSE = timedelta(hours=6)
"""At most so many pages of a search, and so often: 1,200 units of the day's 10,000."""


class YouTubeSpider(YouTubeComments):
    """Finds the videos; their comments are read in crawler/youtube_comments.py."""

    slices: Slices

    async def start(self) -> AsyncIterator[Request]:
        """Begin everywhere at once."""
        for account in self.source.accounts:
            self._streams.add(f"account {account}")
            query = {"part": "statistics,contentDetails", **channel_query(account)}
            for request in self.get(self.address("channels", **query), self.channel, priority=20, account=account):
                yield request
        for page in self.source.pages:
            if video := video_in(page):
                self.pinned.add(video)
            else:
                self._streams.add(f"page {page}")
                self.account.trouble("partial", "one of `pages` is no link to a video")
        if self.source.query:
            for request in self._begin_search():
                yield request

    def channel(self, response: Response, account: str) -> Iterator[Found]:
        """Read a channel's figures and go on to its uploads."""
        self._answered_streams.add(f"account {account}")
        rows = rows_in(json_object(response))
        if not rows:
            self.history_left = True
            self.account.trouble("partial", f"{account} is no channel; give its id (UC...) or its @handle")
            return
        figures = part(rows[0], "statistics")
        hidden = figures.get("hiddenSubscriberCount") is True
        subscribers = None if hidden else count_in(figures, "subscriberCount")
        yield FoundAccount(account, subscribers, count_in(figures, "videoCount"))
        playlist = part(part(rows[0], "contentDetails"), "relatedPlaylists").get("uploads")
        if not isinstance(playlist, str):
            return
        stream = f"uploads {playlist}"
        first = self.address("playlistItems", part="contentDetails", playlistId=playlist, maxResults=PER_PAGE)
        yield from self.list_of(stream, first, self.uploads)

    def uploads(self, response: Response, asked: str, stream: str, walk: Walk, ask: Ask, first: str) -> Iterator[Found]:
        """Read one page of a channel's videos, newest first."""
        answer = json_object(response)
        found = [part(row, "contentDetails").get("videoId") for row in rows_in(answer)]
        videos = [video for video in found if isinstance(video, str)]
        known = bool(videos) and all(video in self.videos for video in videos)
        for video in videos:
            yield from self.meet(video)
        token = answer.get("nextPageToken")
        following = f"{first}&pageToken={token}" if token and walk.page < MOST_UPLOADS else None
        yield from self.stream_on(stream, walk, asked, Page(videos, videos, (), following), known, ask)

    def _begin_search(self) -> Iterator[Request]:
        now = self.account.started_at
        self._search_mark = f"search {self.source.query}"
        remembered = self.session.memory.recall(self.source.name, self._search_mark)
        if remembered and now - datetime.fromisoformat(str(remembered["at"])) < SEARCH_PAUSE:
            return
        self._streams.add("search")
        recheck = int(RECHECK.total_seconds())
        self.slices = plan_slices(remembered, int(self.since.timestamp()), int(now.timestamp()), recheck)
        yield from self._search(1)

    def _search(self, page: int) -> Iterator[Request]:
        if self.slices.current is None:
            return
        if page > SEARCH_PAGES:
            self.history_left = True
            reason = f"a search is read {SEARCH_PAGES} pages a run, as it costs {SEARCH_UNITS} units a page"
            self.counted.append(Counted(None, None, reason, missing=None))
            return
        low, high = self.slices.current
        query: dict[str, object] = {"part": "snippet", "type": "video", "order": "date", "maxResults": PER_PAGE}
        query |= {"q": self.source.query, "publishedAfter": _stamp(low - 1), "publishedBefore": _stamp(high + 1)}
        yield from self.get(self.address("search", **query), self.hits, units=SEARCH_UNITS, priority=10, page=page)

    def hits(self, response: Response, page: int) -> Iterator[Found]:
        """Read one page of a search, remember how far we are."""
        self._answered_streams.add("search")
        answer = json_object(response)
        rows = rows_in(answer)
        for row in rows:
            if isinstance(video := part(row, "id").get("videoId"), str):
                yield from self.meet(video, searched=True)
        moments = [int(made.timestamp()) for row in rows if (made := made_at(row))]
        self.slices.page_read(moments, full=bool(answer.get("nextPageToken") and moments))
        yield Mark(self._search_mark, {**self.slices.to_mark(), "at": self.account.started_at.isoformat()})
        yield from self._search(page + 1)

    def look_again(self) -> Iterator[Request]:
        """Ask for the figures of all videos that are watched."""
        for video in self.pinned:
            yield from self._handed_on(self.meet(video))
        every = list(self.videos)
        for start in range(0, len(every), PER_PAGE):
            ids = every[start : start + PER_PAGE]
            address = self.address("videos", part="snippet,statistics", id=",".join(ids), maxResults=PER_PAGE)
            self._streams.add("videos")
            yield from self.get(address, self.figures, priority=5, asked_for=ids)

    def figures(self, response: Response, asked_for: list[str]) -> Iterator[Found]:
        """Read videos with their figures; those whose count of comments moved are read, missing ones are deleted."""
        self._answered_streams.add("videos")
        rows = {str(row.get("id")): row for row in rows_in(json_object(response))}
        for video in asked_for:
            if video in rows:
                yield from self.comments_if_due(video, rows[video])
                continue
            if video in self.pinned:
                self.account.trouble("partial", f"the video {video} is not shown to visitors")
            yield GonePost(video)
            yield from self.forget(video)


def _stamp(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
