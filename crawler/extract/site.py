"""The pages of one site, in full or by the recipe that was learned from the first of them.

Reading a page without knowing its site costs 60 to 90 ms, nearly all of it for finding out where things are, and the
pages of one site are alike. So the first pages are read in full, a recipe is made from what was found, and it is
used once it gave exactly the same posts on further pages. It is trusted only for what was proven: a page that has an
element of a shape (tag, class, attributes) not seen on a page where both agreed is read in full, and so is every
hundredth, to notice a site that changed. Where nothing simple fits (dates in words, ids from nowhere) there is none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from lxml import html

from crawler.extract.page import Page
from crawler.extract.reading import extract_page
from crawler.extract.recipe import Recipe, Shape, recipe_for
from crawler.extract.records import ExtractedThread

PROOFS = 2
"""Pages on which recipe and full reading must agree before the recipe is used."""

CHECK_EVERY = 100
"""Of the pages that the recipe could read, every so many are read in full as well."""

MAX_STRIKES = 3
"""After so many recipes that failed, a site's pages are read in full for the rest of the run."""

_TRIED_PAGES = 12
"""A site of which so many pages gave no recipe has none."""


def shape(element: html.HtmlElement) -> Shape:
    """Return what makes two elements of one site alike; whether it holds words of its own is part of it."""
    names, get, text = tuple(element.keys()), element.get, element.text
    return (
        element.tag,
        get("class") if "class" in names else None,
        get("itemprop") if "itemprop" in names else None,
        get("rel") if "rel" in names else None,
        names,
        bool(text and not text.isspace()),
    )


@dataclass
class SiteReader:
    """Reads the pages of one site: in full, or by the recipe that it has learned."""

    recipe: Recipe | None = None
    known: set[Shape] = field(default_factory=set)
    proofs: int = 0
    strikes: int = 0
    by_recipe: int = 0
    in_full: int = 0

    def read(self, page: Page, url: str, *, now: datetime | None) -> ExtractedThread:
        """Return what `extract_page` returns. Raises `ExtractError`."""
        if self.strikes >= MAX_STRIKES:
            return extract_page(page, url, now=now)
        shapes = set(map(shape, page.elements))
        trusted = self.recipe is not None and self.proofs >= PROOFS and shapes <= self.known
        if trusted and self.recipe is not None and (self.by_recipe + 1) % CHECK_EVERY:
            found = self.recipe.thread(page)
            if found is not None:
                self.by_recipe += 1
                return found
        full = extract_page(page, url, now=now)
        self.in_full += 1
        self._learn(page, full, shapes)
        return full

    def _learn(self, page: Page, full: ExtractedThread, shapes: set[Shape]) -> None:
        if self.recipe is None:
            self.recipe = recipe_for(page, full)
            self.known = shapes if self.recipe is not None else set()
            self.strikes = MAX_STRIKES if self.recipe is None and self.in_full >= _TRIED_PAGES else self.strikes
        elif self.recipe.thread(page) == full:
            self.known |= shapes
            self.proofs += 1
            self.by_recipe += shapes <= self.known
        elif shapes <= self.known:
            # The same shapes mean something else here: nothing that was learned is safe.
            self.recipe, self.known, self.proofs, self.strikes = None, set(), 0, self.strikes + 1
