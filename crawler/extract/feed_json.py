"""JSON Feed 1 and 1.1 (jsonfeed.org) to entries."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from crawler.extract.dates import parse_date
from crawler.extract.errors import FeedError
from crawler.extract.page import absolute
from crawler.extract.records import Feed, FeedEntry
from crawler.extract.text import one_line, render_fragment, tidy

_MAX_ENTRIES = 50_000


def parse_json_feed(text: str, url: str) -> Feed:
    """Read a JSON Feed. Raises `FeedError` when the text is not one."""
    try:
        data = json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise FeedError(f"the body is no JSON Feed: {error}") from error
    items = data.get("items") if isinstance(data, dict) else None
    if not isinstance(items, list):
        raise FeedError("the body is no JSON Feed: it has no list of items")
    base = absolute(_string(data, "home_page_url"), url) or url
    owner = _author(data)
    entries: dict[str, FeedEntry] = {}
    for item in items[:_MAX_ENTRIES]:
        if isinstance(item, dict):
            entry = _entry(item, base, owner)
            entries.setdefault(entry.native_id, entry)
    return Feed(
        "json",
        one_line(_string(data, "title") or ""),
        absolute(_string(data, "home_page_url"), url),
        tuple(entries.values()),
    )


def _entry(item: dict[str, Any], base: str, owner: str | None) -> FeedEntry:
    markup = _string(item, "content_html")
    text = render_fragment(markup) if markup else tidy(_string(item, "content_text") or _string(item, "summary") or "")
    url = absolute(_string(item, "url") or _string(item, "external_url"), base)
    created, edited = parse_date(_string(item, "date_published")), parse_date(_string(item, "date_modified"))
    if created is None:
        created, edited = edited, None
    title = one_line(_string(item, "title") or "")
    digest = hashlib.blake2b(f"{title}\n{text}".encode("utf-8", "replace"), digest_size=12).hexdigest()
    return FeedEntry(
        native_id=_string(item, "id") or url or digest,
        title=title,
        text=text,
        url=url,
        author=_author(item) or owner,
        created_at=created,
        edited_at=edited if edited is not None and created is not None and edited > created else None,
    )


def _string(data: dict[str, Any], name: str) -> str | None:
    value = data.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value.strip() else None


def _author(data: dict[str, Any]) -> str | None:
    several = data.get("authors")
    for person in [*(several if isinstance(several, list) else []), data.get("author")]:
        if isinstance(person, dict) and (name := _string(person, "name")):
            return one_line(name)[:200]
    return None
