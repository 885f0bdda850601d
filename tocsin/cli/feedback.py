"""`tocsin feedback`: say what an alarm was worth, or that one does not want to hear of it for a while."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

import typer

from tocsin.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath, failures, load, moment
from tocsin.cli.output import say, show_json
from tocsin.config_errors import ConfigError


class Word(StrEnum):
    """What a reader may say of an episode."""

    USEFUL = "useful"
    FALSE_ALARM = "false-alarm"
    FALSE_ALARM_STORED = "false_alarm"
    SNOOZE = "snooze"


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("feedback")(feedback)


def feedback(
    episode: Annotated[str, typer.Argument(metavar="EPISODE", help="Its id, as the digest shows it: ep-...")],
    word: Annotated[
        Word,
        typer.Argument(metavar="useful|false-alarm|snooze", help="What it was worth.", show_default=False),
    ],
    days: Annotated[
        float | None, typer.Argument(metavar="DAYS", min=0.01, max=365, help="How long to snooze.", show_default=False)
    ] = None,
    config: ConfigPath = DEFAULT_CONFIG,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="Why.")] = "",
    as_json: AsJson = False,
) -> None:
    """Say whether an alarm was useful or false, or snooze it for some days; `tocsin tune` learns from it.

    A snoozed episode is not told of in the digest until the days are over, unless its level rises.
    """
    from tocsin.store.database import open_store  # sqlite-utils: too slow for --help
    from tocsin.store.episodes import episode_by_id, write_feedback  # as above
    from tocsin.store.errors import StoreError  # as above
    from tocsin.store.feedback import near_ids  # as above

    if (word is Word.SNOOZE) != (days is not None):
        raise typer.BadParameter("snooze needs a number of days, the others take none: tocsin feedback ep-... snooze 3")
    verdict = "false_alarm" if word is Word.FALSE_ALARM else word.value
    now = moment(None)
    until = now + timedelta(days=days) if days is not None else None
    with failures(StoreError), open_store(load(config).store, create=False) as store:
        found = episode_by_id(store, episode)
        if found is None:
            near = near_ids(store, episode)
            hint = f"did you mean {' or '.join(near)}?" if near else "there is none yet"
            raise ConfigError(f"{episode}: no such episode in {store.path}; {hint}")
        brand = found.brand
        write_feedback(store, episode, verdict, now, note, until)
    if as_json:
        show_json({"episode": episode, "brand": brand, "verdict": verdict, "until": until, "note": note})
    elif until is not None:
        say(f"Noted: {episode} ({brand}) is not told of until {until:%Y-%m-%d %H:%M} UTC, unless its level rises.")
    else:
        say(f"Noted: {episode} ({brand}) was {'useful' if word is Word.USEFUL else 'a false alarm'}.")
