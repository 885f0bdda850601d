"""Configurations that the tests write, and what is said of those that are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tocsin.config import load
from tocsin.config_errors import ConfigError

FULL = """
[[brands]]
name = "Acme"
aliases = ["Acme Flow"]
[[sources]]
name = "forum"
kind = "forum"
url = "https://forum.example.org/"
[mail]
from = "Tocsin <tocsin@acme.example>"
[[mail.recipients]]
address = "pr@acme.example"
brands = ["Acme"]
[mail.smtp]
host = "smtp.acme.example"
[schedule]
zone = "Europe/Berlin"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "tocsin.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(folder: Path, text: str, **environ: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(written(folder, text), environ)
    return str(caught.value)
