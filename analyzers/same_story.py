"""One story that counts for several brands: told once, under the brand it concerns most. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tocsin.store.records import BrandRole, Episode

SHARED = 0.5
"""Two episodes are one story when half of the threads of the smaller one are in the other."""
_RANK = {"own": 0, "target": 1, "competitor": 2}


def link_stories(episodes: Sequence[Episode], roles: Mapping[str, BrandRole]) -> list[Episode]:
    """Return the episodes, those that tell the same story as another with its id as `same_story_as` in their parts.

    Of episodes of different brands that share threads the one of an own brand leads, then a backlash, then the one
    with most voices, then the older. A leader names none; a story that has parted is no longer linked. The order of
    `episodes` does not matter.
    """
    ranked = sorted(episodes, key=lambda episode: _rank(episode, roles))
    leader: dict[str, str] = {}
    for place, episode in enumerate(ranked):
        if episode.state == "over":
            continue
        for other in ranked[:place]:
            if other.id not in leader and other.brand != episode.brand and _shared(episode, other):
                leader[episode.id] = other.id
                break
    return [_linked(episode, leader.get(episode.id)) for episode in episodes]


def _linked(episode: Episode, leader: str | None) -> Episode:
    if episode.state == "over" or episode.parts.get("same_story_as") == leader:
        return episode
    return replace(episode, parts={**episode.parts, "same_story_as": leader})


def _rank(episode: Episode, roles: Mapping[str, BrandRole]) -> tuple[int, int, int, str, str]:
    return (
        _RANK[roles.get(episode.brand, "own")],
        0 if episode.kind == "backlash" else 1,
        -episode.voices.low,
        episode.opened_at.isoformat(),
        episode.id,
    )


def _shared(one: Episode, other: Episode) -> bool:
    if other.state == "over":
        return False
    few, many = sorted((set(one.threads), set(other.threads)), key=len)
    return bool(few) and len(few & many) >= SHARED * len(few)
