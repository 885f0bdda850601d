"""Telling a feed of comments from a feed of articles, and what its entries hang on. Pure."""

from __future__ import annotations

import re
from urllib.parse import urldefrag

from crawler.extract.records import Feed, FeedEntry

_TITLE = re.compile(r"^(?:comments? on|re:|by:|comment by|antwort auf|kommentar zu|commentaires? sur)\b", re.IGNORECASE)
_TITLE_OF_THREAD = re.compile(r"^comments? on (?P<title>.+) by [^ ].*$", re.IGNORECASE | re.DOTALL)
_FRAGMENT = re.compile(r"^(?:li-)?(?:comment|isso|reply|respond|c|post|p)[-_]?\d+", re.IGNORECASE)


def is_comment_feed(feed: Feed) -> bool:
    """Tell whether most entries are comments: they answer something, or link into a page, or say so in their title."""
    if not feed.entries:
        return False
    comments = sum(1 for entry in feed.entries if _is_comment(entry))
    return comments * 2 > len(feed.entries)


def thread_address(entry: FeedEntry) -> str | None:
    """Return the address of the page that a comment hangs on: its link without the fragment."""
    return urldefrag(entry.url)[0] or None if entry.url else None


def thread_title(entry: FeedEntry) -> str:
    """Return the title of the thread as a comment's own title tells it, '' when it does not."""
    found = _TITLE_OF_THREAD.match(entry.title.strip())
    return found["title"].strip() if found else ""


def _is_comment(entry: FeedEntry) -> bool:
    fragment = urldefrag(entry.url)[1] if entry.url else ""
    return bool(entry.parent) or bool(_FRAGMENT.match(fragment)) or bool(_TITLE.match(entry.title.strip()))
