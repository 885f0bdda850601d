"""Find each block's date by asking which slot holds one in most blocks."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml import html

from crawler.extract.date_forms import Order, looks_dated, numeric_order, tells_membership
from crawler.extract.dates import machine_date, parse_date
from crawler.extract.layout import Layout, direct_text, leading_text
from crawler.extract.markup import is_quote, is_user_link
from crawler.extract.page import Page
from crawler.extract.regions import Region, Slot, slot_of
from crawler.extract.text import one_line

_CHANGED = re.compile(r"\bsince:|edited|modified|updated|warned|banned", re.IGNORECASE)
_NOT_POSTED_CLASS = re.compile(
    r"(?:^|[-_\s])(?:joined|join|joindate|registered|since|edited|lastedit|editdate|edit-date|edited-by|modified|lastseen|"
    r"last-seen|birthday|userextras?|userinfo-extra|tooltip)(?:$|[-_\s])",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(r"(?:^|[-_\s])(?:signature|sig)(?:$|[-_\s])", re.IGNORECASE)
_FOR_READERS = re.compile(
    r"(?:^|[-_\s])(?:sr-only|visible-sr|visually-?hidden|screen-?reader(?:-text)?)(?:$|[-_\s])", re.IGNORECASE
)
"""A date for screen readers repeats the one that is shown, in another form."""
_STAMPS = ("datetime", "data-time", "data-timestamp", "data-utime", "data-date", "data-epoch", "ts", "content")
_HEAD = 80
_PIECES = re.compile(r"(\d) (st\b|nd\b|rd\b|th\b|,)")
"""`3<sup>rd</sup>`, `<b>Mar 09</b>, 2023`: pieces of a date are parted by spaces, but not these."""
_CLOCK = re.compile(r"\d{1,2}:\d\d")
_AGO = re.compile(r"\bago\b")
_FULL = re.compile(r"\d{4}")


@dataclass(frozen=True, slots=True)
class Dated:
    """A date found in a block. `at` is None when its text needs a `now` that is not known."""

    index: int
    at: datetime | None
    text: str
    source: str | None = None
    """What `at` was read from: the text, or a form meant for machines."""


def find_dates(page: Page, layout: Layout, regions: Sequence[Region]) -> dict[Region, Dated]:
    """Return the posting date of each block that shows one."""
    slots: dict[Slot, dict[Region, tuple[int, str, str | None]]] = defaultdict(dict)
    for region in regions:
        for index in region.inner:
            if layout.dates[index + 1] > layout.dates[index] and not _is_other_date(layout, index, region):
                text, stamp = _date_texts(layout.elements[index])
                slots[slot_of(layout, index)].setdefault(region, (index, text, stamp))
    if not slots:
        return {}
    texts = [text for found in slots.values() for _, text, _ in found.values()]
    order = numeric_order(texts, page.language, page.region)
    ranked = sorted(slots.values(), key=lambda found: -_date_rank(found, len(regions)))
    dated: dict[Region, Dated] = {}
    for found in ranked:
        for region, (index, text, stamp) in found.items():
            if region not in dated or dated[region].at is None:
                at, source = _read(page, text, stamp, order)
                if at is not None or region not in dated:
                    dated[region] = Dated(index, at, text, source)
    return dated


def _date_rank(found: dict[Region, tuple[int, str, str | None]], blocks: int) -> float:
    clock = sum(bool(stamp) or bool(_CLOCK.search(text)) for _, text, stamp in found.values())
    return len(found) + 0.6 * clock + 0.2 * len({stamp or text for _, text, stamp in found.values()}) / blocks


def _date_texts(element: html.HtmlElement) -> tuple[str, str | None]:
    stamp = next((value for name in _STAMPS if (value := element.get(name)) and machine_date(value)), None)
    if stamp is None and (title := element.get("title")) and looks_dated(title):
        stamp = title
    own = direct_text(element)
    if len(element) and (head := leading_text(element)) and head != own and (len(own) > _HEAD or looks_dated(head)):
        own = head
    if len(own) < 120 and (not looks_dated(own) or not _CLOCK.search(own)):
        whole = _PIECES.sub(r"\1\2", one_line(" ".join(element.itertext())))
        own = whole if len(whole) <= 100 else own
    return own[:120], stamp


def _read(page: Page, text: str, stamp: str | None, order: Order) -> tuple[datetime | None, str | None]:
    """Return the moment, and which of the two told it: a form for machines first, but not "2 months ago"."""
    if (
        stamp is not None
        and _AGO.search(stamp)
        and not _AGO.search(text)
        and (_FULL.search(text) or _CLOCK.search(text))
    ):
        text, stamp = stamp, text
    found = machine_date(stamp, page.now) or parse_date(stamp, now=page.now, language=page.language, order=order)
    if found is not None:
        return found, stamp
    found = parse_date(text, now=page.now, language=page.language, order=order)
    return found, text if found is not None else None


def date_of(page: Page, layout: Layout, index: int, order: Order) -> datetime | None:
    """Return the date that one element carries, None when it carries none."""
    if layout.dates[index + 1] == layout.dates[index]:
        return None
    text, stamp = _date_texts(layout.elements[index])
    return _read(page, text, stamp, order)[0]


def _is_other_date(layout: Layout, index: int, region: Region) -> bool:
    """Say whether a date tells when its author joined, or when the post was edited, or stands in a quote."""
    element = layout.elements[index]
    if _FOR_READERS.search(element.get("class") or ""):
        return True
    own = direct_text(element)
    if _is_other(own) and not own.lower().startswith("posted"):
        return True
    previous = element.getprevious()
    before = "" if previous is None else direct_text(previous) or str(previous.get("title") or "")
    parent = element.getparent()
    lead = "" if parent is None else (parent.text or "") + (previous.tail or "" if previous is not None else "")
    if _is_other(before[-40:]) or _is_other(lead[-40:]):
        return True
    while element is not None and element is not region.element:
        names = element.get("class") or ""
        if is_quote(element) or _NOT_POSTED_CLASS.search(names):
            return True
        if _SIGNATURE.search(names) and not any(is_user_link(link) for link in element.iter("a")):
            return True  # what all posts of an author end with; some call the box with name and date so
        element = element.getparent()
    return False


def _is_other(text: str) -> bool:
    return tells_membership(text) or bool(_CHANGED.search(text))
