"""A server that answers like Bluesky's AppView: feeds by cursor, trees to a depth, search only with a session."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from conftest import Answer, Asked, Site, json_answer

NOW = datetime.now(UTC)
NOT_FOUND = {"error": "NotFound", "message": "Post not found"}


def stamp(age: float) -> str:
    return (NOW - timedelta(seconds=age)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def address(author: str, key: object) -> str:
    return f"at://did:plc:{author}/app.bsky.feed.post/{key}"


@dataclass
class AppView:
    """Posts by address. `depth`: levels of replies an answer shows at most."""

    site: Site
    depth: int = 1_000
    posts: dict[str, dict[str, Any]] = field(default_factory=dict)
    reposts: list[dict[str, Any]] = field(default_factory=list)
    followers: dict[str, int] = field(default_factory=dict)
    room: int = 100

    def __post_init__(self) -> None:
        self.site.fallback = self.answer

    def post(
        self, author: str, key: object, /, age: float = 600, to: str | None = None, text: str = "", **more: Any
    ) -> str:
        uri = address(author, key)
        record: dict[str, Any] = {"$type": "app.bsky.feed.post", "text": text or f"Words of {author} {key}"}
        record["createdAt"] = stamp(age)
        if to:
            above = self.posts[to]["record"].get("reply", {}).get("root", {"uri": to})
            record["reply"] = {"root": above, "parent": {"uri": to, "cid": "c"}}
            self.posts[to]["replyCount"] += 1
        self.posts[uri] = {
            "uri": uri,
            "cid": "c",
            "author": {"did": f"did:plc:{author}", "handle": f"{author}.example.test", "labels": []},
            "record": record,
            "replyCount": 0,
            "repostCount": 1,
            "likeCount": 4,
            "quoteCount": 0,
            "indexedAt": stamp(age - 1),
            "labels": [],
            **more,
        }
        return uri

    def repost(self, author: str, uri: str, age: float = 60) -> None:
        reason = {"$type": "app.bsky.feed.defs#reasonRepost", "by": {"did": f"did:plc:{author}"}}
        self.reposts.append({"of": author, "post": self.posts[uri], "reason": {**reason, "indexedAt": stamp(age)}})

    def delete(self, uri: str) -> None:
        gone = self.posts.pop(uri)
        if "reply" in gone["record"] and gone["record"]["reply"]["parent"]["uri"] in self.posts:
            self.posts[gone["record"]["reply"]["parent"]["uri"]]["replyCount"] -= 1

    def answer(self, asked: Asked) -> Answer:
        query = {name: values[0] for name, values in asked.query.items()}
        routes = {"getProfile": self._profile, "getAuthorFeed": self._feed, "getPostThread": self._thread}
        method = asked.path.rsplit(".", 1)[-1]
        if method in routes:
            return routes[method](query)
        if method == "getPosts":
            assert len(asked.query["uris"]) <= 25
            return json_answer({"posts": [self.posts[uri] for uri in asked.query["uris"] if uri in self.posts]})
        if method == "createSession":
            sent = json.loads(asked.body or b"{}")
            right = sent == {"identifier": "acme.example.test", "password": "abcd-efgh"}
            return json_answer({"accessJwt": "token-1", "did": "did:plc:acme"}) if right else Answer("{}", 401)
        if method == "searchPosts" and asked.headers.get("Authorization") == "Bearer token-1":
            return self._search(query)
        return Answer("Request forbidden by administrative rules.", 403)

    def _profile(self, query: Mapping[str, str]) -> Answer:
        name = query["actor"].split(".")[0]
        if name not in self.followers:
            return Answer(json.dumps({"error": "InvalidRequest", "message": "Profile not found"}), 400)
        figures = {"followersCount": self.followers[name], "postsCount": 3}
        return json_answer({"did": f"did:plc:{name}", "handle": query["actor"], **figures})

    def _feed(self, query: Mapping[str, str]) -> Answer:
        items = [{"post": post} for post in self.posts.values() if post["author"]["did"] == query["actor"]]
        for item in items:
            if reply := item["post"]["record"].get("reply"):
                gone = {"uri": reply["root"]["uri"], "notFound": True}
                item["reply"] = {"root": self.posts.get(reply["root"]["uri"], gone)}
        items += [row for row in self.reposts if f"did:plc:{row['of']}" == query["actor"]]
        when = {id(item): (item.get("reason") or item["post"])["indexedAt"] for item in items}
        items.sort(key=lambda item: when[id(item)], reverse=True)
        start = int(query.get("cursor", "0__x").split("__")[0])
        end = start + min(self.room, int(query["limit"]))
        more = {"cursor": f"{end}__bafy"} if end < len(items) else {}
        return json_answer({"feed": items[start:end], **more})

    def _thread(self, query: Mapping[str, str]) -> Answer:
        author, _, key = query["uri"].removeprefix("at://").replace(".example.test", "").partition("/")
        uri = f"at://{author if author.startswith('did:') else 'did:plc:' + author}/{key}"
        if uri not in self.posts:
            return Answer(json.dumps(NOT_FOUND), 400, content_type="application/json")
        return json_answer({"thread": self._node(uri, min(int(query["depth"]), self.depth))})

    def _node(self, uri: str, depth: int) -> dict[str, Any]:
        node = {"$type": "app.bsky.feed.defs#threadViewPost", "post": self.posts[uri], "threadContext": {}}
        if depth > 0:
            below = [
                other
                for other, post in self.posts.items()
                if post["record"].get("reply", {}).get("parent", {}).get("uri") == uri and not post.get("hidden")
            ]
            node["replies"] = [self._node(other, depth - 1) for other in below]
        return node

    def _search(self, query: Mapping[str, str]) -> Answer:
        found = [
            post
            for post in self.posts.values()
            if query["q"].lower() in post["record"]["text"].lower()
            and query["since"] <= post["record"]["createdAt"] < query["until"]
        ]
        found.sort(key=lambda post: post["record"]["createdAt"], reverse=True)
        shown = found[: min(self.room, int(query["limit"]))]
        more = {"cursor": str(len(shown))} if len(shown) < len(found) else {}
        return json_answer({"posts": shown, "hitsTotal": len(found), **more})
