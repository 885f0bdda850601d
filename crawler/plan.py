"""What one crawl run is to do, as plain values that travel to the child process as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

from crawler.errors import PlanError
from tocsin.store.records import SourceKind


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """One source to crawl. `budget` is in requests, `history_days` reaches back from when the source was added."""

    name: str
    kind: SourceKind
    url: str | None = None
    query: str | None = None
    budget: int = 2_000
    history_days: int = 60
    allow_private: bool = False


@dataclass(frozen=True, slots=True)
class CrawlPlan:
    """One crawl run.

    `delay` is in seconds between two requests to one host; above 0 AutoThrottle lengthens it when the
    host is slow. `cache_dir` holds what may be forgotten (validators, where to go on). `keep_days`:
    older posts are erased by the retention and must not come back; 0 keeps all. The pseudonym key
    travels by the environment, never in the JSON.
    """

    store: str
    run_id: int
    sources: tuple[SourcePlan, ...]
    cache_dir: str
    contact: str = ""
    minutes: float = 60.0
    delay: float = 1.0
    concurrency: int = 8
    obey_robots: bool = True
    keep_days: int = 0
    pseudonym_key: str | None = field(default=None, repr=False)

    def to_json(self) -> str:
        """Return the plan without its secret."""
        plain = asdict(self)
        del plain["pseudonym_key"]
        return json.dumps(plain)


def from_json(text: str, pseudonym_key: str | None = None) -> CrawlPlan:
    """Return the plan that `to_json` wrote. Raises `PlanError`."""
    try:
        plain = json.loads(text)
        sources = tuple(SourcePlan(**source) for source in plain.pop("sources"))
        return CrawlPlan(**plain, sources=sources, pseudonym_key=pseudonym_key)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise PlanError(f"the crawl plan cannot be read: {error}") from error
