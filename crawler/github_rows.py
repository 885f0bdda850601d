"""Issues, comments and discussions of GitHub as found posts. Pure.

REST rows: https://docs.github.com/rest/issues/issues and .../comments; GraphQL nodes:
https://docs.github.com/graphql/guides/using-the-graphql-api-for-discussions . Issues, pull requests and discussions of
a repository are numbered together and become `owner/name#12`, comments `owner/name/c34`, those of discussions
`owner/name/d34`: each kind has ids of its own. Bots are kept, or counts would not add up: their names end in `[bot]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from crawler.extract.text import one_line, tidy
from crawler.items import FoundPost
from crawler.values import moment, part

Row = Mapping[str, Any]

LIKES = ("+1", "heart", "hooray", "rocket", "laugh", "THUMBS_UP", "HEART", "HOORAY", "ROCKET", "LAUGH")
DISLIKES = ("-1", "confused", "THUMBS_DOWN", "CONFUSED")
"""How the reactions are counted; `eyes` says neither."""

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_PICTURE = re.compile(r"!\[([^\]]*)\]\([^)]*\)|<img\b[^>]*>")


def repository_of(community: str) -> str | None:
    """Return `owner/name` in lower case (GitHub knows no difference), None where it is none."""
    text = community.strip()
    steps = (urlsplit(text).path if "//" in text else text.removeprefix("github.com/")).strip("/").split("/")
    name = "/".join(steps[:2]).removesuffix(".git").lower()
    return name if re.fullmatch(r"[a-z0-9_.-]+/[a-z0-9_.-]+", name) else None


def issue_of(repository: str, row: Row) -> FoundPost:
    """Return an issue or pull request as the post that opens its thread. Raises `KeyError`."""
    native = f"{repository}#{int(row['number'])}"
    found = _post(row, native, native, one_line(row["title"]))
    found.thread_created_at = found.created_at
    found.thread_url = found.url
    found.position = 0
    found.opens = True
    found.replies = row.get("comments")
    return found


def comment_of(repository: str, row: Row) -> FoundPost:
    """Return a comment on an issue or pull request. Raises `KeyError`."""
    thread = f"{repository}#{int(str(row['issue_url']).rsplit('/', 1)[-1])}"
    found = _post(row, thread, f"{repository}/c{int(row['id'])}", "")
    found.parent = thread
    return found


def discussion_of(repository: str, node: Row) -> FoundPost:
    """Return a discussion as the post that opens its thread. Raises `KeyError`."""
    native = f"{repository}#{int(node['number'])}"
    found = _node(node, native, native)
    found.title = one_line(node["title"])
    found.thread_created_at = found.created_at
    found.thread_url = found.url
    found.position = 0
    found.opens = True
    found.replies = part(node, "comments").get("totalCount")
    return found


def answer_of(repository: str, node: Row, number: int, above: str | None = None) -> FoundPost:
    """Return a comment on the discussion `number`, or a reply to the comment `above`. Raises `KeyError`."""
    thread = f"{repository}#{number}"
    found = _node(node, thread, f"{repository}/d{int(node['databaseId'])}")
    found.parent = above or thread
    found.replies = part(node, "replies").get("totalCount")
    return found


def nodes_in(connection: Row) -> list[Row]:
    """Return the objects of a GraphQL connection."""
    found = connection.get("nodes")
    return [node for node in found if isinstance(node, Mapping)] if isinstance(found, list) else []


def author_of(row: object) -> str | None:
    """Return a login; that of a bot ends with `[bot]`, as the website shows it."""
    login = row.get("login") if isinstance(row, Mapping) else None
    if not isinstance(login, str) or not isinstance(row, Mapping):
        return None
    machine = "Bot" in (row.get("type"), row.get("__typename"))
    return f"{login}[bot]" if machine and not login.endswith("[bot]") else login


def next_page(links: Iterable[str]) -> str | None:
    """Return the address of the next page, from the Link header (RFC 8288)."""
    for header in links:
        if found := re.search(r'<([^>]+)>;[^,<]*rel="next"', header):
            return found[1]
    return None


def _post(row: Row, thread: str, native: str, title: str) -> FoundPost:
    created, updated = moment(row.get("created_at")), moment(row.get("updated_at"))
    reactions = row.get("reactions")
    shown = reactions if isinstance(reactions, Mapping) else None
    return FoundPost(
        thread=thread,
        native_id=native,
        text=_words(row.get("body")),
        created_at=created,
        title=title,
        author=author_of(row.get("user")),
        url=row.get("html_url"),
        # An issue's `updated_at` also moves with labels and comments: it says nothing of its words.
        edited_at=updated if "issue_url" in row and updated != created else None,
        likes=_sum(shown, LIKES),
        dislikes=_sum(shown, DISLIKES),
    )


def _node(node: Row, thread: str, native: str) -> FoundPost:
    groups = node.get("reactionGroups")
    counts = {
        str(group.get("content")): part(group, "reactors").get("totalCount", 0)
        for group in (groups if isinstance(groups, list) else [])
        if isinstance(group, Mapping)
    }
    likes = _sum(counts, LIKES)
    votes = node.get("upvoteCount")
    return FoundPost(
        thread=thread,
        native_id=native,
        text=_words(node.get("body")),
        created_at=moment(node.get("createdAt")),
        author=author_of(node.get("author")),
        url=node.get("url"),
        edited_at=moment(node.get("lastEditedAt")),
        likes=(likes or 0) + votes if isinstance(votes, int) else likes,
        dislikes=_sum(counts, DISLIKES),
    )


def _sum(counts: Row | None, names: Iterable[str]) -> int | None:
    if counts is None:
        return None
    return sum(value for name in names if isinstance(value := counts.get(name), int))


def _words(body: object) -> str:
    """Return Markdown as it was typed, without the hidden hints of templates and without pictures."""
    if not isinstance(body, str):
        return ""
    return tidy(_PICTURE.sub(lambda found: found[1] or "", _COMMENT.sub("", body)))
