from __future__ import annotations

import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

from conftest import Answer, Asked, Crawling, Route, Site, feed_of, json_answer

from crawler.plan import SourcePlan

NOW = datetime.now(UTC).replace(microsecond=0)


def feed_source(site: Site, **changes: Any) -> SourcePlan:
    return SourcePlan("blog", "feed", f"{site.url}/feed", allow_private=True, **changes)


def entry(number: int, **more: Any) -> dict[str, Any]:
    return {"id": f"e{number}", "date": NOW - timedelta(minutes=number), "text": f"words {number}", **more}


def paged(site: Site, entries: list[dict[str, Any]], room: int) -> Route:
    """Serve a feed in pages that name the next one; an unchanged page is a 304."""

    def page(asked: Asked) -> Answer:
        number = int(asked.query.get("page", ["1"])[0])
        answer = feed_of(entries[(number - 1) * room : number * room])
        address = f"{site.url}/feed?page={number + 1}"
        follow = f"<atom:link xmlns:atom='http://www.w3.org/2005/Atom' rel='next' href='{address}'/>"
        more = follow if number * room < len(entries) else ""
        body = str(answer.body).replace("<title>Feed</title>", "<title>Feed</title>" + more)
        return Answer(body, headers={"ETag": f'"{zlib.crc32(body.encode())}"'}, content_type=answer.content_type)

    return page


def test_entries_are_threads_and_their_comments_posts_of_them(site: Site, crawling: Crawling) -> None:
    comments = f"{site.url}/e1/comments"
    site.routes["/feed"] = feed_of([entry(1, comments=comments, count=2, author="Ann"), entry(2, count=0)])
    site.routes["/e1/comments"] = feed_of([{"id": "c1", "text": "one"}, {"id": "c2", "text": "two"}])
    assert crawling(feed_source(site))["blog"].status == "ok"
    with crawling.open() as store:
        rows = [tuple(row) for row in store.rows("SELECT id, thread_id, parent_id, dated FROM posts ORDER BY id")]
    assert rows == [
        ("blog:c1", "blog:e1", "blog:e1", 0),
        ("blog:c2", "blog:e1", "blog:e1", 0),
        ("blog:e1", "blog:e1", None, 1),
        ("blog:e2", "blog:e2", None, 1),
    ]


def test_an_unchanged_feed_costs_one_304_and_still_finds_new_comments(site: Site, crawling: Crawling) -> None:
    comments = f"{site.url}/e1/comments"
    feed = feed_of([entry(1, comments=comments)])
    site.routes["/feed"] = Answer(feed.body, headers={"ETag": '"a"'}, content_type=feed.content_type)
    site.routes["/e1/comments"] = feed_of([{"id": "c1", "text": "one"}])
    crawling(feed_source(site))
    site.asked.clear()
    site.routes["/e1/comments"] = feed_of([{"id": "c2", "text": "two"}, {"id": "c1", "text": "one"}])
    covered = crawling(feed_source(site))["blog"]
    assert [asked.status for asked in site.asked if asked.path == "/feed"] == [304]
    assert (covered.new, covered.changed, covered.seen) == (1, 0, 2)


def test_late_and_same_second_entries_are_kept(site: Site, crawling: Crawling) -> None:
    site.routes["/feed"] = feed_of([entry(5), entry(6)])
    crawling(feed_source(site))
    # Both are older than the newest known entry; one shares its second.
    late = {"id": "late", "date": NOW - timedelta(days=2), "text": "approved late"}
    twin = {"id": "twin", "date": NOW - timedelta(minutes=5), "text": "same second"}
    site.routes["/feed"] = feed_of([entry(5), twin, entry(6), late])
    assert crawling(feed_source(site))["blog"].new == 2
    assert crawling.ids() == ["blog:e5", "blog:e6", "blog:late", "blog:twin"]


def test_twelve_hundred_posts_between_two_runs_are_all_kept(site: Site, crawling: Crawling) -> None:
    site.routes["/feed"] = feed_of([entry(2_000)])
    crawling(feed_source(site))
    site.routes["/feed"] = paged(site, [*(entry(number) for number in range(1_200)), entry(2_000)], 300)
    covered = crawling(feed_source(site))["blog"]
    assert covered.new == 1_200
    assert crawling.number("SELECT count(*) FROM posts") == 1_201
    assert covered.requests < 10, "the paging stops where everything is known"


def test_a_budget_that_ends_between_two_pages_leaves_no_hole(site: Site, crawling: Crawling) -> None:
    old = [entry(number) for number in range(2_000, 2_020)]
    site.routes["/feed"] = paged(site, old, 10)
    crawling(feed_source(site))
    fresh = [entry(number) for number in range(100, 160)]
    site.routes["/feed"] = paged(site, [*fresh, *old], 10)
    assert crawling(feed_source(site, budget=3))["blog"].status == "partial"
    newest = [entry(number) for number in range(20)]
    site.routes["/feed"] = paged(site, [*newest, *fresh, *old], 10)
    runs = 1
    while crawling(feed_source(site, budget=5))["blog"].status != "ok":
        runs += 1
        assert runs < 8
    assert crawling.number("SELECT count(*) FROM posts") == 100


def test_comment_feeds_that_the_budget_left_over_are_read_next_time(site: Site, crawling: Crawling) -> None:
    entries = [entry(number, comments=f"{site.url}/c/{number}") for number in range(12)]
    site.routes["/feed"] = paged(site, entries, 4)
    site.fallback = lambda asked: (
        feed_of([{"id": asked.path, "text": "a comment"}]) if asked.path.startswith("/c/") else Answer(status=404)
    )
    for _ in range(4):
        crawling(feed_source(site, budget=6))
    assert crawling(feed_source(site))["blog"].status == "ok"
    assert crawling.number("SELECT count(*) FROM posts WHERE parent_id IS NOT NULL") == 12
    assert crawling.number("SELECT count(*) FROM sources WHERE first_crawl_finished_at IS NOT NULL") == 1


