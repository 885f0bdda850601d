"""Which posts to read first: a handful that show an episode, each with the reason it was chosen."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

from analyzers.listening import is_judged, is_negative
from analyzers.wordings import wordings
from tocsin.store.records import Evidence, JudgedPost

MOST = 8
DEFENDING = 0.6
"""Probability of a positive tone from which a post is shown as defending the brand."""


def choose_evidence(posts: Sequence[JudgedPost], counted: Iterable[str]) -> tuple[Evidence, ...]:
    """Choose up to eight posts of different authors out of an episode's `posts`.

    `counted`: the ids of the posts that made it (negative ones for a backlash). The origin comes
    first, then the wording most repeated, the most engaged, the most hostile, the most negative,
    one that defends the brand, and more of the negative ones; unknown authors count as different.
    The order of `posts` does not matter.
    """
    ids = set(counted)
    made = sorted((post for post in posts if post.post_id in ids), key=_age)
    if not made:
        return ()
    chosen: dict[str, str] = {}
    authors: set[str] = set()

    def choose(candidates: Iterable[JudgedPost], reason: str, most: int = 1) -> None:
        for post in candidates:
            if most == 0 or len(chosen) == MOST:
                return
            if post.post_id in chosen or post.author_id in authors:
                continue
            chosen[post.post_id] = reason
            if post.author_id is not None:
                authors.add(post.author_id)
            most -= 1

    choose(made, "where it began")
    repeated, times = _most_repeated(made)
    if times > 1:
        choose(repeated, f"the wording most repeated, {times} times")
    choose(_by(made, lambda post: (post.likes or 0) + (post.replies or 0), least=1.0), "most reactions")
    choose(_by(made, lambda post: post.hostility, least=0.5), "most hostile", 2)
    choose(_by([post for post in made if is_negative(post)], lambda post: post.negative), "most negative", 2)
    defending = [post for post in posts if is_judged(post) and (post.positive or 0.0) >= DEFENDING]
    choose(_by(defending, lambda post: post.positive), "takes the brand's side")
    choose(reversed(made), "among the latest", 2)
    return tuple(Evidence(post_id, rank, reason) for rank, (post_id, reason) in enumerate(chosen.items(), start=1))


def _age(post: JudgedPost) -> tuple[object, str]:
    return post.created_at, post.post_id


def _by(
    posts: Iterable[JudgedPost], figure: Callable[[JudgedPost], float | None], least: float = 0.0
) -> list[JudgedPost]:
    rated = [(value, post) for post in posts if (value := figure(post)) is not None and value >= least]
    return [post for _, post in sorted(rated, key=lambda pair: (-pair[0], _age(pair[1])))]


def _most_repeated(posts: Sequence[JudgedPost]) -> tuple[list[JudgedPost], int]:
    groups: dict[int, list[JudgedPost]] = defaultdict(list)
    for post, label in zip(posts, wordings([post.text for post in posts]), strict=True):
        groups[label].append(post)
    counts = Counter(
        {label: len({post.author_id or post.post_id for post in group}) for label, group in groups.items()}
    )
    label, times = min(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return groups[label], times
