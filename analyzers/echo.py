"""Echo: how much of a topic is the same few pieces again, and how many pieces it really is.

A piece is a text with its near-duplicates, a link that several posts give, or a text with the posts that quote it. The
effective number of pieces is 1 / the sum of their squared shares (the inverse of Simpson's index, 1949; Hill's number
of order 2, 1973): 100 posts that are 90 copies and ten others are 1.2 pieces, 100 different posts are 100.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from analyzers.wordings import SHINGLE, Groups, shingles, wordings, words
from tocsin.store.records import JudgedPost

FEWEST_POSTS = 5
FEWEST_WORDS = 5
"""Equal words of a shorter text ("same here", "+1") are manners, not a piece that goes round."""
QUOTED_SHARE = 0.8
"""Share of a quoted line's 3-word shingles that an earlier post must hold to be what is quoted."""
_LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"')\]]+", re.IGNORECASE)
_QUOTE = re.compile(r"^[ \t]*(?:>|&gt;)[ \t]?(.+)$", re.MULTILINE)
_CHARACTERS = 10_000

PieceKind = Literal["wording", "link", "quote"]


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece: its first post, how many posts and voices repeat it (the first included), and by what most do."""

    post_id: str
    posts: int
    voices: int
    kind: PieceKind


@dataclass(frozen=True, slots=True)
class Echo:
    """`share` of the posts repeat an earlier piece; they all are `effective` pieces. `pieces`: the repeated ones.

    The most repeated first, ten at most.
    """

    posts: int
    share: float
    effective: float
    pieces: tuple[Piece, ...]


MOST_PIECES = 10


def echo(posts: Sequence[JudgedPost]) -> Echo | None:
    """Return how much of `posts` is repetition; None under five posts. Their order does not matter."""
    if len(posts) < FEWEST_POSTS:
        return None
    ordered = sorted(posts, key=lambda post: (post.created_at, post.post_id))
    groups, kinds = Groups(), defaultdict[Hashable, Counter[PieceKind]](Counter)
    links: list[tuple[int, int, PieceKind]] = [*_copies(ordered), *_links(ordered), *_quotes(ordered)]
    for first, place, _ in links:
        groups.join(first, place)
    for _, place, kind in links:
        kinds[groups.root(place)][kind] += 1
    members: dict[Hashable, list[int]] = defaultdict(list)
    for place in range(len(ordered)):
        members[groups.root(place)].append(place)
    shares = [len(places) / len(ordered) for places in members.values()]
    pieces = [_piece(places, ordered, kinds[root]) for root, places in members.items() if len(places) > 1]
    return Echo(
        posts=len(ordered),
        share=1.0 - len(members) / len(ordered),
        effective=1.0 / sum(share * share for share in shares),
        pieces=tuple(sorted(pieces, key=lambda piece: (-piece.posts, piece.post_id))[:MOST_PIECES]),
    )


def _piece(places: Sequence[int], posts: Sequence[JudgedPost], kinds: Counter[PieceKind]) -> Piece:
    voices = {posts[place].author_id or posts[place].post_id for place in places}
    kind = max(sorted(kinds), key=lambda name: kinds[name])
    return Piece(posts[places[0]].post_id, len(places), len(voices), kind)


def _copies(posts: Sequence[JudgedPost]) -> Iterator[tuple[int, int, PieceKind]]:
    """Yield (first post, a later one of the same wording), without what they quote."""
    texts = [_QUOTE.sub(" ", post.text[:_CHARACTERS]) for post in posts]
    long = [place for place, text in enumerate(texts) if len(words(text)) >= FEWEST_WORDS]
    first: dict[int, int] = {}
    for place, label in zip(long, wordings([texts[place] for place in long]), strict=True):
        if first.setdefault(label, place) != place:
            yield first[label], place, "wording"


def _links(posts: Sequence[JudgedPost]) -> Iterator[tuple[int, int, PieceKind]]:
    """Yield (first post, a later one with the same address). A post with two addresses ties their pieces together."""
    first: dict[str, int] = {}
    for place, post in enumerate(posts):
        for address in sorted({_address(found) for found in _LINK.findall(post.text[:_CHARACTERS])} - {""}):
            if first.setdefault(address, place) != place:
                yield first[address], place, "link"


def _address(link: str) -> str:
    """Return what makes an address the same page: no scheme, `www.`, fragment, tracking; '' for a bare site."""
    try:
        parts = urlsplit(link if "://" in link else f"https://{link}")
    except ValueError:
        return ""
    asked = "&".join(sorted(part for part in parts.query.split("&") if part and not part.casefold().startswith("utm_")))
    path = parts.path.rstrip("/.,;:!?")
    host = parts.netloc.casefold().removeprefix("www.")
    return f"{host}{path}?{asked}" if host and (path or asked) else ""


def _quotes(posts: Sequence[JudgedPost]) -> Iterator[tuple[int, int, PieceKind]]:
    """Yield (quoted post, quoting post): the earliest post that holds most of the quoted words.

    A quote of one post in a thread's own talk is an answer, not an echo, so only texts that two posts quote count.
    """
    holds: dict[str, int] = {}
    quoting: dict[int, list[int]] = defaultdict(list)
    for place, post in enumerate(posts):
        quoted = " ".join(_QUOTE.findall(post.text[:_CHARACTERS]))
        found = shingles(quoted)
        if len(words(quoted)) >= max(FEWEST_WORDS, SHINGLE):
            sources = Counter(holds[one] for one in found if one in holds)
            source, shared = max(sources.items(), key=lambda pair: (pair[1], -pair[0]), default=(-1, 0))
            if shared >= QUOTED_SHARE * len(found):
                quoting[source].append(place)
        for one in shingles(_QUOTE.sub(" ", post.text[:_CHARACTERS])):
            holds.setdefault(one, place)
    for source, places in quoting.items():
        if len(places) > 1:
            for place in places:
                yield source, place, "quote"
