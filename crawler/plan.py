"""What one crawl run is to do, as plain values that travel to the child process as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

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
    tags: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    communities: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class CrawlPlan:
    """One crawl run.

    `delay` is in seconds between two requests to one host; above 0 AutoThrottle lengthens it when the
    host is slow. `cache_dir` holds what may be forgotten (validators, where to go on). `keep_days`:
    older posts are erased by the retention and must not come back; 0 keeps all. `per_host` is how many
    requests to one host a source may have under way. Secrets (the pseudonym key, the sources'
    credentials) travel by the environment, never in the JSON.
    """

    store: str
    run_id: int
    sources: tuple[SourcePlan, ...]
    cache_dir: str
    contact: str = ""
    minutes: float = 60.0
    delay: float = 1.0
    concurrency: int = 8
    per_host: int = 1
    obey_robots: bool = True
    keep_days: int = 0
    pseudonym_key: str | None = field(default=None, repr=False)

    def to_json(self) -> str:
        """Return the plan without its secrets."""
        plain = asdict(self)
        del plain["pseudonym_key"]
        for source in plain["sources"]:
            del source["credentials"]
        return json.dumps(plain)

    def credentials(self) -> str:
        """Return the sources' secrets as JSON, for the child's environment; '' where there are none."""
        held = {source.name: dict(source.credentials) for source in self.sources if source.credentials}
        return json.dumps(held) if held else ""


def from_json(text: str, pseudonym_key: str | None = None, credentials: str | None = None) -> CrawlPlan:
    """Return the plan that `to_json` wrote, with the secrets. Raises `PlanError`."""
    try:
        plain = json.loads(text)
        secrets = json.loads(credentials or "{}")
        sources = tuple(_source(source, secrets) for source in plain.pop("sources"))
        return CrawlPlan(**plain, sources=sources, pseudonym_key=pseudonym_key)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise PlanError(f"the crawl plan cannot be read: {error}") from error


def _source(plain: dict[str, Any], secrets: Mapping[str, Mapping[str, str]]) -> SourcePlan:
    lists = {key: tuple(value) for key, value in plain.items() if isinstance(value, list)}
    return SourcePlan(**{**plain, **lists}, credentials=secrets.get(plain["name"], {}))
