"""Sources, runs, coverage, gaps, digests and the outbox."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tocsin.store import digests, runs, sources
from tocsin.store.database import Store
from tocsin.store.errors import StoreError
from tocsin.store.records import Coverage, Digest, Gap
from tocsin.store.times import from_text, to_text

HOUR = timedelta(hours=1)


def test_times_sort_as_text_and_need_a_zone(now: datetime) -> None:
    assert from_text(to_text(now)) == now
    assert to_text(now) < to_text(now + timedelta(microseconds=1)) < to_text(now + HOUR)
    with pytest.raises(ValueError, match="no time zone"):
        to_text(now.replace(tzinfo=None))


def test_a_source_keeps_its_first_crawl_when_its_address_changes(known: Store, now: datetime) -> None:
    assert sources.first_crawl_finished(known, "forum") is None
    sources.mark_first_crawl_finished(known, "forum", now)
    sources.mark_first_crawl_finished(known, "forum", now + HOUR)
    sources.ensure_sources(known, [("forum", "forum", "https://elsewhere.example/")], now + HOUR)
    assert sources.first_crawls(known) == {"forum": now}
    assert sources.source_names(known) == ["forum", "old"]
    assert known.rows("SELECT url FROM sources WHERE name = 'forum'")[0]["url"] == "https://elsewhere.example/"


def test_a_killed_run_is_told_from_a_finished_one(known: Store, now: datetime) -> None:
    killed = runs.start_run(known, "nightly", "2026-11-19", now)
    whole = runs.start_run(known, "nightly", "2026-11-20", now + HOUR)
    runs.note_step(known, whole, "crawl", 'partial: "forum" is silent')
    runs.note_step(known, whole, "digest", "ok")
    runs.finish_run(known, whole, "partial", now + 2 * HOUR)
    failed = runs.start_run(known, "nightly", "2026-11-21", now)
    runs.finish_run(known, failed, "failed", now + HOUR)
    assert runs.finished_dates(known, "nightly") == {"2026-11-20"}
    assert [run.id for run in runs.runs(known, 2)] == [failed, whole]
    found = runs.runs(known, 9)
    assert (found[-1].id, found[-1].finished_at, found[-1].status) == (killed, None, "running")
    assert dict(found[1].steps) == {"crawl": 'partial: "forum" is silent', "digest": "ok"}
    assert runs.last_run(known, "crawl") is None
    with pytest.raises(StoreError, match="no such run"):
        runs.finish_run(known, 99, "ok", now)


def test_the_latest_coverage_of_each_source_is_told(known: Store, now: datetime) -> None:
    first, second = (runs.start_run(known, "nightly", None, now) for _ in range(2))
    good = Coverage("forum", "ok", now, now + HOUR, 9, 8, 7, 1, 0, now, None)
    bad = Coverage("forum", "failed", now + 24 * HOUR, now + 25 * HOUR, detail="no answer; check the address")
    runs.write_coverage(known, first, replace(good, seen=0))
    runs.write_coverage(known, first, good)
    runs.write_coverage(known, second, bad)
    assert runs.coverage_of(known, first) == [good]
    assert runs.latest_coverage(known) == [bad]
    assert runs.coverage_history(known, now + 2 * HOUR) == [(second, bad)]
    assert known.number("SELECT count(*) FROM source_coverage") == 2


def test_a_gap_is_open_once_until_it_is_closed(known: Store, now: datetime) -> None:
    gap = Gap("forum", "forum:t1", now, None, "page 2 was refused")
    runs.add_gaps(known, [gap, replace(gap, missing=3, noticed_at=now + HOUR), replace(gap, thread_id=None)])
    assert runs.open_gaps(known) == [replace(gap, missing=3), replace(gap, thread_id=None)]
    runs.close_gaps(known, "forum", "forum:t1", now)
    assert runs.open_gaps(known) == [replace(gap, thread_id=None)]


def test_a_digest_is_kept_once_and_delivered_once(known: Store, now: datetime) -> None:
    digest = Digest("d1", "2026-11-20", "Acme", now, "Quiet", "<p>quiet</p>", "quiet", "<d1@example>")
    digests.save_digest(known, digest, [("file", "a@example"), ("file", "b@example")])
    digests.save_digest(known, replace(digest, id="d2", subject="Other"), [("file", "c@example")])
    assert digests.digest_for(known, "2026-11-20", "Acme") == digest == digests.latest_digest(known)
    assert digests.digest_by_id(known, "d1") == digest
    first, second = digests.pending_deliveries(known)
    digests.mark_failed(known, first.id, "refused")
    digests.mark_sent(known, second.id, now)
    digests.mark_failed(known, second.id, "a late complaint")
    (left,) = digests.pending_deliveries(known)
    assert (left.recipient, left.state, left.attempts, left.last_error) == ("a@example", "failed", 1, "refused")
    digests.mark_sent(known, left.id, now)
    assert digests.pending_deliveries(known) == []
    with pytest.raises(StoreError, match="no such digest"):
        digests.digest_by_id(known, "d2")
