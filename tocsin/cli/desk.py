"""`tocsin serve`: the analysts' desk."""

from __future__ import annotations

from typing import Annotated

import typer

from tocsin.cli.options import DEFAULT_CONFIG, ConfigPath, failures, load
from tocsin.cli.output import complain, say
from tocsin.config import shipped


def add_to(app: typer.Typer) -> None:
    """Register the command of this group."""
    app.command()(serve)


def serve(
    config: ConfigPath = DEFAULT_CONFIG,
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; the default reaches this machine only.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", "-p", min=0, max=65_535, help="Port to listen on; 0 takes a free one.")
    ] = 8001,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the desk in your browser.")] = False,
) -> None:
    """Query, chart and export the store in your browser (Datasette, read only) while runs go on."""
    # Heavy: Datasette and uvicorn would cost every `tocsin --help` half a second.
    from tocsin.desk.errors import DeskError
    from tocsin.desk.server import is_loopback
    from tocsin.desk.server import serve as serve_desk
    from tocsin.store.database import open_store
    from tocsin.store.errors import StoreError

    def ready(address: str) -> None:
        say(f"The desk is open at {address} (Ctrl+C closes it); dashboard: {address}-/dashboards/overview")
        if open_browser:
            typer.launch(address)

    with failures(DeskError, StoreError):
        settings = load(config)
        open_store(settings.store, create=False).close()
        if not is_loopback(host):
            complain(f"warning: everyone who reaches {host}:{port} can read the whole store; there is no password")
        serve_desk(settings.store, shipped("data", "datasette"), host=host, port=port, ready=ready)
