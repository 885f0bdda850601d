"""Each brand's week against the week before, with arrows only where the change is more than noise."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tocsin.digest.facts import Week
from tocsin.digest.quotes import label
from tocsin.store.records import BrandRole

NOISE_STEPS = 2.0
"""A change within two standard errors is called steady (two-proportion z, pooled; about 1 in 20 by chance)."""

ENOUGH_POSTS = 10


@dataclass(frozen=True, slots=True)
class Change:
    """A figure now and before. `arrow`: up, down, steady; unknown when there is too little to compare."""

    now: str
    before: str
    arrow: str


@dataclass(frozen=True, slots=True)
class BrandWeek:
    """One brand's week in figures. Shares are whole per cents of the posts whose tone was judged.

    `angry` and `critical` are posts aimed at the brand.
    """

    name: str
    role: str
    posts: int
    voices: int
    negative: int
    neutral: int
    positive: int
    judged: int
    not_judged: int
    not_judged_share: int
    angry: int
    critical: int
    share_of_voice: Change | None
    negative_share: Change
    volume: Change


def brand_weeks(
    brands: Sequence[tuple[str, BrandRole]], weeks: Mapping[str, tuple[Week, Week]]
) -> tuple[BrandWeek, ...]:
    """Return a line a brand. Share of voice is of the posts about all brands in `weeks`, None for one."""
    total_now = sum(now.posts for now, _ in weeks.values())
    total_before = sum(before.posts for _, before in weeks.values())
    compared = len(weeks) > 1
    return tuple(
        _line(name, role, *weeks.get(name, (Week(), Week())), total_now, total_before, compared=compared)
        for name, role in brands
    )


def percent(part: int, whole: int) -> int:
    """Return a whole per cent, 0 of nothing."""
    return round(100 * part / whole) if whole else 0


def whole_percents(*parts: int) -> tuple[int, ...]:
    """Return whole per cents that add up to 100 (largest remainder), all 0 of nothing."""
    whole = sum(parts)
    if not whole:
        return tuple(0 for _ in parts)
    floors = [100 * part // whole for part in parts]
    by_remainder = sorted(range(len(parts)), key=lambda place: -(100 * parts[place] % whole))
    for place in by_remainder[: 100 - sum(floors)]:
        floors[place] += 1
    return tuple(floors)


def share_change(part: int, whole: int, part_before: int, whole_before: int) -> Change:
    """Compare two shares."""
    now = f"{percent(part, whole)} %" if whole else "-"
    before = f"{percent(part_before, whole_before)} %" if whole_before else "-"
    if whole < ENOUGH_POSTS or whole_before < ENOUGH_POSTS:
        return Change(now, before, "unknown")
    pooled = (part + part_before) / (whole + whole_before)
    noise = math.sqrt(pooled * (1 - pooled) * (1 / whole + 1 / whole_before))
    return Change(now, before, _arrow(part / whole - part_before / whole_before, noise))


def count_change(now: int, before: int) -> Change:
    """Compare two counts (Poisson noise)."""
    if now < ENOUGH_POSTS and before < ENOUGH_POSTS:
        return Change(str(now), str(before), "unknown")
    return Change(str(now), str(before), _arrow(now - before, math.sqrt(now + before)))


def _arrow(difference: float, noise: float) -> str:
    if abs(difference) <= NOISE_STEPS * noise or difference == 0:
        return "steady"
    return "up" if difference > 0 else "down"


def _line(
    name: str, role: BrandRole, now: Week, before: Week, total_now: int, total_before: int, *, compared: bool
) -> BrandWeek:
    negative, neutral, positive = whole_percents(now.negative, now.neutral, now.positive)
    return BrandWeek(
        name=label(name),
        role=role,
        posts=now.posts,
        voices=now.voices,
        negative=negative,
        neutral=neutral,
        positive=positive,
        judged=now.judged,
        not_judged=now.not_judged,
        not_judged_share=percent(now.not_judged, now.posts),
        angry=now.angry,
        critical=now.critical,
        share_of_voice=share_change(now.posts, total_now, before.posts, total_before) if compared else None,
        negative_share=share_change(now.negative, now.judged, before.negative, before.judged),
        volume=count_change(now.posts, before.posts),
    )
