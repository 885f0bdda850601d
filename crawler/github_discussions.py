"""GitHub Discussions, which only the GraphQL API shows, and only with a token.

https://docs.github.com/graphql/guides/using-the-graphql-api-for-discussions : by latest change, each with its first
comments and replies; longer ones are read on by the id of the discussion or comment.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from crawler.answers import json_object
from crawler.github_api import GitHubApi
from crawler.github_rows import Row, answer_of, discussion_of, nodes_in
from crawler.items import FoundPost, GonePost, Mark
from crawler.missing import Counted
from crawler.spiders.base import RECHECK, Found
from crawler.streams import Page
from crawler.values import moment, part
from crawler.walks import Walk

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

_POST = """body url createdAt lastEditedAt author { __typename login } upvoteCount
  reactionGroups { content reactors { totalCount } }"""
_INFO = "totalCount pageInfo { hasNextPage endCursor }"
_REPLY = f"id databaseId deletedAt {_POST}"
_COMMENT = f"{_REPLY} replies(first: 25) {{ {_INFO} nodes {{ {_REPLY} }} }}"
DISCUSSIONS = f"""query($owner: String!, $name: String!, $after: String) {{ repository(owner: $owner, name: $name) {{
  discussions(first: 10, after: $after, orderBy: {{field: UPDATED_AT, direction: DESC}}) {{ {_INFO}
    nodes {{ id number title updatedAt {_POST} comments(first: 50) {{ {_INFO} nodes {{ {_COMMENT} }} }} }} }} }} }}"""
COMMENTS = f"""query($id: ID!, $after: String) {{ node(id: $id) {{ ... on Discussion {{
  comments(first: 50, after: $after) {{ {_INFO} nodes {{ {_COMMENT} }} }} }} }} }}"""
REPLIES = f"""query($id: ID!, $after: String) {{ node(id: $id) {{ ... on DiscussionComment {{
  replies(first: 100, after: $after) {{ {_INFO} nodes {{ {_REPLY} }} }} }} }} }}"""


@dataclass
class Talk:
    """A discussion while it is read: what it counts, which posts were shown, how many answers are still to come."""

    repository: str
    number: int
    counted: int
    met: set[str] = field(default_factory=set)
    pending: int = 0


class GitHubDiscussions(GitHubApi):
    """Base of the spider: discussions by latest change."""

    def discussions(self, repository: str) -> Iterator[Request]:
        """Begin with the discussions changed last; without a token they are named as not read."""
        if not self.token:
            self.account.trouble("partial", "discussions were not read: they need TOCSIN_GITHUB__TOKEN")
            return
        stream = f"discussions {repository}"
        known = self.session.memory.recall(self.source.name, f"newest {stream}").get("at")
        newest = moment(known)
        floor = newest - RECHECK if newest else None

        def ask(cursor: str, walk: Walk) -> Request:
            owner, name = repository.split("/")
            values = {"owner": owner, "name": name, "after": cursor or None}
            return self._query(
                DISCUSSIONS, values, self.talks, cursor=cursor, walk=walk, ask=ask, stream=stream, floor=floor
            )

        yield self.stream(stream, "", ask)

    def _query(self, text: str, values: Mapping[str, object], then: object, **context: object) -> Request:
        base = self.base.removesuffix("/v3") if self.base.endswith("/api/v3") else self.base
        body = json.dumps({"query": text, "variables": values})
        return self.get(f"{base}/graphql", then, body=body, priority=5, **context)  # type: ignore[arg-type]

    def talks(
        self, response: Response, cursor: str, walk: Walk, ask: object, stream: str, floor: datetime | None
    ) -> Iterator[Found]:
        """Read one page of discussions, each with its first comments."""
        data = self._data(response, stream)
        connection = part(part(data, "repository"), "discussions")
        if not connection:
            yield from self.stream_lost(stream, walk)
            return
        repository = stream.split(" ", 1)[1]
        nodes = nodes_in(connection)
        moments = [found for node in nodes if (found := moment(node.get("updatedAt")))]
        info = part(connection, "pageInfo")
        following = str(info.get("endCursor")) if info.get("hasNextPage") is True else None
        held = [f"{node.get('id')} {node.get('updatedAt')}" for node in nodes]
        page = Page([], held, moments, following)
        alive = [node for node in nodes if not self.too_old(moment(node.get("updatedAt")))]
        for node in alive:
            yield from self._talk(repository, node)
        if walk.begins and moments:
            yield Mark(f"newest {stream}", {"at": max(moments).isoformat()})
        known = floor is not None and bool(moments) and max(moments) < floor
        yield from self.stream_on(stream, walk, cursor, page, known, ask)  # type: ignore[arg-type]

    def _data(self, response: Response, stream: str) -> Row:
        answer = json_object(response)
        errors = [str(error.get("type")) for error in answer.get("errors") or [] if isinstance(error, Mapping)]
        if "RATE_LIMITED" in errors:
            self._rest(response.url, 3_600.0)
        if errors:
            self.history_left = True
            kind = errors[0] if errors[0].replace("_", "").isalpha() else "error"
            self.account.trouble("partial", f"{stream} was not read whole: GitHub says {kind}")
        return part(answer, "data")

    def _talk(self, repository: str, node: Row) -> Iterator[Found]:
        yield from self.each([node], lambda row: [discussion_of(repository, row)])
        if not isinstance(number := node.get("number"), int):
            return
        talk = Talk(repository, number, 0)
        yield from self._comments(talk, str(node.get("id")), part(node, "comments"), first=True)
        yield from self._read(talk)

    def _comments(self, talk: Talk, discussion: str, connection: Row, *, first: bool = False) -> Iterator[Found]:
        if first:
            talk.counted += _total(connection)
        for node in nodes_in(connection):
            yield from self._post(talk, node)
            replies = part(node, "replies")
            talk.counted += _total(replies)
            yield from self._replies(talk, node.get("id"), node.get("databaseId"), replies)
        yield from self._continued(talk, COMMENTS, connection, self.more_comments, discussion)

    def _replies(self, talk: Talk, comment: object, above: object, connection: Row) -> Iterator[Found]:
        for node in nodes_in(connection):
            yield from self._post(talk, node, f"{talk.repository}/d{above}")
        yield from self._continued(talk, REPLIES, connection, self.more_replies, str(comment), above=above)

    def _continued(
        self, talk: Talk, text: str, connection: Row, then: object, node: str, **context: object
    ) -> Iterator[Request]:
        info = part(connection, "pageInfo")
        if info.get("hasNextPage") is True and info.get("endCursor"):
            talk.pending += 1
            values = {"id": node, "after": info["endCursor"]}
            yield self._query(text, values, then, talk=talk, node=node, **context)

    def more_comments(self, response: Response, talk: Talk, node: str) -> Iterator[Found]:
        """Read on in a discussion with many comments."""
        data = self._data(response, f"discussions {talk.repository}")
        talk.pending -= 1
        yield from self._comments(talk, node, part(part(data, "node"), "comments"))
        yield from self._read(talk)

    def more_replies(self, response: Response, talk: Talk, node: str, above: object) -> Iterator[Found]:
        """Read on below a comment with many replies."""
        data = self._data(response, f"discussions {talk.repository}")
        talk.pending -= 1
        yield from self._replies(talk, node, above, part(part(data, "node"), "replies"))
        yield from self._read(talk)

    def _post(self, talk: Talk, node: Row, above: str | None = None) -> Iterator[FoundPost | GonePost]:
        native = f"{talk.repository}/d{node.get('databaseId')}"
        talk.met.add(native)
        if node.get("deletedAt"):
            yield GonePost(native)
            return

        def read(row: Row) -> Iterable[FoundPost]:
            return [answer_of(talk.repository, row, talk.number, above)]

        yield from self.each([node], read)

    def _read(self, talk: Talk) -> Iterator[GonePost]:
        """Once a discussion is read whole, note what it lacks and what is gone from it."""
        if talk.pending:
            return
        thread = f"{talk.repository}#{talk.number}"
        lacking = max(0, talk.counted - len(talk.met))
        reason = "the discussion counts more comments than the API shows"
        self.counted.append(Counted(f"{self.source.name}:{thread}", None, reason, lacking))
        if not lacking:
            yield from (GonePost(native) for native in self.held_in(thread) - talk.met)

    def held_in(self, thread: str) -> set[str]:
        """Return the comments of a thread that the store holds and that are not known to be gone."""
        rows = self.session.store.rows(
            """SELECT id FROM posts WHERE thread_id = ? AND id <> thread_id
                 AND id NOT IN (SELECT post_id FROM gone_posts)""",
            [f"{self.source.name}:{thread}"],
        )
        return {str(row["id"]).removeprefix(f"{self.source.name}:") for row in rows}


def _total(connection: Row) -> int:
    found = connection.get("totalCount")
    return found if isinstance(found, int) else 0
