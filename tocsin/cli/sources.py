"""`tocsin sources check`, `tocsin sources find`: try what is configured, and find out how to read a site."""

from __future__ import annotations

import logging
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.crawl import SourceNames, only
from tocsin.cli.options import DEFAULT_CONFIG, AsJson, ConfigPath, failures, load
from tocsin.cli.output import complain, progress, say, show_json

if TYPE_CHECKING:
    from crawler.checking import Checked
    from crawler.plan import CrawlPlan
    from crawler.probing import Looked
    from tocsin.proposals import Proposal

_LABEL = 16

app = typer.Typer(help="Try the configured sources, and find out how a site can be read.", no_args_is_help=True)


def add_to(parent: typer.Typer) -> None:
    """Register `sources check` and `sources find`."""
    parent.add_typer(app, name="sources")


@app.command()
def check(config: ConfigPath = DEFAULT_CONFIG, source: SourceNames = None, as_json: AsJson = False) -> None:
    """Try each configured source once: what answers, the newest post, what is missing, what robots.txt says.

    A handful of requests a source; nothing is stored. Exit code 1: a source could not be read.
    """
    # Heavy: the plan pulls in the analyzers, the process module the store.
    from crawler.checking import UNREADABLE
    from crawler.errors import CrawlError
    from crawler.probing import check as try_sources
    from tocsin.plans import crawl_plan
    from tocsin.store.errors import StoreError

    logging.basicConfig(stream=sys.stderr, format="%(message)s", level=logging.ERROR)
    with failures(StoreError, CrawlError, OSError):
        plan = only(crawl_plan(load(config), 0), source or [])
        with progress() as bar:
            task = bar.add_task("trying", total=len(plan.sources))
            found = try_sources(plan, on_source=lambda _: bar.advance(task))
    if as_json:
        show_json(found)
    else:
        for one in found:
            _say_checked(one)
    if any(one.status in UNREADABLE for one in found):
        raise typer.Exit(1)


@app.command()
def find(
    url: Annotated[str, typer.Argument(metavar="URL", help="The site, or better the page where people talk.")],
    config: ConfigPath = DEFAULT_CONFIG,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Also look at addresses inside a private network.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Look at a site and propose how to read it, as blocks to paste into tocsin.toml, the best first.

    At most a dozen requests, robots.txt obeyed; a place that is well known costs none. Without a configuration the
    usual manners are used. Exit code 1: nothing was found, or the site could not be looked at.
    """
    # Heavy: see `check`.
    from crawler.errors import CrawlError
    from crawler.finding import proposals
    from crawler.probing import look
    from tocsin.known_places import place_of
    from tocsin.store.errors import StoreError

    logging.basicConfig(stream=sys.stderr, format="%(message)s", level=logging.ERROR)
    address = url if "://" in url else f"https://{url}"
    place = place_of(address)
    if place is None:
        raise typer.BadParameter(f"{url!r} is no web address; write https://forum.example.com/")
    looked: Looked | None = None
    found: list[Proposal] = []
    with failures(StoreError, CrawlError, OSError):
        manners = _manners(config)
        if place.closed is None and place.proposal is None:
            looked = look(manners, address, allow_private=allow_private)
        found = proposals(address, looked.answers if looked else ())
    trouble = place.closed or (looked.detail if looked else None)
    if as_json:
        robots, requests = (looked.robots, looked.requests) if looked else (None, 0)
        show_json(
            {
                "url": address,
                "closed": place.closed,
                "detail": trouble,
                "robots": robots,
                "requests": requests,
                "proposals": [asdict(proposal) for proposal in found],
            }
        )
    else:
        _say_found(address, found, trouble)
    if not found:
        raise typer.Exit(1)


def _manners(config: Path) -> CrawlPlan:
    from tocsin.config import Config
    from tocsin.plans import crawl_plan

    # Who has no configuration yet looks for a first source to write into it.
    settings = load(config) if config.exists() or config != DEFAULT_CONFIG else Config()
    return crawl_plan(settings, 0)


def _say_checked(found: Checked) -> None:
    say(f"{found.source} ({found.kind}): {found.status}")
    newest = f"{found.newest_post_at:%Y-%m-%d %H:%M} UTC" if found.newest_post_at else "none"
    count = f"{found.requests} request{'' if found.requests == 1 else 's'}"
    _line("route", f"{found.route}: {', '.join(found.answered)}" if found.route else "nothing answered")
    _line("newest post", f"{newest}, of {found.posts} posts in {count}")
    if found.posts:
        _line("not shown", _missing(found))
    _line("robots.txt", found.robots)
    secrets = ", ".join(f"{name} {_STANDING[how]}" for name, how in found.credentials.items())
    _line("credentials", secrets or "none needed")
    if found.next_request_at:
        _line("next request", f"{found.next_request_at:%Y-%m-%d %H:%M:%S} UTC or later")
    if found.detail:
        _line("to know", found.detail)


_STANDING = {"present": "is set", "missing": "is missing", "optional": "is not set (optional)"}


def _missing(found: Checked) -> str:
    said = [name if count >= found.posts else f"{name} ({count})" for name, count in found.missing.items()]
    return ", ".join(said) or "nothing: every field is there"


def _line(label: str, words: str) -> None:
    say(f"  {label:{_LABEL}}{words}")


def _say_found(url: str, found: list[Proposal], trouble: str | None) -> None:
    if not found:
        complain(f"{url}: {trouble or 'nothing that we know how to read; name the page where people talk'}")
        return
    for number, proposal in enumerate(found):
        say(f"{'' if number == 0 else chr(10)}# {proposal.why}{'' if proposal.sure else ' (a guess)'}")
        say(proposal.config)
