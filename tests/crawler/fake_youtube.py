"""A YouTube Data API v3 on loopback, in the shape of developers.google.com/youtube/v3/docs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from conftest import Answer, Asked, Site

KEY = "AIzaVerySecret"
NOW = datetime.now(UTC).replace(microsecond=0)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CHANNEL = "UC" + "a" * 22


def stamp(age: timedelta) -> str:
    return (NOW - age).strftime("%Y-%m-%dT%H:%M:%SZ")


def name(number: int) -> str:
    return f"video{number:06d}"


@dataclass
class YouTube:
    """Answers like the Data API v3: pages by `pageToken`, five replies inline, counts as text, error objects."""

    site: Site
    videos: dict[str, dict[str, Any]] = field(default_factory=dict)
    comments: dict[str, dict[str, Any]] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    held_back: int = 0
    refuse: Callable[[Asked], Answer | None] = lambda _: None

    def __post_init__(self) -> None:
        self.site.fallback = self.answer

    def video(self, number: int, age: timedelta = 5 * DAY) -> None:
        snippet = {"title": f"Pump {number}", "description": "How to prime it", "channelTitle": "Acme"}
        self.videos[name(number)] = {"id": name(number), "snippet": {**snippet, "publishedAt": stamp(age)}}

    def comment(self, native: str, video: int, age: timedelta = 4 * DAY, above: str | None = None) -> None:
        made = stamp(age)
        snippet = {"textDisplay": f"Said {native}", "authorDisplayName": f"@{native[:2]}", "likeCount": 3}
        snippet |= {"publishedAt": made, "updatedAt": made, "videoId": name(video), "above": above}
        self.comments[native] = {"id": native, "snippet": snippet}

    def answer(self, asked: Asked) -> Answer:
        if refused := self.refuse(asked):
            return refused
        method = asked.path.removeprefix("/youtube/v3/")
        if method == "commentThreads" and asked.query["videoId"][0] in self.closed:
            return error(403, "commentsDisabled")
        rows: list[dict[str, Any]] = getattr(self, f"_{method}")(asked)
        start, most = int(asked.query.get("pageToken", ["0"])[0]), int(asked.query.get("maxResults", ["5"])[0])
        more = {"nextPageToken": str(start + most)} if len(rows) > start + most else {}
        return Answer(json.dumps({"items": rows[start : start + most], **more}), content_type="application/json")

    def _channels(self, asked: Asked) -> list[dict[str, Any]]:
        if asked.query.get("forHandle", ["@acme"]) != ["@acme"]:
            return []
        figures = {"subscriberCount": "1234", "hiddenSubscriberCount": False, "videoCount": "2", "viewCount": "9"}
        uploads = {"relatedPlaylists": {"uploads": "UU1"}}
        return [{"id": CHANNEL, "statistics": figures, "contentDetails": uploads}]

    def _playlistItems(self, _: Asked) -> list[dict[str, Any]]:  # noqa: N802 # the method's name
        return [{"contentDetails": {"videoId": video["id"]}} for video in self._newest(self.videos.values())]

    def _search(self, asked: Asked) -> list[dict[str, Any]]:
        low, high = asked.query["publishedAfter"][0], asked.query["publishedBefore"][0]
        found = [video for video in self.videos.values() if low < video["snippet"]["publishedAt"] < high]
        return [{"id": {"videoId": video["id"]}, "snippet": video["snippet"]} for video in self._newest(found)]

    def _videos(self, asked: Asked) -> list[dict[str, Any]]:
        found = []
        for video in asked.query["id"][0].split(","):
            count = sum(row["snippet"]["videoId"] == video for row in self.comments.values())
            figures = {"viewCount": "500", "likeCount": "7", "commentCount": str(count + self.held_back)}
            if video in self.videos:
                found.append({**self.videos[video], "statistics": figures})
        return found

    def _commentThreads(self, asked: Asked) -> list[dict[str, Any]]:  # noqa: N802 # the method's name
        rows = [row for row in self.comments.values() if row["snippet"]["videoId"] == asked.query["videoId"][0]]
        threads = []
        for top in self._newest(row for row in rows if row["snippet"]["above"] is None):
            below = [row for row in rows if row["snippet"]["above"] == top["id"]]
            snippet = {"topLevelComment": top, "totalReplyCount": len(below)}
            threads.append({"id": top["id"], "snippet": snippet, "replies": {"comments": below[:5]}})
        return threads

    def _comments(self, asked: Asked) -> list[dict[str, Any]]:
        return [row for row in self.comments.values() if row["snippet"]["above"] == asked.query["parentId"][0]]

    def _newest(self, rows: Any) -> list[dict[str, Any]]:
        return sorted(rows, key=lambda row: row["snippet"]["publishedAt"], reverse=True)

    def units(self) -> int:
        return sum(100 if asked.path.endswith("search") else 1 for asked in self.site.asked)


def error(status: int, reason: str) -> Answer:
    told = {"code": status, "message": f"no for {KEY}", "errors": [{"domain": "youtube", "reason": reason}]}
    return Answer(json.dumps({"error": told}), status=status, content_type="application/json")
