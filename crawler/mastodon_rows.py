"""Statuses of Mastodon's API as found posts. Pure.

https://docs.joinmastodon.org/entities/Status/ ; compatible servers (Pleroma, GoToSocial, Pixelfed) send the same rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from crawler.extract.text import render_fragment
from crawler.items import FoundPost
from crawler.values import moment

Row = Mapping[str, Any]

PUBLIC = ("public", "unlisted")
_NEXT = re.compile(r'<([^<>]*)>\s*;\s*rel="?next"?')


def is_post(row: Row) -> bool:
    """Tell whether a status is somebody's own words in public: no boost, and not for followers only.

    With a token the server also shows what only that account may see.
    """
    return not row.get("reblog") and row.get("visibility", "public") in PUBLIC and bool(text_of(row))


def text_of(row: Row) -> str:
    """Return warning and text; the descriptions of the pictures where there is nothing else; '' without words."""
    parts = [row.get("spoiler_text"), row.get("content")]
    said = [render_fragment(part) for part in parts if isinstance(part, str)]
    if text := "\n\n".join(part for part in said if part):
        return text
    media = row.get("media_attachments")
    shown = [item.get("description") for item in media if isinstance(item, dict)] if isinstance(media, list) else []
    return "\n".join(words for words in shown if isinstance(words, str) and words.strip())


def post_of(row: Row, thread: str) -> FoundPost:
    """Return a status as a post of the thread that begins with the status `thread`. Raises `KeyError`."""
    native = str(row["id"])
    account = row.get("account")
    author = account.get("acct") if isinstance(account, dict) else None
    return FoundPost(
        thread=thread,
        native_id=native,
        text=text_of(row),
        created_at=moment(row.get("created_at")),
        thread_created_at=moment(row.get("created_at")) if native == thread else None,
        thread_url=row.get("url") or row.get("uri") if native == thread else None,
        author=author if isinstance(author, str) else None,
        parent=parent_of(row),
        url=row.get("url") or row.get("uri"),
        position=0 if native == thread else None,
        opens=native == thread,
        edited_at=moment(row.get("edited_at")),
        likes=row.get("favourites_count"),
        replies=row.get("replies_count"),
        reposts=row.get("reblogs_count"),
    )


def parent_of(row: Row) -> str | None:
    """Return the id of the status that this one answers."""
    parent = row.get("in_reply_to_id")
    return str(parent) if parent else None


def replies_of(row: Row) -> int | None:
    """Return how many direct public replies a status counts, None when it does not."""
    count = row.get("replies_count")
    return count if isinstance(count, int) else None


def statuses_in(answer: Row, key: str) -> list[Row]:
    """Return the statuses of a part (`ancestors`, `descendants`) of a context, top first."""
    rows = answer.get(key)
    return [row for row in rows if isinstance(row, dict) and row.get("id")] if isinstance(rows, list) else []


def next_max_id(links: Iterable[str], rows: Sequence[Row], limit: int) -> str | None:
    """Return the id below which the next page begins, None on the last one.

    From the Link header; of a server that sends none, a full page's last id.
    """
    header = ", ".join(links)
    if header:
        found = _NEXT.search(header)
        values = parse_qs(urlsplit(found[1]).query).get("max_id") if found else None
        return values[0] if values else None
    return str(rows[-1].get("id") or "") or None if len(rows) >= limit else None
