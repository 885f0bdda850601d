"""What people say of posts, and the posts they are asked about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest

from tocsin.store import labels, tags
from tocsin.store.database import Store
from tocsin.store.errors import StoreError
from tocsin.store.labels import Label
from tocsin.store.mentions import write_mentions
from tocsin.store.pairs import write_target_tags
from tocsin.store.posts import write_posts
from tocsin.store.records import Mention, Post, Tag, TargetTag
from tocsin.store.retention import erase_before

MakePost = Callable[..., Post]
EVEN = (1.0, 1.0, 1.0)


def tagged(
    store: Store, posts: Sequence[Post], now: datetime, hostility: Sequence[float], *, version: str = "v1"
) -> None:
    """Write `posts`, of which each is as hostile as the model says: `hostility`, in the order of the posts."""
    write_posts(store, posts, now)
    tags.fill_text_keys(store, lambda text: f"{sum(map(ord, text)):032d}")
    keys = labels.held_keys(store, [post.id for post in posts])
    made = [
        Tag(post.id, "test model", version, now, "en", "negative", 0.5, 0.3, 0.2, value, None, None)
        for post, value in zip(posts, hostility, strict=True)
    ]
    tags.write_tags(store, made, [str(keys[post.id]) for post in posts])


def doubted(store: Store, weights: Sequence[float] = (1.0, 1.0), few: int = 9, *, again: bool = False) -> list[str]:
    found = labels.least_sure(store, "v1", "hostility", weights, few=few, limit=100, again=again)
    return [row["post_id"].removeprefix("forum:") for row in found]


def label(number: int, store: Store, word: str = "hostile") -> Label:
    post = f"forum:{number}"
    return Label(post, "hostility", "", word, str(labels.held_keys(store, [post])[post]))


def test_the_closest_decision_comes_first_and_the_newest_of_equals(
    known: Store, make_post: MakePost, now: datetime
) -> None:
    posts = [make_post(number, thread=f"t{number}") for number in range(5)]
    tagged(known, posts, now, [0.9, 0.501, 0.2, 0.499, 0.5])
    assert doubted(known) == ["1", "3", "4", "2", "0"]


def test_a_label_that_is_said_early_is_in_doubt_early(known: Store, make_post: MakePost, now: datetime) -> None:
    tagged(known, [make_post(number, thread=f"t{number}") for number in range(3)], now, [0.5, 0.2, 0.05])
    assert doubted(known, weights=(1.0, 4.0)) == ["1", "0", "2"]


def test_the_margin_of_three_labels_is_that_of_the_first_two(known: Store, make_post: MakePost, now: datetime) -> None:
    posts = [make_post(number, thread=f"t{number}") for number in range(3)]
    tagged(known, posts, now, [0.5] * 3)
    for number, chances in enumerate([(0.6, 0.3, 0.1), (0.48, 0.04, 0.48), (0.2, 0.45, 0.35)]):
        known.run(
            "UPDATE tags SET negative = ?, neutral = ?, positive = ? WHERE post_id = ?", [*chances, posts[number].id]
        )
    found = labels.least_sure(known, "v1", "sentiment", EVEN, few=9, limit=2)
    assert [row["post_id"] for row in found] == ["forum:1", "forum:2"]


def test_one_thread_one_author_and_one_text_give_only_a_few(known: Store, make_post: MakePost, now: datetime) -> None:
    crowd = [make_post(number, author=f"crowd {number}") for number in range(10)]
    busy = [make_post(number, thread=f"t{number}", author="busy") for number in range(10, 20)]
    copies = [make_post(number, "the same words", thread=f"t{number}", author=None) for number in range(20, 30)]
    tagged(known, [*crowd, *busy, *copies], now, [0.5] * 30)
    assert doubted(known, few=3) == ["0", "1", "2", "10", "11", "12", "20"]


def test_unknown_voices_are_not_one_author(known: Store, make_post: MakePost, now: datetime) -> None:
    tagged(known, [make_post(number, thread=f"t{number}", author=None) for number in range(6)], now, [0.5] * 6)
    assert len(doubted(known, few=3)) == 6


def test_a_text_with_a_label_is_not_asked_about_again(known: Store, make_post: MakePost, now: datetime) -> None:
    posts = [make_post(number, thread=f"t{number}") for number in range(3)]
    tagged(known, posts, now, [0.5] * 3)
    labels.write_labels(known, [label(1, known)], now)
    assert doubted(known) == ["0", "2"]
    assert doubted(known, again=True) == ["0", "1", "2"]
    assert [row["post_id"] for row in labels.any_posts(known, "v1", few=9, limit=9)] == ["forum:0", "forum:2"]
    assert [row["label"] for row in labels.labels_of(known, ["forum:0", "forum:1"])] == ["hostile"]


def test_what_the_model_could_not_read_is_nobodys_question(known: Store, make_post: MakePost, now: datetime) -> None:
    tagged(known, [make_post(number, thread=f"t{number}") for number in range(2)], now, [0.5, 0.5])
    known.run("UPDATE tags SET sentiment = NULL, hostility = NULL, abstained = 'language' WHERE post_id = 'forum:0'")
    assert doubted(known) == ["1"]


def test_the_tone_towards_a_brand_is_asked_while_the_text_names_it(
    known: Store, make_post: MakePost, now: datetime
) -> None:
    posts = [make_post(number, thread=f"t{number}") for number in range(2)]
    tagged(known, posts, now, [0.5, 0.5])
    keys = labels.held_keys(known, [post.id for post in posts])
    write_target_tags(
        known,
        [
            TargetTag(post.id, "Acme", "v1", "Acme", str(keys[post.id]), now, "neutral", 0.3, 0.4, 0.3, None)
            for post in posts
        ],
    )
    write_mentions(known, [], [Mention("forum:1", "Acme", "Acme", "text")], "rules")
    found = labels.least_sure(known, "v1", "target_sentiment", EVEN, few=9, limit=9)
    assert [(row["post_id"], row["brand"]) for row in found] == [("forum:1", "Acme")]
    assert [row["brand"] for row in labels.tones_towards(known, "v1", ["forum:0", "forum:1"])] == ["Acme"]


def test_labels_are_counted_as_new_changed_or_known(known: Store, make_post: MakePost, now: datetime) -> None:
    tagged(known, [make_post(1), make_post(2)], now, [0.5, 0.5])
    assert labels.write_labels(known, [label(1, known)], now).new == 1
    again = labels.write_labels(known, [label(1, known, "civil"), label(2, known)], now)
    assert (again.new, again.changed, again.unchanged) == (1, 1, 0)
    assert labels.write_labels(known, [label(2, known)], now + timedelta(days=1)).unchanged == 1
    assert (
        known.number("SELECT count(*) FROM labels WHERE labelled_at > ?", [(now + timedelta(hours=1)).isoformat()]) == 0
    )


def test_of_labels_that_cannot_all_be_written_none_is(known: Store, make_post: MakePost, now: datetime) -> None:
    tagged(known, [make_post(1)], now, [0.5])
    with pytest.raises(StoreError):
        labels.write_labels(known, [label(1, known), Label("forum:77", "hostility", "", "civil", "k")], now)
    assert known.number("SELECT count(*) FROM labels") == 0


def test_a_brand_belongs_to_the_tone_towards_it_and_to_nothing_else(
    known: Store, make_post: MakePost, now: datetime
) -> None:
    tagged(known, [make_post(1)], now, [0.5])
    for task, brand in (("hostility", "Acme"), ("target_sentiment", "")):
        with pytest.raises(StoreError):
            labels.write_labels(known, [Label("forum:1", task, brand, "negative", "k")], now)


def test_a_label_of_an_edited_post_is_kept_and_marked(known: Store, make_post: MakePost, now: datetime) -> None:
    tagged(known, [make_post(1), make_post(2)], now, [0.5, 0.5])
    labels.write_labels(known, [label(1, known), label(2, known)], now)
    write_posts(known, [make_post(1, "other words")], now + timedelta(hours=1))
    assert [row["of_this_text"] for row in labels.labelled_texts(known)] == [0, 1]
    assert [row["post_id"] for row in labels.labels_of(known, ["forum:1", "forum:2"])] == ["forum:2"]


def test_an_erased_post_takes_its_labels_with_it(known: Store, make_post: MakePost, now: datetime) -> None:
    tagged(known, [make_post(1), make_post(9)], now, [0.5, 0.5])
    labels.write_labels(known, [label(1, known), label(9, known)], now)
    erase_before(known, now - timedelta(hours=5))
    assert [row["post_id"] for row in labels.labelled_texts(known)] == ["forum:1"]
