"""Where the audience talks and we do not listen yet, in words: at most three places, once a week."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tocsin.digest.facts import Place
from tocsin.digest.headlines import listed
from tocsin.digest.quotes import label, permalink

MOST_PLACES = 3


@dataclass(frozen=True, slots=True)
class PlaceNews:
    """One place in words. `url`: a post that points there, None when it has no permalink."""

    site: str
    words: str
    url: str | None


def place_news(places: Sequence[Place], brands: Collection[str]) -> tuple[PlaceNews, ...]:
    """Return the first places (they come best first) that posts on the audience's brands point to."""
    wanted = [place for place in places if any(place.brands.get(brand) for brand in brands)]
    return tuple(
        PlaceNews(label(place.site), _words(place, brands), permalink(place.pointed_from))
        for place in wanted[:MOST_PLACES]
    )


def _words(place: Place, brands: Collection[str]) -> str:
    about = listed([brand for brand in place.brands if place.brands[brand] and brand in brands])
    people = "1 person" if place.voices == 1 else f"{place.voices} people"
    posts = "1 post" if place.posts == 1 else f"{place.posts} posts"
    tone = f", {place.negative} of {place.judged} judged ones negative" if place.judged else ", tone not judged"
    kind = f"; could be read as {label(place.kind)}" if place.kind else ""
    return f"{people} pointed there in {posts} on {about}{tone}{kind}"
