"""Posts and comments of Lemmy's API as found posts. Pure.

https://join-lemmy.org/api/ (version 3): a `PostView` holds `post`, `creator`, `community` and `counts`, a `CommentView`
also `comment`. Posts become `p12`, comments `c34`: both are numbered from one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from crawler.extract.text import tidy
from crawler.items import FoundPost
from crawler.values import moment, part

Row = Mapping[str, Any]


def rows_in(answer: Row, key: str) -> list[Row]:
    """Return the objects of the list under `key`."""
    found = answer.get(key)
    return [row for row in found if isinstance(row, Mapping)] if isinstance(found, list) else []


def native_of(view: Row) -> str:
    """Return the id of a post or comment, '' where there is none."""
    letter, what = ("c", part(view, "comment")) if "comment" in view else ("p", part(view, "post"))
    number = what.get("id")
    return f"{letter}{number}" if isinstance(number, int) else ""


def thread_of(view: Row) -> str:
    """Return the id of the post that a post or comment belongs to, '' where there is none."""
    number = part(view, "post").get("id") or part(view, "comment").get("post_id")
    return f"p{number}" if isinstance(number, int) else ""


def is_gone(view: Row) -> bool:
    """Tell whether a post or comment was deleted by its author or removed by a moderator."""
    what = part(view, "comment") if "comment" in view else part(view, "post")
    return what.get("deleted") is True or what.get("removed") is True


def comments_of(view: Row) -> int | None:
    """Return how many comments a post counts, at whatever depth."""
    count = part(view, "counts").get("comments")
    return count if isinstance(count, int) else None


def made_at(view: Row) -> datetime | None:
    """Return when a post or comment was published."""
    return moment((part(view, "comment") if "comment" in view else part(view, "post")).get("published"))


def post_of(view: Row) -> FoundPost:
    """Return a `PostView` as the post that opens its thread. Raises `KeyError`."""
    post, counts = view["post"], part(view, "counts")
    native = f"p{int(post['id'])}"
    return FoundPost(
        thread=native,
        native_id=native,
        text=_text(post.get("body")),
        created_at=moment(post.get("published")),
        title=_text(post["name"]),
        thread_url=_address(post.get("ap_id")),
        thread_created_at=moment(post.get("published")),
        author=author_of(part(view, "creator")),
        url=_address(post.get("ap_id")),
        position=0,
        opens=True,
        edited_at=moment(post.get("updated")),
        likes=counts.get("upvotes"),
        dislikes=counts.get("downvotes"),
        replies=counts.get("comments"),
    )


def reply_of(view: Row) -> FoundPost:
    """Return a `CommentView` as a reply. Raises `KeyError`."""
    comment, counts, post = view["comment"], part(view, "counts"), part(view, "post")
    return FoundPost(
        thread=f"p{int(comment['post_id'])}",
        native_id=f"c{int(comment['id'])}",
        text=_text(comment["content"]),
        created_at=moment(comment.get("published")),
        title=_text(post.get("name")),
        thread_url=_address(post.get("ap_id")),
        thread_created_at=moment(post.get("published")),
        author=author_of(part(view, "creator")),
        parent=parent_of(comment),
        url=_address(comment.get("ap_id")),
        edited_at=moment(comment.get("updated")),
        likes=counts.get("upvotes"),
        dislikes=counts.get("downvotes"),
        replies=counts.get("child_count"),
    )


def parent_of(comment: Row) -> str:
    """Return what a comment answers. Its `path` is `0.12.34`: nothing, the comments above it, itself."""
    above = str(comment.get("path") or "").split(".")[:-1]
    return f"c{int(above[-1])}" if above and above[-1] not in ("", "0") else f"p{int(comment['post_id'])}"


def author_of(creator: Row) -> str | None:
    """Return an author as shown: the name, for one of another instance with that instance."""
    name, address = creator.get("name"), creator.get("actor_id")
    if not isinstance(name, str) or not name:
        return None
    if creator.get("local") is False and isinstance(address, str):
        return f"{name}@{urlsplit(address).netloc}"
    return name


def _text(value: object) -> str:
    return tidy(value) if isinstance(value, str) else ""


def _address(value: object) -> str | None:
    return value if isinstance(value, str) else None
