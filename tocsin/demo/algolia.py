"""The JSON API of the news site, as Hacker News' search gives it (https://hn.algolia.com/api).

`search_by_date` takes query, tags, numericFilters, page and hitsPerPage, newest first, and like the
original gives no more than 1,000 hits of one query, whatever the page. `items/ID` is a whole tree.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from tocsin.demo.views import PostView, TalkView

MOST_HITS = 1_000
_COMPARE: Mapping[str, Callable[[int, int], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}
_FILTER = re.compile(r"^(created_at_i|points|num_comments)(>=|<=|>|<|=)(\d+)$")
ToHtml = Callable[[PostView], str]


class BadQueryError(Exception):
    """The query cannot be understood; the answer is a 400."""


class NewsApi:
    """Answers the two calls from the threads of the news site."""

    def __init__(self, talks: tuple[TalkView, ...], to_html: ToHtml) -> None:
        self._to_html = to_html
        self._places = {post.number: (talk, post) for talk in talks for post in talk.posts}
        self._newest_first = sorted(self._places.values(), key=lambda pair: (pair[1].at, pair[1].number), reverse=True)

    def search(self, arguments: Mapping[str, str]) -> dict[str, Any]:
        """Return one page of hits. Raises `BadQueryError`."""
        size = min(1_000, _number(arguments.get("hitsPerPage", "20")))
        page = _number(arguments.get("page", "0"))
        words = arguments.get("query", "").lower().split()
        filters = [_filter(text) for text in arguments.get("numericFilters", "").split(",") if text]
        tags = _tags(arguments.get("tags", ""))
        hits = [
            hit
            for hit in map(self._hit, self._newest_first)
            if all(set(group) & set(hit["_tags"]) for group in tags)
            and all(compare(hit[name] or 0, bound) for name, compare, bound in filters)
            and all(word in _searched(hit) for word in words)
        ]
        reachable = hits[:MOST_HITS]
        return {
            "hits": reachable[page * size : (page + 1) * size] if size else [],
            "nbHits": len(hits),
            "page": page,
            "nbPages": -(-len(reachable) // size) if size else 0,
            "hitsPerPage": size,
            "exhaustiveNbHits": True,
            "query": arguments.get("query", ""),
        }

    def item(self, number: int) -> dict[str, Any]:
        """Return an item with everything below it. Raises KeyError when there is none."""
        talk, post = self._places[number]
        children: dict[int, list[PostView]] = {}
        for other in talk.posts:
            if other.answers is not None:
                children.setdefault(other.answers.number, []).append(other)

        def tree(node: PostView) -> dict[str, Any]:
            story = node.position == 0
            return {
                "id": node.number,
                "created_at": node.at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
                "created_at_i": int(node.at.timestamp()),
                "type": "story" if story else "comment",
                "author": node.author,
                "title": talk.title if story else None,
                "url": talk.link if story else None,
                "text": None if story and talk.link else self._to_html(node),
                "points": node.likes if story else None,
                "parent_id": node.answers.number if node.answers else None,
                "story_id": talk.number,
                "children": [tree(child) for child in children.get(node.number, ())],
                "options": [],
            }

        return tree(post)

    def _hit(self, pair: tuple[TalkView, PostView]) -> dict[str, Any]:
        talk, post = pair
        hit: dict[str, Any] = {
            "objectID": str(post.number),
            "author": post.author,
            "created_at": post.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "created_at_i": int(post.at.timestamp()),
            "story_id": talk.number,
            "points": None,
            "num_comments": None,
        }
        if post.position == 0:
            kind = "show_hn" if talk.title.startswith("Show HN") else "ask_hn" if talk.link is None else "story"
            hit |= {"title": talk.title, "url": talk.link, "points": post.likes, "num_comments": talk.replies}
            hit |= {"story_text": None if talk.link else self._to_html(post)}
            return hit | {"_tags": ["story", kind, f"author_{post.author}", f"story_{talk.number}"]}
        parent = post.answers.number if post.answers else talk.number
        hit |= {"comment_text": self._to_html(post), "story_title": talk.title, "story_url": talk.link}
        return hit | {"parent_id": parent, "_tags": ["comment", f"author_{post.author}", f"story_{talk.number}"]}


def _searched(hit: Mapping[str, Any]) -> str:
    return " ".join(
        str(hit.get(name) or "") for name in ("title", "story_text", "comment_text", "author", "url")
    ).lower()


def _number(text: str) -> int:
    if not re.fullmatch(r"\d{1,9}", text):
        raise BadQueryError(f"{text!r} is no number")
    return int(text)


def _filter(text: str) -> tuple[str, Callable[[int, int], bool], int]:
    match = _FILTER.match(text.strip())
    if match is None:
        raise BadQueryError(f"cannot read the numeric filter {text!r}")
    return match[1], _COMPARE[match[2]], int(match[3])


def _tags(text: str) -> list[list[str]]:
    # "story,author_x" wants both, "(story,comment)" wants one of them.
    return [part.strip("()").split(",") for part in re.findall(r"\([^)]*\)|[^,()]+", text)]
