"""What the posts of an episode are about, in their own words: clusters of posts, each with its key phrases.

Posts are vectors: of their key phrases against the time before (tf-idf), or given ones (a sentence encoder's). They are
joined by average linkage of the cosine distance; a cluster is named by what it says more than the rest of the episode
and the time before (`analyzers.phrases`). Pure and deterministic: the order of the posts does not matter.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from analyzers.phrases import Grams, Phrase, count_voices, distinct, grams, key_phrases
from analyzers.wordings import words
from tocsin.store.records import JudgedPost
from tocsin.store.stories import Topic

Floats = NDArray[np.float64]

MOST_TOPICS = 5
MOST_WORDS = 3
MOST_EXAMPLES = 3
FEWEST_POSTS = 3
FEWEST_VOICES = 2
MOST_POSTS = 1_500
"""Posts that are compared with one another, spread evenly over the episode; memory grows with their square."""
FAR = 0.9
"""Cosine distance from which two groups of phrase vectors are two topics."""
FAR_GIVEN = 0.55
"""The same for given vectors, which are never quite apart."""
MOST_PHRASES = 300


def topics(
    posts: Sequence[JudgedPost],
    usual: Sequence[JudgedPost],
    left_out: Collection[str] = (),
    vectors: Floats | None = None,
) -> tuple[Topic, ...]:
    """Return up to five topics of `posts` by contrast with the `usual` ones before, the one of most voices first.

    `left_out`: names that are no topic, such as the brand's own and its aliases. `vectors`: (len(posts), width), one
    for each post; None: made of the key phrases.
    """
    order = _spread(sorted(range(len(posts)), key=lambda at: (posts[at].created_at, posts[at].post_id)))
    chosen = [posts[at] for at in order]
    names = frozenset(word for name in left_out for word in (*words(name), "".join(words(name))))
    here = [grams(post.text, names) for post in chosen]
    before = count_voices([grams(post.text, names) for post in usual], [_voice(post) for post in usual])
    telling = key_phrases(here, [_voice(post) for post in chosen], before)[:MOST_PHRASES]
    if not telling:
        return ()
    together = count_voices(here, [_voice(post) for post in chosen])
    if vectors is None:
        rows, far = _phrase_vectors(here, telling), FAR
    else:
        rows, far = np.asarray(vectors, np.float64)[order], FAR_GIVEN
    found = [
        _topic(members, rows, chosen, here, before, together)
        for members in _clusters(rows, far)
        if len(members) >= FEWEST_POSTS and len({_voice(chosen[at]) for at in members}) >= FEWEST_VOICES
    ]
    named = [topic for topic in found if topic is not None]
    return tuple(sorted(named, key=lambda topic: (-topic.voices, -topic.posts, topic.words))[:MOST_TOPICS])


def _topic(
    members: Sequence[int],
    rows: Floats,
    posts: Sequence[JudgedPost],
    here: Sequence[Grams],
    before: Counter[tuple[str, ...]],
    together: Counter[tuple[str, ...]],
) -> Topic | None:
    """Return the topic of a cluster, None when it says nothing more than the rest does."""
    voices = [_voice(posts[at]) for at in members]
    said = distinct(key_phrases([here[at] for at in members], voices, before, together), MOST_WORDS)
    if not said:
        return None
    return Topic(
        words=tuple(phrase.said for phrase in said),
        posts=len(members),
        voices=len(set(voices)),
        examples=_examples(members, rows, posts),
    )


def _examples(members: Sequence[int], rows: Floats, posts: Sequence[JudgedPost]) -> tuple[str, ...]:
    """Return the posts nearest to the middle of the cluster, of different people who put it differently."""
    middle = rows[list(members)].mean(axis=0)
    nearness = np.round(rows[list(members)] @ middle, 6)
    chosen: list[str] = []
    seen: set[str] = set()
    for _, at in sorted(zip(-nearness, members, strict=True)):
        text, voice = " ".join(words(posts[at].text)), _voice(posts[at])
        if text in seen or voice in seen:
            continue
        seen |= {text, voice}
        chosen.append(posts[at].post_id)
        if len(chosen) == MOST_EXAMPLES:
            break
    return tuple(chosen)


def _phrase_vectors(here: Sequence[Grams], telling: Sequence[Phrase]) -> Floats:
    """Return the key phrases of each post, weighted by how rare they are among the posts, each row of length 1 or 0."""
    at = {phrase.stems: place for place, phrase in enumerate(telling)}
    rows = np.zeros((len(here), len(telling)))
    for row, found in zip(rows, here, strict=True):
        row[[at[stems] for stems in found if stems in at]] = 1.0
    uses = rows.sum(axis=0)
    rows *= np.log1p(len(here) / np.maximum(uses, 1.0))
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Floats = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return unit


def _clusters(rows: Floats, far: float) -> list[list[int]]:
    """Return the places of the rows that lie together; a row of zeros says nothing and is in none."""
    lengths = np.linalg.norm(rows, axis=1)
    said = np.flatnonzero(lengths > 0)
    if said.size < FEWEST_POSTS:
        return []
    unit = rows[said] / lengths[said, None]
    distances = np.clip(1.0 - np.round(unit @ unit.T, 6), 0.0, 2.0)
    np.fill_diagonal(distances, 0.0)
    labels = fcluster(linkage(squareform(distances, checks=False), method="average"), far, criterion="distance")
    groups: dict[int, list[int]] = defaultdict(list)
    for place, label in zip(said.tolist(), labels.tolist(), strict=True):
        groups[label].append(place)
    return list(groups.values())


def _spread(places: list[int]) -> list[int]:
    step = math.ceil(len(places) / MOST_POSTS) if places else 1
    return places[::step]


def _voice(post: JudgedPost) -> str:
    return post.author_id or post.post_id
