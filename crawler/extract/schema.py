"""schema.org things to posts: which types are posts, where their fields stand, how they nest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from crawler.extract.counts import parse_count
from crawler.extract.dates import parse_date
from crawler.extract.drafts import Draft
from crawler.extract.items import Item, Marked, Value
from crawler.extract.page import Page
from crawler.extract.text import one_line, render, render_fragment, render_quoted

OPENINGS = frozenset({"DiscussionForumPosting", "Question", "SocialMediaPosting"})
ARTICLES = frozenset({"Article", "BlogPosting", "NewsArticle", "TechArticle", "Report", "Review", "VideoObject"})
REPLIES = frozenset({"Comment", "Answer", "UserComments", "CorrectionComment"})
_CHILDREN = ("acceptedAnswer", "suggestedAnswer", "answer", "comment", "comments", "hasPart")
_TEXTS = ("text", "articleBody", "commentText", "reviewBody", "sharedContent")
_ID_KEYS = ("p", "pid", "post", "postid", "post_id", "comment", "comment_id", "commentid", "answer", "message_id")
_FRAGMENT = re.compile(r"^[A-Za-z_-]*[-_]?(\d+)$")
_LAST_NUMBER = re.compile(r"/(\d+)/?$")
_MAX_POSTS = 20_000


def drafts_of(items: Iterable[Item], page: Page) -> list[Draft]:
    """Return the posts among `items` and below them, in the order in which the page gives them."""
    found: list[Draft] = []
    stack: list[tuple[Item, Draft | None, bool]] = [(item, None, False) for item in reversed(list(items))]
    seen: set[int] = set()
    while stack and len(found) < _MAX_POSTS:
        item, parent, below = stack.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        draft = _draft(item, page, parent, below=below)
        if draft is not None:
            found.append(draft)
        stack.extend((child, draft or parent, inside) for child, inside in reversed(list(_children(item))))
    return found


def title_of(items: Iterable[Item]) -> str | None:
    """Return the title that the structured data gives the thread."""
    for item in _all(items):
        if item.types & (OPENINGS | {"QAPage"}):
            title = item.text("headline", "name")
            if title:
                return one_line(title)
    return None


def _all(items: Iterable[Item]) -> Iterator[Item]:
    for item in items:
        yield item
        yield from item.items("mainEntity", "itemListElement")


def _children(item: Item) -> Iterator[tuple[Item, bool]]:
    named = set(_CHILDREN)
    for child in item.items("mainEntity", "mainEntityOfPage", "itemListElement", "item"):
        yield child, False
    for name in _CHILDREN:
        for child in item.items(name):
            yield child, True
    for name in item.properties:
        if name not in named and name not in ("mainEntity", "mainEntityOfPage", "itemListElement", "item"):
            for child in item.items(name):
                if child.types & REPLIES:
                    yield child, True


def _draft(item: Item, page: Page, parent: Draft | None, *, below: bool) -> Draft | None:
    reply = bool(item.types & REPLIES) or (below and bool(item.types & OPENINGS))
    if not (reply or item.types & OPENINGS or (item.types & ARTICLES and _has_replies(item))):
        return None
    text, quoted = _text(item)
    if not text and reply:
        return None
    created_at, dated_by = _date(item, page, "datePublished", "dateCreated", "commentTime", "uploadDate")
    url = _url(item, page)
    draft = Draft(
        text=text,
        author=_author(item),
        created_at=created_at,
        edited_at=_date(item, page, "dateModified")[0],
        native_id=_native_id(item, url, reply=reply),
        parent=parent if reply else None,
        url=url,
        likes=_likes(item),
        replies=parse_count(item.text("commentCount", "answerCount", "replyCount"))
        or _action(item, "Comment", "Reply"),
        views=_action(item, "View", "Read"),
        dated_by=dated_by,
        quoted=quoted if quoted != text else None,
        element=item.element,
    )
    for value in item.values("inReplyTo"):
        draft.answers = value if isinstance(value, str) else _url(value, page) if isinstance(value, Item) else None
    if url is not None:
        draft.aliases.add(url)
    if draft.edited_at is not None and draft.created_at is not None and draft.edited_at <= draft.created_at:
        draft.edited_at = None
    return draft


def _has_replies(item: Item) -> bool:
    return any(child.types & REPLIES for child in item.items(*_CHILDREN))


def _text(item: Item) -> tuple[str, str | None]:
    """Return the thing's own words, and what it quotes of other posts where its text is an element."""
    for value in item.values(*_TEXTS):
        if isinstance(value, Marked):
            nested = {child.element for child in item.items(*item.properties) if child.element is not None}
            text = render(value.element, drop=nested)
            if text:
                return text, render_quoted(value.element, drop=nested) or None
        elif isinstance(value, str):
            text = render_fragment(value)
        else:
            text = _text(value)[0] if value.types & OPENINGS else ""
        if text:
            return text, None
    description = item.text("description")
    return (render_fragment(description) if description and item.types & (OPENINGS | REPLIES) else ""), None


