"""The nightly run, composed of the real wings, on small stores."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import scheduler
from scheduler import NightlyReport, nightly
from tocsin.config import Config, load
from tocsin.config_errors import ConfigError
from tocsin.nights import covered
from tocsin.store.database import open_store
from tocsin.store.digests import latest_digest, pending_deliveries
from tocsin.store.lock import LockHeld, locked
from tocsin.store.posts import write_posts
from tocsin.store.records import Post, Thread
from tocsin.store.runs import finished_dates, last_run
from tocsin.store.sources import ensure_sources

Make = Callable[..., Config]
ALL = ["leftovers", "crawl", "mentions", "tag", "detect", "digest", "deliver", "retention"]


def post(number: int, at: datetime) -> Post:
    thread = Thread("talk:1", "talk", "Acme again", "https://talk.example/1", at)
    return Post(f"talk:{number}", "talk", thread, f"Acme broke gateway {number}, I am furious", at, f"user{number}")


def hold(config: Config, posts: Iterable[Post], at: datetime) -> None:
    with open_store(config.store) as store:
        ensure_sources(store, [("talk", "import", None)], at)
        write_posts(store, list(posts), at, backdate=True)


def files(config: Config) -> list[str]:
    return sorted(path.name for path in config.mail.outbox.iterdir())


def test_a_night_on_an_empty_store_gives_a_quiet_digest(make_config: Make, night: datetime) -> None:
    config = make_config()
    told: list[tuple[str, str | None]] = []
    done = nightly(config, night, report=lambda step, outcome: told.append((step, outcome)))
    assert (done.status, done.quiet, done.for_date, done.nights) == ("ok", True, "2026-11-22", ("2026-11-22",))
    assert list(done.steps) == ALL
    assert [step for step, outcome in told if outcome is None] == ALL
    assert [digest.subject for digest in done.digests] == ["Quiet on 22 Nov 2026"]
    assert [path.name for path in done.digests[0].paths] == ["2026-11-22-acme.html", "2026-11-22-acme.eml"]
    assert files(config) == ["2026-11-22-acme.eml", "2026-11-22-acme.html"]
    with open_store(config.store) as store:
        run = last_run(store, "nightly")
        assert run is not None
        assert (run.status, run.for_date, dict(run.steps)) == ("ok", "2026-11-22", dict(done.steps))


def test_posts_go_through_mentions_and_model_to_the_digest(make_config: Make, night: datetime) -> None:
    config = make_config()
    hold(config, [post(number, night - timedelta(hours=number)) for number in range(1, 9)], night)
    done = nightly(config, night, workers=1)
    assert done.steps["mentions"] == "8 posts read for 1 brand"
    assert done.steps["tag"].startswith("8 posts tagged by ")
    with open_store(config.store) as store:
        digest = latest_digest(store)
    assert digest is not None
    assert "Posts: 8" in digest.text
    assert "Still learning" in digest.text


def test_the_local_date_counts(make_config: Make, night: datetime) -> None:
    assert nightly(make_config(), night - timedelta(hours=5, minutes=30)).for_date == "2026-11-22"


def test_a_source_that_is_down_leaves_a_digest_that_says_blind(
    make_config: Make, night: datetime, closed_port: int
) -> None:
    source = f"""
