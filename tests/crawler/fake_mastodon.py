"""An instance that answers like Mastodon 4.3: snowflake-like ids, Link headers, trees cut short for visitors."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from conftest import Answer, Asked, Site, json_answer

NOW = datetime.now(UTC)


def stamp(age: float) -> str:
    return (NOW - timedelta(seconds=age)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


@dataclass
class Instance:
    """Statuses by id, `room` a page. `batches`: it knows `statuses?id[]=`; `locked`: lists need a token."""

    site: Site
    room: int = 40
    batches: bool = True
    locked: bool = False
    statuses: dict[str, dict[str, Any]] = field(default_factory=dict)
    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.site.fallback = self.answer

    def post(self, number: int, age: float = 600, to: int | None = None, **more: Any) -> dict[str, Any]:
        author = more.pop("author", f"ann{number % 7}")
        tags = more.pop("tags", () if to else ("pumps",))
        self.statuses[str(number)] = {
            "id": str(number),
            "created_at": stamp(age),
            "in_reply_to_id": str(to) if to else None,
            "spoiler_text": "",
            "visibility": "public",
            "url": f"https://social.example.test/@{author}/{number}",
            "replies_count": 0,
            "reblogs_count": 2,
            "favourites_count": 3,
            "edited_at": None,
            "content": f"<p>Words number {number}</p>",
            "reblog": None,
            "account": {"id": f"9{author}", "acct": author, "followers_count": 7},
            "media_attachments": [],
            "tags": [{"name": tag} for tag in tags],
            **more,
        }
        if to and str(to) in self.statuses and more.get("visibility", "public") in ("public", "unlisted"):
            self.statuses[str(to)]["replies_count"] += 1
        return self.statuses[str(number)]

    def delete(self, number: int) -> None:
        gone = self.statuses.pop(str(number))
        if (parent := gone["in_reply_to_id"]) in self.statuses:
            self.statuses[parent]["replies_count"] -= 1
        for status in self.statuses.values():
            if status["in_reply_to_id"] == str(number):
                status["in_reply_to_id"] = None

    def answer(self, asked: Asked) -> Answer:
        path = asked.path.removeprefix("/api/v1/")
        known = "Bearer letmein" in asked.headers.get("Authorization", "")
        if found := re.fullmatch(r"timelines/tag/(.+)", path):
            if self.locked and not known:
                return Answer('{"error": "This method requires an authenticated user"}', 422)
            rows = [row for row in self.statuses.values() if found[1] in [tag["name"] for tag in row["tags"]]]
            return self._list(asked, [row for row in rows if row["visibility"] == "public" or known])
        if path == "accounts/lookup":
            account = self.accounts.get(asked.query["acct"][0])
            return json_answer(account) if account else Answer(status=404)
        if found := re.fullmatch(r"accounts/(.+)/statuses", path):
            rows = [row for row in self.statuses.values() if row["account"]["id"] == found[1]]
            return self._list(asked, rows)
        return self._statuses(asked, path, known)

    def _statuses(self, asked: Asked, path: str, known: bool) -> Answer:
        if path == "statuses" and self.batches:
            wanted = asked.query["id[]"]
            assert len(wanted) <= 20
            return json_answer([self.statuses[native] for native in wanted if native in self.statuses])
        found = re.fullmatch(r"statuses/(\d+)(/context)?", path)
        if not found or found[1] not in self.statuses:
            return Answer(status=404)
        return self._context(found[1], known) if found[2] else json_answer(self.statuses[found[1]])

    def _list(self, asked: Asked, rows: list[dict[str, Any]]) -> Answer:
        below = int(asked.query.get("max_id", [10**18])[0])
        rows = sorted((row for row in rows if int(row["id"]) < below), key=lambda row: -int(row["id"]))
        shown = rows[: min(self.room, int(asked.query.get("limit", ["20"])[0]))]
        links = {}
        if shown:
            base = f"http://elsewhere.test{asked.path}?limit=40"
            links["Link"] = f'<{base}&min_id={shown[0]["id"]}>; rel="prev"'
            if len(shown) < len(rows):
                links["Link"] = f'<{base}&max_id={shown[-1]["id"]}>; rel="next", ' + links["Link"]
        return json_answer(shown, **links)

    def _context(self, native: str, known: bool) -> Answer:
        above = []
        parent = self.statuses[native]["in_reply_to_id"]
        while parent in self.statuses and len(above) < (4096 if known else 40):
            above.insert(0, self.statuses[parent])
            parent = self.statuses[parent]["in_reply_to_id"]
        below: list[dict[str, Any]] = []
        self._descend(native, below, 4096 if known else 20)
        shown = [row for row in below[: 4096 if known else 60] if row["visibility"] in ("public", "unlisted")]
        return json_answer({"ancestors": above, "descendants": shown})

    def _descend(self, native: str, found: list[dict[str, Any]], depth: int) -> None:
        for row in list(self.statuses.values()):
            if row["in_reply_to_id"] == native and depth:
                found.append(row)
                self._descend(row["id"], found, depth - 1)
