"""How much of a topic is repetition of the same few pieces."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from talk import row, said

from analyzers.echo import echo

COPIED = "Share this everywhere: Acme sold the data of every single customer to a broker last week"
OTHERS = (
    "My valve leaks since the update came",
    "The manual of the new panel is hard to read",
    "Who knows a course for plant engineers here",
    "Support was friendly and solved it within an hour",
    "Our line stood still for the whole night shift",
)


def test_copies_are_one_piece() -> None:
    found = echo(row([COPIED] * 15 + list(OTHERS)))
    assert found is not None
    assert found.share == pytest.approx(14 / 20)
    assert found.effective == pytest.approx(1 / ((15 / 20) ** 2 + 5 * (1 / 20) ** 2))
    (piece,) = found.pieces
    assert (piece.post_id, piece.posts, piece.voices, piece.kind) == ("f:0000", 15, 15, "wording")


def test_posts_that_all_differ_are_as_many_pieces() -> None:
    found = echo(row(OTHERS))
    assert found is not None
    assert (found.share, found.effective, found.pieces) == (0.0, pytest.approx(5.0), ())


def test_one_link_in_many_words_is_one_piece_whatever_tracking_it_carries() -> None:
    links = ("https://press.example/acme?utm_source=x", "http://www.press.example/acme/", "press.example", "")
    posts = row([f"{text} {link}" for text, link in zip(OTHERS, (*links, links[0]), strict=True)])
    found = echo(posts)
    assert found is not None
    assert [(piece.post_id, piece.posts, piece.kind) for piece in found.pieces] == [("f:0000", 3, "link")]


def test_a_text_that_several_quote_is_a_piece_and_one_answered_once_is_none() -> None:
    once = row([*OTHERS, f"> {OTHERS[0]}\nno idea"])
    often = [*once, said(20, f"> {OTHERS[0]}\nsame with mine"), said(21, f"> {OTHERS[0]}\ncall them")]
    first, second = echo(once), echo(often)
    assert first is not None
    assert second is not None
    assert first.pieces == ()
    assert [(piece.post_id, piece.posts, piece.kind) for piece in second.pieces] == [("f:0000", 4, "quote")]


def test_short_manners_are_no_pieces() -> None:
    found = echo(row(["Same here", "+1", "thanks a lot"] * 5))
    assert found is not None
    assert found.share == 0.0


def test_four_posts_are_too_few_to_say() -> None:
    assert echo(row(OTHERS[:4])) is None


TEXTS = st.lists(st.sampled_from([COPIED, *OTHERS, f"> {COPIED}\nwow", "see https://a.example/x", "+1"]), max_size=30)


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.randoms(use_true_random=False))
def test_the_figures_are_bounded_and_do_not_depend_on_the_order(texts: list[str], rng: random.Random) -> None:
    posts = row(texts)
    shuffled = list(posts)
    rng.shuffle(shuffled)
    found = echo(posts)
    assert echo(shuffled) == found
    if found is not None:
        assert 0.0 <= found.share < 1.0
        assert 1.0 <= found.effective <= len(posts) + 1e-9
        assert sum(piece.posts - 1 for piece in found.pieces) == pytest.approx(found.share * len(posts))
