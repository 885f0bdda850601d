"""A GitHub on loopback, in the shape of docs.github.com/rest and /graphql."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from conftest import Answer, Asked, Site

NOW = datetime.now(UTC).replace(microsecond=0)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def stamp(age: timedelta) -> str:
    return (NOW - age).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class GitHub:
    """Answers like api.github.com: lists by `since` with Link and ETag, single issues, a search, GraphQL."""

    site: Site
    page: int = 100
    issues: dict[int, dict[str, Any]] = field(default_factory=dict)
    comments: dict[int, dict[str, Any]] = field(default_factory=dict)
    talks: list[dict[str, Any]] = field(default_factory=list)
    refuse: Callable[[Asked], Answer | None] = lambda _: None

    def __post_init__(self) -> None:
        self.site.fallback = self.answer

    def issue(self, number: int, age: timedelta = DAY, **more: Any) -> None:
        where = f"{self.site.url}/acme/pump/issues/{number}"
        row = {"number": number, "title": f"Leak {number}", "body": f"Words {number} <!-- hint -->", "html_url": where}
        self.issues[number] = self._row(age) | row | {"comments": 0, "locked": False, **more}

    def comment(self, number: int, issue: int, age: timedelta = HOUR, **more: Any) -> None:
        api = f"{self.site.url}/repos/acme/pump/issues/{issue}"
        row = {"id": number, "issue_url": api, "html_url": f"{api}#{number}", "body": f"Reply {number}"}
        self.comments[number] = self._row(age) | row | more
        if issue in self.issues:
            self.issues[issue]["comments"] += 1
            self.issues[issue]["updated_at"] = max(self.issues[issue]["updated_at"], stamp(age))

    def _row(self, age: timedelta) -> dict[str, Any]:
        reactions = {"total_count": 4, "+1": 2, "-1": 1, "heart": 1, "eyes": 5}
        user = {"login": "ann", "type": "User"}
        return {"created_at": stamp(age), "updated_at": stamp(age), "user": user, "reactions": reactions}

    def answer(self, asked: Asked) -> Answer:
        if refused := self.refuse(asked):
            return refused
        if asked.path == "/graphql":
            return self._graphql(asked)
        if asked.path == "/search/issues":
            return self._search(asked)
        if not asked.path.startswith("/repos/acme/pump/"):
            return Answer("{}", status=404)
        path = asked.path.removeprefix("/repos/acme/pump/")
        if found := re.fullmatch(r"issues/(\d+)(/comments)?", path):
            return self._single(asked, int(found[1]), comments=bool(found[2]))
        rows = [row for row in self._rows(path).values() if row["updated_at"] >= asked.query["since"][0]]
        return self._list(asked, sorted(rows, key=lambda row: row["updated_at"]))

    def _single(self, asked: Asked, number: int, *, comments: bool) -> Answer:
        if comments:
            return self._list(asked, [row for row in self.comments.values() if _issue(row) == number])
        return _json(self.issues[number]) if number in self.issues else Answer("{}", status=404)

    def _rows(self, path: str) -> dict[int, dict[str, Any]]:
        return self.issues if path == "issues" else self.comments

    def _list(
        self, asked: Asked, rows: list[dict[str, Any]], shape: Callable[[Any], Any] = lambda rows: rows
    ) -> Answer:
        page = int(asked.query.get("page", ["1"])[0])
        shown = rows[(page - 1) * self.page : page * self.page]
        headers = {"ETag": f'W/"{hashlib.sha256(json.dumps([page, shown]).encode()).hexdigest()}"'}
        if len(rows) > page * self.page:
            query = "&".join(f"{key}={value[0]}" for key, value in asked.query.items() if key != "page")
            headers["Link"] = f'<{self.site.url}{asked.path}?{query}&page={page + 1}>; rel="next"'
        return _json(shape(shown), **headers)

    def _search(self, asked: Asked) -> Answer:
        words = asked.query["q"][0]
        since = re.findall(r"updated:>=(\S+)", words)[0]
        rows = [row for row in self.issues.values() if row["updated_at"] >= since and "is:issue" in words]
        found = [row for row in rows if words.split(" ")[0] in row["title"].lower()]
        return self._list(asked, found, lambda rows: {"total_count": len(found), "items": rows})

    def _graphql(self, asked: Asked) -> Answer:
        sent = json.loads(asked.body or b"{}")
        after = int(sent["variables"].get("after") or 0)
        if "replies(first: 100" in sent["query"]:
            node = next(node for talk in self.talks for node in talk["all"] if node["id"] == sent["variables"]["id"])
            return _json({"data": {"node": {"replies": _connection(node["all"], after, 100)}}})
        if "node(id" in sent["query"]:
            talk = next(talk for talk in self.talks if talk["id"] == sent["variables"]["id"])
            return _json({"data": {"node": {"comments": self._comments(talk, after)}}})
        shown = sorted(self.talks, key=lambda talk: talk["updatedAt"], reverse=True)
        nodes = [{**talk, "all": None, "comments": self._comments(talk, 0)} for talk in shown]
        return _json({"data": {"repository": {"discussions": _connection(nodes, after, 10)}}})

    def _comments(self, talk: dict[str, Any], after: int) -> dict[str, Any]:
        nodes = [{**node, "all": None, "replies": _connection(node["all"], 0, 25)} for node in talk["all"]]
        return _connection(nodes, after, 50)

    def talk(self, number: int, comments: int, replies: int = 0, age: timedelta = DAY) -> None:
        nodes = [
            {
                **_node(number * 10_000 + row),
                "all": [_node(number * 10_000 + 1_000 + reply) for reply in range(replies)],
            }
            for row in range(comments)
        ]
        head = {"id": f"D{number}", "number": number, "title": "How to prime it", "updatedAt": stamp(age), "all": nodes}
        url = f"{self.site.url}/acme/pump/discussions/{number}"
        self.talks.append({**_node(number), **head, "createdAt": stamp(age), "url": url})


def _node(number: int) -> dict[str, Any]:
    groups = [
        {"content": "THUMBS_DOWN", "reactors": {"totalCount": 3}},
        {"content": "EYES", "reactors": {"totalCount": 1}},
    ]
    author = {"__typename": "User", "login": "ben"}
    row = {
        "id": f"N{number}",
        "databaseId": number,
        "body": f"Said {number}",
        "createdAt": stamp(HOUR),
        "author": author,
    }
    return {**row, "lastEditedAt": None, "deletedAt": None, "upvoteCount": 2, "reactionGroups": groups, "url": None}


def _connection(nodes: list[dict[str, Any]], after: int, first: int) -> dict[str, Any]:
    end = after + first
    info = {"hasNextPage": len(nodes) > end, "endCursor": str(end)}
    return {"totalCount": len(nodes), "pageInfo": info, "nodes": nodes[after:end]}


def _issue(row: dict[str, Any]) -> int:
    return int(row["issue_url"].rsplit("/", 1)[-1])


def _json(value: object, **headers: str) -> Answer:
    return Answer(json.dumps(value), headers=headers, content_type="application/json; charset=utf-8")
