from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from conftest import Answer, Asked, Crawling, Site, feed_of, json_answer

from crawler.plan import SourcePlan

NOW = datetime.now(UTC).replace(microsecond=0)


class Blog:
    """A small WordPress: REST API that can be switched off, feeds that hold less."""

    def __init__(self, site: Site) -> None:
        self.site, self.rest = site, True
        self.posts: dict[int, dict[str, Any]] = {}
        self.comments: dict[int, dict[str, Any]] = {}
        self.uncounted = 0
        site.fallback = self.serve

    def post(self, number: int, *, days: float = 5, protected: bool = False) -> None:
        content = {"rendered": "" if protected else f"<p>Body {number}</p>", "protected": protected}
        self.posts[number] = self._row(number, days, title={"rendered": f"Title &amp; {number}"}, content=content)

    def comment(self, number: int, post: int, *, parent: int = 0, days: float = 4, kind: str = "comment") -> None:
        link = f"{self.site.url}/post-{post}/#comment-{number}"
        content = {"rendered": f"<p>Words {number}</p>"}
        row = self._row(number, days, post=post, parent=parent, author_name="Ann", content=content, type=kind)
        self.comments[number] = {**row, "link": link}

    def _row(self, number: int, days: float, **more: Any) -> dict[str, Any]:
        date = (NOW - timedelta(days=days)).replace(tzinfo=None).isoformat()
        link = f"{self.site.url}/post-{number}/"
        return {"id": number, "date_gmt": date, "modified_gmt": date, "link": link, **more}

    def serve(self, asked: Asked) -> Answer:
        if asked.path.startswith("/wp-json/wp/v2/") and self.rest:
            return self._listing(asked, asked.path.rpartition("/")[2])
        if asked.path == "/feed/" and "paged" not in asked.query:
            return feed_of([self._entry(row) for row in self.posts.values() if not row["content"]["protected"]])
        if asked.path == "/comments/feed/":
            return feed_of([self._reply(row) for row in self.comments.values()])
        return Answer(status=404)

    def _listing(self, asked: Asked, what: str) -> Answer:
        rows = list((self.posts if what == "posts" else self.comments).values())
        if "include" in asked.query:
            wanted = set(asked.query["include"][0].split(","))
            rows = [row for row in rows if str(row["id"]) in wanted]
        for name, keep in (("after", 1), ("before", -1)):
            if name in asked.query:
                bound = datetime.fromisoformat(asked.query[name][0]).replace(tzinfo=None).isoformat()
                rows = [row for row in rows if (row["date_gmt"] > bound) == (keep == 1) and row["date_gmt"] != bound]
        ascending = asked.query.get("order") == ["asc"]
        rows.sort(key=lambda row: row["id"] if ascending else row["date_gmt"], reverse=not ascending)
        page, size = int(asked.query.get("page", ["1"])[0]), int(asked.query.get("per_page", ["10"])[0])
        total = len(rows) + (self.uncounted if what == "comments" else 0)
        pages = -(-total // size)
        if page > max(pages, 1):
            return Answer('{"code": "rest_post_invalid_page_number"}', status=400)
        shown = rows[(page - 1) * size : page * size]
        return json_answer(shown, **{"X-WP-Total": str(total), "X-WP-TotalPages": str(pages)})

    def _entry(self, row: dict[str, Any]) -> dict[str, Any]:
        return {"id": row["link"], "link": row["link"], "title": f"Title {row['id']}", "date": NOW, "text": "summary"}

    def _reply(self, row: dict[str, Any]) -> dict[str, Any]:
        return {"id": row["link"], "link": row["link"], "title": "By: Ann", "date": NOW, "text": f"Words {row['id']}"}


@pytest.fixture
def blog(site: Site) -> Blog:
    return Blog(site)


def source(blog: Blog, **changes: Any) -> SourcePlan:
    return SourcePlan("wp", "wordpress", blog.site.url, allow_private=True, **changes)


def test_comments_form_a_tree_and_pingbacks_and_protected_posts_stay_out(blog: Blog, crawling: Crawling) -> None:
    blog.post(1)
    blog.post(2, protected=True)
    blog.comment(10, 1)
    blog.comment(11, 1, parent=10)
    blog.comment(12, 1, kind="pingback")
    covered = crawling(source(blog))["wp"]
    with crawling.open() as store:
        rows = [tuple(row) for row in store.rows("SELECT id, thread_id, parent_id, text FROM posts ORDER BY id")]
        assert store.number("SELECT count(*) FROM threads WHERE title = 'Title & 1'") == 1
    assert rows == [
        ("wp:c10", "wp:p1", "wp:p1", "Words 10"),
        ("wp:c11", "wp:p1", "wp:c10", "Words 11"),
        ("wp:p1", "wp:p1", None, "Body 1"),
    ]
    assert covered.dropped == 0


def test_a_comment_on_an_old_post_brings_the_post_along(blog: Blog, crawling: Crawling) -> None:
    blog.post(1, days=400)
    blog.comment(10, 1, days=1)
    crawling(source(blog))
    assert crawling.ids() == ["wp:c10", "wp:p1"]
    assert crawling.number("SELECT count(*) FROM threads WHERE title = 'Title & 1'") == 1


def test_twelve_hundred_comments_in_one_hour_are_all_kept(blog: Blog, crawling: Crawling) -> None:
    blog.post(1)
    crawling(source(blog))
    for number in range(1_200):
        blog.comment(100 + number, 1, days=0.5 + (number // 7) / 86_400)
    covered = crawling(source(blog))["wp"]
    assert (covered.status, covered.new) == ("ok", 1_200)


def test_late_approved_comments_and_edits_are_found_and_then_cost_nothing(blog: Blog, crawling: Crawling) -> None:
    blog.post(1, days=20)
    blog.comment(10, 1, days=15)
    blog.comment(11, 1, days=1)
    crawling(source(blog))
    blog.comment(9, 1, days=18)
    blog.comments[11]["content"] = {"rendered": "<p>changed my mind</p>"}
    blog.posts[1] |= {"content": {"rendered": "<p>corrected</p>"}, "modified_gmt": NOW.replace(tzinfo=None).isoformat()}
    second = crawling(source(blog))["wp"]
    assert (second.new, second.changed) == (1, 2)
    third = crawling(source(blog))["wp"]
    assert (third.new, third.changed, third.status) == (0, 0, "ok")
    assert third.requests < second.requests


def test_comments_that_the_site_counts_but_withholds_are_a_gap(blog: Blog, crawling: Crawling) -> None:
    blog.post(1)
    blog.comment(10, 1)
    blog.uncounted = 4
    assert crawling(source(blog))["wp"].status == "partial"
    assert crawling.number("SELECT missing FROM gaps WHERE closed_at IS NULL") == 4
    quiet = crawling(source(blog))["wp"]
    assert quiet.status == "ok", "a gap is told once; the table keeps it"
    for number in range(4):
        blog.comment(20 + number, 1)
    blog.uncounted = 0
    assert crawling(source(blog))["wp"].new == 4
    assert crawling.number("SELECT count(*) FROM gaps WHERE closed_at IS NULL") == 0


def test_without_the_api_its_feeds_are_read_and_nothing_is_doubled(blog: Blog, crawling: Crawling) -> None:
    blog.post(1)
    blog.comment(10, 1)
    crawling(source(blog))
    blog.rest = False
    blog.post(2)
    blog.comment(11, 1)
    covered = crawling(source(blog))["wp"]
    assert covered.status == "ok"
    assert "REST API is off" in str(covered.detail)
    assert crawling.ids() == ["wp:c10", "wp:c11", f"wp:{blog.site.url}/post-2/", "wp:p1"]
