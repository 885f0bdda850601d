"""Pass the message: which clause was garbled on the way, and by whom first."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from talk import row, said

from analyzers.clauses import split
from analyzers.drift import MOST_WORDINGS, drift
from tocsin.store.records import JudgedPost
from tocsin.store.stories import Wording

NOISE = (
    "The display of my unit flickers, does anybody know why?",
    "Support answered after 20 minutes, very friendly.",
    "You may want to update the driver first, that helped here.",
    "I have 12 of these units and never had a problem.",
    "Is there a discount of 40 % for schools?",
    "All our lines run with this controller and it is fine.",
    "The app will crash when you open the trend view.",
)
WAYS = (
    "Acme raises the price of the gateway plan by {} in January.",
    "the gateway plan gets {} more expensive from January.",
    "I heard the price of the gateway plan goes up {} in January!",
    "gateway plan: {} price increase from January on. What a joke.",
)


def crowd(ways: tuple[str, ...], fillings: list[str]) -> list[JudgedPost]:
    """Each filling in one of the ways, one after the other, with two posts of other talk after each."""
    texts: list[str] = []
    for number, filling in enumerate(fillings):
        texts += [ways[number % len(ways)].format(filling), *(NOISE[(2 * number + k) % len(NOISE)] for k in (0, 1))]
    return row(texts)


def changed(posts: list[JudgedPost]) -> list[Wording]:
    return [told for told in drift(posts) if told.added or told.lost]


def test_the_number_that_changed_on_the_way_is_named_with_the_post_where_it_did_first() -> None:
    posts = crowd(WAYS, ["10 %"] * 8 + ["40 %"] * 12)
    first, garbled, newest = drift(posts)
    assert (first.post_id, first.added, first.lost, first.posts) == ("f:0000", "", "", 8)
    assert (garbled.post_id, garbled.added, garbled.lost, garbled.posts) == ("f:0024", "40 %", "10 %", 12)
    assert garbled.said == "Acme raises the price of the gateway plan by 40 % in January."
    assert (newest.post_id, newest.added, newest.lost) == ("f:0057", "", "")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("ten percent", "forty percent"),
        ("10 %", "forty percent"),
        ("40 %", "double"),
        ("3 euros", "3 dollars"),
        ("29 euros", "99 euros"),
    ],
)
def test_numbers_in_words_and_units_change_too(old: str, new: str) -> None:
    (garbled,) = changed(crowd(WAYS, [old] * 8 + [new] * 8))
    assert (garbled.post_id, garbled.added, garbled.lost) == ("f:0024", new, old)


@pytest.mark.parametrize(
    ("old", "new", "added", "lost"),
    [
        ("Acme may delay", "Acme will delay", "will", "may"),
        ("Acme reportedly delays", "Acme delays", "", "reportedly"),
        ("Acme delays", "Acme does not delay", "not", ""),
        ("Acme delays, for some customers,", "Acme delays, for all customers,", "all", "some"),
        ("Quennel delays", "Ostrel delays", "ostrel", "quennel"),
    ],
)
def test_hedges_negations_extents_and_names_change(old: str, new: str, added: str, lost: str) -> None:
    ways = (
        "It says that {} the spring release of the controller.",
        "{} the spring release for the controller again.",
        "So {} the controller spring release.",
    )
    (garbled,) = changed(crowd(ways, [old] * 7 + [new] * 9))
    assert (garbled.post_id, garbled.added, garbled.lost) == ("f:0021", added, lost)


def test_a_claim_that_changes_twice_is_told_step_by_step() -> None:
    told = drift(crowd(WAYS, ["10 %"] * 6 + ["15 %"] * 6 + ["40 %"] * 6))
    assert [(step.added, step.lost) for step in told] == [("", ""), ("15 %", "10 %"), ("40 %", "15 %")]


def test_a_claim_that_never_changes_names_no_change() -> None:
    assert drift(crowd(WAYS, ["10 %"] * 20)) == ()


def test_who_quotes_the_first_post_again_changes_nothing() -> None:
    posts = crowd(WAYS, ["10 %"] * 6 + ["40 %"] * 8)
    late = [said(200 + n, f"> {posts[0].text}\nIs that so?") for n in range(6)]
    assert changed([*posts, *late]) == changed(posts)
    assert drift([*crowd(WAYS, ["10 %"] * 12), *late]) == ()


def test_who_gives_both_numbers_compares_them_and_is_not_the_first() -> None:
    posts = crowd(WAYS, ["10 %"] * 6 + ["10 %, not 40 %,"] + ["40 %"] * 8)
    assert [step.post_id for step in changed(posts)] == ["f:0021"]


def test_a_misspelt_word_is_no_change() -> None:
    ways = ("Quennel delays the spring release of the controller.", "Now Quennel delays the spring release.")
    posts = crowd(ways, [""] * 10)
    typos = ["Quenell delays the spring release of the controller.", "Quennel delyas the sprign release."] * 3
    assert drift([*posts, *row(typos, first=100)]) == ()


def test_numbers_that_everybody_has_of_their_own_are_no_garbling() -> None:
    posts = row([f"The line has stood still for {number} hours, says the shift lead." for number in range(2, 30)])
    assert drift(posts) == ()


def test_one_person_alone_makes_no_claim() -> None:
    posts = [said(n, WAYS[0].format("10 %" if n < 5 else "40 %"), author="f:one") for n in range(12)]
    assert drift(posts) == ()


def test_a_reply_that_denies_does_not_garble() -> None:
    way = "{} the history of the archive in the maintenance window."
    told = row([way.format("Acme deleted")] * 8)
    denied = [said(50 + n, way.format("Acme never deleted"), stance="deny") for n in range(4)]
    passed_on = [said(50 + n, way.format("Acme never deleted")) for n in range(4)]
    assert drift([*told, *denied]) == ()
    assert changed([*told, *passed_on])


def test_at_most_five_wordings_are_shown_and_the_first_change_among_them() -> None:
    fillings = [f"{share} %" for share in (10, 15, 20, 25, 30, 35, 40) for _ in range(6)]
    told = drift(crowd(WAYS, fillings))
    assert len(told) == MOST_WORDINGS
    assert (told[0].added, told[1].added) == ("", "15 %")


@settings(max_examples=20, deadline=None)
@given(st.integers(3, 9), st.integers(3, 9), st.randoms(use_true_random=False))
def test_the_order_in_which_posts_come_does_not_matter(before: int, after: int, rng: random.Random) -> None:
    posts = crowd(WAYS, ["10 %"] * before + ["40 %"] * after)
    shuffled = list(posts)
    rng.shuffle(shuffled)
    assert drift(shuffled) == drift(posts)
    assert changed(posts)[0].post_id == f"f:{3 * before:04d}"


SAID = "pump valve panel update price not may all 10 40 % Acme Quennel will broke red"
WORDS = st.sampled_from(SAID.split())


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(WORDS, min_size=3, max_size=12).map(" ".join), max_size=25, unique=True), st.data())
def test_random_talk_of_which_nothing_is_repeated_names_no_change_that_is_not_said(
    texts: list[str], data: st.DataObject
) -> None:
    posts = row(texts)
    shuffled = data.draw(st.permutations(posts))
    told = drift(shuffled)
    by_id = {post.post_id: post.text for post in posts}
    assert told == drift(posts)
    assert len(told) <= MOST_WORDINGS
    for step in told:
        assert step.said in by_id[step.post_id]
        assert all(part.casefold() in step.said.casefold() for part in step.added.split(", ") if part)


@given(st.text(max_size=300))
def test_any_text_is_split_into_clauses_of_its_own_words(text: str) -> None:
    assert all(piece.strip() for piece in split(text))
