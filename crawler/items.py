"""What spiders yield: posts as found (native ids, nothing checked yet), what else was observed, and marks.

Items never show their text when printed, so that no log can carry it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class FoundPost:
    """A post as the source gives it; ids are the source's own, without our prefix.

    `native_id` empty: the source has none, one is made from what the post says. `opens` marks the
    post a thread begins with. Figures that the source does not show are None, never 0.
    """

    thread: str
    native_id: str
    text: str = field(repr=False)
    created_at: datetime | None = None
    title: str = field(default="", repr=False)
    thread_url: str | None = None
    thread_created_at: datetime | None = None
    author: str | None = field(default=None, repr=False)
    parent: str | None = None
    url: str | None = None
    position: int | None = None
    opens: bool = False
    edited_at: datetime | None = None
    likes: int | None = None
    dislikes: int | None = None
    replies: int | None = None
    reposts: int | None = None
    views: int | None = None


@dataclass(slots=True, frozen=True)
class Mark:
    """Something to remember once every post yielded before it lies in the store. `value` None forgets the key."""

    key: str
    value: Mapping[str, object] | None


@dataclass(slots=True, frozen=True)
class FoundAccount:
    """The figures of a configured public account, as the source shows them now. None: not shown."""

    account: str
    followers: int | None = None
    posts: int | None = None


@dataclass(slots=True, frozen=True)
class GonePost:
    """A post of which the source says that it is deleted, or that is missing from a thread read whole."""

    native_id: str
