"""Feed bytes to an XML tree that is safe to walk: no entities, no network, ill-formed input recovered."""

from __future__ import annotations

import codecs
import re
from html.entities import html5

from lxml import etree
from lxml.etree import _Element as Element
from w3lib.encoding import http_content_type_encoding, read_bom, resolve_encoding

from crawler.extract.encoding import clean
from crawler.extract.errors import FeedError

MAX_BYTES = 32 * 1024 * 1024
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_COMMENTS = re.compile(r"^(?:\s*<!--.*?-->|\s*<\?.*?\?>)+", re.DOTALL)
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._:-]+)["']""")
_DOCTYPE = re.compile(r"^\s*<!DOCTYPE(?:[^\[>]*\[.*?\]\s*>|[^>]*>)", re.IGNORECASE | re.DOTALL)
_REFERENCE = re.compile(r"<!\[CDATA\[.*?\]\]>|&(#\d+;|#[xX][0-9a-fA-F]+;|[A-Za-z][A-Za-z0-9]{1,31};)?", re.DOTALL)
_KEPT = {"amp", "lt", "gt", "quot", "apos"}
_WIDE = (
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00<\x00", "utf-16-be"),
    (b"<\x00", "utf-16-le"),
)
_KINDS = (
    ("purl.org/dc/elements", "dc"),
    ("purl.org/dc/terms", "dcterms"),
    ("purl.org/rss/1.0/modules/content", "content"),
    ("wellformedweb.org/commentapi", "wfw"),
    ("purl.org/rss/1.0/modules/slash", "slash"),
    ("purl.org/syndication/thread", "thr"),
    ("itunes.com/dtds", "itunes"),
    ("search.yahoo.com/mrss", "media"),
    ("w3.org/1999/xhtml", "xhtml"),
    ("w3.org/1999/02/22-rdf-syntax", "rdf"),
    ("w3.org/2005/atom", ""),
    ("purl.org/atom/ns", ""),
    ("purl.org/rss/1.0/modules", "module"),
    ("purl.org/rss/1.0", ""),
    ("purl.org/net/rss", ""),
    ("netscape.com/rdf", ""),
    ("userland.com/rss", ""),
)


def feed_text(body: bytes, content_type: str | None) -> str:
    """Return the body as text: BOM, HTTP charset, XML declaration, UTF-8, then Windows-1252."""
    if len(body) > MAX_BYTES:
        raise FeedError(f"the feed has {len(body):,} bytes; more than {MAX_BYTES:,} are not read")
    declared = _DECLARED.match(body[:1_000])
    named = (http_content_type_encoding(content_type), declared[1].decode("ascii") if declared else None)
    bom, mark = read_bom(body)
    wide = next((name for start, name in _WIDE if body.startswith(start)), None)
    tried = [bom, wide, *(resolve_encoding(name) for name in named if name), "utf-8"]
    for encoding in tried:
        if encoding is not None:
            try:
                return clean(body[len(mark or b"") :].decode(encoding))
            except (UnicodeDecodeError, LookupError):
                continue
    last = next((name for name in tried if name and name != "utf-8" and _known(name)), "windows-1252")
    return clean(body.decode(last, "replace"))


def _known(name: str) -> bool:
    try:
        codecs.lookup(name)
    except LookupError:
        return False
    return True


def feed_tree(text: str) -> Element:
    """Parse feed text. Raises `FeedError` when no element can be recovered."""
    start = text.find("<")
    if start < 0:
        raise FeedError("the body is neither XML nor JSON")
    text = _COMMENTS.sub("", _DECLARATION.sub("", text[start:], count=1), count=1)
    text = _DOCTYPE.sub("", text, count=1)
    text = _REFERENCE.sub(_character, text)
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, remove_comments=True,
        remove_pis=True, strip_cdata=True, encoding="utf-8",
    )  # fmt: skip
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise FeedError(f"the body is no XML: {error}") from error
    if root is None:
        raise FeedError("the body is no XML")
    return root


def _character(match: re.Match[str]) -> str:
    """Return a named HTML entity, which feeds use without declaring it, as its character; a bare "&" as itself."""
    name = match[1]
    if name is None:
        return match[0] if match[0] != "&" else "&amp;"
    if name[0] == "#" or name[:-1] in _KEPT:
        return match[0]
    return html5.get(name, f"&amp;{name}")


def name_of(element: Element) -> tuple[str, str]:
    """Return (kind, local name), kind "" for RSS and Atom themselves, else a short name of the namespace."""
    tag = element.tag
    if not isinstance(tag, str):
        return "?", ""
    if tag.startswith("{"):
        address, _, local = tag[1:].partition("}")
        lowered = address.strip().lower()
        for part, kind in _KINDS:
            if part in lowered:
                return kind, local.lower()
        parent = element.getparent()
        family = parent is None or str(parent.tag).startswith(tag[: -len(local)])
        return ("" if element.prefix is None and family else element.prefix or "module"), local.lower()
    prefix, _, local = tag.rpartition(":")
    return prefix.lower(), local.lower()


def inner_markup(element: Element) -> str:
    """Return what stands inside an element as markup."""
    parts = [element.text or ""]
    for child in element:
        if isinstance(child.tag, str):
            parts.append(etree.tostring(child, encoding="unicode"))
        elif child.tail:
            parts.append(child.tail)
    return "".join(parts)
