"""A replay on the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from analyzers.backtest_figures import Comparison, Event, FalseRate, Lead, compared, false_rate, leads
from analyzers.replaying import Replayed, Told, told_kind
from tocsin.cli.backtest_document import Result, claims, peaked, unknown_tone
from tocsin.cli.output import out, say
from tocsin.replay_told import told_by_digest
from tocsin.store.records import Episode

WIDEST = 400


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
        for note in (*one.ready.notes, *claims(one)):
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


def _episodes(usual: Replayed) -> Table:
    table = _table("kind", "opened (UTC)", "peaked", "closed", "not seen in", "level", "voices", "posts")
    for told in usual.episodes:
        last = told.last
        table.add_row(
            told_kind(last) + ("*" if unknown_tone(last) else ""),
            _when(told.first.opened_at),
            _day(peaked(last)),
            _day(last.over_at) if last.over_at else last.state,
            f"{last.severity_days:.0f} days",
            str(last.level),
            _people(last),
            str(last.voices.posts),
        )
    if any(unknown_tone(told.last) for told in usual.episodes):
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
