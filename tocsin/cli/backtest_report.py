"""A replay on the terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from analyzers.backtest_figures import Comparison, Event, FalseRate, Lead, compared, false_rate, leads
from analyzers.replaying import LEARNING_DAYS, Replayed, Told, told_kind
from tocsin.backtesting import Replaying
from tocsin.cli.output import out, say
from tocsin.replay_told import told_by_digest
from tocsin.store.records import Episode

WIDEST = 400


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


def show(results: Sequence[Result], events: Sequence[Event], changes: Mapping[str, float]) -> None:
    """Print what a reader wants to know, brand by brand."""
    for one in results:
        nights = one.usual.nights
        span = (
            f", {nights[0]:%Y-%m-%d} to {nights[-1]:%Y-%m-%d}, {len(nights)} decision{'s' if len(nights) != 1 else ''}"
            if nights
            else ""
        )
        say(f"{one.ready.brand}: {one.ready.posts} posts{span}")
        for note in (*one.ready.notes, *_claims(one)):
            say(f"  {note}")
        if one.usual.episodes:
            say()
            print_table(_episodes(one.usual))
            _show_digests(one.usual, one.zone)
        elif one.usual.claimed_nights:
            say("  quiet: no episode")
        _show_rate(one.usual, events)
        found = leads(one.usual, events)
        if found:
            print_table(_leads(found))
        if one.other is not None:
            _show_changed(one.usual, one.other, events, changes)
        say()


def show_comparison(usual: Replayed, other: Replayed) -> None:
    """Print the episodes of two replays side by side: those that go, that come, that stay."""
    found: Comparison = compared(usual, other)
    table = _table("", "kind", "opened (UTC)", "then", "voices", "not seen in")
    rows: list[tuple[str, Told | None, Told | None, Told]] = [("goes", told, None, told) for told in found.gone]
    rows += [("comes", None, told, told) for told in found.come]
    rows += [("stays", told, same, same) for told, same in found.kept]
    for word, told, same, shown in sorted(rows, key=lambda row: row[3].first.opened_at):
        last = shown.last
        table.add_row(
            word,
            told_kind(last),
            _when(told.first.opened_at) if told else "-",
            _when(same.first.opened_at) if same else "-",
            _people(last),
            f"{last.severity_days:.0f} days",
        )
    print_table(table)


def print_table(table: Table) -> None:
    """Print a table as wide as it is: cut off cells would be worse than wrapped lines, in a pipe above all."""
    wanted = out.measure(table, options=out.options.update(max_width=WIDEST)).maximum
    # A console of its own: one never prints wider than it believes its terminal to be, 80 in a pipe.
    Console(width=max(out.width, wanted), highlight=False).print(table)


def rate_words(rate: FalseRate) -> str:
    """Return a rate of episodes in words."""
    counted = f"{rate.backlash} backlash, {rate.attention} attention, {rate.campaign} campaign"
    if rate.a_month is None:
        return counted
    return f"{counted} in {rate.brand_months:.1f} brand-months = {rate.a_month:.2f} a brand-month (campaigns apart)"


def _show_rate(usual: Replayed, events: Sequence[Event]) -> None:
    if usual.claimed_nights:
        what = (
            "Episodes that belong to no event" if events else "Episodes (no --events named, so each may be a false one)"
        )
        say(f"  {what}: {rate_words(false_rate(usual, events))}")


def _show_changed(usual: Replayed, other: Replayed, events: Sequence[Event], changes: Mapping[str, float]) -> None:
    name = ", ".join(f"{key}={value:g}" for key, value in changes.items())
    found = compared(usual, other)
    say()
    say(f"  With {name}: {len(found.gone)} would go, {len(found.come)} would come, {len(found.kept)} stay.")
    if usual.episodes or other.episodes:
        show_comparison(usual, other)
    say(f"  With {name}: {rate_words(false_rate(other, events))}")


def _claims(one: Result) -> list[str]:
    """Say what keeps the replay from claiming anything."""
    days, notes = one.usual.history_days, []
    if one.ready.posts and not one.usual.claimed_nights:
        held = max(days, default=0.0)
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


def _episodes(usual: Replayed) -> Table:
    table = _table("kind", "opened (UTC)", "peaked", "closed", "not seen in", "level", "voices", "posts")
    for told in usual.episodes:
        last = told.last
        table.add_row(
            told_kind(last) + ("*" if _unknown_tone(last) else ""),
            _when(told.first.opened_at),
            _day(_peaked(last)),
            _day(last.over_at) if last.over_at else last.state,
            f"{last.severity_days:.0f} days",
            str(last.level),
            _people(last),
            str(last.voices.posts),
        )
    if any(_unknown_tone(told.last) for told in usual.episodes):
        table.caption = "* the tone is not known: too few of the posts could be judged"
    return table


def _show_digests(usual: Replayed, zone: ZoneInfo) -> None:
    say("  The digests would have said:")
    for told in usual.episodes:
        say(f"    {told.told_at.astimezone(zone):%Y-%m-%d}  {told_by_digest(usual, told, zone)[0]}")
        if told.last.voices.campaign:
            say(f"{'':16}{told.last.voices.campaign}")


def _leads(found: Sequence[Lead]) -> Table:
    table = _table("event (UTC)", "name", "alarm", "gates passed", "digest")
    for lead in found:
        kind = told_kind(lead.episode.last) if lead.episode else "none"
        table.add_row(_when(lead.event.at), lead.event.name, kind, _after(lead.opened_after), _after(lead.told_after))
    return table


def _full(usual: Replayed, told: Told, zone: ZoneInfo) -> dict[str, object]:
    last, (subject, verdict) = told.last, told_by_digest(usual, told, zone)
    return {
        "brand": usual.brand,
        "opened_at": told.first.opened_at,
        "peaked_at": _peaked(last),
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
        "note": "the tone is not known: too few of its posts could be judged" if _unknown_tone(last) else None,
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
        "notes": [*one.ready.notes, *_claims(one)],
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


def _peaked(episode: Episode) -> datetime | None:
    """Return when it peaked; of one that is over the fullest 6 h, though it never fell to half of them before."""
    fullest = episode.parts.get("peak_at")
    if episode.peaked_at is None and episode.state == "over" and isinstance(fullest, str):
        return datetime.fromisoformat(fullest)
    return episode.peaked_at


def _unknown_tone(episode: Episode) -> bool:
    return episode.kind == "attention_tone_unknown"


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 0, 0, 1), header_style="bold", title_justify="left", caption_justify="left")
    for column in columns:
        table.add_column(column, no_wrap=True)
    return table


def _when(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "-"


def _day(moment: datetime | None) -> str:
    return f"{moment:%m-%d %H:%M}" if moment else "-"


def _people(episode: Episode) -> str:
    voices = episode.voices
    return str(voices.low) if voices.low == voices.high else f"{voices.low} to {voices.high}"


def _after(span: timedelta | None) -> str:
    if span is None:
        return "-"
    hours = span / timedelta(hours=1)
    return f"{abs(hours):.0f} h {'after' if hours >= 0 else 'before'}"
