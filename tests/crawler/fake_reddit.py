"""Reddit's OAuth API on loopback, in the shape of https://www.reddit.com/dev/api."""

from __future__ import annotations

import base64
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from conftest import Answer, Asked, Site, json_answer

NOW = int(time.time())


def listing(things: list[dict[str, Any]], after: str | None = None) -> dict[str, Any]:
    return {"kind": "Listing", "data": {"children": things, "after": after}}


class OneAtOnce:
    """Tells whoever comes in while another is inside that there is no room."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free = True

    def __enter__(self) -> bool:
        self._free = self._lock.acquire(blocking=False)
        return self._free

    def __exit__(self, *_: object) -> None:
        if self._free:
            self._lock.release()


@dataclass
class Reddit:
    """Answers like oauth.reddit.com: a token that lives for `lives` requests, pages by `after`, `more` stubs."""

    site: Site
    lives: int = 1_000
    tokens: int = 0
    used: int = 0
    posts: list[dict[str, Any]] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    vanished: set[str] = field(default_factory=set)
    searched: int = 1_000
    at_once: OneAtOnce = field(default_factory=OneAtOnce)

    def __post_init__(self) -> None:
        self.site.fallback = self.answer

    def post(self, name: str, age: int = 600, **more: Any) -> None:
        row = {"id": name, "title": f"Post {name}", "selftext": "words", "author": "ann", "score": 3, "edited": False}
        row |= {"created_utc": NOW - age, "permalink": f"/r/pumps/comments/{name}/p/", "num_comments": 0, **more}
        self.posts.append(row)

    def comment(self, name: str, post: str, parent: str | None = None, **more: Any) -> None:
        row = {"id": name, "body": f"comment {name}", "author": "bob", "score": 1, "link_id": f"t3_{post}"}
        row |= {"created_utc": NOW - 60, "edited": False, "parent_id": parent or f"t3_{post}", **more}
        self.comments.append(row)
        next(each for each in self.posts if each["id"] == post)["num_comments"] += 1

    def answer(self, asked: Asked) -> Answer:  # noqa: PLR0911 # one return a route
        if asked.path == "/api/v1/access_token":
            pair = base64.b64encode(b"app:hush-hush").decode()
            if asked.headers["Authorization"] != f"Basic {pair}" or asked.body != b"grant_type=client_credentials":
                return Answer(status=401)
            self.tokens, self.used = self.tokens + 1, 0
            return json_answer({"access_token": f"tok{self.tokens}", "expires_in": 3600})
        self.used += 1
        if asked.headers.get("Authorization") != f"Bearer tok{self.tokens}" or self.used > self.lives:
            return Answer(status=401)
        if asked.path.endswith("/new") or asked.path == "/search":
            return self.page(asked)
        if asked.path == "/api/info":
            wanted = asked.query["id"][0].split(",")
            things = [self.t3(each) for each in self.posts if f"t3_{each['id']}" in wanted]
            things += [{"kind": "t1", "data": each} for each in self.comments if f"t1_{each['id']}" in wanted]
            return json_answer(listing(things))
        if asked.path == "/api/morechildren":
            with self.at_once as free:
                if not free:
                    return Answer(status=400)
                time.sleep(0.05)
            wanted = asked.query["children"][0].split(",")
            things = [{"kind": "t1", "data": each} for each in self.comments if each["id"] in wanted]
            return json_answer({"json": {"errors": [], "data": {"things": things}}})
        return self.discussion(asked.path.split("/")[2])

    def t3(self, row: dict[str, Any]) -> dict[str, Any]:
        return {"kind": "t3", "data": row}

    def page(self, asked: Asked) -> Answer:
        rows = sorted(self.posts, key=lambda each: -each["created_utc"])
        start = int(asked.query.get("after", ["0"])[0])
        after = str(start + 100) if start + 100 < min(len(rows), self.searched) else None
        rows = rows[: self.searched]
        return json_answer(listing([self.t3(each) for each in rows[start : start + 100]], after))

    def discussion(self, name: str) -> Answer:
        tree = self.below(f"t3_{name}")
        post = next(each for each in self.posts if each["id"] == name)
        return json_answer([listing([self.t3(post)]), listing(tree)])

    def below(self, parent: str) -> list[dict[str, Any]]:
        rows = [each for each in self.comments if each["parent_id"] == parent and each["id"] not in self.vanished]
        shown = [each for each in rows if each["id"] not in self.hidden]
        things: list[dict[str, Any]] = []
        for each in shown:
            inner = self.below(f"t1_{each['id']}")
            things.append({"kind": "t1", "data": {**each, "replies": listing(inner) if inner else ""}})
        if kept := [each["id"] for each in rows if each["id"] in self.hidden]:
            more = {"children": kept, "count": len(kept), "parent_id": parent, "id": kept[0]}
            things.append({"kind": "more", "data": more})
        return things
