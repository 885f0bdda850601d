"""`tocsin digest`, `tocsin deliver`: look at a digest, send what waits."""

from __future__ import annotations

import os
import sys
import tempfile
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli.options import DEFAULT_CONFIG, AsJson, At, ConfigPath, failures, load, moment
from tocsin.cli.output import say, show_json
from tocsin.config_errors import ConfigError


def add_to(app: typer.Typer) -> None:
    """Register `digest` and `deliver`."""
    app.command("digest")(digest)
    app.command("deliver")(deliver)


def digest(
    config: ConfigPath = DEFAULT_CONFIG,
    at: At = None,
    preview: Annotated[bool, typer.Option("--preview", help="Open the HTML in a browser.")] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write the HTML here.", dir_okay=False)
    ] = None,
    brand: Annotated[
        list[str] | None, typer.Option("--brand", metavar="NAME", help="Only these brands. Default: all.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the digest as it would be written from the store, as text. Nothing is kept or sent."""
    from tocsin.digest.building import audiences_of, draft  # Jinja2 and css-inline: slow for --help
    from tocsin.digest.errors import DigestError  # as above
    from tocsin.digest.facts import Occasion  # as above
    from tocsin.discovering import weekly_places  # as above
    from tocsin.mailing import listening  # as above
    from tocsin.nights import local_date  # as above
    from tocsin.store.database import open_store  # as above
    from tocsin.store.errors import StoreError  # as above

    now = moment(at)
    with failures(StoreError, DigestError, OSError):
        settings = load(config)
        known = [found.name for found in settings.brands]
        for name in brand or ():
            if name not in known:
                raise ConfigError(f"{config}: no brand is called {name!r}; known: {', '.join(known) or 'none'}")
        audience = audiences_of((), brand or known, "file")[0]
        for_date = local_date(now, settings.zone).isoformat()
        with open_store(settings.store, create=False) as store:
            occasion = Occasion(places=weekly_places(store, settings, now, (for_date,)))
            content, rendered = draft(store, audience, now, for_date, listening=listening(settings), occasion=occasion)
        path = _kept(rendered.html, output) if output or preview else None
        if preview and path is not None:
            _open(path)
    if as_json:
        show_json({"subject": rendered.subject, "path": path, "content": content})
    elif path is not None:
        say(str(path))
    else:
        say(f"Subject: {rendered.subject}\n\n{rendered.text}")


def deliver(config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Send what waits in the outbox: new digests, and those that could not be sent before."""
    from tocsin.digest.delivery import deliver as deliver_pending  # Jinja2: too slow for --help
    from tocsin.digest.errors import DigestError  # as above
    from tocsin.mailing import channels  # as above
    from tocsin.store.database import open_store  # as above
    from tocsin.store.errors import StoreError  # as above
    from tocsin.store.lock import locked  # as above

    now = moment(None)
    with failures(StoreError, DigestError):
        settings = load(config)
        with open_store(settings.store, create=False) as store, locked(settings.store, now):
            done = deliver_pending(store, channels(settings), now, give_up_after=None)
    if as_json:
        show_json({"sent": done.sent, "failed": done.failed, "outcomes": done.outcomes})
    else:
        say("Nothing waits." if not done.outcomes else f"{done.sent} sent, {done.failed} failed.")
        for outcome in done.outcomes:
            say(f"  {outcome.channel}: {outcome.said}")
    if done.failed:
        raise typer.Exit(1)


def _kept(page: str, output: Path | None) -> Path:
    if output is None:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", prefix="tocsin-", suffix=".html", delete=False) as part:
            part.write(page)
        return Path(part.name)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(page, encoding="utf-8")
    return output.resolve()


def _open(path: Path) -> None:
    """Open `path` in a browser where there is a display; elsewhere a text browser would take over the terminal.

    It reads the environment because only there X11 and Wayland say whether they are at hand.
    """
    if sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        webbrowser.open(path.as_uri())
