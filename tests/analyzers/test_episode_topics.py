"""What an episode is about, in the posters' own words."""

from __future__ import annotations

import math
import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from talk import row, said

from analyzers.phrases import PRIOR, grams, key_phrases, log_odds_z
from analyzers.topics import MOST_TOPICS, topics

USUAL = (
    "How do I wire the second terminal of the panel?",
    "The support of Acme was friendly again",
    "My valve leaks a bit, is that normal",
    "Acme has a course for plant engineers in spring",
    "The trend view is slow with many tags",
)
RECALL = (
    "Acme must recall the power supplies now",
    "When will the power supplies get a recall, Acme?",
    "Three power supplies burnt here, we want a recall",
    "A recall of the power supplies is the least",
)
PRICES = (
    "And now running contracts cost more",
    "We have running contracts, the price letter ignores them",
    "Running contracts should not change by a price letter",
    "The price letter breaks running contracts",
)


def test_topics_are_named_by_what_is_said_here_and_not_before() -> None:
    posts = row([*RECALL * 2, *PRICES * 2, *USUAL])
    first, second = topics(posts, row(USUAL * 20, first=5_000), ["Acme"])
    words = {first.words[0], second.words[0]}
    assert any("power supplies" in word or "recall" in word for word in words)
    assert any("running contracts" in word for word in words)
    assert all("acme" not in word for topic in (first, second) for word in topic.words)
    assert {first.posts, second.posts} == {8}
    texts = {post.post_id: post.text for post in posts}
    recall = first if any("recall" in word or "supplies" in word for word in first.words) else second
    assert {texts[example] for example in recall.examples} <= set(RECALL)
    assert 2 <= len(recall.examples) <= 3


def test_what_is_always_said_is_no_topic() -> None:
    assert topics(row(USUAL * 4), row(USUAL * 40, first=5_000), ["Acme"]) == ()


def test_one_person_who_repeats_it_makes_no_topic() -> None:
    posts = [said(n, RECALL[n % 4], author="f:one") for n in range(20)]
    assert topics(posts, row(USUAL * 20, first=5_000), ["Acme"]) == ()


def test_given_vectors_decide_which_posts_go_together() -> None:
    posts = row([*RECALL * 2, *PRICES * 2])
    vectors = np.array([[1.0, 0.0]] * 8 + [[0.0, 1.0]] * 8)
    found = topics(posts, row(USUAL * 20, first=5_000), ["Acme"], vectors)
    assert sorted(topic.posts for topic in found) == [8, 8]


def test_the_order_of_the_posts_does_not_matter() -> None:
    posts, usual = row([*RECALL * 2, *PRICES * 2, *USUAL]), row(USUAL * 20, first=5_000)
    told = topics(posts, usual, ["Acme"])
    for seed in range(3):
        shuffled = list(posts)
        random.Random(seed).shuffle(shuffled)
        assert topics(shuffled, usual, ["Acme"]) == told


def test_the_log_odds_are_those_of_the_paper() -> None:
    prior = 2.0
    odds = math.log((30 + prior) / (1_000 + PRIOR - 30 - prior)) - math.log((5 + prior) / (2_000 + PRIOR - 5 - prior))
    assert log_odds_z(30, 1_000, 5, 2_000, prior) == pytest.approx(odds / math.sqrt(1 / (30 + prior) + 1 / (5 + prior)))


def test_phrases_begin_and_end_with_words_that_say_something() -> None:
    found = set(grams("The price of Acme and the price letter", {"acme"}).values())
    assert found == {"price", "letter", "price letter"}


def test_copies_by_one_author_count_once() -> None:
    here = [grams("recall the supplies")] * 10
    assert key_phrases(here, ["one"] * 10, Counter()) == []


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from([*RECALL, *PRICES, *USUAL, "", "😡"]), max_size=40))
def test_any_crowd_gives_few_topics_of_posts_that_are_there(texts: list[str]) -> None:
    posts = row(texts)
    ids = {post.post_id for post in posts}
    found = topics(posts, row(USUAL, first=5_000), ["Acme"])
    assert len(found) <= MOST_TOPICS
    for topic in found:
        assert topic.words
        assert set(topic.examples) <= ids
        assert topic.voices <= topic.posts <= len(posts)
