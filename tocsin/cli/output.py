"""Where text goes: results to stdout, progress and complaints to stderr, colour only on a terminal."""

from __future__ import annotations

import json
from dataclasses import asdict, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str = "") -> None:
    """Print `text` to stdout as it is, no markup."""
    out.print(text, markup=False)


def complain(text: str) -> None:
    """Print an error to stderr."""
    err.print(f"tocsin: {text}", markup=False, style="red")


def show_json(value: object) -> None:
    """Print `value` to stdout as one JSON document; dataclasses as objects, times as ISO 8601."""
    print(json.dumps(value, default=_plain, ensure_ascii=False, indent=2))


def progress() -> Progress:
    """Return a progress bar on stderr that is silent when stderr is not a terminal."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )


def _plain(value: Any) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    raise TypeError(f"cannot print {type(value).__name__} as JSON")
