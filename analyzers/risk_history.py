"""What became of the threads in the store, and weights fitted on it: `tocsin fit`.

The labels are DESIGN's outcome rule, read off each thread in hindsight; the forecasts they judge are recomputed
from what was seen by then. Posts of a source's first crawl count as seen when they were written (a history that
was read at once), any other one when it was first seen.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from analyzers.aims import aims
from analyzers.errors import TooFewOutcomesError
from analyzers.heard import what_was_heard
from analyzers.links_in import LinksIn, links_in
from analyzers.listening import towards_brand
from analyzers.live_risks import usual_tone, weights_in_force
from analyzers.risk_figures import RiskFigures
from analyzers.risk_fit import Fitted, fit, forecasts
from analyzers.risk_outcomes import outcomes_of, with_usual_most
from analyzers.risk_weights import SHIPPED
from analyzers.thread_parts import Surroundings
from tocsin.store.database import Store
from tocsin.store.judged import judged_posts
from tocsin.store.outlinks import linking_posts, thread_addresses
from tocsin.store.records import JudgedPost, ThreadOutcome
from tocsin.store.risks import adopt_weights, forecasts_of, write_outcomes
from tocsin.store.sources import first_crawls
from tocsin.store.tags import current_model

LOOK_BACK = timedelta(days=730)
"""Older threads were other times: other people, another model's tone."""
TONE_DAYS = timedelta(days=46)


@dataclass(frozen=True, slots=True)
class FitReport:
    """What a fit found. `version`: the weights in force after it.

    `rows` forecasts about `threads` threads could be judged, `outcomes` threads became a pile-on. `fitted` and
    `shipped` (on threads left out, and as they are) are None where there was too little; `why` says what was done.
    """

    version: str
    changed: bool
    why: str
    rows: int
    threads: int
    outcomes: int
    fitted: RiskFigures | None
    shipped: RiskFigures | None


def fit_store(store: Store, brands: Sequence[str], at: datetime, staff: Mapping[str, Collection[str]]) -> FitReport:
    """Label past threads, fit, and put the new weights in force where they are not worse than the shipped ones.

    `staff`: as for `aims`. The same history gives the same weights, so repeating it changes nothing.
    """
    found = label_store(store, brands, at, staff)
    write_outcomes(store, found)
    places = {key: number for number, key in enumerate(dict.fromkeys(one.thread_id for one in found))}
    groups = [places[one.thread_id] for one in found]
    met = len({group for group, one in zip(groups, found, strict=True) if one.met})

    def report(why: str, *, changed: bool = False, fitted: Fitted | None = None) -> FitReport:
        return FitReport(
            version=weights_in_force(store).version,
            changed=changed,
            why=why,
            rows=len(found),
            threads=len(places),
            outcomes=met,
            fitted=fitted.figures if fitted else None,
            shipped=fitted.started_from if fitted else None,
        )

    try:
        new = fit(
            forecasts([(one.parts, one.age_hours, one.met) for one in found], groups, _shares(groups)), SHIPPED, ""
        )
    except TooFewOutcomesError as error:
        return report(f"too little history: {error}")
    if new.figures.brier > new.started_from.brier:
        return report("the fit does worse on threads left out than the shipped weights: nothing changed", fitted=new)
    weights = replace(new.weights, version=f"{SHIPPED.version}+{_digest(new.weights.as_json())}")
    changed = adopt_weights(store, weights.version, at, weights.as_json(), asdict(new.figures))
    return report("fitted weights in force" if changed else "the same weights as before", changed=changed, fitted=new)


def label_store(
    store: Store, brands: Sequence[str], at: datetime, staff: Mapping[str, Collection[str]]
) -> list[ThreadOutcome]:
    """Return the forecasts about past threads that can be judged at `at`, thread by thread."""
    since, until = at - LOOK_BACK, at + timedelta(microseconds=1)
    read = {brand: judged_posts(store, brand, since=since, until=until, seen_by=at) for brand in brands}
    posts = towards_brand(read, aims(read, staff))
    around = _Hindsight(store, posts, since, at)
    crawled = first_crawls(store)
    rows = (as_seen(post, crawled) for those in posts.values() for post in those)
    return [one for thread, bar in with_usual_most(rows) for one in outcomes_of(thread, around.of, at, bar)]


def as_seen(post: JudgedPost, crawled: Mapping[str, datetime]) -> JudgedPost:
    """Return a post of a source's first crawl as if it had been seen when it was written, any other as it is."""
    history = post.source in crawled and post.first_seen_at <= crawled[post.source]
    return replace(post, first_seen_at=post.created_at) if history else post


class _Hindsight:
    """What was known around a thread at a past moment, as far as the store can still tell."""

    def __init__(self, store: Store, posts: Mapping[str, Sequence[JudgedPost]], since: datetime, at: datetime) -> None:
        model = current_model(store)
        threads = {post.thread_id for rows in posts.values() for post in rows}
        sources = store.number("SELECT count(DISTINCT source) FROM threads")
        self._links: LinksIn = links_in(linking_posts(store, since, at, at), thread_addresses(store, threads), sources)
        self._forecasts = forecasts_of(store, model[1]) if model else {}
        self._since = what_was_heard(store, at).since
        self._tone = lru_cache(maxsize=None)(lambda until: usual_tone(store, until - TONE_DAYS, until))

    def of(self, seen: Sequence[JudgedPost], at: datetime) -> Surroundings:
        """Return what was known around a thread of which `seen` was seen by `at`.

        Reactions are left out: what was shown of them at a past moment is known of few threads.
        """
        opening = seen[0]
        monday = at.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=at.weekday())
        made = [chance for moment, chance in self._forecasts.get(opening.thread_id, ()) if moment <= at]
        return Surroundings(
            usual_negative=self._tone(monday).get(opening.source),
            history_since=self._since.get(opening.source),
            links_in=self._links.by(opening.thread_id, at),
            derailment=made[-1] if made else None,
        )


def _shares(groups: Sequence[int]) -> list[float]:
    """Return what each row counts: every thread the same, however many forecasts about it there are."""
    counts: dict[int, int] = defaultdict(int)
    for group in groups:
        counts[group] += 1
    return [1 / counts[group] for group in groups]


def _digest(value: object) -> str:
    return hashlib.blake2b(json.dumps(value, sort_keys=True).encode(), digest_size=5).hexdigest()
