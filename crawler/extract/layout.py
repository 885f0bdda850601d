"""A page as flat arrays: where each element's subtree ends, how much text and how many dates it holds.

Every question of the repeated-block search ("how much unlinked text is below this element?") is one
subtraction, so that the search stays linear in the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from lxml import html

from crawler.extract.date_forms import looks_dated, tells_membership
from crawler.extract.markup import NEVER_TEXT, is_author_mark

_DATED_LENGTH = 80
_FEW = 60
_NAMED = frozenset(["a", "b", "strong", "cite", "i", "em", "span", "font", "u"])


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """`elements` in document order; `ends[i]` is the index after the subtree of element i.

    `text`, `links`, `dates`, `authors` are running sums (length + 1) of unlinked characters, linked
    characters, elements that carry a date, elements that name an author.
    """

    elements: list[html.HtmlElement]
    ends: list[int]
    parents: list[int]
    text: list[int]
    links: list[int]
    dates: list[int]
    authors: list[int]

    def mass(self, index: int) -> int:
        """Unlinked characters below (and in) element `index`."""
        return self.text[self.ends[index]] - self.text[index]

    def linked(self, index: int) -> int:
        """Linked characters below element `index`."""
        return self.links[self.ends[index]] - self.links[index]

    def dated(self, index: int) -> int:
        """How many elements below carry a date."""
        return self.dates[self.ends[index]] - self.dates[index]

    def authored(self, index: int) -> int:
        """How many elements below look like an author's name."""
        return self.authors[self.ends[index]] - self.authors[index]

    def within(self, inner: int, outer: int) -> bool:
        """Say whether element `inner` is `outer` or below it."""
        return outer <= inner < self.ends[outer]


def lay_out(root: html.HtmlElement) -> Layout:
    """Walk the tree once. Scripts, styles and controls are left out with all they hold."""
    elements: list[html.HtmlElement] = []
    ends: list[int] = []
    parents: list[int] = []
    text: list[int] = []
    links: list[int] = []
    dates: list[int] = []
    authors: list[int] = []
    stack: list[tuple[html.HtmlElement | None, int, bool]] = [(root, -1, False)]
    while stack:
        element, parent, linked = stack.pop()
        if element is None:
            ends[parent] = len(elements)
            continue
        if not isinstance(element.tag, str) or element.tag in NEVER_TEXT:
            continue
        index = len(elements)
        inside = linked or element.tag == "a"
        own = direct_text(element)
        length = len(own)
        elements.append(element)
        ends.append(0)
        parents.append(parent)
        text.append(0 if inside else length)
        links.append(length if inside else 0)
        dates.append(int(carries_date(element, own)))
        authors.append(int(is_author_mark(element)))
        stack.append((None, index, False))
        stack.extend((child, index, inside) for child in reversed(element))
    _mark_split_dates(elements, ends, (text, links), dates)
    return Layout(elements, ends, parents, *(list(accumulate(row, initial=0)) for row in (text, links, dates, authors)))


def _mark_split_dates(
    elements: list[html.HtmlElement], ends: list[int], lengths: tuple[list[int], list[int]], dates: list[int]
) -> None:
    """Mark small elements whose date stands in pieces: `<b>3:21pm</b> On <b>Mar 09</b>, <b>2023</b>`."""
    for index, element in enumerate(elements):
        end = ends[index]
        if not 2 <= end - index <= 8 or any(dates[index:end]):
            continue
        length = sum(lengths[0][index:end]) + sum(lengths[1][index:end])
        text = " ".join("".join(element.itertext()).split()) if 8 <= length <= _DATED_LENGTH else ""
        if text and looks_dated(text) and not tells_membership(text):
            dates[index] = 1


def direct_text(element: html.HtmlElement) -> str:
    """Return the text that stands in the element itself, not in its children, spaces evened."""
    if not len(element):
        return " ".join(element.text.split()) if element.text else ""
    parts = [element.text or "", *(child.tail or "" for child in element)]
    return " ".join(" ".join(parts).split())


def leading_text(element: html.HtmlElement) -> str:
    """Return the text that stands in the element before its first child, or right after a first child in bold."""
    text = " ".join((element.text or "").split())
    if not text and len(element) and len(element) < _FEW and element[0].tag in _NAMED:
        text = " ".join((element[0].tail or "").split())
    return text


def carries_date(element: html.HtmlElement, own: str) -> bool:
    """Say whether an element is a date: `<time>`, a machine-readable attribute, or short text with a date."""
    if element.tag == "time" or element.get("data-time") or element.get("data-timestamp"):
        return True
    if 5 <= len(own) <= _DATED_LENGTH and looks_dated(own):
        return not tells_membership(own)
    if len(own) > _DATED_LENGTH and len(element):
        # "<b>ann</b> wrote on 5 March: <br> ...": a post whose head and words share one element.
        head = leading_text(element)
        if 5 <= len(head) <= _DATED_LENGTH and looks_dated(head):
            return not tells_membership(head)
    title = element.get("title")
    return bool(title) and 8 <= len(title or "") <= 40 and looks_dated(title or "")
