"""A configuration to run nights with, and ways to look at what they left."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tocsin.config import Config, load

NIGHT = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)


@pytest.fixture
def night() -> datetime:
    """Sunday 22 November 2026, 06:00 in Berlin."""
    return NIGHT


@pytest.fixture
def write_config(tmp_path: Path) -> Callable[..., Path]:
    """Write a `tocsin.toml`; `more` is further TOML, `top` stands before the first table."""

    def write(more: str = "", top: str = "") -> Path:
        path = tmp_path / "tocsin.toml"
        path.write_text(
            f"""{top}
[[brands]]
name = "Acme"

[schedule]
time = "06:00"
zone = "Europe/Berlin"

{more}
""",
            encoding="utf-8",
        )
        return path

    return write


@pytest.fixture
def make_config(write_config: Callable[..., Path]) -> Callable[..., Config]:
    def make(more: str = "", top: str = "") -> Config:
        return load(write_config(more, top), {})

    return make


@pytest.fixture
def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
