"""Searching posts by what people type."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tocsin.store.database import Store
from tocsin.store.posts import search_posts, write_posts
from tocsin.store.records import Post


@pytest.fixture
def searched(known: Store, make_post: Callable[..., Post], now: datetime) -> Store:
    """A store with three posts to find."""
    texts = ("The gateway in Zürich is late", "late, again: the refund", "nothing to see in AND OR NOT land")
    write_posts(known, [make_post(number, text) for number, text in enumerate(texts)], now)
    return known


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("late", {0, 1}),
        ("LATE refund", {1}),
        ("refund late", {1}),
        ('"refund late"', set()),
        ('"the refund"', {1}),
        ("zurich", {0}),
        ("gate", set()),
        ("OR", {2}),
        ("AND NOT", {2}),
        ("", set()),
        ("   ", set()),
        ('"', set()),
        ('""', set()),
        ("text:late", set()),
        ("late*", {0, 1}),
    ],
)
def test_all_words_must_be_there_and_signs_are_literal(searched: Store, query: str, found: set[int]) -> None:
    assert {row["id"] for row in search_posts(searched, query)} == {f"forum:{number}" for number in found}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(st.characters(), max_size=20) | st.text(st.sampled_from('"*^():-+ a\x00{}NEAR'), max_size=12))
@example(query='NEAR(a b, 2) "')
@example(query="\ud83d")
def test_no_query_is_an_error(searched: Store, query: str) -> None:
    assert len(search_posts(searched, query)) <= 3


def test_the_limit_is_kept_and_the_best_come_first(searched: Store) -> None:
    assert len(search_posts(searched, "late", 1)) == 1
    row = search_posts(searched, "refund")[0]
    assert (row["title"], row["handle"], row["source"]) == ("A thread", "author1", "forum")
