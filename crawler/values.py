"""Values in JSON answers, whatever stands there: objects within objects, moments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def part(row: object, key: str) -> Mapping[str, Any]:
    """Return the object under `key`, an empty one where there is none."""
    found = row.get(key) if isinstance(row, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def moment(text: object) -> datetime | None:
    """Return an ISO 8601 moment (UTC where it names no zone), None for anything else."""
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found


def moment_at(seconds: object) -> datetime | None:
    """Return the moment so many seconds after 1970, None for anything else."""
    try:
        return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int | float) else None
    except (OverflowError, OSError, ValueError):
        return None
