"""The repeated-block route: blocks, then who wrote each when, its words, its id, what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from lxml import html

from crawler.extract.blocks import find_blocks
from crawler.extract.bodies import body_quoted, body_text, find_bodies
from crawler.extract.date_forms import looks_dated
from crawler.extract.drafts import Draft
from crawler.extract.engines import ENGINES, Engine, find_engine_blocks
from crawler.extract.identify import find_ids, find_likes, permalink
from crawler.extract.layout import Layout
from crawler.extract.names import find_authors, leading_names, names_beside_dates
from crawler.extract.nested import find_comments
from crawler.extract.opening import find_opening
from crawler.extract.page import Page
from crawler.extract.parents import link_posts
from crawler.extract.quotes import flat, quoted_words, unmarked_quotes
from crawler.extract.regions import Region, regions_of
from crawler.extract.signatures import without_signatures
from crawler.extract.slots import find_dates

_LEAST_MARKED = 0.5
_EXCERPT = 120
_LEAST_EXCERPT = 30
_LEAST_DATE = 6
_HEAD_MORE = 60


def repeated_drafts(page: Page, layout: Layout, engines: Sequence[Engine] = ENGINES) -> list[Draft]:
    """Return the posts that the page shows as repeated blocks, opening first; empty when there are none."""
    known = find_engine_blocks(layout, engines)
    family = known[1] if known is not None else find_blocks(layout)
    if family is None or max(family.dated, family.authored) < _LEAST_MARKED:
        return []
    comments = find_comments(layout, family, known[0].comment if known is not None else None)
    regions = regions_of(layout, family, comments)
    below = set(comments.members) if comments is not None else set()
    made = _read_alike(page, layout, [region for region in regions if region.index not in below])
    made |= _read_alike(page, layout, [region for region in regions if region.index in below])
    made = {region: made[region] for region in regions if region in made}
    drafts = list(made.values())
    without_signatures(drafts)
    opening = find_opening(page, layout, regions)
    if opening is not None and drafts and (_opens(drafts[0], opening) or _repeats(opening, drafts)):
        opening = None
    link_posts(layout, made, opened=opening is not None)
    if opening is not None and drafts:
        drafts.insert(0, opening)
    return drafts


def _read_alike(page: Page, layout: Layout, regions: Sequence[Region]) -> dict[Region, Draft]:
    """Read blocks that are alike: the same slot means the same thing in all of them."""
    if not regions:
        return {}
    dates = find_dates(page, layout, regions)
    authors = find_authors(layout, regions)
    if 2 * len(authors) < len(regions):
        authors = names_beside_dates(layout, dates) or leading_names(layout, regions, dates) or authors
    ids = find_ids(layout, regions)
    marks: dict[Region, set[int]] = {region: set() for region in regions}
    for region, date in dates.items():
        marks[region].add(date.index)
    for region, (index, _) in authors.items():
        marks[region].add(index)
    bodies = find_bodies(layout, regions, marks)
    heard = _Heard(authors)
    made: dict[Region, Draft] = {}
    for region in regions:
        identity, told = ids.get(region), dates.get(region)
        text, quoted = heard.words(*bodies[region])
        text = _without_head(text, told.text if told else "")
        if not text:
            continue
        made[region] = Draft(
            text=text,
            author=authors[region][1] if region in authors else None,
            created_at=told.at if told else None,
            dated_by=told.source if told else None,
            shown_at=told.text if told and looks_dated(told.text) else None,
            quoted=quoted,
            native_id=identity.native_id if identity else None,
            url=permalink(page, layout, region, identity) if identity else None,
            likes=find_likes(layout, region),
            element=region.element,
        )
    return made


class _Heard:
    """The posts read so far, to know quotes by that nothing marks."""

    def __init__(self, authors: dict[Region, tuple[int, str]]) -> None:
        self.names = frozenset(name.casefold() for _, name in authors.values())
        self.flat: list[str] = []

    def words(self, parts: list[html.HtmlElement], unwanted: list[html.HtmlElement]) -> tuple[str, str | None]:
        """Return a post's own words, and those that it quotes."""
        quotes = unmarked_quotes(parts, self.names, self.flat)
        text = body_text(parts, [*unwanted, *quotes]) if quotes else ""
        quoted = quoted_words(quotes) if text else None
        text = text or body_text(parts, unwanted)
        self.flat.append(flat(text))
        return text, "\n\n".join(filter(None, [body_quoted(parts, unwanted, text), quoted])) or None


def _without_head(text: str, date: str) -> str:
    """Take off the line that shows the post's own date, where it stands in one element with the words."""
    head, _, rest = text.partition("\n")
    if len(date) < _LEAST_DATE or len(head) > len(date) + _HEAD_MORE or date not in head or not rest.strip():
        return text
    return rest.strip()


def _repeats(opening: Draft, drafts: Sequence[Draft]) -> bool:
    """Say whether what stands above the blocks is an excerpt of one of them: the accepted answer, a summary."""
    start = opening.text.casefold().rstrip("\u2026. ")[:_EXCERPT]
    return len(start) >= _LEAST_EXCERPT and any(start in draft.text.casefold() for draft in drafts)


def _opens(first: Draft, opening: Draft) -> bool:
    """Say whether the first block opens: the heading names its author and day, or what stands there is newer."""
    if first.created_at is not None and opening.created_at is not None:
        if opening.created_at > first.created_at + timedelta(days=1):
            return True
        if opening.created_at < first.created_at - timedelta(days=1):
            return False
    return first.author is not None and first.author == opening.author