def test_a_feed_that_slipped_past_us_is_a_gap(site: Site, crawling: Crawling) -> None:
    site.routes["/feed"] = feed_of([entry(900)])
    crawling(feed_source(site))
    site.routes["/feed"] = feed_of([entry(number) for number in range(10)])
    covered = crawling(feed_source(site))["blog"]
    assert covered.status == "partial"
    assert crawling.number("SELECT count(*) FROM gaps WHERE closed_at IS NULL AND missing IS NULL") == 1


def test_a_feed_of_comments_hangs_them_on_the_page_they_link_to(site: Site, crawling: Crawling) -> None:
    items = [
        {"id": f"c{n}", "title": f"Comment on Prices rise by P{n}", "link": f"http://x.test/post/44/#comment-{n}"}
        for n in (1, 2)
    ]
    site.routes["/feed"] = feed_of(items)
    crawling(feed_source(site))
    with crawling.open() as store:
        assert [tuple(row) for row in store.rows("SELECT url, title FROM threads")] == [
            ("http://x.test/post/44/", "Prices rise")
        ]
        assert store.number("SELECT count(*) FROM posts WHERE parent_id IS NULL") == 2


def test_missing_comments_are_a_gap_until_they_are_found(site: Site, crawling: Crawling) -> None:
    comments = f"{site.url}/e1/comments"
    site.routes["/feed"] = feed_of([entry(1, comments=comments, count=3)])
    site.routes["/e1/comments"] = feed_of([{"id": "c1", "text": "one"}])
    assert crawling(feed_source(site))["blog"].status == "partial"
    assert crawling.number("SELECT missing FROM gaps WHERE closed_at IS NULL") == 2
    site.routes["/e1/comments"] = feed_of([{"id": f"c{n}", "text": f"text {n}"} for n in (1, 2, 3)])
    assert crawling(feed_source(site))["blog"].status == "ok"
    assert crawling.number("SELECT count(*) FROM gaps WHERE closed_at IS NULL") == 0


def test_edits_keep_the_earlier_text(site: Site, crawling: Crawling) -> None:
    site.routes["/feed"] = feed_of([entry(1)])
    crawling(feed_source(site))
    site.routes["/feed"] = feed_of([entry(1, text="other words")])
    assert crawling(feed_source(site))["blog"].changed == 1
    assert crawling.number("SELECT count(*) FROM earlier_texts WHERE text = 'words 1'") == 1


def test_odd_bytes_wrong_clocks_and_huge_posts_do_no_harm(site: Site, crawling: Crawling) -> None:
    future = {"id": "future", "date": NOW + timedelta(days=400), "text": "from tomorrow"}
    huge = {"id": "huge", "date": NOW, "text": "x" * 10_000_000}
    empty = {"id": "empty", "date": NOW, "text": "", "title": ""}
    answer = feed_of([future, huge, empty, entry(1)])
    assert isinstance(answer.body, str)
    broken = answer.body.encode().replace(b"words 1", b"caf\xe9 \xff words")
    site.routes["/feed"] = Answer(broken, content_type="application/rss+xml")
    covered = crawling(feed_source(site))["blog"]
    assert (covered.new, covered.dropped) == (3, 1)
    assert covered.detail is not None
    assert "empty text" in covered.detail
    assert crawling.number("SELECT dated FROM posts WHERE id = 'blog:future'") == 0
    assert crawling.number("SELECT length(text) FROM posts WHERE id = 'blog:huge'") == 100_000


def test_something_that_is_no_feed_is_a_failed_source_that_says_so(site: Site, crawling: Crawling) -> None:
    site.routes["/feed"] = Answer("<html><body>Please log in</body></html>")
    covered = crawling(feed_source(site))["blog"]
    assert covered.status == "failed"
    assert covered.detail is not None
    assert "/feed" in covered.detail


def test_json_feeds_are_followed_over_their_pages(site: Site, crawling: Crawling) -> None:
    def page(asked: Asked) -> Answer:
        number = int(asked.query.get("page", ["1"])[0])
        items = [{"id": f"j{number}-{n}", "content_text": f"words {number} {n}", "title": "T"} for n in range(3)]
        more = {"next_url": f"{site.url}/feed?page={number + 1}"} if number < 3 else {}
        return json_answer({"version": "https://jsonfeed.org/version/1.1", "title": "F", "items": items, **more})

    site.routes["/feed"] = page
    covered = crawling(feed_source(site))["blog"]
    assert (covered.status, covered.new) == ("ok", 9)


def test_what_the_retention_erased_does_not_come_back(site: Site, crawling: Crawling) -> None:
    comments = f"{site.url}/e1/comments"
    old = {"id": "old", "date": NOW - timedelta(days=20), "text": "long ago"}
    site.routes["/feed"] = feed_of([entry(1, comments=comments, count=2), old])
    ancient = {"id": "c1", "text": "one", "date": NOW - timedelta(days=20)}
    site.routes["/e1/comments"] = feed_of([ancient, {"id": "c2", "text": "two", "date": NOW}])
    covered = crawling(feed_source(site), keep_days=10)["blog"]
    assert crawling.ids() == ["blog:c2", "blog:e1"]
    assert covered.dropped == 0
