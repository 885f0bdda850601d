"""Options that many commands share, and the one way a command fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli.output import complain
from tocsin.config import DEFAULT_NAME, load
from tocsin.config_errors import ConfigError

ConfigPath = Annotated[
    Path,
    typer.Option("--config", "-c", envvar="TOCSIN_CONFIG", help="The configuration file.", show_default=True),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
At = Annotated[
    str | None,
    typer.Option(
        "--at", metavar="TIME", help="Decide as of this moment (ISO 8601, UTC unless it names a zone). Default: now."
    ),
]
DEFAULT_CONFIG = Path(DEFAULT_NAME)

__all__ = ["DEFAULT_CONFIG", "AsJson", "At", "ConfigPath", "failures", "load", "moment"]


@contextmanager
def failures(*expected: type[Exception]) -> Iterator[None]:
    """Turn expected errors into a message and an exit code: 2 for configuration, 1 for the rest."""
    try:
        yield
    except ConfigError as error:
        complain(str(error))
        raise typer.Exit(2) from error
    except expected as error:
        complain(str(error))
        raise typer.Exit(1) from error


def moment(text: str | None) -> datetime:
    """Return the moment `text` names, or now. Raises `typer.BadParameter` (exit code 2) when it is no time."""
    if text is None:
        return datetime.now(UTC)
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a time; write 2026-11-22T06:00:00+00:00") from error
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
