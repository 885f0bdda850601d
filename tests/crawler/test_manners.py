from __future__ import annotations

import itertools
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from conftest import Answer, Asked, Crawling, Site, feed_of
from hypothesis import given
from hypothesis import strategies as st

from crawler.middlewares.manners import seconds_asked
from crawler.plan import SourcePlan
from crawler.session import Gate

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ENTRIES = [{"id": f"e{number}", "date": NOW, "text": f"words {number}"} for number in range(4)]


def source(site: Site, name: str = "blog", path: str = "/feed", **changes: Any) -> SourcePlan:
    return SourcePlan(name, "feed", site.url + path, allow_private=True, **changes)


def with_comments(site: Site) -> list[dict[str, Any]]:
    return [{**entry, "comments": f"{site.url}/{entry['id']}/comments"} for entry in ENTRIES]


def test_robots_rules_are_obeyed_and_said(site: Site, crawling: Crawling) -> None:
    rules = "User-agent: *\nDisallow: /closed\nDisallow: /e1\n\nUser-agent: Tocsin\nDisallow: /closed\nDisallow: /e2\n"
    site.routes["/robots.txt"] = Answer(rules, content_type="text/plain")
    site.routes["/feed"] = feed_of(with_comments(site))
    site.fallback = lambda _asked: feed_of([{"id": "c", "text": "comment"}])
    covered = crawling(source(site), source(site, "shut", "/closed/feed"))
    assert covered["shut"].status == "refused"
    assert "robots.txt forbids" in str(covered["shut"].detail)
    assert covered["blog"].status == "partial"
    assert sorted(set(site.paths())) == ["/e0/comments", "/e1/comments", "/e3/comments", "/feed", "/robots.txt"]


def test_a_broken_robots_file_forbids_and_a_missing_one_allows(
    site: Site, second_site: Site, crawling: Crawling
) -> None:
    site.routes["/robots.txt"] = Answer("oops", status=500)
    site.routes["/feed"] = second_site.routes["/feed"] = feed_of(ENTRIES)
    second_site.routes["/robots.txt"] = Answer("User-agent: *\nDisallow: /", status=404)
    covered = crawling(source(site), source(second_site, "other"))
    assert (covered["blog"].status, covered["other"].status) == ("refused", "ok")


def test_robots_rules_can_be_set_aside_for_an_own_site(site: Site, crawling: Crawling) -> None:
    site.routes["/robots.txt"] = Answer("User-agent: *\nDisallow: /")
    site.routes["/feed"] = feed_of(ENTRIES)
    assert crawling(source(site), obey_robots=False)["blog"].status == "ok"
    assert site.paths() == ["/feed"]


def test_crawl_delay_is_kept_over_all_sources_of_a_host(site: Site, crawling: Crawling) -> None:
    site.routes["/robots.txt"] = Answer("User-agent: *\nCrawl-delay: 0.3\n")
    site.routes["/feed"] = site.routes["/other"] = feed_of(with_comments(site)[:2])
    site.fallback = lambda _asked: feed_of([{"id": "c", "text": "comment"}])
    crawling(source(site), source(site, "other", "/other"))
    times = sorted(asked.at for asked in site.asked if asked.path != "/robots.txt")
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert len(times) == 6
    assert min(gaps) > 0.28


def test_a_host_that_says_429_is_asked_again_when_it_wants(site: Site, crawling: Crawling) -> None:
    refusals = [Answer(status=429, headers={"Retry-After": "1"})]

    def feed(_asked: Asked) -> Answer:
        return refusals.pop() if refusals else feed_of(ENTRIES)

    site.routes["/feed"] = feed
    covered = crawling(source(site))["blog"]
    assert (covered.status, covered.new) == ("ok", 4)
    first, second = (asked.at for asked in site.asked if asked.path == "/feed")
    assert second - first > 0.95


def test_a_host_that_wants_hours_is_left_alone_until_the_next_run(site: Site, crawling: Crawling) -> None:
    site.routes["/feed"] = feed_of(with_comments(site))
    site.fallback = lambda _asked: Answer(status=503, headers={"Retry-After": "7200"})
    site.routes["/robots.txt"] = Answer("")
    covered = crawling(source(site), concurrency=1)["blog"]
    assert covered.status == "partial"
    assert "asked to wait 7200 s" in str(covered.detail)
    assert len(site.asked) == 3
    site.fallback = lambda asked: feed_of([{"id": f"c{asked.path}", "text": "comment"}])
    assert crawling(source(site))["blog"].new == 4


