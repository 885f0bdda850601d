"""A replay as one JSON document, and what is to be said of it in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from analyzers.backtest_figures import Event, FalseRate, Lead, compared, false_rate, leads
from analyzers.replaying import LEARNING_DAYS, Replayed, Told, told_kind
from tocsin.backtesting import Replaying
from tocsin.replay_told import told_by_digest
from tocsin.store.records import Episode


@dataclass(frozen=True, slots=True)
class Result:
    """One brand: what was replayed, what came of it, and with the changed settings (None: none was changed)."""

    ready: Replaying
    usual: Replayed
    other: Replayed | None
    zone: ZoneInfo


def document(results: Sequence[Result], events: Sequence[Event], changes: Mapping[str, float]) -> dict[str, object]:
    """Return everything as one JSON document; the episodes of all brands stand under `episodes`."""
    whole: dict[str, object] = {
        "episodes": [_full(one.usual, told, one.zone) for one in results for told in one.usual.episodes],
        "brands": [_brand(one) for one in results],
        "false_episodes": [_rate(one.usual, false_rate(one.usual, events)) for one in results],
        "events": [_lead(one.usual, lead) for one in results for lead in leads(one.usual, events)],
    }
    if changes:
        whole["changed"] = {
            "set": dict(changes),
            "episodes": [
                _full(one.other, told, one.zone) for one in results if one.other for told in one.other.episodes
            ],
            "false_episodes": [_rate(one.other, false_rate(one.other, events)) for one in results if one.other],
            "events": [_lead(one.other, lead) for one in results if one.other for lead in leads(one.other, events)],
            "gone": [told.last.id for one in results if one.other for told in compared(one.usual, one.other).gone],
            "come": [told.last.id for one in results if one.other for told in compared(one.usual, one.other).come],
        }
    return whole


def claims(one: Result) -> list[str]:
    """Say what keeps the replay from claiming anything."""
    days, notes = one.usual.history_days, []
    if one.ready.posts and not one.usual.claimed_nights:
        held = (one.usual.nights[-1] - one.usual.nights[0]) / timedelta(days=1) if days else 0.0
        notes.append(
            f"no claim: {held:.0f} days of history, {LEARNING_DAYS:.0f} are needed before anything is unusual "
            "(--assume-quiet 28 puts made-up quiet days before a file)"
        )
    elif one.usual.claimed_nights < len(days):
        first = next(at for at, held in zip(one.usual.nights, days, strict=True) if held >= LEARNING_DAYS)
        notes.append(f"no claim before {first:%Y-%m-%d}: under {LEARNING_DAYS:.0f} days of history")
    if one.ready.posts and one.ready.unnamed == one.ready.posts:
        notes.append("no post names its author: nobody knows how many people it is, so no backlash can open")
    elif one.ready.unnamed:
        notes.append(f"{one.ready.unnamed} posts name no author: they are no voices that count")
    if one.usual.learning and one.usual.claimed_nights:
        notes.append(f"not counted at the end (under 14 days heard): {', '.join(one.usual.learning)}")
    return notes


def _full(usual: Replayed, told: Told, zone: ZoneInfo) -> dict[str, object]:
    last, (subject, verdict) = told.last, told_by_digest(usual, told, zone)
    return {
        "brand": usual.brand,
        "opened_at": told.first.opened_at,
        "peaked_at": peaked(last),
        "closed_at": last.over_at,
        "severity_days": last.severity_days,
        "voices": last.voices.low,
        "posts": last.voices.posts,
        "kind": told_kind(last),
        "id": last.id,
        "state": last.state,
        "level": last.level,
        "onset_at": last.onset_at,
        "told_at": told.told_at,
        "voices_high": last.voices.high,
        "wordings": last.voices.wordings,
        "campaign": last.voices.campaign,
        "note": "the tone is not known: too few of its posts could be judged" if unknown_tone(last) else None,
        "sources": last.sources,
        "parts": last.parts,
        "digest": {"subject": subject, "verdict": verdict},
    }


def _brand(one: Result) -> dict[str, object]:
    nights = one.usual.nights
    return {
        "brand": one.ready.brand,
        "posts": one.ready.posts,
        "posts_without_author": one.ready.unnamed,
        "from": nights[0] if nights else None,
        "to": nights[-1] if nights else None,
        "decisions": len(nights),
        "decisions_with_a_claim": one.usual.claimed_nights,
        "history_days": round(max(one.usual.history_days, default=0.0), 1),
        "notes": [*one.ready.notes, *claims(one)],
    }


def _rate(usual: Replayed, rate: FalseRate) -> dict[str, object]:
    return {
        "brand": usual.brand,
        "backlash": rate.backlash,
        "attention": rate.attention,
        "campaign": rate.campaign,
        "brand_months": round(rate.brand_months, 2),
        "a_brand_month": None if rate.a_month is None else round(rate.a_month, 3),
    }


def _lead(usual: Replayed, lead: Lead) -> dict[str, object]:
    def hours(span: timedelta | None) -> float | None:
        return None if span is None else round(span / timedelta(hours=1), 2)

    return {
        "brand": usual.brand,
        "at": lead.event.at,
        "name": lead.event.name,
        "episode": lead.episode.last.id if lead.episode else None,
        "opened_after_hours": hours(lead.opened_after),
        "told_after_hours": hours(lead.told_after),
    }


def peaked(episode: Episode) -> datetime | None:
    """Return when it peaked; of one that is over the fullest 6 h, though it never fell to half of them before."""
    fullest = episode.parts.get("peak_at")
    if episode.peaked_at is None and episode.state == "over" and isinstance(fullest, str):
        return datetime.fromisoformat(fullest)
    return episode.peaked_at


def unknown_tone(episode: Episode) -> bool:
    """Return whether an episode is attention whose tone could not be judged."""
    return episode.kind == "attention_tone_unknown"
