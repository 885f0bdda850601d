"""The repeated-block route: blocks, then who wrote each when, its words, its id, what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from crawler.extract.blocks import find_blocks
from crawler.extract.bodies import body_quoted, body_text, find_bodies
from crawler.extract.dates import looks_dated
from crawler.extract.drafts import Draft
from crawler.extract.engines import find_engine_blocks
from crawler.extract.identify import find_ids, find_likes, named_parent, permalink
from crawler.extract.layout import Layout
from crawler.extract.names import find_authors, leading_names, names_beside_dates
from crawler.extract.nested import find_comments
from crawler.extract.opening import find_opening
from crawler.extract.page import Page
from crawler.extract.regions import Region, regions_of
from crawler.extract.slots import find_dates

_LEAST_MARKED = 0.5


def repeated_drafts(page: Page, layout: Layout) -> list[Draft]:
    """Return the posts that the page shows as repeated blocks, opening first; empty when there are none."""
    known = find_engine_blocks(layout)
    family = known[1] if known is not None else find_blocks(layout)
    if family is None or max(family.dated, family.authored) < _LEAST_MARKED:
        return []
    comments = find_comments(layout, family)
    regions = regions_of(layout, family, comments)
    below = set(comments.members) if comments is not None else set()
    made = _read_alike(page, layout, [region for region in regions if region.index not in below])
    made |= _read_alike(page, layout, [region for region in regions if region.index in below])
    made = {region: made[region] for region in regions if region in made}
    _link(layout, made)
    opening = find_opening(page, layout, regions)
    drafts = list(made.values())
    if opening is not None and drafts and not _opens(drafts[0], opening):
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
    made: dict[Region, Draft] = {}
    for region in regions:
        text = body_text(*bodies[region])
        if not text:
            continue
        identity, told = ids.get(region), dates.get(region)
        made[region] = Draft(
            text=text,
            author=authors[region][1] if region in authors else None,
            created_at=told.at if told else None,
            dated_by=told.source if told else None,
            shown_at=told.text if told and looks_dated(told.text) else None,
            quoted=body_quoted(*bodies[region], text),
            native_id=identity.native_id if identity else None,
            url=permalink(page, layout, region, identity) if identity else None,
            likes=find_likes(layout, region),
            element=region.element,
        )
    return made


def _opens(first: Draft, opening: Draft) -> bool:
    """Say whether the first block opens: the heading names its author and day, or what stands there is newer."""
    if first.created_at is not None and opening.created_at is not None:
        if opening.created_at > first.created_at + timedelta(days=1):
            return True
        if opening.created_at < first.created_at - timedelta(days=1):
            return False
    return first.author is not None and first.author == opening.author


def _link(layout: Layout, made: dict[Region, Draft]) -> None:
    known = {draft.native_id for draft in made.values() if draft.native_id}
    for region, draft in made.items():
        outer = region.outer
        while outer is not None and outer not in made:
            outer = outer.outer
        if outer is not None:
            draft.parent = made[outer]
        elif known:
            draft.answers = named_parent(layout, region, known)
