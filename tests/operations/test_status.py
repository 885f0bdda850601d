"""What `tocsin status` sees, and what it advises."""

from __future__ import annotations

from datetime import datetime, timedelta

from tocsin.operations.status import LATE, next_steps, status
from tocsin.store import digests, mentions, runs, sources, tags
from tocsin.store.database import Store
from tocsin.store.posts import write_posts
from tocsin.store.records import Coverage, Digest, Mention, Post, Thread

HOUR = timedelta(hours=1)
SILENT = {"forum": 30, "blog": 30}


def prepared(store: Store, now: datetime) -> Store:
    sources.ensure_sources(store, [("forum", "forum", None), ("blog", "feed", None)], now)
    thread = Thread("forum:t", "forum", "Title", None, None)
    write_posts(store, [Post(f"forum:{n}", "forum", thread, f"acme {n}", now - n * HOUR) for n in range(5)], now)
    return store


def test_a_fresh_store_says_to_run(store: Store, now: datetime) -> None:
    found = status(store, now, SILENT)
    assert (found.posts, found.model, found.last_run) == (0, None, None)
    assert found.next_steps == ("run `tocsin nightly`: there has been no run yet",)


def test_all_is_well_after_a_good_night(store: Store, now: datetime) -> None:
    prepared(store, now)
    run = runs.start_run(store, "nightly", "2026-11-20", now - HOUR)
    for name in SILENT:
        runs.write_coverage(store, run, Coverage(name, "ok", now, now))
    runs.finish_run(store, run, "ok", now)
    found = status(store, now, SILENT)
    assert (found.posts, found.threads, found.next_steps) == (5, 1, ())
    assert found.size_bytes > 0
    assert [source.silent_hours for source in found.sources] == [None, None]


def test_everything_that_wants_a_person_is_named(store: Store, now: datetime) -> None:
    prepared(store, now)
    run = runs.start_run(store, "nightly", "2026-11-18", now - 50 * HOUR)
    runs.write_coverage(store, run, Coverage("forum", "failed", now, now, detail="503"))
    runs.finish_run(store, run, "partial", now - 49 * HOUR)
    runs.start_run(store, "nightly", "2026-11-19", now - 2 * HOUR)
    digest = Digest("d1", "2026-11-18", "Acme", now, "Day", "<p>", "t", "<m@x>")
    digests.save_digest(store, digest, [("smtp", "pr@example.org")])
    digests.mark_failed(store, 1, "no answer")
    mentions.ensure_brands(store, [("Acme", "own")])
    mentions.write_mentions(store, [], [Mention("forum:1", "Acme", "acme", "text")], "r1")
    tags.ensure_model(store, "v1", "model", now)
    tags.fill_text_keys(store, str.lower)
    found = status(store, now + 48 * HOUR, SILENT)
    assert [source.silent_hours for source in found.sources] == [48, None]
    steps = " / ".join(found.next_steps)
    for word in ("36 h", "1 mails wait (no answer)", "forum, blog", "5 posts wait for tags"):
        assert word in steps
    assert next_steps(found) == list(found.next_steps)


def test_a_run_under_way_is_not_late(store: Store, now: datetime) -> None:
    run = runs.start_run(store, "nightly", "2026-11-19", now - 20 * HOUR)
    runs.finish_run(store, run, "ok", now - 19 * HOUR)
    runs.start_run(store, "nightly", "2026-11-20", now - HOUR)
    found = status(store, now, {})
    assert found.last_run is not None
    assert found.last_run.finished_at is None
    assert found.next_steps == ()
    assert "36 h" in status(store, now + LATE, {}).next_steps[0]
