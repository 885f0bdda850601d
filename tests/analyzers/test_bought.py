from __future__ import annotations

from datetime import datetime, timedelta

from analyzers.bought import with_bought
from tocsin.store.database import Store
from tocsin.store.posts import write_posts
from tocsin.store.records import Engagement, Episode, Post, Thread, Voices
from tocsin.store.sources import ensure_sources


def post(number: int, at: datetime, thread: str, likes: int | None = None, replies: int = 0) -> Post:
    seen = None if likes is None else Engagement(at + timedelta(hours=2), likes=likes, replies=replies)
    return Post(
        id=f"forum:{number}",
        source="forum",
        thread=Thread(f"forum:{thread}", "forum", "A thread", None, None),
        text=f"words {number}",
        created_at=at,
        author=f"a{number}",
        engagement=seen,
    )


def episode(at: datetime, onset: datetime) -> Episode:
    return Episode(
        "ep-1", "Acme", "backlash", "emerging", at, onset, at, None, None, 1, 9.0, 24, Voices(9, 9, 9, 9, 0.1), None,
        {"voices": 9}, ("forum:now",), ("forum",),
    )  # fmt: skip


def test_an_episode_says_which_likes_nobody_answered(store: Store, now: datetime) -> None:
    ensure_sources(store, [("forum", "forum", None)], now)
    onset = now - timedelta(hours=12)
    usual = [post(n, onset - timedelta(days=1, hours=n), f"t{n}", likes=12, replies=4) for n in range(40)]
    write_posts(store, [*usual, post(90, onset, "now", likes=900, replies=1)], now)
    (noted,) = with_bought(store, [episode(now, onset)], now)
    assert (noted.parts["voices"], noted.parts["bought_reactions"], noted.parts["bought_post"]) == (9, 900, "forum:90")
    assert str(noted.parts["bought"]).endswith("and 1 person answered, where 301 usually would")
    (before,) = with_bought(store, [episode(now, onset)], onset + timedelta(hours=1))
    assert before.parts["bought_reactions"] == 0


def test_where_no_likes_are_shown_nothing_is_said(store: Store, now: datetime) -> None:
    ensure_sources(store, [("forum", "forum", None)], now)
    write_posts(store, [post(n, now - timedelta(hours=n), "now") for n in range(1, 9)], now)
    (noted,) = with_bought(store, [episode(now, now - timedelta(hours=9))], now)
    assert noted.parts["bought_reactions"] is None
