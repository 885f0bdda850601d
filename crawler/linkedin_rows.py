"""Posts and comments of LinkedIn's API as found posts. Pure.

https://learn.microsoft.com/linkedin/marketing/community-management/shares/posts-api and .../shares/comments-api :
a post's `commentary` is "little text" (.../shares/little-text-format), in which signs with a meaning are escaped and
names and hashtags are written as templates. A comment's `message.text` is plain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote

from crawler.extract.text import tidy
from crawler.items import FoundPost
from crawler.own_pages import Row
from crawler.values import moment_at, part

_LITTLE = re.compile(
    r"\{hashtag\|\\?[#\uFF03]\|(?P<tag>(?:\\.|[^{}\\]){1,500})\}"
    r"|@\[(?P<name>(?:\\.|[^\]\\]){1,500})\] ?\([^()\s]{1,500}\)"
    r"|\\(?P<sign>[\\|{}@\[\]()<>#*_~])"
)
_COMMENT = re.compile(r"urn:li:comment:\((?P<above>.+),(?P<id>[^,()]+)\)")


def moment(value: object) -> datetime | None:
    """Return milliseconds since 1970 as a time, None for anything else."""
    return moment_at(value / 1000) if isinstance(value, int) and not isinstance(value, bool) else None


def urn_of(account: str) -> str:
    """Return the urn of an organisation given by urn or number."""
    return account if account.startswith("urn:") else f"urn:li:organization:{account}"


def plain(little: str) -> str:
    """Return little text as its readers see it."""

    def shown(found: re.Match[str]) -> str:
        if found["tag"]:
            return "#" + plain(found["tag"])
        return plain(found["name"]) if found["name"] else str(found["sign"])

    return _LITTLE.sub(shown, little)


def address_of(native: str, post: str) -> str:
    """Return the path of one comment (by its urn) below `post`, or of the post itself."""
    if native == post:
        return f"rest/posts/{quote(native, safe='')}"
    urn = _COMMENT.fullmatch(native)
    above, number = (urn["above"], urn["id"]) if urn else (post, native)
    return f"rest/socialActions/{quote(above, safe='')}/comments/{quote(number, safe='')}"


def post_of(row: Row) -> Iterator[FoundPost]:
    """Return an organisation's post, nothing for a draft. Raises `KeyError`."""
    if row.get("lifecycleState", "PUBLISHED") != "PUBLISHED":
        return
    native, made = str(row["id"]), made_at(row)
    address = f"https://www.linkedin.com/feed/update/{native}"
    edited = part(row, "lifecycleStateInfo").get("isEditedByAuthor")
    yield FoundPost(
        thread=native,
        native_id=native,
        text=tidy(plain(row.get("commentary") or "")),
        created_at=made,
        thread_url=address,
        thread_created_at=made,
        author=row.get("author"),
        url=address,
        position=0,
        opens=True,
        edited_at=moment(row.get("lastModifiedAt")) if edited else None,
    )


def made_at(row: Row) -> datetime | None:
    """Return when a post was published."""
    return moment(row.get("publishedAt") or row.get("createdAt"))


def comment_of(row: Row, post: str) -> Iterator[FoundPost]:
    """Return a comment below `post`. Raises `KeyError`."""
    made, changed = (moment(part(row, name).get("time")) for name in ("created", "lastModified"))
    yield FoundPost(
        thread=post,
        native_id=native_of(row),
        text=tidy(row["message"]["text"]),
        created_at=made,
        author=row.get("actor"),
        parent=row.get("parentComment") or post,
        edited_at=changed if made and changed and changed > made else None,
        likes=part(row, "likesSummary").get("totalLikes"),
        replies=replies_of(row),
    )


def native_of(row: Row) -> str:
    """Return a comment's urn, or its number where it has none. Raises `KeyError`."""
    return str(row.get("commentUrn") or row.get("$URN") or row["id"])


def replies_of(row: Row) -> int | None:
    """Return how many replies a comment counts."""
    summary = part(row, "commentsSummary")
    count = summary.get("aggregatedTotalComments", summary.get("totalFirstLevelComments"))
    return count if isinstance(count, int) else None
