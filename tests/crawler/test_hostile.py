"""Sources that mean harm: a clear row in coverage, nothing lost, and the crawling process stays small."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from conftest import Answer, Asked, Crawling, Site, feed_of, json_answer

from crawler.plan import SourcePlan
from tocsin.store.records import Coverage

NOW = datetime.now(UTC).replace(microsecond=0)
PEAK_KIB = 500 * 1024
GIBIBYTE = 1024**3
ENTRY = {"id": "e1", "date": NOW - timedelta(hours=1), "text": "an honest word"}


def source(site: Site, kind: Any = "feed", path: str = "/feed", name: str = "s", **changes: Any) -> SourcePlan:
    return SourcePlan(name, kind, site.url + path, **{"allow_private": True, **changes})


@pytest.fixture
def small(crawling: Crawling) -> Iterator[Crawling]:
    """A crawling whose children must have stayed under 500 MB at their peak, as the kernel measured it."""
    yield crawling
    assert 0 < crawling.nursery.peak_kib < PEAK_KIB


def endless(total: int) -> Iterator[bytes]:
    block = b"<p>words and words</p>" * 3_000
    sent = 0
    while sent < total:
        yield block
        sent += len(block)


def said(covered: Coverage, *words: str) -> bool:
    return covered.detail is not None and all(word in covered.detail for word in words)


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_of_a_gibibyte_is_cut_off_and_named(site: Site, small: Crawling, declared: bool) -> None:
    sent: list[int] = []

    def counted() -> Iterator[bytes]:
        for block in endless(GIBIBYTE):
            sent.append(len(block))
            yield block

    site.routes["/feed"] = Answer(stream=counted, length=GIBIBYTE if declared else None)
    covered = small(source(site))["s"]
    assert covered.status == "failed"
    assert said(covered, "too large")
    assert sum(sent) < 100 * 1024 * 1024, "the rest was not even taken"


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_compression_bomb_is_not_unfolded(site: Site, small: Crawling, coding: str) -> None:
    plain = bytes(200 * 1024 * 1024)
    bomb = gzip.compress(plain, 9) if coding == "gzip" else zlib.compress(plain, 9)
    site.routes["/feed"] = Answer(bomb, headers={"Content-Encoding": coding})
    site.routes["/good"] = feed_of([ENTRY])
    covered = small(source(site), source(site, path="/good", name="good"))
    assert covered["s"].status == "failed"
    assert said(covered["s"], "too large")
    assert (covered["good"].status, covered["good"].new) == ("ok", 1)


def test_a_name_that_stands_for_loopback_is_refused(site: Site, small: Crawling) -> None:
    port = site.url.rpartition(":")[2]
    names = ("localhost", "[::1]", "2130706433", "0x7f000001", "127.1")
    plans = [SourcePlan(f"n{place}", "feed", f"http://{name}:{port}/feed") for place, name in enumerate(names)]
    covered = small(*plans)
    assert site.asked == []
    assert all(one.status in ("refused", "failed") and one.detail for one in covered.values())
    assert said(covered["n0"], "private address", "allow_private")


@pytest.mark.parametrize("target", ["http://127.0.0.2/x", "http://[::1]/x", "http://169.254.169.254/latest/meta-data"])
def test_a_redirect_into_a_private_network_is_refused(site: Site, small: Crawling, target: str) -> None:
    site.routes["/robots.txt"] = Answer("")
    site.routes["/feed"] = Answer(status=302, headers={"Location": target})
    covered = small(source(site, allow_private=False), public=["127.0.0.1"])["s"]
    assert covered.status == "refused"
    assert said(covered, "private address")


def test_a_redirect_to_a_file_is_not_followed(site: Site, small: Crawling) -> None:
    site.routes["/feed"] = Answer(status=302, headers={"Location": "file:///etc/passwd"})
    covered = small(source(site))["s"]
    assert (covered.status, covered.seen) == ("failed", 0)


def test_an_endless_calendar_of_a_feed_ends_and_its_entries_are_kept_once(site: Site, small: Crawling) -> None:
    def calendar(asked: Asked) -> Answer:
        page = int(asked.query.get("page", ["1"])[0])
        answer = feed_of([{**ENTRY, "id": f"e{min(page, 3)}"}])
        link = f"<atom:link xmlns:atom='http://www.w3.org/2005/Atom' rel='next' href='/feed?page={page + 1}'/>"
        return Answer(str(answer.body).replace("</title>", f"</title>{link}", 1), content_type=answer.content_type)

    site.routes["/feed"] = calendar
    covered = small(source(site, budget=50))["s"]
    assert (covered.status, covered.new) == ("ok", 3)
    assert covered.requests < 10


def test_a_calendar_that_is_always_new_ends_with_the_budget_and_says_so(site: Site, small: Crawling) -> None:
    def calendar(asked: Asked) -> Answer:
        page = int(asked.query.get("page", ["1"])[0])
        answer = feed_of([{**ENTRY, "id": f"e{page}"}])
        link = f"<atom:link xmlns:atom='http://www.w3.org/2005/Atom' rel='next' href='/feed?page={page + 1}'/>"
        return Answer(str(answer.body).replace("</title>", f"</title>{link}", 1), content_type=answer.content_type)

    site.routes["/feed"] = calendar
    covered = small(source(site, budget=30))["s"]
    assert covered.status == "partial"
    assert covered.requests == 30
    assert said(covered, "budget of 30 requests")


def test_a_login_wall_is_a_clear_row(site: Site, small: Crawling) -> None:
    site.routes["/robots.txt"] = Answer("")
    wall = (
        "<html><head><title>Log in</title></head><body><form><input type='password'></form>Please log in.</body></html>"
    )
    site.routes["/board"] = Answer(status=302, headers={"Location": "/login?next=/board"})
    site.routes["/login"] = Answer(wall)
    site.routes["/shut"] = Answer(wall, status=401)
    site.routes["/feed"] = Answer(wall)
    covered = small(
        source(site, "forum", "/board", "redirected"),
        source(site, "forum", "/shut", "shut"),
        source(site, "feed", "/feed", "feed"),
    )
    assert {name: one.status for name, one in covered.items()} == dict.fromkeys(covered, "failed")
    assert said(covered["redirected"], "asks for a login")
    assert said(covered["shut"], "401")
    assert said(covered["feed"], "asks for a login")


def test_broken_encodings_control_characters_and_markup_never_stop_the_others(site: Site, small: Crawling) -> None:
    rows = [
        {"id": "a", "text": "caf\udce9", "date": NOW},
        {"id": "b", "text": "nul \\x00 bell \x07 escape \x1b[31m end", "date": NOW},
        {"id": "c", "text": "&lt;script&gt;alert(1)&lt;/script&gt;&lt;b&gt;bold&lt;/b&gt; words", "date": NOW},
        {
            "id": "d",
            "title": "&lt;img src=x onerror=alert(1)&gt;title",
            "author": "&lt;i&gt;Ann&lt;/i&gt;",
            "text": "d words",
        },
        {"id": "&lt;b&gt;e&lt;/b&gt;", "text": "e words", "link": "javascript:alert(1)"},
    ]
    answer = feed_of(rows)
    site.routes["/feed"] = Answer(str(answer.body).encode("utf-8", "surrogateescape"), content_type=answer.content_type)
    covered = small(source(site))["s"]
    assert (covered.status, covered.new) == ("ok", 5)
    with small.open() as store:
        for row in store.rows("SELECT text, url, handle FROM posts LEFT JOIN authors ON authors.id = author_id"):
            row["text"].encode("utf-8")
            assert not any(ord(sign) < 32 and sign not in "\n\t" for sign in row["text"])
            assert "<script" not in row["text"]
            assert not (row["url"] or "").startswith("javascript")


def test_api_rows_with_markup_and_wrong_types_in_every_field_lose_only_themselves(site: Site, small: Crawling) -> None:
    bad: list[Any] = ["<b>x</b>", None, [], {}, -1, 1e308, True, {"rendered": ["x"]}]
    good = {
        "id": 7,
        "post": 1,
        "parent": 0,
        "author_name": "<b>Ann</b>",
        "date_gmt": (NOW - timedelta(hours=1)).replace(tzinfo=None).isoformat(),
        "link": f"{site.url}/p1#comment-7",
        "content": {"rendered": "<p>honest <b>words</b></p>"},
        "type": "comment",
    }
    rows = [{**good, "id": 100 + place * 10 + at, field: value}
            for place, value in enumerate(bad) for at, field in enumerate(good) if field != "id"]  # fmt: skip
    rows += [{**good, "id": value} for value in bad]

    def api(asked: Asked) -> Answer:
        if asked.path.endswith("/comments") and "include" not in asked.query:
            return json_answer([*rows[:60], good], **{"X-WP-Total": "61"})
        return json_answer([], **{"X-WP-Total": "0"})

    site.fallback = api
    covered = small(source(site, "wordpress", "/"))["s"]
    assert covered.status in ("ok", "partial")
    with small.open() as store:
        row = store.row("SELECT text FROM posts WHERE id = 's:c7'")
    assert row is not None
    assert row["text"] == "honest words"


def test_a_hundred_thousand_nested_replies_are_all_kept(site: Site, small: Crawling) -> None:
    deep = 100_000
    began = int(NOW.timestamp()) - 3_600
    item = '{"id": %d, "text": "r %d", "author": "a%d", "created_at_i": %d, "parent_id": %d, "children": ['
    opening = '{"id": 1, "title": "deep", "text": "opening", "author": "a", "created_at_i": %d, "children": ['
    nested = opening % began + "".join(item % (n, n, n % 999, began + n // 100, n - 1) for n in range(2, deep + 2))
    story = {"objectID": "1", "title": "deep", "created_at_i": began, "num_comments": deep, "_tags": ["story"]}
    site.routes["/items/1"] = Answer(nested + "]}" * (deep + 1), content_type="application/json")
    site.routes["/search_by_date"] = json_answer({"hits": [story], "hitsPerPage": 1000})
    covered = small(source(site, "hackernews", "", query="deep"), minutes=2)["s"]
    assert (covered.status, covered.new) == ("ok", deep + 1)
    assert small.number("SELECT count(*) FROM posts WHERE parent_id IS NOT NULL") == deep


def test_a_clock_in_the_future_is_not_believed(site: Site, small: Crawling) -> None:
    site.routes["/feed"] = feed_of([{**ENTRY, "date": NOW + timedelta(days=9_000)}, {**ENTRY, "id": "e2"}])
    covered = small(source(site))["s"]
    assert covered.new == 2
    assert covered.newest_post_at == ENTRY["date"]
    assert small.number("SELECT count(*) FROM posts WHERE dated = 0 AND created_at <= ?", _soon()) == 1
    site.routes["/feed"] = feed_of([{**ENTRY, "id": "e3"}, {**ENTRY, "id": "e2"}])
    assert small(source(site))["s"].new == 1, "what is honest is not behind the wrong clock"


def _soon() -> str:
    return (datetime.now(UTC) + timedelta(minutes=5)).isoformat()


def test_ids_that_change_their_case_are_told_apart_or_matched_never_lost(site: Site, small: Crawling) -> None:
    entries = [{**ENTRY, "id": "AbC", "text": "first words"}, {**ENTRY, "id": "aBc", "text": "second words"}]
    site.routes["/feed"] = feed_of(entries)
    assert small(source(site))["s"].new == 2
    texts = {row for (row,) in map(tuple, _rows(small))}
    assert texts == {"first words", "second words"}


def _rows(crawling: Crawling) -> list[Any]:
    with crawling.open() as store:
        return store.rows("SELECT text FROM posts")


def test_json_of_a_million_brackets_is_a_clear_row(site: Site, small: Crawling) -> None:
    site.fallback = lambda _asked: Answer("[" * 1_000_000, content_type="application/json")
    site.routes["/robots.txt"] = Answer("")
    covered = small(
        source(site, "hackernews", "", "h", query="x"),
        source(site, "feed", "/f", "f"),
        source(site, "wordpress", "/", "w"),
    )
    assert all(one.status == "failed" and one.detail for one in covered.values())
    assert json.dumps([one.detail for one in covered.values()]).isascii()
