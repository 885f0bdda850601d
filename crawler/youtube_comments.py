"""The comments of videos: commentThreads.list newest first, comments.list for replies that do not come along.

https://developers.google.com/youtube/v3/docs/commentThreads/list : a thread shows at most five of its replies, counts
all of them. A video counts its comments, replies included; comments held for review are counted and never shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from crawler.answers import json_object
from crawler.items import FoundPost, GonePost, Mark
from crawler.missing import Counted
from crawler.spiders.base import Ask, Found
from crawler.streams import Page
from crawler.values import part
from crawler.walks import Walk
from crawler.youtube_api import CLOSED, YouTubeApi
from crawler.youtube_rows import Row, comment_of, count_in, made_at, rows_in, video_of

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

    from crawler.plan import SourcePlan
    from crawler.session import Session

PER_PAGE = 100
"""Comments a page: the API's most."""

FORGET = timedelta(days=60)
"""How long a video that a search found is watched after its count last moved."""


@dataclass
class Reading:
    """A video whose comments are being read: what it counts, which were shown, how many answers are still to come."""

    video: str
    row: Row
    count: int
    met: set[str] = field(default_factory=set)
    pending: int = 0
    ended: bool = False
    whole: bool = False


class YouTubeComments(YouTubeApi):
    """Base of the spider: watched videos and their comments."""

    def __init__(self, source: SourcePlan, session: Session) -> None:
        super().__init__(source, session)
        self.videos: dict[str, dict[str, Any]] = self.left_over("video ")
        self.pinned: set[str] = set()

    def meet(self, video: str, *, searched: bool = False) -> Iterator[Mark]:
        """Watch a video from now on."""
        if video not in self.videos:
            self.videos[video] = {"count": -1, "lack": 0, "searched": searched, "at": self._now}
            yield Mark(f"video {video}", self.videos[video])

    def comments_if_due(self, video: str, row: Row) -> Iterator[Found]:
        """Keep a video, and ask for its comments when their count is not the one remembered, or while it is young."""
        mark, made = self.videos[video], made_at(row)
        if not self.too_old(made):
            yield from self.each([row], lambda found: [video_of(found)])
        count = count_in(part(row, "statistics"), "commentCount")
        if count is None:
            yield Mark(f"video {video}", {**mark, "count": CLOSED})
            yield Mark(f"walk comments {video}", None)
            return
        young = made is not None and made >= self.recheck_after and count > 0
        moved = count != mark["count"] and (count > 0 or mark["count"] > 0)
        if moved or young or self.left_over(f"walk comments {video}"):
            stream, reading = f"comments {video}", Reading(video, row, count)
            query = {"part": "snippet,replies", "videoId": video, "order": "time", "textFormat": "plainText"}
            first = self.address("commentThreads", **query, maxResults=PER_PAGE)
            yield from self.list_of(stream, first, self.threads, reading=reading)
        elif mark.get("searched") and self.account.started_at - datetime.fromisoformat(mark["at"]) > FORGET:
            yield from self.forget(video)

    def threads(
        self, response: Response, asked: str, stream: str, walk: Walk, ask: Ask, first: str, reading: Reading
    ) -> Iterator[Found]:
        """Read one page of comments, newest first."""
        answer = json_object(response)
        rows = rows_in(answer)
        self.flush()
        ids = [str(row.get("id")) for row in rows]
        tops = [part(part(row, "snippet"), "topLevelComment") for row in rows]
        token = answer.get("nextPageToken")
        moments = [made for top in tops if (made := made_at(top))]
        page = Page(ids, ids, moments, f"{first}&pageToken={token}" if token else None)
        known = self.is_known(page) and len(self.held_in(reading.video)) == reading.count - self._lack(reading)
        posts = list(self.each(rows, lambda row: self._thread(row, reading.video)))
        if posts and self.too_old(made_at(reading.row)):
            yield from self.each([reading.row], lambda row: [video_of(row)])
        yield from posts
        yield from self._replies_due(rows, reading)
        went_on = False
        for found in self.stream_on(stream, walk, asked, page, known, ask):
            went_on = went_on or not isinstance(found, Mark)
            yield found
        if not went_on and not self._spent:
            reading.ended, reading.whole = True, not token and not walk.jumped
            yield from self._finished(reading)

    def _thread(self, row: Row, video: str) -> list[FoundPost]:
        snippet = row["snippet"]
        top = comment_of(snippet["topLevelComment"], video, replies=count_in(snippet, "totalReplyCount"))
        below = [comment_of(reply, video, top.native_id) for reply in rows_in(part(row, "replies"), "comments")]
        below = [reply for reply in below if not self.too_old(reply.created_at)]
        return [top, *below] if below or not self.too_old(top.created_at) else []

    def _replies_due(self, rows: Iterable[Row], reading: Reading) -> Iterator[Request]:
        held = self._held_below(reading.video)
        for row in rows:
            native, total = str(row.get("id")), count_in(part(row, "snippet"), "totalReplyCount") or 0
            shown = {str(reply.get("id")) for reply in rows_in(part(row, "replies"), "comments")}
            reading.met |= {native} | shown
            if total <= len(shown):
                continue
            tried = self.session.memory.recall(self.source.name, f"replies {native}").get("total")
            if total in (len(held.get(native, set()) | shown), tried):
                reading.met |= held.get(native, set())
                continue
            query = {"part": "snippet", "parentId": native, "textFormat": "plainText", "maxResults": PER_PAGE}
            for request in self._more_replies(self.address("comments", **query), reading, native, total, 0):
                reading.pending += 1
                yield request

    def _more_replies(self, first: str, reading: Reading, above: str, total: int, shown: int) -> Iterator[Request]:
        known: dict[str, Any] = {"first": first, "reading": reading, "above": above, "total": total, "shown": shown}
        yield from self.get(first, self.replies, priority=8, **known)

    def replies(
        self, response: Response, first: str, reading: Reading, above: str, total: int, shown: int
    ) -> Iterator[Found]:
        """Read one page of the replies to a comment."""
        answer = json_object(response)
        rows = rows_in(answer)
        reading.met |= {str(row.get("id")) for row in rows}
        kept = [row for row in rows if not self.too_old(made_at(row))]
        yield from self.each(kept, lambda row: [comment_of(row, reading.video, above)])
        shown += len(rows)
        if token := answer.get("nextPageToken"):
            address = f"{first.partition('&pageToken=')[0]}&pageToken={token}"
            yield from self._more_replies(address, reading, above, total, shown)
            return
        # A count that the API never shows in full would be asked for again in every run.
        yield Mark(f"replies {above}", {"total": total} if shown != total or len(kept) != len(rows) else None)
        reading.pending -= 1
        yield from self._finished(reading)

    def _finished(self, reading: Reading) -> Iterator[Found]:
        """Once all of a reading's answers are there, note what is gone and what is counted and not shown."""
        if not reading.ended or reading.pending:
            return
        self.flush()
        video, mark = reading.video, self.videos[reading.video]
        held = self.held_in(video)
        gone = held - reading.met if reading.whole else set()
        yield from (GonePost(native) for native in sorted(gone))
        lack = reading.count - len(held - gone)
        at = mark["at"] if reading.count == mark["count"] else self._now
        yield Mark(f"video {video}", {**mark, "count": reading.count, "lack": lack, "at": at})
        if not self.too_old(made_at(reading.row)):
            reason = "the video counts more comments than YouTube shows"
            self.counted.append(Counted(f"{self.source.name}:{video}", None, reason, max(lack, 0)))

    def _lack(self, reading: Reading) -> int:
        return int(self.videos[reading.video].get("lack") or 0)

    @property
    def _now(self) -> str:
        return self.account.started_at.isoformat()

    def held_in(self, video: str) -> set[str]:
        """Return the comments of a video that the store holds and that are not known to be gone."""
        return {native for below in self._held_below(video).values() for native in below}

    def _held_below(self, video: str) -> dict[str, set[str]]:
        rows = self.session.store.rows(
            """SELECT id, parent_id FROM posts WHERE thread_id = ? AND id <> thread_id
                 AND id NOT IN (SELECT post_id FROM gone_posts)""",
            [f"{self.source.name}:{video}"],
        )
        prefix = f"{self.source.name}:"
        held: dict[str, set[str]] = {}
        for row in rows:
            held.setdefault(str(row["parent_id"]).removeprefix(prefix), set()).add(str(row["id"]).removeprefix(prefix))
        return held
