"""Threads while they are being made up: before ids are given out and the future is cut off."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Place = Literal["forum", "blog", "news"]
PLACES: tuple[Place, ...] = ("forum", "blog", "news")


@dataclass(eq=False, slots=True)
class DraftRemark:
    """One post to be. `part` is its role in the truth: `pile_on`, `campaign`, `quarrel`, `attention` or `talk`."""

    author: str
    at: datetime
    text: str
    parent: DraftRemark | None = None
    likes: int = 0
    edited_at: datetime | None = None
    part: str = "talk"
    tone: str = "neutral"


@dataclass(eq=False, slots=True)
class DraftTalk:
    """One thread to be; `remarks[0]` opens it. `link` is what a news story points at, None for a question."""

    place: Place
    title: str
    remarks: list[DraftRemark] = field(default_factory=list)
    link: str | None = None

    def reply(
        self,
        author: str,
        at: datetime,
        text: str,
        parent: DraftRemark,
        *,
        likes: int = 0,
        part: str = "talk",
        tone: str = "neutral",
    ) -> DraftRemark:
        """Add an answer to `parent`, never earlier than it."""
        remark = DraftRemark(author, max(at, parent.at), text, parent, likes=likes, part=part, tone=tone)
        self.remarks.append(remark)
        return remark
