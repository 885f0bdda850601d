from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.evidence import MOST, choose_evidence
from tocsin.store.records import JudgedPost

START = datetime(2026, 11, 1, tzinfo=UTC)


def post(number: int, author: str | None = None, text: str | None = None, **more: object) -> JudgedPost:
    at = START + timedelta(minutes=number)
    figures = {"negative": 0.6, "neutral": 0.3, "positive": 0.1, "hostility": 0.2, "likes": None} | more
    return JudgedPost(
        post_id=f"f:{number:02}", brand="Acme", via="text", source="f", thread_id="f:t", parent_id=None,
        author_id=author or f"a{number}", created_at=at, first_seen_at=at, text=text or f"words of number {number}",
        url=None, abstained=None, **figures,  # type: ignore[arg-type]
    )  # fmt: skip


def test_the_origin_comes_first_and_each_post_says_why_it_is_shown() -> None:
    posts = [
        post(0),
        post(1, likes=90),
        post(2, hostility=0.95),
        post(3, negative=0.99),
        post(4, negative=0.0, neutral=0.1, positive=0.9),
        *(post(n, text="the same five angry words") for n in range(5, 9)),
    ]
    shown = choose_evidence(posts, [p.post_id for p in posts if p.post_id != "f:04"])
    reasons = {one.post_id: one.reason for one in shown}
    assert (shown[0].post_id, shown[0].reason) == ("f:00", "where it began")
    assert reasons["f:05"] == "the wording most repeated, 4 times"
    assert reasons["f:01"] == "most reactions"
    assert reasons["f:02"] == "most hostile"
    assert reasons["f:03"] == "most negative"
    assert reasons["f:04"] == "takes the brand's side"
    assert [one.rank for one in shown] == list(range(1, len(shown) + 1))


def test_nothing_counted_shows_nothing() -> None:
    assert choose_evidence([post(1)], []) == ()


@settings(max_examples=40)
@given(st.lists(st.sampled_from("abcdefghij"), max_size=25), st.randoms(use_true_random=False))
def test_authors_differ_and_the_order_does_not_matter(authors: list[str], rng: random.Random) -> None:
    posts = [post(n, author) for n, author in enumerate(authors)]
    shown = choose_evidence(posts, [p.post_id for p in posts])
    rng.shuffle(posts)
    assert choose_evidence(posts, [p.post_id for p in posts]) == shown
    by_id = {p.post_id: p.author_id for p in posts}
    assert len({by_id[one.post_id] for one in shown}) == len(shown) <= MOST