[[sources]]
name = "forum"
kind = "feed"
url = "http://127.0.0.1:{closed_port}/feed"
allow_private = true
[crawl]
delay = 0.0
"""
    done = nightly(make_config(source), night)
    assert done.status == "partial"
    assert [(found.source, found.status) for found in done.coverage] == [("forum", "failed")]
    assert done.digests[0].subject == "Quiet on 22 Nov 2026, but blind on 1 of 1 source"
    assert done.steps["deliver"] == "1 delivered"


def test_a_crawl_that_cannot_start_is_blind_everywhere_and_the_rest_goes_on(
    make_config: Make, night: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = '[[sources]]\nname = "hn"\nkind = "hackernews"\nquery = "Acme"\n'
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    done = nightly(make_config(source), night)
    assert done.steps["crawl"].startswith("failed: ")
    assert [(found.source, found.status) for found in done.coverage] == [("hn", "failed")]
    assert "blind on 1 of 1 source" in done.digests[0].subject
    assert done.steps["deliver"] == "1 delivered"


def test_a_missing_model_leaves_the_tone_unknown_and_the_digest_says_so(make_config: Make, night: datetime) -> None:
    config = make_config(top='model = "no-such-model"')
    hold(config, [post(1, night - timedelta(hours=1))], night)
    done = nightly(config, night)
    assert done.status == "partial"
    assert done.steps["tag"].startswith("failed: ")
    assert done.steps["deliver"] == "1 delivered"
    with open_store(config.store) as store:
        digest = latest_digest(store)
    assert digest is not None
    assert "This run had trouble: tag:" in digest.text
    assert "the tone of new posts is unknown" in " ".join(digest.text.split())


def test_a_repeat_for_the_date_sends_nothing_twice(make_config: Make, night: datetime) -> None:
    config = make_config()
    first = nightly(config, night)
    before = {path.name: path.stat().st_mtime_ns for path in config.mail.outbox.iterdir()}
    again = nightly(config, night + timedelta(hours=3))
    assert [digest.new for digest in first.digests + again.digests] == [True, False]
    assert again.digests[0].id == first.digests[0].id
    assert again.steps["deliver"] == "nothing to deliver"
    assert {path.name: path.stat().st_mtime_ns for path in config.mail.outbox.iterdir()} == before


def test_missed_nights_are_covered_by_one_digest_that_says_so(make_config: Make, night: datetime) -> None:
    config = make_config()
    nightly(config, night)
    done = nightly(config, night + timedelta(days=3))
    assert done.nights == ("2026-11-23", "2026-11-24", "2026-11-25")
    assert done.digests[0].subject == "Quiet on 25 Nov 2026 (3 nights)"
    with open_store(config.store) as store:
        assert finished_dates(store, scheduler.KIND) == {"2026-11-22", "2026-11-25"}
        digest = latest_digest(store)
    assert digest is not None
    assert "covers 3 nights: 23-25 Nov" in digest.text


@given(
    st.sets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=6), st.dates(date(2026, 2, 1), date(2026, 12, 31))
)
def test_covered_nights_end_with_tonight_and_never_overlap_what_is_done(done: set[date], tonight: date) -> None:
    nights = covered(tonight, {day.isoformat() for day in done})
    assert nights[-1] == tonight.isoformat()
    assert not set(nights[:-1]) & {day.isoformat() for day in done}
    assert list(nights) == sorted(set(nights))


def stop_after(steps: int) -> Callable[[], bool]:
    asked = iter(range(100))
    return lambda: next(asked) >= steps


@pytest.mark.parametrize("steps", range(len(ALL)))
def test_a_run_stopped_anywhere_is_finished_by_the_next_one(make_config: Make, night: datetime, steps: int) -> None:
    config = make_config()
    stopped = nightly(config, night, stop=stop_after(steps))
    assert (stopped.status, list(stopped.steps)) == ("stopped", ALL[:steps])
    with open_store(config.store) as store:
        assert finished_dates(store, scheduler.KIND) == set()
    after = nightly(config, night + timedelta(minutes=5))
    assert after.status == "ok"
    assert files(config) == ["2026-11-22-acme.eml", "2026-11-22-acme.html"]
    assert sum(report.deliveries.sent for report in (stopped, after) if report.deliveries) == 1


def test_a_second_instance_says_who_holds_the_lock(make_config: Make, night: datetime) -> None:
    config = make_config()
    with locked(config.store, night), pytest.raises(LockHeld, match="held by process"):
        nightly(config, night)


def test_a_mail_server_that_is_down_keeps_the_digest_for_the_next_run(
    make_config: Make, night: datetime, closed_port: int
) -> None:
    mail = f"""
[mail]
channel = "smtp"
[mail.smtp]
host = "127.0.0.1"
port = {closed_port}
tls = "none"
[[mail.recipients]]
address = "pr@acme.example"
"""
    config = make_config(mail)
    done = nightly(config, night)
    assert (done.status, done.steps["deliver"]) == ("partial", "0 delivered, 1 failed")
    with open_store(config.store) as store:
        (left,) = pending_deliveries(store)
    assert (left.recipient, left.state, left.attempts) == ("pr@acme.example", "failed", 1)
    assert nightly(config, night + timedelta(days=1)).steps["leftovers"] == "0 delivered, 1 failed"


def test_recipients_get_a_digest_of_their_brands(make_config: Make, night: datetime) -> None:
    more = """
[[mail.recipients]]
address = "pr@acme.example"
[[mail.recipients]]
address = "ceo@acme.example"
[[mail.recipients]]
address = "product@acme.example"
brands = ["Beta"]
[[brands]]
name = "Beta"
role = "competitor"
"""
    config = make_config("[mail]\n" + more)
    done: NightlyReport = nightly(config, night)
    assert sorted(digest.audience for digest in done.digests) == ["Acme, Beta", "Beta"]
    assert done.steps["deliver"] == "3 delivered"
    assert len([name for name in files(config) if name.endswith(".eml")]) == 3
    assert len([name for name in files(config) if name.endswith(".html")]) == 2


def test_without_a_brand_there_is_nothing_to_listen_for(tmp_path: Path, night: datetime) -> None:
    empty = tmp_path / "empty.toml"
    empty.write_text("")
    with pytest.raises(ConfigError, match=r"add a \[\[brands\]\] section"):
        nightly(load(empty, {}), night)


def test_old_posts_are_forgotten_when_configured(make_config: Make, night: datetime) -> None:
    config = make_config("[retention]\ndays = 30\n")
    hold(config, [post(1, night - timedelta(days=40)), post(2, night - timedelta(days=4))], night)
    assert nightly(config, night, workers=1).steps["retention"] == "1 post older than 30 days erased"
    with open_store(config.store) as store:
        assert store.number("SELECT count(*) FROM posts") == 1


def test_an_unexpected_error_is_told_by_kind_and_place_only(
    make_config: Make, night: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_more: object) -> int:
        raise KeyError("a stranger's words")

    monkeypatch.setattr(scheduler, "scan_store", broken)
    done = nightly(make_config(), night)
    assert done.steps["mentions"].startswith("failed: KeyError at test_nightly.py:")
    assert "stranger" not in str(done.steps)
    assert Path(done.digests[0].paths[0]).exists()
