"""HyperKitty's JSON to posts. Pure.

Shapes (hyperkitty/api/thread.py and email.py): a thread has `thread_id`, `subject`, `date_active`,
`replies_count`; a mail `message_id_hash`, `parent` (the address of the mail it answers), `sender_name`,
`sender.address` (obscured: "ann (a) example.org"), `date`, `votes` (before 1.2: `likes`, `dislikes`),
and, asked for alone, `content`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from urllib.parse import urlsplit

from crawler.extract.dates import machine_date
from crawler.items import FoundPost
from crawler.mail_archives import ListAddress
from crawler.mail_text import own_words
from crawler.mails import bare_subject, shown_name


@dataclass(frozen=True, slots=True)
class ListedThread:
    """A thread as the list of threads shows it. `replies` None: not shown."""

    thread_id: str
    title: str
    active: datetime | None
    replies: int | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Read a row. Raises `KeyError` or `TypeError` for another shape."""
        replies = row.get("replies_count")
        return cls(
            str(row["thread_id"]),
            bare_subject(str(row.get("subject") or "")),
            machine_date(row.get("date_active")),
            replies if isinstance(replies, int) else None,
        )

    def to_mark(self, *, done: bool) -> dict[str, object]:
        """Return what to remember of it."""
        active = self.active.isoformat() if self.active else None
        return {"title": self.title, "active": active, "replies": self.replies, "done": done}

    @classmethod
    def from_mark(cls, thread_id: str, mark: Mapping[str, Any]) -> Self:
        """Return the thread that `to_mark` wrote."""
        return cls(thread_id, str(mark["title"]), machine_date(mark.get("active")), mark.get("replies"))


def post_of(row: Mapping[str, Any], thread: ListedThread, archive: ListAddress) -> FoundPost:
    """Return a mail with its content as a post. Raises `KeyError` or `TypeError` for another shape."""
    native, likes = str(row["message_id_hash"]), votes_of(row)
    parent = last_step(row.get("parent"))
    opens = parent is None and native == thread.thread_id
    date = machine_date(row.get("date"))
    return FoundPost(
        thread=thread.thread_id,
        native_id=native,
        text=own_words(str(row["content"] or "")),
        title=thread.title,
        thread_url=archive.page("thread", thread.thread_id),
        thread_created_at=date if opens else None,
        created_at=date,
        author=_author(row),
        parent=parent,
        url=archive.page("message", native),
        position=0 if opens else None,
        opens=opens,
        likes=likes[0],
        dislikes=likes[1],
    )


def votes_of(row: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """Return likes and dislikes, None where they are not shown."""
    shown = row.get("votes")
    shown = shown if isinstance(shown, Mapping) else row
    likes, dislikes = shown.get("likes"), shown.get("dislikes")
    return likes if isinstance(likes, int) else None, dislikes if isinstance(dislikes, int) else None


def last_step(address: object) -> str | None:
    """Return the last step of an address' path: the id of what it names."""
    return urlsplit(address).path.rstrip("/").rsplit("/", 1)[-1] or None if isinstance(address, str) else None


def _author(row: Mapping[str, Any]) -> str | None:
    sender = row.get("sender")
    address = sender.get("address") if isinstance(sender, Mapping) else None
    name = row.get("sender_name") or (sender.get("name") if isinstance(sender, Mapping) else None)
    return shown_name(name if isinstance(name, str) else "", address if isinstance(address, str) else "")
