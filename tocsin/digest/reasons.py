"""Why we think so: an episode's gates and figures in words, and how many real voices it is."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.digest.headlines import people
from tocsin.digest.quotes import label
from tocsin.store.records import Episode, Voices


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of the parts table: what was looked at, what was found, what is usual or needed."""

    name: str
    found: str
    usual: str


def voice_words(voices: Voices) -> str:
    """Return `400 posts = 320 people, 12 wordings, the top 5 wrote 9 %`."""
    posts = f"{voices.posts} post{'s' if voices.posts != 1 else ''}"
    wordings = f"{voices.wordings} wording{'s' if voices.wordings != 1 else ''}"
    said = f"{posts} = {people(voices)} {'person' if voices.high == 1 else 'people'}, {wordings}"
    return said if voices.high <= 5 else f"{said}, the top 5 wrote {voices.top5_share * 100:.0f} %"


def reasons(episode: Episode) -> tuple[Reason, ...]:
    """Return the lines of the parts table."""
    return tuple(Reason(key, str(value), "") for key, value in episode.parts.items())
