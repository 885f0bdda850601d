"""What the Stack Exchange API limits and refuses: quota, backoff, throttles, keys."""

from __future__ import annotations

import json

import pytest
from conftest import Answer, Crawling, Site, json_answer
from fake_stackexchange import DAY, Exchange, source

from crawler.memory import Memory
from crawler.quota import SHARED

KEY = "k3y((secret"


@pytest.fixture
def exchange(site: Site) -> Exchange:
    return Exchange(site)


def test_the_quota_of_the_day_holds_over_two_runs_and_the_rest_is_a_gap(exchange: Exchange, crawling: Crawling) -> None:
    exchange.page, exchange.most = 5, 6
    for number in range(1, 41):
        exchange.question(number, age=5 * DAY + number)
    first = crawling(source(exchange.site))["se"]
    assert first.status == "partial"
    assert "TOCSIN_STACKEXCHANGE__KEY" in str(first.detail)
    asked = len(exchange.site.asked)
    assert asked == 6
    assert crawling.number("SELECT count(*) FROM gaps WHERE closed_at IS NULL") == 1
    second = crawling(source(exchange.site))["se"]
    assert (len(exchange.site.asked), second.requests) == (asked, 0)
    memory = Memory(crawling.cache)
    for name, held in memory.keys(SHARED, "stackexchange").items():
        memory.remember(SHARED, [(f"stackexchange{name}", {**held, "day": "2001-01-01"})])
    memory.close()
    exchange.most, exchange.used = 300, 0
    third = crawling(source(exchange.site))["se"]
    assert third.status == "ok"
    assert crawling.number("SELECT count(*) FROM posts") == 40
    assert crawling.number("SELECT count(*) FROM gaps WHERE closed_at IS NULL") == 0


def test_backoff_is_obeyed_before_the_next_request(exchange: Exchange, crawling: Crawling) -> None:
    exchange.question(1)
    exchange.backoff = 1
    assert crawling(source(exchange.site))["se"].new == 1
    first, second = (asked.at for asked in exchange.site.asked[:2])
    assert second - first >= 0.95


def test_a_long_throttle_stops_the_source_until_another_day(exchange: Exchange, crawling: Crawling) -> None:
    error = {"error_id": 502, "error_name": "throttle_violation"}
    error |= {"error_message": "too many requests from this IP, more requests available in 43210 seconds"}
    answer = json_answer(error)
    answer.status = 400
    exchange.refuse = lambda _: answer
    covered = crawling(source(exchange.site))["se"]
    assert covered.status == "failed"
    assert "quota" in str(covered.detail)
    crawling(source(exchange.site))
    assert len(exchange.site.asked) == 1


def test_a_short_throttle_is_waited_for_and_the_request_sent_again(exchange: Exchange, crawling: Crawling) -> None:
    exchange.question(1)
    error = {"error_id": 502, "error_name": "throttle_violation", "error_message": "more available in 1 seconds"}
    answers = [Answer(json.dumps(error), status=400)]
    exchange.refuse = lambda asked: answers.pop() if answers and asked.path.endswith("questions") else None
    assert crawling(source(exchange.site))["se"].new == 1


def test_one_unknown_site_does_not_stop_the_other(exchange: Exchange, crawling: Crawling) -> None:
    exchange.question(1)
    error = {"error_id": 400, "error_name": "bad_parameter", "error_message": f"site and {KEY}"}
    exchange.refuse = lambda asked: (
        Answer(json.dumps(error), status=400) if asked.query.get("site") == ["nowhere"] else None
    )
    covered = crawling(source(exchange.site, communities=("nowhere", "pumps"), credentials={"key": KEY}))["se"]
    assert (covered.status, covered.new) == ("partial", 1)
    assert "nowhere: the API says bad_parameter" in str(covered.detail)


def test_the_key_is_sent_and_stays_out_of_coverage_and_memory(exchange: Exchange, crawling: Crawling) -> None:
    exchange.question(1)
    exchange.site.routes["/2.3/posts/1/comments"] = Answer(status=500)
    exchange.comment(1, 1)
    covered = crawling(source(exchange.site, credentials={"key": KEY}))["se"]
    assert covered.status == "partial"
    assert all(asked.query["key"] == [KEY] for asked in exchange.site.asked)
    assert KEY not in str(covered)
    held = b"".join(path.read_bytes() for path in crawling.cache.iterdir()) + crawling.path.read_bytes()
    assert b"secret" not in held
