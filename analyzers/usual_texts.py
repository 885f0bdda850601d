"""Texts that were said in these words for weeks: a phrase of the trade, a bot's notice. Nobody's campaign."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np

from analyzers.copies import said
from analyzers.listening import Listening
from tocsin.store.records import JudgedPost

USUAL_HOURS = 28 * 24
SLACK = 3
"""Copies more than a text usually has by which it may pass without being unusual."""


def template_of(post: JudgedPost) -> int:
    """Return a number for the words of a post, its numbers blanked; the same in every process."""
    words = "\0".join(said(post.text).words)
    return int.from_bytes(blake2b(words.encode(), digest_size=8).digest(), "big", signed=True)


def is_usual(listening: Listening, places: Sequence[int], hours: float) -> bool:
    """Return whether the text at `places` (within the last `hours`) was heard about as often in the 28 days before.

    About as often: at most `times_usual` as many copies and three more. Earlier episodes are left out: a campaign
    that goes on for weeks does not become usual.
    """
    point = float(listening.times[max(places)])
    before = listening.places(point - hours - USUAL_HOURS, point - hours)
    if not before:
        return False
    templates = listening.held.numbers(template_of)
    at = np.arange(before.start, before.stop)
    heard = at[np.isin(templates[at], np.unique(templates[list(places)]))]
    for period in listening.left_out:
        times = listening.times[heard]
        heard = heard[(times < listening.hours(period.start)) | (times > listening.hours(period.end))]
    span = min(USUAL_HOURS, point - hours - float(listening.times[0]))
    expected = heard.size * hours / span if span > 0 else 0.0
    return bool(heard.size) and len(places) <= SLACK + listening.thresholds.times_usual * expected
