"""A parsed page: the tree, its address, its language and the moment it was read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import cast
from urllib.parse import urldefrag, urljoin, urlsplit

from lxml import etree, html

from crawler.extract.encoding import clean, decode
from crawler.extract.errors import ExtractError
from crawler.extract.floods import may_hold_tag_of, without_attribute_floods

MAX_BYTES = 32 * 1024 * 1024
"""A page larger than this is refused: no thread is."""

MAX_ELEMENTS = 250_000
"""A tree larger than this is refused: every route walks it several times."""

_MAX_CLASS = 2_000
"""A longer class attribute is dropped: every name in it is looked at."""


_PLAIN_PATH = re.compile(r"/[A-Za-z0-9_.~/-]*+")
"""Most links of a page; to join the others takes ten times as long."""


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """`language` is the two-letter code of `<html lang>`, None where undeclared; `region` the part after it (`GB`).

    `now` is when the page was fetched, None when not known. `base` is what relative links start from. `elements` are
    all elements in the order of the page: to make them anew for every reader is a tenth of the work.
    """

    root: html.HtmlElement
    url: str
    language: str | None
    region: str | None
    now: datetime | None
    base: str
    elements: Sequence[html.HtmlElement] = ()

    def absolute(self, link: str | None) -> str | None:
        """Return `link` as an absolute http(s) address, None when it is none."""
        return absolute(link, self.base)


def absolute(link: str | None, base: str) -> str | None:
    """Return `link` resolved against `base` when that gives an http(s) address with a host, else None."""
    if not link or link.startswith(("javascript:", "mailto:", "data:")):
        return None
    if _PLAIN_PATH.fullmatch(link) and "//" not in link and "/." not in link and (origin := _origin(base)):
        return origin + link
    try:
        joined = urljoin(base, link.strip())
        parts = urlsplit(joined)
    except ValueError:
        return None
    return joined if parts.scheme in ("http", "https") and parts.netloc else None


@lru_cache(maxsize=1_000)
def _origin(base: str) -> str | None:
    try:
        parts = urlsplit(base)
    except ValueError:
        return None
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") and parts.netloc else None


def read_page(
    source: bytes | str | Page, url: str, *, now: datetime | None = None, content_type: str | None = None
) -> Page:
    """Parse a page once for all readers of it.

    Raises `ExtractError` when it is empty, too large or no HTML at all.
    """
    if isinstance(source, Page):
        return source
    if len(source) > MAX_BYTES:
        raise ExtractError(f"the page has {len(source):,} bytes; more than {MAX_BYTES:,} are not read")
    text = decode(source, content_type) if isinstance(source, bytes) else clean(source)
    if not text or text.isspace():
        raise ExtractError("the page is empty")
    long_tags = may_hold_tag_of(_MAX_CLASS, text)
    root, elements = _parse(without_attribute_floods(text) if long_tags else text, long_tags=long_tags)
    declared = (root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or "").replace("_", "-")
    language, _, region = declared.partition("-")
    known = language.lower() if language.isalpha() and len(language) == 2 else None
    address = urldefrag(url)[0]
    tag = root.find(".//base[@href]")
    base = absolute(tag.get("href"), address) if tag is not None else None
    return Page(root, address, known, region.upper() or None, now, base or address, elements)


def _parse(text: str, *, long_tags: bool) -> tuple[html.HtmlElement, list[html.HtmlElement]]:
    # Not lxml.html's parser: its elements have methods that nobody here calls, and cost a Python call each.
    parser = etree.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, no_network=True, recover=True
    )
    try:
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError) as error:
        raise ExtractError(f"the page is no HTML: {error}") from error
    elements = list(islice(root.iter(), MAX_ELEMENTS + 1))
    if len(elements) > MAX_ELEMENTS:
        raise ExtractError(f"the page has more than {MAX_ELEMENTS:,} elements")
    if long_tags:
        for element in elements:
            if len(element.get("class") or "") > _MAX_CLASS:
                del element.attrib["class"]
    return cast("html.HtmlElement", root), elements