def _author(item: Item) -> str | None:
    for value in item.values("author", "creator"):
        if isinstance(value, Item):
            name = value.text("name", "alternateName")
            if name is None and value.element is not None:
                name = one_line("".join(value.element.itertext()))
        else:
            name = value.text if isinstance(value, Marked) else value
        name = one_line(name or "")
        if name and len(name) <= 100 and not name.startswith(("http://", "https://")):
            return name
    return None


def _date(item: Item, page: Page, *names: str) -> tuple[datetime | None, str | None]:
    """Return the first moment under these names, and the text that it was read from."""
    for name in names:
        for value in item.values(name):
            for text in _date_forms(value):
                found = parse_date(text, now=page.now, language=page.language)
                if found is not None:
                    return found, text
    return None, None


def _date_forms(value: Value) -> Iterator[str | None]:
    if isinstance(value, Marked):
        inner = value.element.find(".//time[@datetime]")
        yield inner.get("datetime") if inner is not None else (value.element.get("title") or value.text)
        yield value.text
    elif isinstance(value, str):
        yield value


def _url(item: Item, page: Page) -> str | None:
    for value in item.values("url", "mainEntityOfPage", "discussionUrl"):
        link = value.element.get("href") if isinstance(value, Marked) else value if isinstance(value, str) else None
        found = page.absolute(link)
        if found is not None:
            return found
    return page.absolute(item.identity) if item.identity else None


def _native_id(item: Item, url: str | None, *, reply: bool) -> str | None:
    """Return the number in the permalink's fragment, query or (replies only) last step; else in the element's id."""
    for link in (url, item.identity):
        if link is None:
            continue
        parts = urlsplit(link)
        match = _FRAGMENT.match(parts.fragment)
        if match is not None:
            return match[1]
        query = parse_qs(parts.query)
        number = next((query[key][0] for key in _ID_KEYS if key in query and query[key][0].isdigit()), None)
        if number is not None:
            return number
        match = _LAST_NUMBER.search(parts.path) if reply else None
        if match is not None:
            return match[1]
    if item.element is not None:
        for name in ("id", "data-post-id", "data-comment-id", "data-answerid", "data-questionid", "data-id"):
            match = _FRAGMENT.match(item.element.get(name) or "")
            if match is not None:
                return match[1]
    return item.text("identifier")


def _likes(item: Item) -> int | None:
    votes = item.text("upvoteCount")
    return parse_count(votes) if votes is not None else _action(item, "Like", "Agree", "Vote")


def _action(item: Item, *kinds: str) -> int | None:
    for counter in item.items("interactionStatistic", "interactionCount"):
        kind = counter.text("interactionType") or " ".join(
            name for inner in counter.items("interactionType") for name in inner.types
        )
        if any(f"{wanted}Action" in kind for wanted in kinds):
            return parse_count(counter.text("userInteractionCount"))
    return None
