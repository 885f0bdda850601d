"""Posts known to be missing: what a source counts against what the store holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tocsin.store.database import Store
from tocsin.store.posts import thread_reply_count
from tocsin.store.records import Gap
from tocsin.store.runs import add_gaps, close_gaps, open_gaps
from tocsin.store.times import to_text


@dataclass(frozen=True, slots=True)
class Counted:
    """What the source says a thread holds.

    `thread_id` (with our prefix) None: it speaks of the whole source. `replies` None: the source
    does not count them, `missing` says how many are missing (0: none, None: some).
    """

    thread_id: str | None
    replies: int | None
    reason: str
    missing: int | None = None


def settle_gaps(
    store: Store, source: str, counted: Iterable[Counted], now: datetime, since: datetime | None = None
) -> str | None:
    """Open, renew and close the gaps of a source; return a sentence if there are new or larger ones.

    With `since`, threads first seen before it are passed over.
    """
    standing = {gap.thread_id: gap.missing for gap in open_gaps(store) if gap.source == source}
    fresh: list[Gap] = []
    for item in {item.thread_id: item for item in counted}.values():
        if since is not None and item.thread_id is not None and _is_older(store, item.thread_id, since):
            continue
        missing = item.missing
        if item.replies is not None:
            missing = max(item.replies - thread_reply_count(store, item.thread_id or ""), 0)
        if missing == 0:
            close_gaps(store, source, item.thread_id, now)
        elif item.thread_id not in standing or standing[item.thread_id] != missing:
            fresh.append(Gap(source, item.thread_id, now, missing, item.reason))
    add_gaps(store, fresh)
    if not fresh:
        return None
    total = sum(gap.missing or 0 for gap in fresh)
    return f"{total or 'some'} posts are known to be missing in {len(fresh)} place(s) (table gaps)"


def _is_older(store: Store, thread_id: str, since: datetime) -> bool:
    return bool(
        store.number("SELECT count(*) FROM threads WHERE id = ? AND first_seen_at < ?", [thread_id, to_text(since)])
    )
