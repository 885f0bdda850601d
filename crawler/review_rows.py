"""A page's reviews, as its schema.org markup gives them (`Review`, `AggregateRating`; JSON-LD or microdata). Pure."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urldefrag, urlsplit

from crawler.extract.counts import parse_count
from crawler.extract.dates import parse_date
from crawler.extract.items import Item, Marked
from crawler.extract.jsonld import jsonld_items
from crawler.extract.microdata import microdata_items
from crawler.extract.page import Page
from crawler.extract.text import one_line, render, render_fragment
from crawler.items import FoundPost
from crawler.ratings import rated, rating_of

REVIEWS = frozenset({"Review", "UserReview", "EmployerReview", "CriticReview", "Recommendation"})
REPLIES = frozenset({"Comment", "Answer"})
MOST = 5_000
"""Reviews and things around them that are looked at on one page."""


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """`subject` is what is reviewed ('' when not told), `count` how many reviews there are in all (None: not told)."""

    subject: str
    count: int | None
    posts: tuple[FoundPost, ...]

    @property
    def reviews(self) -> list[str]:
        """The ids of the reviews, without the answers to them."""
        return [post.native_id for post in self.posts if post.parent is None]


def read_reviews(page: Page, thread: str, url: str) -> ReviewPage:
    """Return the reviews that `page` declares, as posts of `thread`, whose page is `url`."""
    forms = [list(_things(items)) for items in (jsonld_items(page), microdata_items(page))]
    things = max(forms, key=lambda found: sum(1 for item in found if item.types & REVIEWS))
    every = [item for form in forms for item in form]
    reviews = [item for item in things if item.types & REVIEWS]
    subject = _subject(every, reviews)
    shared = Counter(_own_id(item) for item in reviews)
    posts: list[FoundPost] = []
    for item in reviews:
        native = _own_id(item)
        native = native if native and shared[native] == 1 else _made_id(item, page)
        posts.append(_post(item, page, thread, url, subject, native))
        posts.extend(_answers(item, page, posts[-1]))
    return ReviewPage(subject, _count(every), tuple(posts))


def _things(items: Iterable[Item]) -> Iterator[Item]:
    stack = list(reversed(list(items)))
    seen: set[int] = set()
    while stack and len(seen) < MOST:
        item = stack.pop()
        if id(item) not in seen:
            seen.add(id(item))
            yield item
            below = [
                child for child in item.items(*item.properties) if not item.types & REVIEWS or child.types & REVIEWS
            ]
            stack.extend(reversed(below))


def _subject(items: list[Item], reviews: list[Item]) -> str:
    for item in items:
        if not item.types & REVIEWS and (item.properties.get("review") or item.properties.get("aggregateRating")):
            return one_line(item.text("name") or "")
    named = (one_line(about.text("name") or "") for item in reviews for about in item.items("itemReviewed"))
    return next((name for name in named if name), "")


def _count(items: list[Item]) -> int | None:
    """Return the count of written reviews; `ratingCount` also counts stars without words."""
    counts = [
        count
        for item in items
        if "AggregateRating" in item.types and (count := parse_count(item.text("reviewCount"))) is not None
    ]
    return max(counts, default=None)


def _post(item: Item, page: Page, thread: str, url: str, subject: str, native: str) -> FoundPost:
    body, head = _words(item, "reviewBody", "text", "description"), _words(item, "name", "headline")
    text = f"{head}\n\n{body}" if head and body and not body.startswith(head) and head != subject else body or head
    return FoundPost(
        thread=thread,
        native_id=native,
        text=rated(text, _rating(item)),
        title=subject,
        thread_url=url,
        created_at=_date(item, page, "datePublished", "dateCreated"),
        edited_at=_date(item, page, "dateModified"),
        author=_author(item),
        url=page.absolute(item.text("url")) or page.url,
        likes=parse_count(item.text("upvoteCount")),
        dislikes=parse_count(item.text("downvoteCount")),
    )


def _answers(item: Item, page: Page, review: FoundPost) -> Iterator[FoundPost]:
    answers = [child for child in item.items("comment", "reply") if child.types & REPLIES]
    for number, answer in enumerate(answers, 1):
        text = _words(answer, "text", "description")
        if text:
            yield FoundPost(
                thread=review.thread,
                native_id=f"{review.native_id}-answer{number}",
                text=text,
                title=review.title,
                thread_url=review.thread_url,
                created_at=_date(answer, page, "datePublished", "dateCreated"),
                author=_author(answer),
                parent=review.native_id,
                url=review.url,
            )


def _rating(item: Item) -> tuple[float, float] | None:
    for rating in item.items("reviewRating"):
        return rating_of(rating.text("ratingValue"), rating.text("bestRating"))
    return rating_of(item.text("reviewRating"))


def _words(item: Item, *names: str) -> str:
    for name in names:
        for value in item.values(name):
            if isinstance(value, Marked):
                nested = {child.element for child in item.items(*item.properties) if child.element is not None}
                text = render(value.element, drop=nested)
            else:
                text = render_fragment(value) if isinstance(value, str) else ""
            if text:
                return text
    return ""


def _author(item: Item) -> str | None:
    for value in item.values("author", "creator"):
        name = value.text("name", "alternateName") if isinstance(value, Item) else None
        name = name or (value.text if isinstance(value, Marked) else value if isinstance(value, str) else None)
        if name and not name.startswith(("http://", "https://")):
            return one_line(name)
    return None


def _date(item: Item, page: Page, *names: str) -> datetime | None:
    for name in names:
        for value in item.values(name):
            texts = (value.element.get("datetime"), value.element.get("title"), value.text) if isinstance(
                value, Marked
            ) else (value if isinstance(value, str) else None,)  # fmt: skip
            for text in texts:
                found = parse_date(text, now=page.now, language=page.language)
                if found is not None:
                    return found
    return None


def _own_id(item: Item) -> str | None:
    """Return the id that the markup gives a review: of the thing, of its permalink, or of its element."""
    for link in (item.identity, item.text("url")):
        fragment = urldefrag(link)[1] if link else ""
        if fragment:
            return fragment
        if link and urlsplit(link).path.strip("/"):
            return urlsplit(link).path.strip("/")
    own = item.text("identifier") or (item.element.get("id") if item.element is not None else None)
    return own.strip() or None if own else None


def _made_id(item: Item, page: Page) -> str:
    """Name a review by its author and day, which stay when its words are edited; else by its words."""
    author, date = _author(item), _date(item, page, "datePublished", "dateCreated")
    said = f"{author}\x1f{date.isoformat()}" if author and date else _words(item, "reviewBody", "text", "description")
    return "h" + hashlib.blake2b(said.encode("utf-8", "replace"), digest_size=12).hexdigest()
