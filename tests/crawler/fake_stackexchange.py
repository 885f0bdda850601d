"""A Stack Exchange API on loopback, in the shape of api.stackexchange.com/docs."""

from __future__ import annotations

import gzip
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from conftest import Answer, Asked, Site

from crawler.plan import SourcePlan

NOW = int(time.time())
DAY = 86_400


@dataclass
class Exchange:
    """Answers like api.stackexchange.com, packed: lists with `has_more`, quota and `backoff` in the wrapper."""

    site: Site
    page: int = 100
    most: int = 300
    used: int = 0
    backoff: int | None = None
    refuse: Callable[[Asked], Answer | None] = lambda _: None
    posts: dict[int, dict[str, Any]] = field(default_factory=dict)
    below: dict[int, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.site.fallback = self.answer

    def question(self, number: int, age: int = DAY, **more: Any) -> None:
        self.posts[number] = self._row(number, age) | {"question_id": number, "last_activity_date": NOW - age}
        self.posts[number] |= {"title": f"Why &amp; how {number}", "view_count": 50, **more}

    def reply(self, number: int, question: int, age: int = DAY // 2, **more: Any) -> None:
        self.posts[number] = self._row(number, age) | {"answer_id": number, "question_id": question, **more}
        active = self.posts[question]["last_activity_date"]
        self.posts[question]["last_activity_date"] = max(active, NOW - age)

    def comment(self, number: int, post: int, age: int = 3_600) -> None:
        self.below[number] = self._row(number, age) | {"comment_id": number, "post_id": post, "score": 2}

    def _row(self, number: int, age: int) -> dict[str, Any]:
        owner = {"user_id": number % 5, "display_name": f"O&#39;Neil {number % 5}"}
        votes = {"up_vote_count": 4, "down_vote_count": 1}
        link = f"https://pumps.stackexchange.com/{number}"
        return {"body": f"<p>Words of {number}</p>", "creation_date": NOW - age, "owner": owner, "link": link, **votes}

    def answer(self, asked: Asked) -> Answer:
        if refused := self.refuse(asked):
            return refused
        self.used += 1
        rows = [self._counted(row) for row in self._rows(asked)]
        page = int(asked.query.get("page", ["1"])[0])
        shown = rows[(page - 1) * self.page : page * self.page]
        wrapper: dict[str, Any] = {"items": shown, "has_more": len(rows) > page * self.page}
        wrapper |= {"quota_max": self.most, "quota_remaining": max(0, self.most - self.used)}
        wrapper |= {"backoff": self.backoff} if self.backoff else {}
        packed = gzip.compress(json.dumps(wrapper).encode())
        return Answer(packed, headers={"Content-Encoding": "gzip"}, content_type="application/json; charset=utf-8")

    def _rows(self, asked: Asked) -> list[dict[str, Any]]:
        path = asked.path.removeprefix("/2.3/")
        if path == "filters/create":
            return [{"filter": "!made", "included_fields": [], "filter_type": "safe"}]
        assert asked.query["filter"] == ["!made"]
        ids = {int(number) for number in re.findall(r"\d+", path)}
        if path in ("questions", "search/advanced"):
            low, high = (int(asked.query[bound][0]) for bound in ("min", "max"))
            found = [row for row in self.posts.values() if low <= row.get("last_activity_date", 0) <= high]
            return sorted(found, key=lambda row: -row["last_activity_date"])
        if path.endswith("/comments"):
            return [row for row in self.below.values() if row["post_id"] in ids]
        if path.endswith("/answers"):
            return [row for row in self.posts.values() if "answer_id" in row and row["question_id"] in ids]
        return [row for number, row in self.posts.items() if number in ids and "answer_id" not in row]

    def _counted(self, row: dict[str, Any]) -> dict[str, Any]:
        number = row.get("answer_id") or row.get("question_id")
        answers = [post for post in self.posts.values() if "answer_id" in post and post["question_id"] == number]
        comments = [found for found in self.below.values() if found["post_id"] == number]
        return {"answer_count": len(answers), "comment_count": len(comments), **row}


def source(site: Site, **changes: Any) -> SourcePlan:
    where = {"communities": ("pumps",), **changes}
    return SourcePlan("se", "stackexchange", f"{site.url}/2.3", allow_private=True, **where)
