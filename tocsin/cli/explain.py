"""`tocsin explain`: the arithmetic behind an episode, a thread or a post."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath, failures, load
from tocsin.cli.output import out, show_json
from tocsin.config_errors import ConfigError

if TYPE_CHECKING:
    from analyzers.explaining import Explanation
    from tocsin.store.database import Store


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("explain")(explain)


def explain(
    wanted: Annotated[
        str, typer.Argument(metavar="EPISODE|THREAD|POST", help="An id as the digest, Datasette or --json shows it.")
    ],
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Print how an episode, a thread's risk or a post's tags were worked out, figure by figure."""
    from tocsin.store.database import open_store  # sqlite-utils: too slow for --help
    from tocsin.store.errors import StoreError  # as above

    with failures(StoreError), open_store(load(config).store, create=False) as store:
        found = _explanations(store, wanted)
    if as_json:
        show_json({"explained": found})
        return
    for one in found:
        _tell(one)


def _explanations(store: Store, wanted: str) -> list[Explanation]:
    """Return what has this id: an episode, or a post, a thread, or both (ids can be equal)."""
    # Heavy: NumPy and SciPy would cost every `tocsin --help` half a second.
    from analyzers.explaining import explain_episode, explain_post, explain_thread
    from analyzers.thresholds import DEFAULTS
    from tocsin.store.episodes import episode_by_id
    from tocsin.store.explained import (
        brands_of_post,
        episodes_showing,
        ids_like,
        post_row,
        risks_of_thread,
        thread_row,
    )
    from tocsin.store.thresholds import thresholds_in_force

    if episode := episode_by_id(store, wanted):
        limits = DEFAULTS.changed(thresholds_in_force(store, episode.brand, episode.opened_at))
        return [explain_episode(episode, limits)]
    found = []
    if post := post_row(store, wanted):
        found.append(explain_post(post, brands_of_post(store, wanted), episodes_showing(store, wanted)))
    if thread := thread_row(store, wanted):
        found.append(explain_thread(thread, risks_of_thread(store, wanted)))
    if found:
        return found
    near = ids_like(store, wanted)
    hint = f"did you mean {' or '.join(near)}?" if near else "see `tocsin detect --json`, or the tables in Datasette"
    raise ConfigError(f"{wanted}: no episode, thread or post has this id in {store.path}; {hint}")


def _tell(found: Explanation) -> None:
    from rich.table import Table  # only where something is shown

    out.print(f"{found.kind} {found.id}", markup=False, style="bold")
    out.print(_plain(found.headline))
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for style in ("bold", "dim", ""):
        table.add_column(style=style, overflow="fold")
    for step in found.steps:
        table.add_row(*(_plain(text) for text in (step.name, step.working, step.result)))
    out.print(table)


def _plain(text: str) -> str:
    """Return a stranger's words without control characters and rich's markup."""
    return "".join(letter if letter.isprintable() else " " for letter in text).replace("[", "\\[")
