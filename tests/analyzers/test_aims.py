"""Towards whom a post is aimed, and in what manner: on rows as the store gives them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzers.aims import aims, is_angry, is_staff, speaks_to_somebody
from analyzers.listening import is_negative, towards_brand
from tocsin.store.records import Aimed, JudgedPost

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
TONES = {"negative": (0.8, 0.1, 0.1), "neutral": (0.1, 0.8, 0.1), "positive": (0.1, 0.1, 0.8)}
HOT, CIVIL = {"hostility": 0.6, "anger": 0.5}, {"hostility": 0.1, "anger": 0.1}


def row(
    text: str = "", tone: str | None = "negative", *, brand: str = "Acme", via: str = "thread", **other: object
) -> JudgedPost:
    """A row of one post; without a tone it was not judged."""
    shares = TONES[tone] if tone else (None, None, None)
    plain = JudgedPost(
        "f:1", brand, via, "f", "f:t", None, "f:joe", AT, AT, text, None, *shares, 0.1, None if tone else "language",
        tone=tone, anger=0.1, post_tone=tone,
    )  # fmt: skip
    return replace(plain, **other)  # type: ignore[arg-type]


def parent(author: str = "f:ann", brand: str = "Acme") -> JudgedPost:
    return row("hello", "neutral", brand=brand, post_id="f:0", author_id=author)


def told(post: JudgedPost, *others: JudgedPost, staff: tuple[str, ...] = ()) -> tuple[str, str | None]:
    rows: dict[str, list[JudgedPost]] = {}
    for one in (post, *others):
        rows.setdefault(one.brand, []).append(one)
    found = aims(rows, {post.brand: staff})
    return next((one.aim, one.manner) for one in found if (one.post_id, one.brand) == (post.post_id, post.brand))


def test_anger_at_the_brand_is_told_from_criticism_of_it() -> None:
    assert told(row("Acme are crooks", via="text", **HOT)) == ("brand", "anger")
    assert told(row("Acme is slow since the update", via="text", **CIVIL)) == ("brand", "criticism")


def test_praise_a_question_and_a_post_in_another_language_are_told_apart() -> None:
    assert told(row("Acme is wonderful", "positive", via="text")) == ("brand", "praise")
    assert told(row("Which port does Acme use?", "neutral", via="text")) == ("nobody", None)
    assert told(row("Acme ist lahm", None, via="text")) == ("unknown", None)


def test_a_reply_that_says_you_is_aimed_at_the_poster_it_answers() -> None:
    reply = row("You are talking nonsense, as always", parent_id="f:0", **HOT)
    assert told(reply, parent()) == ("poster", "anger")


def test_the_same_words_below_a_post_by_staff_are_aimed_at_the_brand() -> None:
    reply = row("You are talking nonsense, as always", parent_id="f:0", **HOT)
    assert told(reply, parent("f:Acme_Amy"), staff=("acme_amy",)) == ("brand", "anger")


def test_a_civil_denial_of_the_parent_is_criticism_of_its_poster() -> None:
    reply = row("That is not so, your log says 12", "neutral", parent_id="f:0", stance="deny")
    assert told(reply, parent()) == ("poster", "criticism")


def test_thanks_below_a_helpful_post_are_no_praise_of_the_brand() -> None:
    assert told(row("Thanks, that worked!", "positive", parent_id="f:0"), parent()) == ("poster", "praise")


def test_blame_goes_to_the_brand_that_is_blamed() -> None:
    text = "Acme solved what Globex broke"
    acme, globex = row(text, "positive", via="text"), row(text, brand="Globex", via="text", **HOT)
    assert told(acme, globex) == ("other_brand", "criticism")
    assert told(globex, acme) == ("brand", "anger")


def test_a_reply_about_another_brand_is_not_aimed_at_the_one_of_the_thread() -> None:
    assert told(row("Globex is worse", **HOT), row("Globex is worse", brand="Globex", via="text")) == (
        "other_brand",
        "anger",
    )


def test_ones_own_mistake_is_nobodys_fault() -> None:
    assert told(row("My mistake, wrong cable", **CIVIL)) == ("nobody", "criticism")


@pytest.mark.parametrize(
    ("text", "spoken_to"),
    [
        ("You did not read my post", True),
        ("Are you calling me a liar?", True),
        ("Shut up.", True),
        ("You pay for premium and then you wait", False),
        ("They take your money and laugh at you", False),
        ("It crashes", False),
    ],
)
def test_a_you_that_means_anybody_is_not_the_one_spoken_to(text: str, spoken_to: bool) -> None:
    assert speaks_to_somebody(text) is spoken_to


def test_staff_is_known_by_handle_by_author_id_and_without_regard_to_case() -> None:
    accounts = {"acme_amy", "forum:bob"}
    assert is_staff("forum:Acme_Amy", accounts)
    assert is_staff("mastodon:@acme_amy", accounts)
    assert is_staff("forum:Bob", accounts)
    assert not is_staff("blog:Bob", accounts)
    assert not is_staff(None, accounts)


def test_whether_somebody_is_angry_is_unknown_without_hostility_and_anger() -> None:
    assert is_angry(row(hostility=None, anger=None)) is None
    assert is_angry(row(hostility=0.7, anger=None)) is True
    assert is_angry(row(hostility=0.1, anger=None)) is False


def test_posts_by_staff_are_no_voices_and_posts_at_others_are_not_negative_towards_the_brand() -> None:
    rows = {
        "Acme": [
            parent("f:amy"),
            row("You are a fool", parent_id="f:0", post_id="f:2", **HOT),
            row("It never works", post_id="f:3"),
        ]
    }
    rows["Acme"].insert(0, row("We are sorry", "negative", post_id="f:9", author_id="f:acme"))
    kept = towards_brand(rows, aims(rows, {"Acme": {"acme"}}))["Acme"]
    assert [post.post_id for post in kept] == ["f:0", "f:2", "f:3"]
    assert [is_negative(post) for post in kept] == [False, False, True]


chances = st.one_of(st.none(), st.floats(0, 1))
tones = st.sampled_from([None, "negative", "neutral", "positive"])


@given(
    st.lists(
        st.builds(
            lambda text, tone, whole, brand, via, hostility, anger, stance, up: row(
                text, tone, brand=brand, via=via, hostility=hostility, anger=anger, stance=stance, parent_id=up,
                post_tone=whole,
            ),
            st.sampled_from(["you are wrong", "they lie", "thanks", "my mistake", "?"]),
            tones,
            tones,
            st.sampled_from(["Acme", "Globex"]),
            st.sampled_from(["text", "thread"]),
            chances,
            chances,
            st.sampled_from([None, "deny", "support"]),
            st.sampled_from([None, "f:0", "f:1"]),
        ),
        max_size=6,
    )
)  # fmt: skip
def test_every_row_gets_one_aim_and_only_what_was_judged_has_a_manner(rows: list[JudgedPost]) -> None:
    posts = {brand: [one for one in rows if one.brand == brand] for brand in ("Acme", "Globex")}
    found = aims(posts, {})
    assert [one.brand for one in found] == [brand for brand in posts for _ in posts[brand]]
    for aim, post in zip(found, [post for brand in posts for post in posts[brand]], strict=True):
        assert isinstance(aim, Aimed)
        judged = post.tone is not None or post.post_tone is not None
        assert (aim.aim == "unknown") == (not judged)
        assert aim.manner is None or judged
        if aim.manner == "anger":
            assert is_angry(post)
