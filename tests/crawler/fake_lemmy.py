"""An instance that answers like Lemmy 0.19 (or, with `cursors` off, like 0.18): lists, trees, single posts, search."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from conftest import Answer, Asked, Site, json_answer

NOW = datetime.now(UTC)


def stamp(age: float) -> str:
    return (NOW - timedelta(seconds=age)).strftime("%Y-%m-%dT%H:%M:%S.123456Z")


@dataclass
class Lemmy:
    """Posts and comments by number. `hurried`: every answer is a refusal."""

    site: Site
    cursors: bool = True
    hurried: bool = False
    posts: dict[int, dict[str, Any]] = field(default_factory=dict)
    comments: dict[int, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.site.fallback = self.answer

    def post(self, number: int, age: float = 600, community: str = "pumps", **more: Any) -> dict[str, Any]:
        post = {"id": number, "name": f"Post {number}", "body": f"Body of {number}", "removed": False}
        post |= {"published": stamp(age), "deleted": False, "ap_id": f"https://lemmy.example.test/post/{number}"}
        counts = {"post_id": number, "comments": 0, "score": 4, "upvotes": 5, "downvotes": 1}
        self.posts[number] = {
            "post": {**post, **more},
            "creator": self._creator(number),
            "community": {"name": community},
            "counts": counts,
        }
        return self.posts[number]

    def comment(self, number: int, post: int, age: float = 300, to: int | None = None, **more: Any) -> dict[str, Any]:
        path = f"{self.comments[to]['comment']['path'] if to else '0'}.{number}"
        comment = {"id": number, "post_id": post, "content": f"Comment *{number}*", "removed": False, "path": path}
        comment |= {"published": stamp(age), "deleted": False, "ap_id": f"https://x.test/comment/{number}"}
        self.comments[number] = {
            "comment": {**comment, **more},
            "creator": self._creator(number),
            "post": self.posts[post]["post"],
            "community": self.posts[post]["community"],
            "counts": {"comment_id": number, "upvotes": 2, "downvotes": 0, "child_count": 0},
        }
        self.posts[post]["counts"]["comments"] += 1
        return self.comments[number]

    def _creator(self, number: int) -> dict[str, Any]:
        local = number % 2 == 0
        host = "lemmy.example.test" if local else "other.test"
        return {"name": f"ann{number % 5}", "local": local, "actor_id": f"https://{host}/u/ann{number % 5}"}

    def delete_comment(self, number: int, *, shown: bool) -> None:
        view = self.comments[number] if shown else self.comments.pop(number)
        view["comment"] |= {"deleted": True, "content": ""}
        self.posts[view["comment"]["post_id"]]["counts"]["comments"] -= 1

    def answer(self, asked: Asked) -> Answer:
        query = {name: values[0] for name, values in asked.query.items()}
        path = asked.path.removeprefix("/api/v3/")
        if self.hurried:
            return Answer('{"error": "rate_limit_error"}', 400)
        if path == "search":
            return self._search(query)
        if path == "post/list":
            return self._posts(query)
        if path == "comment/list":
            rows = [view for view in self.comments.values() if query.get("post_id") in (None, str(view["post"]["id"]))]
            return json_answer({"comments": self._page(query, self._in(query, rows), "comment")})
        held = {"post": self.posts, "comment": self.comments}[path].get(int(query["id"]))
        if held is None:
            return Answer(json.dumps({"error": f"couldnt_find_{path}"}), 404)
        return json_answer({f"{path}_view": held})

    def _in(self, query: Mapping[str, str], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        name = query.get("community_name")
        assert query["type_"] == ("All" if name or "post_id" in query else "Local")
        return [view for view in rows if name in (None, view["community"]["name"])]

    def _page(self, query: Mapping[str, str], rows: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
        assert query["limit"] == "50"
        rows = sorted(rows, key=lambda view: view[kind]["published"], reverse=query["sort"] == "New")
        start = 50 * (int(query.get("page", "1")) - 1)
        return rows[start : start + 50]

    def _posts(self, query: Mapping[str, str]) -> Answer:
        rows = self._in(query, [view for view in self.posts.values() if not view["post"]["deleted"]])
        rows.sort(key=lambda view: view["post"]["published"], reverse=True)
        if not self.cursors:
            return json_answer({"posts": self._page(query, rows, "post")})
        numbers = [f"P{view['post']['id']:x}" for view in rows]
        start = numbers.index(query["page_cursor"]) + 1 if "page_cursor" in query else 0
        shown = rows[start : start + 50]
        return json_answer({"posts": shown, "next_page": numbers[start + len(shown) - 1] if shown else None})

    def _search(self, query: Mapping[str, str]) -> Answer:
        words = query["q"].lower()
        found = {
            "Posts": [view for view in self.posts.values() if words in json.dumps(view["post"]).lower()],
            "Comments": [view for view in self.comments.values() if words in view["comment"]["content"].lower()],
        }[query["type_"]]
        shown = self._page(query, found, query["type_"][:-1].lower())
        return json_answer({"type_": query["type_"], "posts": [], "comments": [], query["type_"].lower(): shown})
