"""Questions, answers and comments of the Stack Exchange API 2.3 as found posts. Pure.

https://api.stackexchange.com/docs/types/question (and .../answer, .../comment). Bodies are HTML, names and titles are
escaped for HTML (a "safe" filter). Questions and answers of a site are numbered together and become `superuser/12`,
comments `superuser/c34`: comments are numbered from one again, and every site begins anew.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from crawler.extract.text import one_line, render_fragment
from crawler.items import FoundPost
from crawler.values import moment_at

Row = Mapping[str, Any]

_WRAPPER = "backoff error_id error_name error_message has_more items quota_max quota_remaining"
_POST = "body comment_count creation_date down_vote_count last_edit_date link owner up_vote_count"
_QUESTION = f"{_POST} answer_count last_activity_date question_id title view_count"
_ANSWER = f"{_POST} answer_id question_id"
_COMMENT = "body comment_id creation_date link owner post_id score"
_OWNER = "display_name user_id"
FIELDS = ";".join(
    f"{kind}.{field}"
    for kind, fields in (
        ("", _WRAPPER),
        ("question", _QUESTION),
        ("answer", _ANSWER),
        ("comment", _COMMENT),
        ("shallow_user", _OWNER),
    )
    for field in fields.split()
)
"""What a filter must name (https://api.stackexchange.com/docs/filters): the built-in ones show no bodies."""


@dataclass
class Batch:
    """Up to 100 threads of a site while they are read: what they count, and which posts were shown.

    `threads` holds questions by number, `posts` the question of every question and answer, `counts` the comments that
    these count, `below` the question of every comment shown, `wait` the posts whose comments are still to be asked for.
    """

    site: str
    threads: dict[int, Row]
    posts: dict[int, int] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)
    below: dict[int, int] = field(default_factory=dict)
    wait: list[int] = field(default_factory=list)

    def add(self, post: int, row: Row) -> None:
        """Note a question or an answer that is shown."""
        self.posts[post] = int(row["question_id"])
        self.counts[post] = number(row, "comment_count")

    def shown(self) -> set[str]:
        """Return the native ids of all posts shown."""
        return {f"{self.site}/{post}" for post in self.posts} | {f"{self.site}/c{comment}" for comment in self.below}

    def lacking(self, question: int) -> int:
        """Return how many posts a thread counts and does not show."""
        posts = [post for post, thread in self.posts.items() if thread == question]
        counted = number(self.threads[question], "answer_count") + sum(self.counts[post] for post in posts)
        shown = len(posts) - 1 + sum(thread == question for thread in self.below.values())
        return max(0, counted - shown)


def site_of(community: str) -> str:
    """Return the API's name of a site that is given as `superuser`, `superuser.com` or an address."""
    name = community.strip().lower()
    host = (urlsplit(name if "//" in name else f"//{name}").netloc or name).removeprefix("www.")
    return host.removesuffix(".stackexchange.com").removesuffix(".com")


def rows_in(answer: Row) -> list[Row]:
    """Return the objects an answer holds."""
    found = answer.get("items")
    return [row for row in found if isinstance(row, Mapping)] if isinstance(found, list) else []


def question_of(site: str, row: Row) -> FoundPost:
    """Return a question as the post that opens its thread. Raises `KeyError`."""
    native = f"{site}/{int(row['question_id'])}"
    found = _post(row, native, native)
    found.title = one_line(html.unescape(row["title"]))
    found.thread_url = found.url
    found.thread_created_at = found.created_at
    found.position = 0
    found.opens = True
    found.replies = number(row, "answer_count") + number(row, "comment_count")
    found.views = row.get("view_count")
    return found


def answer_of(site: str, row: Row) -> FoundPost:
    """Return an answer. Raises `KeyError`."""
    thread = f"{site}/{int(row['question_id'])}"
    found = _post(row, thread, f"{site}/{int(row['answer_id'])}")
    found.parent = thread
    found.replies = number(row, "comment_count")
    return found


def comment_of(site: str, row: Row, question: int) -> FoundPost:
    """Return a comment below a question or one of its answers. Raises `KeyError`."""
    found = _post(row, f"{site}/{question}", f"{site}/c{int(row['comment_id'])}")
    found.parent = f"{site}/{int(row['post_id'])}"
    found.likes, found.dislikes = row.get("score"), None
    return found


def number(row: Row, field: str) -> int:
    """Return a count, 0 where it is not shown."""
    found = row.get(field)
    return found if isinstance(found, int) else 0


def seconds_in(message: object) -> int | None:
    """Return how long an error message asks to wait ("more requests available in 43210 seconds")."""
    found = re.search(r"(\d+) seconds", message) if isinstance(message, str) else None
    return int(found[1]) if found else None


def _post(row: Row, thread: str, native: str) -> FoundPost:
    owner = row.get("owner")
    name = owner.get("display_name") if isinstance(owner, Mapping) else None
    return FoundPost(
        thread=thread,
        native_id=native,
        text=render_fragment(row["body"]),
        created_at=moment_at(row.get("creation_date")),
        author=html.unescape(name) if isinstance(name, str) else None,
        url=row.get("link"),
        edited_at=moment_at(row.get("last_edit_date")),
        likes=row.get("up_vote_count"),
        dislikes=row.get("down_vote_count"),
    )
