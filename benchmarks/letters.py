"""Real growth curves of the shared data: when each of hundreds of people signed an open letter."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

LETTERS = (
    "opentf_manifesto/signature_commits.csv",
    *("rms_letters/against_commits.csv", "rms_letters/support_commits.csv", "rms_letters/nix_commits.csv"),
)
"""Below `replay` of the shared data."""


def signed(file: Path) -> list[float]:
    """Return when each person first signed, in hours since the first signature, up to 72 h."""
    first: dict[str, datetime] = {}
    with file.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            at = datetime.fromisoformat(row["author_time"]).astimezone(UTC)
            first[row["author_hash"]] = min(at, first.get(row["author_hash"], at))
    # The letters' own first drafts lie hours before anybody else came: begin where three signed within an hour.
    moments = sorted(first.values())
    begin = next(a for a, c in zip(moments, moments[2:], strict=False) if c - a <= timedelta(hours=1))
    hours = [(moment - begin) / timedelta(hours=1) for moment in moments]
    return [hour for hour in hours if 0 <= hour <= 72]
