"""From the store to the flag: which episodes have likes and reposts that rose without voices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from analyzers.engagement import LEAST_RISE, bought_figures, unanswered_rises, usual_answers
from tocsin.store.database import Store
from tocsin.store.engagement import rising_reactions, usual_reactions
from tocsin.store.records import Episode

USUAL_DAYS = 30


def with_bought(store: Store, episodes: Sequence[Episode], at: datetime) -> list[Episode]:
    """Return the episodes with the figures of reactions that hardly anybody answered in `parts`, as seen by `at`."""
    return [_noted(store, episode, at) for episode in episodes]


def _noted(store: Store, episode: Episode, at: datetime) -> Episode:
    since = episode.onset_at - timedelta(days=USUAL_DAYS)
    found = {
        source: usual_answers(usual_reactions(store, source, since, episode.onset_at)) for source in episode.sources
    }
    usual = {source: known for source, known in found.items() if known is not None}
    observed = rising_reactions(store, episode.threads, at, LEAST_RISE) if usual else []
    figures = bought_figures(unanswered_rises(observed, usual), usual)
    return replace(episode, parts=dict(episode.parts) | figures)
