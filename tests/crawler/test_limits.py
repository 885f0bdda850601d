"""What limits us and whom we then leave alone: rate limit headers, daily quotas, refusals, missing secrets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from conftest import Answer, Crawling, Site, feed_of
from hypothesis import given
from hypothesis import strategies as st

from crawler.child import switched_off
from crawler.memory import Memory
from crawler.middlewares.limits import seconds_until_allowed
from crawler.plan import SourcePlan
from crawler.quota import Quota
from crawler.session import MOST_REFUSALS, Gate, Session
from tocsin.source_kinds import missing_secrets

NOW = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
URL = "https://a.test/x"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"x-ratelimit-remaining": "3", "x-ratelimit-reset": "60"}, None),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "60"}, 60),
        ({"x-ratelimit-remaining": "0.4", "x-ratelimit-reset": "1.5"}, 1.5),
        ({"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(int(NOW.timestamp()) + 90)}, 90),
        ({"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(int(NOW.timestamp()) - 90)}, 0),
        ({"ratelimit-remaining": "0", "ratelimit-reset": (NOW + timedelta(minutes=5)).isoformat()}, 300),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "2026-11-20T23:31:00"}, 60),
        ({"ratelimit-remaining": "0"}, None),
        ({"ratelimit-remaining": "none", "ratelimit-reset": "60"}, None),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "soon"}, None),
        ({"ratelimit-remaining": "nan", "ratelimit-reset": "60"}, None),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "inf"}, None),
    ],
)
def test_used_up_limits_say_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    found = seconds_until_allowed(headers, NOW)
    assert found == (None if seconds is None else pytest.approx(seconds))


@given(st.text(), st.text())
def test_no_limit_header_breaks_the_crawl(remaining: str, reset: str) -> None:
    found = seconds_until_allowed({"x-ratelimit-remaining": remaining, "x-ratelimit-reset": reset}, NOW)
    assert found is None or found >= 0


class Clocked:
    """The part of a session that a quota looks at."""

    def __init__(self, folder: Path) -> None:
        self.memory = Memory(folder)
        self.moment = NOW

    def now(self) -> datetime:
        return self.moment

    def session(self) -> Session:
        return cast("Session", self)


def test_a_quota_is_kept_over_runs_and_ends_with_its_day(tmp_path: Path) -> None:
    quota, run = Quota("api", 10), Clocked(tmp_path)
    assert quota.spend(run.session(), 7)
    run.memory.close()
    later = Clocked(tmp_path)
    assert quota.left(later.session()) == 3
    assert not quota.spend(later.session(), 4)
    assert quota.left(later.session()) == 3, "what was refused is not spent"
    assert quota.spend(later.session(), 3)
    later.moment = NOW + timedelta(hours=1)
    assert quota.left(later.session()) == 10
    later.memory.close()


def test_a_quotas_day_ends_at_midnight_in_its_zone(tmp_path: Path) -> None:
    quota, run = Quota("api", 10, "America/Los_Angeles"), Clocked(tmp_path)
    quota.spend(run.session(), 10)
    run.moment = NOW + timedelta(hours=2)
    assert quota.left(run.session()) == 0, "half past one in London is the evening before in Los Angeles"
    run.moment = NOW + timedelta(hours=9)
    assert quota.left(run.session()) == 10
    run.memory.close()


def test_what_the_api_says_of_its_quota_is_believed_when_it_is_less(tmp_path: Path) -> None:
    quota, run = Quota("api", 10), Clocked(tmp_path)
    quota.spend(run.session(), 4)
    quota.told(run.session(), 2)
    assert quota.left(run.session()) == 2
    quota.told(run.session(), 9)
    assert quota.left(run.session()) == 2
    assert Quota("other", 10).left(run.session()) == 10
    run.memory.close()


def test_a_host_that_refuses_five_times_in_a_row_is_left_alone_and_others_are_not() -> None:
    gate = Gate()
    for status in [403, 429, 403, 200, *[403] * (MOST_REFUSALS - 1)]:
        gate.answered(URL, status)
    assert gate.closed_because(URL) is None, "an answer in between counts"
    gate.answered("https://b.test/", 403)
    gate.answered(URL, 429)
    words = gate.closed_because("https://A.test/other")
    assert words is not None
    assert "refused 5 requests in a row (HTTP 429)" in words
    assert "ask its owner" in words
    assert gate.closed_because("https://b.test/") is None


def test_repeated_refusals_stop_the_asking_with_a_note_to_the_operator(site: Site, crawling: Crawling) -> None:
    entries = [{"id": f"e{n}", "comments": f"{site.url}/c{n}"} for n in range(20)]
    site.routes["/feed"] = feed_of(entries)
    site.routes["/robots.txt"] = Answer("")
    site.fallback = lambda _asked: Answer(status=403)
    covered = crawling(SourcePlan("s", "feed", f"{site.url}/feed", allow_private=True), concurrency=1)["s"]
    assert covered.status == "partial"
    assert "refused 5 requests in a row" in str(covered.detail)
    assert covered.new == 20
    assert len([path for path in site.paths() if path.startswith("/c")]) == MOST_REFUSALS


def test_a_limit_used_up_for_hours_closes_the_host_for_the_run(site: Site, crawling: Crawling) -> None:
    entries = [{"id": f"e{n}", "comments": f"{site.url}/c{n}"} for n in range(5)]
    limit = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "7200"}
    site.routes["/robots.txt"] = Answer("")
    site.routes["/feed"] = Answer(feed_of(entries).body, headers=limit, content_type="application/rss+xml")
    covered = crawling(SourcePlan("s", "feed", f"{site.url}/feed", allow_private=True))["s"]
    assert (covered.status, covered.new) == ("partial", 5)
    assert "allows no more requests for 120 minutes" in str(covered.detail)
    assert site.paths() == ["/robots.txt", "/feed"]


def test_a_missing_secret_turns_its_source_off_by_name_and_no_other(site: Site, crawling: Crawling) -> None:
    site.routes["/feed"] = feed_of([{"id": "e1"}])
    shut = SourcePlan("tube", "youtube", accounts=("UC1",))
    covered = crawling(shut, SourcePlan("blog", "feed", f"{site.url}/feed", allow_private=True))
    assert (covered["tube"].status, covered["tube"].requests) == ("off", 0)
    assert all(name in str(covered["tube"].detail) for name in missing_secrets("youtube", {}))
    assert "nothing was read" in str(covered["tube"].detail)
    assert (covered["blog"].status, covered["blog"].new) == ("ok", 1)


def test_several_missing_secrets_are_all_named() -> None:
    row = switched_off("x", ["TOCSIN_A", "TOCSIN_B"], NOW)
    assert row.detail is not None
    assert row.detail.startswith("TOCSIN_A and TOCSIN_B not set")
