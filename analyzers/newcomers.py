"""Who came new: first post in the source, as far as we hold it, within the last 30 days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import numpy as np

from analyzers.baseline import Flags
from analyzers.listening import Listening
from tocsin.store.records import JudgedPost

NEW = timedelta(days=30)
USUAL_DAYS = 14
GUARD_HOURS = 24
LEAST_USUAL = 10
"""Accounts of the fortnight before from which a usual share is told."""
LEAST_NEW = 5
NEW_SHARE = 2 / 3
TIMES_USUAL = 3
"""A text is organised when so many of its accounts, and three times the usual share, came new."""


def is_young(post: JudgedPost) -> bool:
    """Return whether the author's first post that we hold is at most 30 days older than this one."""
    first = post.author_first_seen_at
    return first is not None and post.created_at - first < NEW


def is_new(listening: Listening, place: int) -> bool | None:
    """Return whether the author was new to the source; None where that is not known.

    Not known: no author, or the source was held for less than 30 days before, so that everybody looks new.
    """
    return bool(listening.held.mask(is_young)[place]) if _is_known(listening, place) else None


def new_share(listening: Listening, places: Mapping[str, int]) -> float | None:
    """Return the share of accounts (each with a place of theirs) that were new; None when of fewer than 5 known."""
    known = [new for place in places.values() if (new := is_new(listening, place)) is not None]
    return sum(known) / len(known) if len(known) >= LEAST_NEW else None


def usual_new_share(listening: Listening, point: float) -> float | None:
    """Return the share of new accounts in the fortnight that ended a day before `point`; None when hardly known."""
    held, end = listening.held, point - GUARD_HOURS
    places = listening.places(end - 24 * USUAL_DAYS, end)
    part = slice(places.start, places.stop)
    voices, young = held.voices[part], held.mask(is_young)[part]
    known = (voices >= 0) & _long_held(listening)[part]
    accounts = np.unique(voices[known]).size
    return np.unique(voices[known & young]).size / accounts if accounts >= LEAST_USUAL else None


def came_for_it(listening: Listening, point: float, places: Mapping[str, int]) -> bool:
    """Return whether most of the accounts (each with a place of theirs) are new, and far more than usual."""
    if len(places) < LEAST_NEW:
        return False
    share, usual = new_share(listening, places), usual_new_share(listening, point)
    return share is not None and usual is not None and share >= max(NEW_SHARE, TIMES_USUAL * usual)


def _is_known(listening: Listening, place: int) -> bool:
    return listening.posts[place].author_first_seen_at is not None and bool(_long_held(listening)[place])


def _long_held(listening: Listening) -> Flags:
    """Return which posts were written when their source had been held for 30 days."""
    held = listening.held
    numbers, first = np.unique(held.sources, return_index=True)
    since = np.zeros(len(held.source_names) + 1)
    since[numbers] = listening.times[first]
    flags: Flags = listening.times >= since[held.sources] + NEW / timedelta(hours=1)
    return flags
