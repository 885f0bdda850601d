"""`tocsin discover`: the places where our audience talks and we do not listen yet."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath, failures, load
from tocsin.cli.output import say, show_json

if TYPE_CHECKING:
    from analyzers.discovery import Site

SHOWN = 20
_WAYS = {"link": "linked", "mention": "named", "cross_post": "cross-posted"}


def add_to(app: typer.Typer) -> None:
    """Register `discover`."""
    app.command()(discover)


def discover(
    config: ConfigPath = DEFAULT_CONFIG,
    days: Annotated[
        int, typer.Option("--days", metavar="N", min=1, max=3_650, help="How many days of posts to read.")
    ] = 30,
    as_json: AsJson = False,
) -> None:
    """Rank the sites that posts on the brands point to and that are no source yet, with what to add.

    Read from the store alone: nobody is asked. Exit code 0 also when there is none.
    """
    from tocsin.discovering import discover as find  # the analyzers are too slow for --help
    from tocsin.store.database import open_store  # as above
    from tocsin.store.errors import StoreError  # as above

    with failures(StoreError):
        settings = load(config)
        with open_store(settings.store, create=False) as store:
            found = find(store, settings, datetime.now(UTC), days)
    if as_json:
        show_json({"days": days, "sites": [asdict(site) for site in found]})
        return
    if not found:
        say(f"In {days} days no post on the brands pointed to a site that is not a source already.")
    for number, site in enumerate(found[:SHOWN], 1):
        _say_site(number, site)
    if len(found) > SHOWN:
        say(f"And {len(found) - SHOWN} more sites (--json names them all).")


def _say_site(number: int, site: Site) -> None:
    people = "1 person" if site.voices == 1 else f"{site.voices} people"
    posts = "1 post" if site.posts == 1 else f"{site.posts} posts"
    ways = ", ".join(f"{_WAYS[way]} {count}" for way, count in site.ways.items() if count)
    brands = ", ".join(f"{brand} {count}" for brand, count in site.brands.items())
    tone = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in site.tone.items() if count)
    say(f"{number}. {site.site}: {people} in {posts} ({ways}), from {', '.join(site.sources)}")
    say(f"   brands: {brands}; tone: {tone}")
    for address in site.samples:
        say(f"   there: {address}")
    for permalink in site.pointed_from:
        say(f"   from:  {permalink}")
    if site.closed:
        say(f"   cannot be read: {site.closed}")
    elif site.proposal is None:
        say(f"   how to read it: tocsin sources find https://{site.site}/")
    else:
        for line in site.proposal.config.splitlines():
            say(f"   {line}")
    say()
