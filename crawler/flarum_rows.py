"""Flarum's JSON:API to topics (its discussions) and posts. Pure.

Shapes (https://docs.flarum.org/rest-api, https://jsonapi.org): a resource has `type`, `id`, `attributes` and
`relationships`, and what it relates to stands in `included`. A discussion: `title`, `slug`, `commentCount` (the opening
post included), `createdAt`, `lastPostedAt`, and `views` or `viewCount` from extensions; a post: `number` (from 1),
`contentType` ("comment": written by somebody), `contentHtml`, `createdAt`, `editedAt`, `isHidden`; likes and mentions
come from the bundled extensions, as counts or as relationships.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from lxml import html

from crawler.extract.dates import machine_date
from crawler.items import FoundPost
from crawler.quoting import own_words, parsed, plain_title, whole
from crawler.topics import Topic

Resource = Mapping[str, Any]


def resources(answer: Mapping[str, Any], key: str, kind: str) -> list[Resource]:
    """Return the resources of a `kind` in `data` or `included`; what is none is left out."""
    rows = answer.get(key)
    return [
        row
        for row in (rows if isinstance(rows, list) else [rows])
        if isinstance(row, Mapping) and row.get("type") == kind and row.get("id")
    ]


def related(row: Resource, name: str) -> list[str]:
    """Return the ids of what a resource relates to under `name`."""
    return [str(link["id"]) for link in _links(row, name) or []]


def has_next(answer: Mapping[str, Any]) -> bool:
    """Tell whether a list goes on."""
    links = answer.get("links")
    return isinstance(links, Mapping) and bool(links.get("next"))


def topic_of(row: Resource, base: str) -> Topic:
    """Return a discussion as a topic. Raises `KeyError` or `TypeError` for another shape."""
    native, told = str(row["id"]), row["attributes"]
    slug = str(told.get("slug") or "")
    named = slug if slug == native or slug.startswith(f"{native}-") else f"{native}-{slug}".rstrip("-")
    return Topic(
        native,
        title=plain_title(told.get("title")),
        url=f"{base}/d/{named}",
        posts=whole(told.get("commentCount")),
        active=machine_date(told.get("lastPostedAt")),
        created=machine_date(told.get("createdAt")),
        views=whole(told.get("views", told.get("viewCount"))),
    )


def names_of(answer: Mapping[str, Any]) -> dict[str, str]:
    """Return the names of the users that an answer includes, by their ids."""
    found = {}
    for row in resources(answer, "included", "users"):
        told = row.get("attributes")
        name = told.get("username") or told.get("displayName") if isinstance(told, Mapping) else None
        if isinstance(name, str):
            found[str(row["id"])] = name
    return found


def tagged(answer: Mapping[str, Any], slugs: Collection[str]) -> set[str]:
    """Return the ids of the discussions of an answer that have one of the tags `slugs`."""
    wanted = {
        str(row["id"])
        for row in resources(answer, "included", "tags")
        if isinstance(row.get("attributes"), Mapping) and row["attributes"].get("slug") in slugs
    }
    rows = resources(answer, "data", "discussions")
    return {str(row["id"]) for row in rows if wanted.intersection(related(row, "tags"))}


def is_said(row: Resource) -> bool:
    """Tell whether somebody wrote a post, as against a note that a topic was renamed or closed."""
    told = row.get("attributes")
    return isinstance(told, Mapping) and told.get("contentType", "comment") == "comment"


def is_hidden(row: Resource) -> bool:
    """Tell whether a post was deleted by its author or a moderator."""
    return bool(row["attributes"].get("isHidden"))


def post_of(row: Resource, topic: Topic, names: Mapping[str, str], stream: Collection[str]) -> FoundPost:
    """Return a post of a topic that consists of the posts `stream`. Raises `KeyError`, `TypeError` or `ValueError`."""
    native, told = str(row["id"]), row["attributes"]
    number = int(told["number"])
    root = parsed(str(told["contentHtml"]))
    mentions = [native for native in _mentions(root) if native in stream] if root is not None else []
    quotes = list(_quotes(root)) if root is not None else []
    user = related(row, "user")
    opens, created = number == 1, machine_date(told.get("createdAt"))
    replies = _counted(row, "mentionedByCount", "mentionedBy")
    return FoundPost(
        thread=topic.native,
        native_id=native,
        text=own_words(root, quotes),
        title=topic.title,
        thread_url=topic.url,
        thread_created_at=topic.created or (created if opens else None),
        created_at=created,
        edited_at=machine_date(told.get("editedAt")),
        author=names.get(user[0]) if user else None,
        parent=None if opens else next((other for other in mentions if other != native), None),
        url=f"{topic.url}/{number}",
        position=number - 1,
        opens=opens,
        likes=_counted(row, "likesCount", "likes"),
        replies=topic.posts - 1 if opens and topic.posts else replies,
        views=topic.views if opens else None,
    )


def _mentions(root: html.HtmlElement) -> Iterator[str]:
    for mention in root.find_class("PostMention"):
        if (mention.get("data-id") or "").isdecimal():
            yield mention.get("data-id")


def _quotes(root: html.HtmlElement) -> Iterator[html.HtmlElement]:
    """Return blockquotes that begin with a mention of a post; mark other mentions as names on the way."""
    for mention in root.find_class("PostMention"):
        quote = next(mention.iterancestors("blockquote"), None)
        words = str(mention.text_content()).strip()
        if quote is not None and str(quote.text_content()).strip().startswith(words):
            yield quote
        elif words and not words.startswith("@"):
            mention.text = f"@{mention.text or ''}"


def _counted(row: Resource, count: str, relation: str) -> int | None:
    told = whole(row["attributes"].get(count))
    if told is not None:
        return told
    links = _links(row, relation)
    return None if links is None else len(links)


def _links(row: Resource, name: str) -> list[Resource] | None:
    relations = row.get("relationships")
    relation = relations.get(name) if isinstance(relations, Mapping) else None
    if not isinstance(relation, Mapping) or "data" not in relation:
        return None
    data = relation["data"]
    return [
        link for link in (data if isinstance(data, list) else [data]) if isinstance(link, Mapping) and link.get("id")
    ]
