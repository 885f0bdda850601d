"""The risks of all threads alive at a moment, and what is known around them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from analyzers.links_in import LinksIn, links_in
from analyzers.risk_weights import SHIPPED, RiskWeights, read_weights
from analyzers.thread_parts import Surroundings, reply_ratio
from analyzers.thread_risk import HORIZON, thread_risk
from tocsin.store.database import Store
from tocsin.store.judged import source_tone
from tocsin.store.outlinks import linking_posts, thread_addresses
from tocsin.store.pairs import derailments_by
from tocsin.store.records import Derailment, JudgedPost, ThreadRisk
from tocsin.store.risks import current_weights
from tocsin.store.tags import current_model
from tocsin.store.times import to_text

JUDGED_FOR_TONE = 20
"""Sampled posts of a source that must be judged before its mean tone is known."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known at a moment beyond the threads themselves.

    `tone`: each source's mean share of negative posts. `history_since`: from when the authors of each source are
    known. `forecasts`: each thread's newest derailment forecast.
    """

    tone: Mapping[str, float]
    history_since: Mapping[str, datetime]
    forecasts: Mapping[str, Derailment]
    links: LinksIn
    weights: RiskWeights


def what_is_known(
    store: Store, thread_ids: Collection[str], history_since: Mapping[str, datetime], since: datetime, at: datetime
) -> Known:
    """Read what is known at `at` around the threads `thread_ids`, from posts written since `since`."""
    model = current_model(store)
    sources = store.number("SELECT count(DISTINCT source) FROM threads WHERE first_seen_at <= ?", [to_text(at)])
    return Known(
        tone=usual_tone(store, since, at),
        history_since=history_since,
        forecasts=derailments_by(store, model[1], at) if model else {},
        links=links_in(linking_posts(store, since, at, at), thread_addresses(store, thread_ids), sources),
        weights=weights_in_force(store),
    )


def usual_tone(store: Store, since: datetime, until: datetime) -> dict[str, float]:
    """Return each source's mean share of negative posts in [since, until), from those drawn for it."""
    counts = source_tone(store, since=since, until=until)
    return {source: negative / judged for source, (negative, judged) in counts.items() if judged >= JUDGED_FOR_TONE}


def weights_in_force(store: Store) -> RiskWeights:
    """Return the weights fitted here that are in force, else the shipped ones.

    Weights that an older Tocsin fitted for other parts are of no use: the shipped ones serve until the next fit.
    """
    stored = current_weights(store)
    if stored is None:
        return SHIPPED
    try:
        return read_weights(stored)
    except ValueError:
        return SHIPPED


def live_risks(rows: Sequence[JudgedPost], brand: str, at: datetime, known: Known) -> list[ThreadRisk]:
    """Return the risk of every thread of `rows` (one brand's posts, oldest first) that was written in within 72 h."""
    threads: dict[str, list[JudgedPost]] = defaultdict(list)
    for post in rows:
        threads[post.thread_id].append(post)
    ratios: dict[str, list[float]] = defaultdict(list)
    for posts in threads.values():
        ratio = reply_ratio(posts[0])
        if ratio is not None:
            ratios[posts[0].source].append(ratio)
    usual_ratio = {source: median(values) for source, values in ratios.items()}
    return [
        thread_risk(posts, brand, at, _around(posts[0], at, known, usual_ratio), known.weights)
        for posts in threads.values()
        if at - posts[-1].created_at <= HORIZON
    ]


def _around(opening: JudgedPost, at: datetime, known: Known, usual_ratio: Mapping[str, float]) -> Surroundings:
    forecast = known.forecasts.get(opening.thread_id)
    return Surroundings(
        usual_negative=known.tone.get(opening.source),
        usual_reply_ratio=usual_ratio.get(opening.source),
        history_since=known.history_since.get(opening.source),
        links_in=known.links.by(opening.thread_id, at),
        derailment=None if forecast is None else forecast.probability,
    )
