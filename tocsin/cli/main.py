"""`tocsin`: the one command. Each group of commands is a sibling module with `add_to(app)`."""

from __future__ import annotations

import importlib
from typing import Annotated

import typer

from tocsin import __version__

GROUPS = (
    "start",
    "nightly",
    "crawl",
    "sources",
    "discover",
    "extract",
    "tags",
    "labels",
    "detect",
    "fit",
    "backtest",
    "feedback",
    "tune",
    "explain",
    "digest",
    "desk",
    "operations",
)

app = typer.Typer(
    name="tocsin",
    help="Hear the backlash where your industry really talks: crawl, tag, detect, and mail a digest.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tocsin {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Hear the backlash where your industry really talks."""


for _group in GROUPS:
    importlib.import_module(f"tocsin.cli.{_group}").add_to(app)


def run() -> None:
    """Entry point of the `tocsin` command."""
    app()
