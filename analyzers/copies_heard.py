"""Copied texts among the posts of one brand, as the gates ask for them: over the last 72 h, at any moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from analyzers.copies import COPIERS, Copied, copied_texts
from analyzers.listening import Listening
from analyzers.newcomers import came_for_it
from analyzers.usual_texts import is_usual

CAMPAIGN_HOURS = 72
"""Copies are looked for so far back: a campaign may take days."""


def pasted_places(listening: Listening, places: Sequence[int]) -> tuple[int, ...]:
    """Return those of `places` that are organised copies, in their order."""
    return tuple(sorted(at for text in copies_among(listening, places) if text.organised for at in text.places))


def copies_among(listening: Listening, places: Sequence[int]) -> list[Copied]:
    """Return the texts among `places` that several accounts posted."""
    repeated = repeated_places(listening, places)
    if not repeated:
        return []
    authors = [listening.posts[at].author_id for at in repeated]
    numbers = [int(listening.labels[at]) for at in repeated]
    point = float(listening.times[repeated[-1]])
    found = copied_texts(repeated, authors, numbers, lambda accounts: came_for_it(listening, point, accounts))
    return [of_late(listening, text, text.places) for text in found]


def of_late(listening: Listening, text: Copied, places: Sequence[int]) -> Copied:
    """Return a copied text, which stands at `places`; no more organised when it was said as often for weeks before."""
    if not text.organised:
        return text
    lasted = float(listening.times[max(places)] - listening.times[min(places)])
    return replace(text, organised=not is_usual(listening, places, max(float(CAMPAIGN_HOURS), lasted)))


def copies_in(listening: Listening, places: Sequence[int]) -> list[Copied]:
    """Return the copied texts of `places` as the last 72 h show them: who repeats slowly does not so within 6 h."""
    inside = [at for at in places if listening.labels[at] != -1]
    if not inside:
        return []
    until = float(listening.times[inside[-1]])
    numbers = {int(listening.labels[at]) for at in inside}
    wide = repeated_places(listening, listening.places(until - CAMPAIGN_HOURS, until))
    found = []
    for text in copies_among(listening, [at for at in wide if int(listening.labels[at]) in numbers]):
        here = sorted(set(text.places).intersection(inside))
        accounts = frozenset(author for at in here if (author := listening.posts[at].author_id) is not None)
        if accounts:
            found.append(replace(text, places=tuple(here), accounts=accounts))
    return found


def repeated_places(listening: Listening, places: Sequence[int]) -> list[int]:
    """Return those of `places` whose text stands there often enough to be copied: nearly none, and soon found."""
    chosen = np.arange(places.start, places.stop) if isinstance(places, range) else np.asarray(places, dtype=np.int64)
    chosen = chosen[listening.repeated[chosen]]
    if not chosen.size:
        return []
    labels = listening.labels[chosen]
    _, number, count = np.unique(labels, return_inverse=True, return_counts=True)
    found: list[int] = chosen[(count[number] >= COPIERS) & (labels != -1)].tolist()
    return found
