"""Where we have listened, since when, and when we were blind: what a decision may build on.

A source counts once it was listened to for 14 days; before that its posts are neither normal nor
unusual. History that the first crawl brought counts as listened to, as far back as the source was
never silent for more than ten days; while that first crawl is not complete, only from its start.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from analyzers.listening import Period
from tocsin.store.database import Store
from tocsin.store.records import Coverage
from tocsin.store.runs import coverage_history, open_gaps
from tocsin.store.sources import first_crawls
from tocsin.store.times import to_text

LOOK_BACK = timedelta(days=56)
LEARNING = timedelta(days=14)
LONGEST_SILENCE = timedelta(days=10)
MOST_WEEKS = 60
"""Weeks of history looked for beyond the look-back; the highest level needs 120 days."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard by a moment.

    `since`: from when each source that counts was listened to. `learning`: sources that do not
    count yet. `posts_an_hour`: all posts of the last 56 days but the last one, by hour.
    `blind`: spans of time in which a source was not read and never caught up with.
    `undated`: posts of a first crawl whose time is only when we saw them.
    """

    since: Mapping[str, datetime]
    learning: tuple[str, ...]
    posts_an_hour: Mapping[datetime, int]
    blind: Mapping[str, tuple[Period, ...]]
    undated: frozenset[str]


def what_was_heard(store: Store, at: datetime) -> Heard:
    """Read from the store what was heard by `at`."""
    per_hour: dict[datetime, int] = defaultdict(int)
    days: dict[str, set[datetime]] = defaultdict(set)
    for row in store.rows(
        """SELECT source, substr(created_at, 1, 13) AS hour, count(*) AS posts FROM posts
           WHERE created_at >= ? AND created_at <= ? AND first_seen_at <= ? AND dated = 1 GROUP BY source, hour""",
        [to_text(at - LOOK_BACK), to_text(at), to_text(at)],
    ):
        hour = datetime.fromisoformat(row["hour"] + ":00:00+00:00")
        days[row["source"]].add(hour.replace(hour=0))
        if hour < at - timedelta(days=1):
            per_hour[hour] += row["posts"]
    crawled = {source: moment for source, moment in first_crawls(store).items() if moment <= at}
    history = _coverage(store, at)
    since = {source: _since(store, source, active, crawled.get(source), at) for source, active in days.items()}
    for source, rows in history.items():
        if source in since and source not in crawled:
            # Its history is still being fetched, newest first: what is held of it is less than there was.
            since[source] = max(since[source], rows[0].started_at)
    return Heard(
        since={source: moment for source, moment in since.items() if at - moment >= LEARNING},
        learning=tuple(sorted(source for source, moment in since.items() if at - moment < LEARNING)),
        posts_an_hour=per_hour,
        blind=_blind(store, history, at),
        undated=_undated(store, at),
    )


def listened_since(active_days: Iterable[datetime], at: datetime) -> datetime:
    """Return the first of the days from which on the source was never silent for over ten days; `at` if none."""
    since = at
    for day in sorted(active_days, reverse=True):
        if since - day > LONGEST_SILENCE:
            break
        since = day
    return since


def blind_periods(history: Sequence[Coverage], gaps: Iterable[datetime], at: datetime) -> tuple[Period, ...]:
    """Return when one source was not read: since its last good crawl if the newest failed, and before each open gap.

    `history`: its coverage, oldest first. A failed crawl followed by a good one has been caught up with.
    """
    good = [row.finished_at for row in history if row.status in ("ok", "partial")]
    found = []
    if history and history[-1].status not in ("ok", "partial"):
        found.append(Period(good[-1] if good else history[0].started_at, at))
    for noticed in gaps:
        before = [moment for moment in good if moment < noticed]
        if before:
            found.append(Period(before[-1], noticed))
    return tuple(found)


def reaching_back(since: datetime, at: datetime, spoke: Callable[[datetime, datetime], bool]) -> datetime:
    """Return from when a source was listened to whose posts reach back to `since` within the look-back.

    Where that is all of the look-back, the weeks before are asked for: `spoke(start, end)` tells whether
    anything was written in [start, end).
    """
    if since - (at - LOOK_BACK) > LONGEST_SILENCE:
        return since
    for _ in range(MOST_WEEKS):
        earlier = since - timedelta(days=7)
        if not spoke(earlier, since):
            break
        since = earlier
    return since


def _since(store: Store, source: str, days: set[datetime], crawled: datetime | None, at: datetime) -> datetime:
    def spoke(start: datetime, end: datetime) -> bool:
        return bool(
            store.number(
                """SELECT EXISTS (SELECT 1 FROM posts WHERE source = ? AND created_at >= ? AND created_at < ?
                     AND first_seen_at <= ? AND dated = 1)""",
                [source, to_text(start), to_text(end), to_text(at)],
            )
        )

    since = listened_since(days, at)
    return reaching_back(since if crawled is None else min(since, crawled), at, spoke)


def _coverage(store: Store, at: datetime) -> dict[str, list[Coverage]]:
    """Return the coverage of each source that was ever crawled by `at`, oldest first."""
    history: dict[str, list[Coverage]] = defaultdict(list)
    for _, row in coverage_history(store, at - LOOK_BACK):
        if row.finished_at <= at:
            history[row.source].append(row)
    return history


def _blind(store: Store, history: Mapping[str, Sequence[Coverage]], at: datetime) -> dict[str, tuple[Period, ...]]:
    gaps: dict[str, list[datetime]] = defaultdict(list)
    for gap in open_gaps(store):
        if gap.thread_id is None and gap.noticed_at <= at:
            gaps[gap.source].append(gap.noticed_at)
    found = {source: blind_periods(rows, gaps.get(source, ()), at) for source, rows in history.items()}
    return {source: periods for source, periods in found.items() if periods}


def _undated(store: Store, at: datetime) -> frozenset[str]:
    rows = store.rows(
        """SELECT posts.id FROM posts JOIN sources ON sources.name = posts.source
           WHERE posts.dated = 0 AND posts.created_at >= ? AND posts.created_at <= ?
             AND posts.first_seen_at <= coalesce(sources.first_crawl_finished_at, posts.first_seen_at)""",
        [to_text(at - LOOK_BACK), to_text(at)],
    )
    return frozenset(row["id"] for row in rows)


def hour_of(moment: datetime) -> datetime:
    """Return the clock hour that `moment` lies in."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
