"""From the store's feedback to thresholds that would have done better, tried by replay before they are proposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from analyzers.backtest_figures import MONTH, compared, overlap
from analyzers.post_arrays import EPOCH
from analyzers.replaying import Replayed
from analyzers.thresholds import DEFAULTS
from analyzers.tuning import Proposal, Tuning, Verdicted, propose
from tocsin.backtesting import Replaying, Step
from tocsin.store.database import Store
from tocsin.store.episodes import episodes_between
from tocsin.store.feedback import verdicts
from tocsin.store.looking_back import oldest_mention_at
from tocsin.store.thresholds import thresholds_in_force

LEARNING = timedelta(days=14)
MOST_TRIED = 3


@dataclass(frozen=True, slots=True)
class Trial:
    """One proposal replayed: what the nights of the past say with it, for each brand.

    `spared`: false alarms of the replay that are gone; `turned`: those that are told as something milder instead;
    `lost`: alarms that nobody called false, and that would be gone or milder too.
    """

    proposal: Proposal
    usual: tuple[Replayed, ...]
    other: tuple[Replayed, ...]
    spared: int
    turned: int
    lost: int

    @property
    def helps(self) -> bool:
        """Whether it does away with false alarms and costs no other."""
        return bool(self.spared + self.turned) and not self.lost


def learned(store: Store, brand: str | None, brands: Sequence[str], budget: float, now: datetime) -> Tuning:
    """Return what the feedback on `brand` (None: on all `brands`) proposes. Raises StoreError, ThresholdError."""
    said = {one.episode_id: one.verdict for one in verdicts(store, brand) if one.given_at <= now}
    known = [episode for episode in episodes_between(store, EPOCH, now) if episode.id in said]
    told = [Verdicted(episode, said[episode.id] == "useful") for episode in known if episode.brand in brands]
    usual = DEFAULTS.changed(thresholds_in_force(store, brand or "", now))
    return propose(told, usual, _months(store, brands if brand is None else [brand], now), budget)


def tried(tuning: Tuning, ready: Sequence[Replaying], false: frozenset[str], step: Step) -> list[Trial]:
    """Replay the best proposals, and put first what loses no useful alarm and spares most false ones.

    `false`: the ids of the alarms called false; the others count as useful, for nobody called them false.
    """
    if not tuning.proposals:
        return []
    usual = tuple(one.run(step=step) for one in ready)
    trials = []
    for proposal in tuning.proposals[:MOST_TRIED]:
        other = tuple(one.run({proposal.name: proposal.value}, step) for one in ready)
        found = [compared(a, b) for a, b in zip(usual, other, strict=True)]
        gone = [(told, one.come) for one in found for told in one.gone]
        turned = sum(told.last.id in false and any(overlap(told, new) for new in come) for told, come in gone)
        called = sum(told.last.id in false for told, _ in gone)
        trials.append(Trial(proposal, usual, other, called - turned, turned, len(gone) - called))
    return sorted(trials, key=lambda trial: (trial.lost, -trial.spared, -trial.turned))


def _months(store: Store, brands: Sequence[str], now: datetime) -> float:
    """Return the brand-months at which a claim could be made."""
    total = timedelta()
    for brand in brands:
        oldest = oldest_mention_at(store, brand)
        if oldest is not None:
            total += max(now - oldest - LEARNING, timedelta())
    return total / MONTH
