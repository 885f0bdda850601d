from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from tocsin.store.database import Store
from tocsin.store.engagement import rising_reactions, usual_reactions
from tocsin.store.posts import write_posts
from tocsin.store.records import Engagement, Post

MakePost = Callable[..., Post]


def test_every_observation_of_a_post_that_is_liked_comes_with_those_who_had_answered(
    known: Store, now: datetime, make_post: MakePost
) -> None:
    opening = make_post(10, author="asker")
    for hours, likes in ((9, 2), (5, 40)):
        seen = Engagement(now - timedelta(hours=hours), likes=likes, reposts=20 if likes == 40 else None, replies=1)
        write_posts(known, [replace(opening, engagement=seen)], now)
    answers = [make_post(number, author=f"a{number % 2}", parent_id=opening.id) for number in (8, 7, 6, 3)]
    write_posts(known, [*answers, make_post(4, author="asker")], now)
    first, second = rising_reactions(known, ["forum:t1"], now, least=50)
    assert [(one.reactions, one.answered) for one in (first, second)] == [(2, 1), (60, 2)]
    assert rising_reactions(known, ["forum:t1"], now - timedelta(hours=6), least=50) == []
    assert rising_reactions(known, ["forum:other"], now, least=1) == []


def test_what_is_usual_is_the_last_observation_of_each_post_that_shows_any(
    known: Store, now: datetime, make_post: MakePost
) -> None:
    shown = [
        make_post(n, thread=f"t{n}", engagement=Engagement(now - timedelta(hours=1), likes=n, replies=2))
        for n in (5, 6)
    ]
    write_posts(known, [*shown, make_post(7, thread="t7")], now)
    found = usual_reactions(known, "forum", now - timedelta(days=1), now)
    assert sorted((one.reactions, one.answered) for one in found) == [(5, 2), (6, 2)]
    assert usual_reactions(known, "forum", now - timedelta(days=1), now - timedelta(hours=2)) == []
    assert usual_reactions(known, "old", now - timedelta(days=1), now) == []
