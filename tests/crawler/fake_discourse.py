"""A forum that answers like Discourse, on loopback."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from conftest import Answer, Asked, Crawling, Site, json_answer

from crawler.plan import SourcePlan

NOW = datetime.now(UTC)
PAGE, LISTED, FOUND = 20, 30, 50


def at(hours: float) -> str:
    return (NOW - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


@dataclass
class Discourse:
    """Answers like Discourse: 20 posts a topic, the others by id, 30 topics a page, a search that ends at page 10."""

    site: Site
    topics: dict[int, dict[str, Any]] = field(default_factory=dict)
    posts: dict[int, dict[str, Any]] = field(default_factory=dict)
    withheld: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.site.fallback = self.answer

    def topic(self, number: int, age: float = 300, **more: Any) -> None:
        self.topics[number] = {
            "id": number,
            "title": f"Valve &amp; topic {number}",
            "slug": f"valve-topic-{number}",
            "created_at": at(age),
            "bumped_at": at(age),
            "views": 70 + number,
            "category_id": 5,
            "pinned": False,
            **more,
        }
        self.post(number * 1_000 + 1, number, age=age)

    def post(self, native: int, topic: int, age: float = 200, **more: Any) -> None:
        number = 1 + max([row["post_number"] for row in self.posts.values() if row["topic_id"] == topic], default=0)
        self.posts[native] = {
            "id": native,
            "topic_id": topic,
            "post_number": number,
            "post_type": 1,
            "username": f"user{native % 7}",
            "cooked": f"<p>Words of {native}</p>",
            "created_at": at(age),
            "updated_at": at(age),
            "version": 1,
            "reply_count": 0,
            "reply_to_post_number": None,
            "actions_summary": [],
            "hidden": False,
            **more,
        }
        if age < (NOW - datetime.fromisoformat(self.topics[topic]["bumped_at"])).total_seconds() / 3_600:
            self.topics[topic]["bumped_at"] = at(age)

    def shown(self, topic: int) -> dict[str, Any]:
        return {**self.topics[topic], "posts_count": len(self.rows(topic))}

    def rows(self, topic: int) -> list[dict[str, Any]]:
        return [row for row in self.posts.values() if row["topic_id"] == topic]

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/latest.json":
            return self.latest(asked, self.topics)
        if found := re.fullmatch(r"/c/support/5/l/latest.json", asked.path):
            return self.latest(asked, [key for key, row in self.topics.items() if row["category_id"] == 5])
        if asked.path == "/search.json":
            return self.search(asked)
        if (found := re.fullmatch(r"/t/(\d+)\.json", asked.path)) and int(found[1]) in self.topics:
            rows = self.rows(int(found[1]))
            stream = {"stream": [row["id"] for row in rows], "posts": rows[:PAGE]}
            return json_answer({**self.shown(int(found[1])), "post_stream": stream})
        if found := re.fullmatch(r"/t/(\d+)/posts\.json", asked.path):
            wanted = {int(native) for native in asked.query["post_ids[]"]} - self.withheld
            assert len(wanted) <= PAGE
            return json_answer({"post_stream": {"posts": [r for r in self.rows(int(found[1])) if r["id"] in wanted]}})
        return Answer(status=404)

    def latest(self, asked: Asked, wanted: Any) -> Answer:
        page = int(asked.query.get("page", ["0"])[0])
        rows = sorted(map(self.shown, wanted), key=lambda row: (row["pinned"], row["bumped_at"]), reverse=True)
        after = (page + 1) * LISTED
        shown: dict[str, Any] = {"per_page": LISTED, "topics": rows[page * LISTED : after]}
        if after < len(rows):
            shown["more_topics_url"] = f"/latest?no_definitions=true&page={page + 1}"
        return json_answer({"users": [], "topic_list": shown})

    def search(self, asked: Asked) -> Answer:
        terms, page = asked.query["q"][0], int(asked.query["page"][0])
        if page > 10:
            return Answer(status=400)
        before = re.search(r"before:(\S+)", terms)
        words = terms.split()[0].lower()
        rows = [
            row
            for row in self.posts.values()
            if words in row["cooked"].lower() and (before is None or row["created_at"][:10] < before[1])
        ]
        rows.sort(key=lambda row: row["created_at"], reverse=True)
        part = rows[(page - 1) * FOUND : page * FOUND]
        topics = [self.shown(number) for number in dict.fromkeys(row["topic_id"] for row in part)]
        told = {"more_full_page_results": True if page * FOUND < len(rows) else None}
        posts = [{key: row[key] for key in ("id", "topic_id", "post_number", "created_at")} for row in part]
        return json_answer({"posts": posts, "topics": topics, "grouped_search_result": told})


def source(site: Site, **changes: Any) -> SourcePlan:
    return SourcePlan("dc", "discourse", site.url, allow_private=True, **changes)


def open_gaps(crawling: Crawling) -> int:
    return crawling.number("SELECT count(*) FROM gaps WHERE closed_at IS NULL")
