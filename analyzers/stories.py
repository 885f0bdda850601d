"""What is told of each living episode beside its figures: wordings, topics, echo, contagion. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta

from analyzers.contagion import contagion
from analyzers.drift import drift
from analyzers.echo import echo
from analyzers.topics import topics
from tocsin.store.records import Episode, JudgedPost
from tocsin.store.stories import Story

BEFORE_ONSET = timedelta(hours=24)
"""How long before the rush the first post of a claim is looked for."""
MOST_USUAL = 5_000
"""Posts before the episode that topics and contagion are held against, the newest ones."""
MOST_POSTS = 10_000
"""Posts of the brand in which a claim is followed, the oldest ones: what comes later only repeats."""


def tell(
    episodes: Sequence[Episode], rows: Sequence[JudgedPost], names: Collection[str]
) -> tuple[tuple[Episode, ...], dict[str, Story]]:
    """Return the episodes of one brand, the living ones with echo and contagion in their parts, and stories by id.

    `rows`: the brand's posts seen by the moment of the decision, oldest first. `names`: brands, which are no topic.
    """
    found, stories = [], {}
    for episode in episodes:
        if episode.state == "over":
            found.append(episode)
            continue
        threads = frozenset(episode.threads)
        since = [post for post in rows if episode.onset_at - BEFORE_ONSET <= post.created_at <= episode.at]
        here = [post for post in since if post.created_at >= episode.onset_at and post.thread_id in threads]
        usual = [post for post in rows if post.created_at < episode.onset_at][-MOST_USUAL:]
        stories[episode.id] = Story(drift(since[:MOST_POSTS]), topics(here, usual, names))
        found.append(replace(episode, parts={**episode.parts, **_figures(here, usual)}))
    return tuple(found), stories


def _figures(here: Sequence[JudgedPost], usual: Sequence[JudgedPost]) -> dict[str, float | int | str | None]:
    repeated, spread = echo(here), contagion(here, usual)
    return {
        "echo_share": None if repeated is None else round(repeated.share, 3),
        "echo_pieces": None if repeated is None else round(repeated.effective, 1),
        "contagion": None if spread is None else round(spread.excess, 3),
        "contagion_low": None if spread is None else round(spread.low, 3),
        "contagion_high": None if spread is None else round(spread.high, 3),
    }
