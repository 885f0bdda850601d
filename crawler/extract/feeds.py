"""RSS 0.9x/1.0/2.0, Atom 0.3/1.0 and JSON Feed 1/1.1 to entries, by hand with lxml.

feedparser takes 417 ms for a feed of 500 entries. Sources: RSS 2.0 (RSS
Advisory Board), RSS 1.0, RFC 4287 (Atom), RFC 4685 (threading), Slash and wfw modules, jsonfeed.org.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from lxml.etree import _Element as Element

from crawler.extract.counts import parse_count
from crawler.extract.dates import parse_date
from crawler.extract.errors import FeedError
from crawler.extract.feed_json import parse_json_feed
from crawler.extract.feed_xml import feed_text, feed_tree, inner_markup, name_of
from crawler.extract.page import absolute
from crawler.extract.records import Feed, FeedEntry
from crawler.extract.text import one_line, render_fragment, tidy

_ENTRIES = ("item", "entry")
_MAX_ENTRIES = 50_000
_MAIL_NAME = re.compile(r"^\s*(?:\S+@\S+)\s*\((.+)\)\s*$|^\s*(.+?)\s*[<(]\S+@\S+[>)]\s*$")
_MARKUP = re.compile(r"<[a-zA-Z/!][^>]*>|&(?:#\d+|#x[0-9a-fA-F]+|\w+);")

Children = dict[tuple[str, str], list[Element]]


def parse_feed(body: bytes, url: str, content_type: str | None = None) -> Feed:
    """Read a feed. `url` is where it came from, `content_type` the HTTP header.

    Raises `FeedError` when the body is no feed. Ill-formed XML gives what can be recovered.
    """
    if not body.strip():
        raise FeedError("the feed is empty")
    text = feed_text(body, content_type)
    if text.lstrip()[:1] == "{":
        return parse_json_feed(text, url)
    root = feed_tree(text)
    kind, local = name_of(root)
    form = {"rss": "rss", "rdf": "rdf", "feed": "atom", "channel": "rss"}.get(local)
    entries = [element for element in root.iter() if name_of(element) in (("", "item"), ("", "entry"))]
    if form is None and not entries:
        raise FeedError(f"the body is no feed: its root element is <{kind + ':' if kind else ''}{local}>")
    channel = root
    if local != "channel":
        channel = next((child for child in root if name_of(child) == ("", "channel")), root)
    head = _children(channel)
    base = absolute(_base(root), url) or url
    owner = _person(head.get(("", "author"), ())) if form == "atom" else None
    found = [_entry(entry, base, owner) for entry in entries[:_MAX_ENTRIES]]
    link = _link(head.get(("", "link"), ()), base, "alternate")
    return Feed(form or "rss", _title(head), link, tuple(_once(found)))


def _once(entries: Iterable[FeedEntry]) -> Iterable[FeedEntry]:
    seen: set[str] = set()
    for entry in entries:
        if entry.native_id not in seen:
            seen.add(entry.native_id)
            yield entry


def _children(element: Element) -> Children:
    found: Children = defaultdict(list)
    for child in element:
        if isinstance(child.tag, str):
            found[name_of(child)].append(child)
    return found


def _entry(element: Element, base: str, owner: str | None) -> FeedEntry:
    parts = _children(element)
    base = absolute(_base(element), base) or base
    identity = _plain(parts, ("", "guid"), ("", "id"), ("dc", "identifier")) or element.get(
        "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
    )
    url = _link(parts.get(("", "link"), ()), base, "alternate") or _permalink(parts, base)
    title, text = _title(parts), _content(parts)
    created = _date(
        parts,
        ("", "pubdate"),
        ("", "published"),
        ("dc", "date"),
        ("", "issued"),
        ("", "created"),
        ("dcterms", "created"),
    )
    edited = _date(parts, ("", "updated"), ("", "modified"), ("dcterms", "modified"), ("atom", "updated"))
    if created is None:
        created, edited = edited, None
    answered = [str(node.get("ref")) for node in parts.get(("thr", "in-reply-to"), ()) if node.get("ref")]
    return FeedEntry(
        native_id=identity or url or _digest(title, text, created),
        title=title,
        text=text,
        url=url,
        author=_author(parts) or owner,
        created_at=created,
        edited_at=edited if edited is not None and created is not None and edited > created else None,
        parent=answered[0] if answered else None,
        comments_feed=_comments_feed(parts, base),
        replies=_replies(parts),
    )


def _base(element: Element) -> str | None:
    found = element.get("{http://www.w3.org/XML/1998/namespace}base")
    return str(found) if found is not None else None


def _digest(title: str, text: str, created: datetime | None) -> str:
    whole = f"{title}\n{text}\n{created.isoformat() if created else ''}"
    return hashlib.blake2b(whole.encode("utf-8", "replace"), digest_size=12).hexdigest()


def _plain(parts: Children, *names: tuple[str, str]) -> str | None:
    for name in names:
        for element in parts.get(name, ()):
            text = one_line("".join(element.itertext()))
            if text:
                return text
    return None


def _title(parts: Children) -> str:
    for name in (("", "title"), ("dc", "title"), ("atom", "title")):
        for element in parts.get(name, ()):
            text = one_line(_text(element))
            if text:
                return text
    return ""


def _content(parts: Children) -> str:
    """Return the fullest text: content before summary before description."""
    names = (("content", "encoded"), ("", "content"), ("xhtml", "body"), ("", "fullitem"), ("xhtml", "div"),
             ("", "description"), ("", "summary"), ("dc", "description"), ("", "abstract"),
             ("itunes", "summary"))  # fmt: skip
    for name in names:
        for element in parts.get(name, ()):
            text = _text(element)
            if text:
                return text
    return ""


def _text(element: Element) -> str:
    form = (element.get("type") or "").lower()
    if any(isinstance(child.tag, str) for child in element):
        return render_fragment(inner_markup(element))
    raw = "".join(element.itertext())
    if element.get("mode") == "base64" or (form and "/" in form and not form.startswith("text/") and "xml" not in form):
        raw = _decoded(raw)
    if form in ("text", "text/plain") and element.get("mode") != "escaped":
        return tidy(raw)
    return render_fragment(raw) if _MARKUP.search(raw) else tidy(raw)


def _decoded(raw: str) -> str:
    """Base64 content (RFC 4287, 4.1.3.3); content of another media type is no text."""
    try:
        return base64.b64decode(raw.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""


def _link(elements: Iterable[Element], base: str, relation: str) -> str | None:
    for element in elements:
        target = element.get("href")
        if target is None:
            found = absolute("".join(element.itertext()).strip(), base) if relation == "alternate" else None
        else:
            found = absolute(target, base) if (element.get("rel") or "alternate").lower() == relation else None
        if found is not None:
            return found
    return None


def _permalink(parts: Children, base: str) -> str | None:
    for element in parts.get(("", "guid"), ()):
        text = "".join(element.itertext()).strip()
        if (element.get("isPermaLink") or element.get("ispermalink") or "true").lower() != "false" and text.startswith(
            "http"
        ):
            return absolute(text, base)
    return None


def _comments_feed(parts: Children, base: str) -> str | None:
    text = _plain(parts, ("wfw", "commentrss"))
    if text:
        return absolute(text, base)
    feeds = [link for link in parts.get(("", "link"), ()) if (link.get("type") or "").endswith(("atom+xml", "rss+xml"))]
    return _link(feeds, base, "replies")


def _replies(parts: Children) -> int | None:
    counted = _plain(parts, ("slash", "comments"), ("thr", "total"))
    if counted is not None:
        return parse_count(counted)
    for link in parts.get(("", "link"), ()):
        if (link.get("rel") or "") == "replies":
            for name, value in link.attrib.items():
                if str(name).rpartition("}")[2] == "count":
                    return parse_count(value)
    return None


def _author(parts: Children) -> str | None:
    for name in (("dc", "creator"), ("", "author"), ("dc", "author"), ("itunes", "author"), ("media", "credit")):
        found = _person(parts.get(name, ()))
        if found:
            return found
    return None


def _person(elements: Iterable[Element]) -> str | None:
    for element in elements:
        parts = _children(element)
        text = (
            _plain(parts, ("", "name"), ("itunes", "name"), ("", "email"))
            if parts
            else one_line("".join(element.itertext()))
        )
        match = _MAIL_NAME.match(text or "")
        name = (match[1] or match[2]) if match else text
        if name:
            return one_line(name)[:200]
    return None


def _date(parts: Children, *names: tuple[str, str]) -> datetime | None:
    for name in names:
        for element in parts.get(name, ()):
            found = parse_date(one_line("".join(element.itertext())), language="en")
            if found is not None:
                return found
    return None
