"""What one nightly run did, as the command line, the demo and the tests read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tocsin.digest.delivery import DeliveryReport
from tocsin.store.records import Coverage, Episode


@dataclass(frozen=True, slots=True)
class WrittenDigest:
    """A digest of this date. `new` is False when an earlier run of the date rendered it; `paths` are its files."""

    id: str
    audience: str
    subject: str
    new: bool
    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class NightlyReport:
    """What one run did.

    `nights` are the dates its digest covers. `status`: ok, partial (a step, source or delivery
    failed), stopped (between two steps; the next run goes on), failed (no digest). `episodes` are
    those alive; `quiet`: there is none.
    """

    run_id: int
    for_date: str
    nights: tuple[str, ...]
    status: str
    steps: Mapping[str, str]
    coverage: list[Coverage] = field(default_factory=list)
    episodes: list[Episode] = field(default_factory=list)
    digests: list[WrittenDigest] = field(default_factory=list)
    deliveries: DeliveryReport | None = None
    quiet: bool = True
