"""Building the desk and serving it."""

from __future__ import annotations

import ipaddress
import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn
from datasette.app import Datasette
from datasette.database import Database
from datasette.plugins import pm
from datasette.utils import parse_metadata

from tocsin.desk import plugin
from tocsin.desk.errors import DeskError
from tocsin.desk.plugin import App, names_guard

NAME = "tocsin"
"""The database's name at the desk, whatever the file is called: canned queries and charts rely on it."""

SETTINGS = {
    "allow_download": False,
    "allow_facet": True,
    "default_page_size": 50,
    "facet_time_limit_ms": 1000,
    "max_returned_rows": 5000,
    "num_sql_threads": 4,
    "sql_time_limit_ms": 10_000,
    "suggest_facets": False,
    "truncate_cells_html": 0,
}


def build(store: Path, folder: Path) -> App:
    """Return the ASGI application over `store`, with words and charts from `folder` (`data/datasette`).

    The store is opened read only, but not immutable: rows that a run writes are seen at once.
    """
    if not pm.is_registered(plugin):
        pm.register(plugin, name="tocsin.desk")
    metadata: dict[str, Any] = parse_metadata((folder / "metadata.yaml").read_text(encoding="utf-8"))
    dashboards = parse_metadata((folder / "dashboards.yaml").read_text(encoding="utf-8"))
    metadata["plugins"] = {"datasette-dashboards": dashboards}
    metadata["extra_css_urls"] = ["/desk/desk.css"]
    metadata["extra_js_urls"] = ["/desk/desk.js"]
    datasette = Datasette(
        [],
        metadata=metadata,
        settings=SETTINGS,
        static_mounts=[("desk", str(folder / "static"))],
        template_dir=str(folder / "templates"),
    )
    if "_memory" in datasette.databases:
        datasette.remove_database("_memory")
    datasette.add_database(_ReadOnly(datasette, path=str(store), is_mutable=True), name=NAME)
    app: App = datasette.app()
    return app


def serve(store: Path, folder: Path, *, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve the desk until interrupted; call `ready` with its address once it listens. Port 0 takes a free one.

    Raises `DeskError` when the address cannot be had.
    """
    listener = _listen(host, port)
    taken = listener.getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    app = names_guard(build(store, folder), _names(host))
    config = uvicorn.Config(app, log_level="warning", lifespan="on", workers=1)
    server = _Announced(config, lambda: ready(f"http://{shown}:{taken}/"))
    try:
        server.run(sockets=[listener])
    finally:
        listener.close()


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


class _ReadOnly(Database):  # type: ignore[misc]  # Datasette ships no types
    """The store, never opened for writing; Datasette itself trips over `?`, `#` and `%` in a path."""

    def connect(self, write: bool = False) -> sqlite3.Connection:
        if write:
            raise sqlite3.OperationalError("the desk is read only")
        address = f"{Path(self.path).resolve().as_uri()}?mode=ro"
        connection = sqlite3.connect(address, uri=True, check_same_thread=False)
        self._all_file_connections.append(connection)
        return connection


class _Announced(uvicorn.Server):
    """A server that says when it listens."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


def _names(host: str) -> frozenset[str]:
    if is_loopback(host):
        return frozenset({"localhost", "127.0.0.1", "::1", host.lower()})
    here = {socket.gethostname().lower(), socket.getfqdn().lower(), host.lower(), "localhost", "127.0.0.1", "::1"}
    return frozenset(here | {found[4][0] for found in _addresses(socket.gethostname())})


def _addresses(host: str) -> list[tuple[Any, ...]]:
    try:
        return list(socket.getaddrinfo(host, None))
    except OSError:
        return []


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        raise DeskError(
            f"{host}:{port}: {error.strerror or error}; try another --port, or --port 0 for a free one"
        ) from error
    return listener
