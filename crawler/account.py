"""The account of one source in one run: what it gave, what went wrong, how complete it is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from tocsin.store.records import Coverage, CoverageStatus, Written

_RANK: dict[CoverageStatus, int] = {"ok": 0, "partial": 1, "timed_out": 2, "failed": 3, "refused": 4, "off": 5}
_TROUBLES_SHOWN = 5


@dataclass
class Account:
    """Counts of one source. The worst trouble decides the status, its words become the detail."""

    source: str
    started_at: datetime
    requests: int = 0
    seen: int = 0
    new: int = 0
    changed: int = 0
    unfetched: int = 0
    newest: datetime | None = None
    dropped: Counter[str] = field(default_factory=Counter)
    status: CoverageStatus = "ok"
    _troubles: Counter[str] = field(default_factory=Counter)
    _ranks: dict[str, int] = field(default_factory=dict)

    def trouble(self, status: CoverageStatus, words: str) -> None:
        """Note that something went wrong; equal words are counted, not repeated."""
        self._troubles[words] += 1
        self._ranks[words] = _RANK[status]
        if _RANK[status] > _RANK[self.status]:
            self.status = status

    def stored(self, written: Written) -> None:
        """Add what one batch did to the store."""
        self.new += written.new
        self.changed += written.changed

    def dated(self, created_at: datetime | None, now: datetime) -> None:
        """Note the date of a post, unless it lies in the future (a clock that runs ahead)."""
        if created_at is not None and created_at <= now and (self.newest is None or created_at > self.newest):
            self.newest = created_at

    def coverage(self, now: datetime) -> Coverage:
        """Return the coverage row."""
        return Coverage(
            source=self.source,
            status=self.status,
            started_at=self.started_at,
            finished_at=now,
            requests=self.requests,
            seen=self.seen,
            new=self.new,
            changed=self.changed,
            dropped=self.dropped.total(),
            newest_post_at=self.newest,
            detail=self.detail(),
        )

    def detail(self) -> str | None:
        """Return what went wrong in words, the worst and the most frequent first, None when nothing did."""
        worst = sorted(self._troubles, key=lambda words: (-self._ranks[words], -self._troubles[words]))
        said = [f"{words} ({self._troubles[words]} times)" if self._troubles[words] > 1 else words for words in worst]
        if len(said) > _TROUBLES_SHOWN:
            said = [*said[:_TROUBLES_SHOWN], f"and {len(said) - _TROUBLES_SHOWN} more"]
        if self.dropped:
            said.append("dropped: " + ", ".join(f"{count} x {why}" for why, count in self.dropped.most_common(5)))
        return "; ".join(said)[:2_000] or None


def line(coverage: Coverage) -> str:
    """Return the one closing line of a source. Holds no post text."""
    counts = (
        f"{coverage.source}: {coverage.status}, {coverage.requests} requests, {coverage.seen} posts seen, "
        f"{coverage.new} new, {coverage.changed} changed, {coverage.dropped} dropped"
    )
    return f"{counts} ({coverage.detail})" if coverage.detail else counts
