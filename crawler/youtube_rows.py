"""Videos and comments of the YouTube Data API v3 as found posts. Pure.

https://developers.google.com/youtube/v3/docs/videos and .../comments : a video opens a thread, its comments are the
replies, with at most one level of replies below them. Counts of videos come as text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from crawler.extract.text import one_line, tidy
from crawler.items import FoundPost
from crawler.values import moment, part

Row = Mapping[str, Any]

_VIDEO = re.compile(r"[\w-]{11}")
_CHANNEL = re.compile(r"UC[\w-]{22}")


def video_in(page: str) -> str | None:
    """Return the id of the video that a link (watch, youtu.be, shorts, live, embed) or a bare id names."""
    text = page.strip()
    if _VIDEO.fullmatch(text):
        return text
    parts = urlsplit(text if "//" in text else f"//{text}")
    steps = [step for step in parts.path.split("/") if step]
    named = parse_qs(parts.query).get("v", [""])[0]
    if not named and (parts.hostname or "").endswith("youtu.be"):
        named = steps[0] if steps else ""
    elif not named and len(steps) > 1 and steps[0] in ("shorts", "live", "embed", "v"):
        named = steps[1]
    return named if _VIDEO.fullmatch(named) else None


def channel_query(account: str) -> dict[str, str]:
    """Return how channels.list is asked for an account: by its lasting id, or by its handle."""
    name = urlsplit(account.strip()).path if "//" in account else account.strip()
    name = name.strip("/").removeprefix("channel/").split("/")[0]
    return {"id": name} if _CHANNEL.fullmatch(name) else {"forHandle": f"@{name.lstrip('@')}"}


def video_of(row: Row) -> FoundPost:
    """Return a video as the post that opens its thread: title and description. Raises `KeyError`."""
    native, snippet, figures = str(row["id"]), row["snippet"], part(row, "statistics")
    address = f"https://www.youtube.com/watch?v={native}"
    made = moment(snippet.get("publishedAt"))
    return FoundPost(
        thread=native,
        native_id=native,
        text=tidy(snippet.get("description") or ""),
        created_at=made,
        title=one_line(snippet["title"]),
        thread_url=address,
        thread_created_at=made,
        author=snippet.get("channelTitle"),
        url=address,
        position=0,
        opens=True,
        likes=count_in(figures, "likeCount"),
        replies=count_in(figures, "commentCount"),
        views=count_in(figures, "viewCount"),
    )


def comment_of(row: Row, video: str, above: str | None = None, replies: int | None = None) -> FoundPost:
    """Return a comment on a video, or a reply to the comment `above`. Raises `KeyError`."""
    snippet = row["snippet"]
    native = str(row["id"])
    made, changed = moment(snippet.get("publishedAt")), moment(snippet.get("updatedAt"))
    author = snippet.get("authorDisplayName")
    return FoundPost(
        thread=video,
        native_id=native,
        text=tidy(snippet["textDisplay"]),
        created_at=made,
        author=author if isinstance(author, str) else None,
        parent=above or video,
        url=f"https://www.youtube.com/watch?v={video}&lc={native}",
        edited_at=changed if changed != made else None,
        likes=snippet.get("likeCount"),
        replies=replies,
    )


def made_at(row: Row) -> datetime | None:
    """Return when a video or comment was published."""
    return moment(part(row, "snippet").get("publishedAt"))


def count_in(figures: Row, field: str) -> int | None:
    """Return a figure, None where it is not shown."""
    found = figures.get(field)
    return int(found) if isinstance(found, int) or (isinstance(found, str) and found.isdecimal()) else None


def rows_in(answer: Row, key: str = "items") -> list[Row]:
    """Return the objects of the list under `key`."""
    found = answer.get(key)
    return [row for row in found if isinstance(row, Mapping)] if isinstance(found, list) else []


def reason_of(answer: Row) -> str:
    """Return why the API refused, as one of its words (`quotaExceeded`), '' where it does not say."""
    errors = rows_in(part(answer, "error"), "errors")
    found = str(errors[0].get("reason") or "") if errors else ""
    return found if found.isalpha() else ""
