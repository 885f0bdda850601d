"""Aims and what is worth a person's time, as stored and read back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tocsin.store.aims import manners_between, thread_posts, worth_posts, write_aims, write_worth
from tocsin.store.database import Store
from tocsin.store.mentions import ensure_brands, write_mentions
from tocsin.store.posts import write_posts
from tocsin.store.records import Aimed, Engagement, Mention, Post, Tag, Thread, Worth
from tocsin.store.sources import ensure_sources
from tocsin.store.tags import ensure_model, write_tags

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
WEEK = AT - timedelta(days=7)


def ago(hours: float) -> datetime:
    return AT - timedelta(hours=hours)


@pytest.fixture
def held(store: Store) -> Store:
    """Three posts of as many threads, 30, 20 and 10 hours old; the last one has the most likes."""
    ensure_sources(store, [("f", "forum", None)], AT)
    ensure_brands(store, [("Acme", "own"), ("Foodco", "target")])
    write_posts(
        store,
        [
            Post(
                f"f:{n}",
                "f",
                Thread(f"f:t{n}", "f", "Acme talk", None, ago(30)),
                f"words {n}",
                ago(hours),
                f"joe{n}",
                engagement=Engagement(AT, likes=n),
            )
            for n, hours in enumerate((30, 20, 10))
        ],
        AT,
    )
    return store


def shown(store: Store, kind: str = "complaint", limit: int = 5) -> list[str]:
    rows = worth_posts(store, kind, ["Acme", "Foodco"], since=WEEK, until=AT, limit=limit)  # type: ignore[arg-type]
    return [row["post_id"] for row in rows]


def test_an_aim_is_renewed_only_where_it_changed(held: Store) -> None:
    write_aims(held, [Aimed("f:0", "Acme", "brand", "anger"), Aimed("f:1", "Acme", "nobody", None)], ago(5))
    write_aims(held, [Aimed("f:0", "Acme", "brand", "criticism"), Aimed("f:1", "Acme", "nobody", None)], AT)
    rows = [tuple(row) for row in held.rows("SELECT post_id, aim, manner, decided_at FROM aims ORDER BY 1")]
    assert [row[:3] for row in rows] == [("f:0", "brand", "criticism"), ("f:1", "nobody", None)]
    assert rows[0][3] > rows[1][3]


def test_manners_are_counted_without_staff_and_without_posts_at_others(held: Store) -> None:
    aims = [
        Aimed("f:0", "Acme", "brand", "anger"),
        Aimed("f:1", "Acme", "poster", "anger"),
        Aimed("f:2", "Acme", "brand", "criticism", staff=True),
    ]
    write_aims(held, aims, AT)
    assert manners_between(held, "Acme", WEEK, AT) == {"anger": 1}
    assert manners_between(held, "Acme", ago(25), AT) == {}


def test_what_is_worth_a_reply_comes_back_most_noticed_first(held: Store) -> None:
    write_worth(held, ["Acme"], [Worth(f"f:{n}", "Acme", "complaint", AT) for n in range(3)], since=WEEK)
    assert shown(held) == ["f:2", "f:1", "f:0"]
    assert shown(held, limit=1) == ["f:2"]
    assert shown(held, "advocate") == []


def test_of_a_thread_only_the_most_noticed_post_is_shown(held: Store) -> None:
    talk = Thread("f:t0", "f", "Acme talk", None, ago(30))
    more = Post("f:9", "f", talk, "me too", ago(29), "ann", engagement=Engagement(AT, likes=9))
    write_posts(held, [more], AT)
    write_worth(held, ["Acme"], [Worth(post, "Acme", "complaint", AT) for post in ("f:0", "f:1", "f:9")], since=WEEK)
    assert shown(held) == ["f:9", "f:1"]


def test_what_was_answered_is_no_longer_shown_and_the_first_notice_is_kept(held: Store) -> None:
    write_worth(held, ["Acme"], [Worth("f:0", "Acme", "complaint", ago(6))], since=WEEK)
    write_worth(held, ["Acme"], [Worth("f:0", "Acme", "complaint", AT, ago(1))], since=WEEK)
    assert shown(held) == []
    (row,) = held.rows("SELECT noticed_at, answered_at FROM worth_answering")
    assert row["noticed_at"].startswith("2026-11-20T06:00")
    assert row["answered_at"].startswith("2026-11-20T11:00")


def test_a_later_decision_takes_back_what_it_no_longer_says_but_leaves_other_brands_alone(held: Store) -> None:
    write_worth(held, ["Acme"], [Worth("f:0", "Acme", "complaint", AT)], since=WEEK)
    write_worth(held, ["Foodco"], [Worth("f:1", "Foodco", "account", AT)], since=WEEK)
    write_worth(held, ["Acme"], [], since=WEEK)
    assert [row["post_id"] for row in held.rows("SELECT post_id FROM worth_answering")] == ["f:1"]


def test_an_account_is_shown_with_its_tone_towards_own_brands(held: Store) -> None:
    write_mentions(held, [("f:1", "hash")], [Mention("f:1", brand, brand, "text") for brand in ("Acme", "Foodco")], "r")
    ensure_model(held, "m", "m", AT)
    write_tags(held, [Tag("f:1", "m", "m", AT, "en", "negative", 0.8, 0.1, 0.1, 0.1, None, None)], ["key"])
    write_worth(held, ["Foodco"], [Worth("f:1", "Foodco", "account", AT)], since=WEEK)
    (row,) = worth_posts(held, "account", ["Foodco"], since=WEEK, until=AT, limit=5)
    assert row["towards_us"] == "Acme: negative"
    assert worth_posts(held, "account", [], since=WEEK, until=AT, limit=5) == []


def test_the_posts_of_a_thread_are_told_without_their_words(held: Store) -> None:
    posts = thread_posts(held, ["f:t0", "f:t2"], seen_by=AT)
    assert [post.author_id for post in posts] == ["f:joe0", "f:joe2"]
    assert thread_posts(held, ["f:t0"], seen_by=ago(1)) == []
    assert thread_posts(held, [], seen_by=AT) == []