def test_we_say_who_we_are_and_keep_no_cookies(site: Site, crawling: Crawling) -> None:
    feed = feed_of(with_comments(site))
    site.routes["/feed"] = Answer(feed.body, headers={"Set-Cookie": "a=b"}, content_type=feed.content_type)
    site.fallback = lambda _asked: feed_of([{"id": "c", "text": "comment"}])
    crawling(source(site), contact="https://example.test/bot")
    assert {asked.headers["User-Agent"] for asked in site.asked} == {"Tocsin/0.1.0 (+https://example.test/bot)"}
    assert not any("Cookie" in asked.headers or "Referer" in asked.headers for asked in site.asked)


def test_private_addresses_are_refused_with_the_key_to_set(site: Site, crawling: Crawling) -> None:
    shut = SourcePlan("blog", "feed", f"{site.url}/feed")
    name = SourcePlan("name", "feed", f"{site.url.replace('127.0.0.1', 'localhost')}/feed")
    covered = crawling(shut, name)
    for coverage in covered.values():
        assert coverage.status == "refused"
        assert "allow_private = true" in str(coverage.detail)
    assert site.asked == []


def test_a_redirect_to_a_private_address_is_refused(site: Site, second_site: Site, crawling: Crawling) -> None:
    site.routes["/feed"] = Answer(status=302, headers={"Location": f"{second_site.url}/feed"})
    second_site.routes["/feed"] = feed_of(ENTRIES)
    covered = crawling(SourcePlan("blog", "feed", f"{site.url}/feed"), public=["127.0.0.1"])["blog"]
    assert covered.status == "refused"
    assert "127.0.0.2" in str(covered.detail)
    assert second_site.asked == []
    assert site.paths() == ["/robots.txt", "/feed"]


def test_redirects_end(site: Site, crawling: Crawling) -> None:
    site.fallback = lambda asked: Answer(status=302, headers={"Location": asked.path + "x"})
    site.routes["/robots.txt"] = Answer("")
    covered = crawling(source(site))["blog"]
    assert covered.status == "failed"
    assert len(site.asked) < 10


def test_one_dead_source_and_one_broken_one_do_not_stop_the_third(
    site: Site, second_site: Site, crawling: Crawling
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    site.routes["/feed"] = feed_of(ENTRIES)
    second_site.routes["/robots.txt"] = Answer("")
    second_site.fallback = lambda _asked: Answer(status=500)
    dead = SourcePlan("dead", "feed", f"http://127.0.0.1:{port}/feed", allow_private=True)
    covered = crawling(dead, source(second_site, "broken"), source(site))
    assert {name: found.status for name, found in covered.items()} == {
        "dead": "failed",
        "broken": "failed",
        "blog": "ok",
    }
    assert "connection refused" in str(covered["dead"].detail)
    assert "answered 500" in str(covered["broken"].detail)
    assert covered["blog"].new == 4


def test_an_answer_that_is_too_large_is_not_read(site: Site, crawling: Crawling) -> None:
    site.routes["/feed"] = Answer(b" " * (21 * 1024 * 1024))
    covered = crawling(source(site))["blog"]
    assert covered.status == "failed"
    assert "too large" in str(covered.detail)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("5", 5),
        ("0.5", 0.5),
        ("-3", 0),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), 0),
        ("soon", None),
        ("", None),
        (None, None),
        ("inf", None),
    ],
)
def test_retry_after_is_read_in_both_forms(header: str | None, seconds: float | None) -> None:
    assert seconds_asked(header, NOW) == seconds


@given(st.text())
def test_no_retry_after_header_breaks_the_crawl(header: str) -> None:
    seconds = seconds_asked(header, NOW)
    assert seconds is None or seconds >= 0


def test_the_gate_spaces_requests_of_one_host_only() -> None:
    clock = [100.0]
    gate = Gate(clock=lambda: clock[0])
    gate.space("http://a.test/robots.txt", 2)
    assert [gate.reserve("http://a.test/1"), gate.reserve("http://a.test/2")] == [2, 4]
    assert gate.reserve("http://b.test/1") == 0
    gate.pause("http://b.test/2", 10)
    clock[0] += 3
    assert gate.reserve("http://b.test/3") == 7
