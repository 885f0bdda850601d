"""Where the third-party data lie that some benchmarks replay: beside the checkout, never in it."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

SHARED = Path(os.environ.get("TOCSIN_SHARED", Path(__file__).resolve().parents[2] / "shared"))


def add_shared(parser: argparse.ArgumentParser) -> None:
    """Give a benchmark the option `--shared`."""
    parser.add_argument("--shared", type=Path, default=SHARED, help="the folder of the shared data")


def shared_folder(options: argparse.Namespace, *parts: str) -> Path | None:
    """Return what lies at `parts` below the shared data; None, and say so, where it is not there."""
    path: Path = options.shared.joinpath("data", *parts)
    if path.exists():
        return path
    print(f"skipped: {path} is not there (set TOCSIN_SHARED)")
    return None
