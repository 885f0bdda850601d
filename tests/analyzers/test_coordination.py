from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from analyzers.coordination import acting_together, usual_pace
from tocsin.store.records import JudgedPost

START = datetime(2026, 11, 1, tzinfo=UTC)


def post(author: str | None, thread: str, minutes: float) -> JudgedPost:
    at = START + timedelta(minutes=minutes)
    return JudgedPost(
        f"f:{thread}-{author}-{minutes}", "Acme", "text", "f", thread, None, author, at, at, "words", None,
        0.8, 0.1, 0.1, 0.2, None,
    )  # fmt: skip


def ordinary(rng: random.Random, threads: int = 12, people: int = 25) -> list[JudgedPost]:
    """Threads of half a day in which regulars write when they please."""
    return [
        post(f"p{rng.randrange(people)}", f"t{thread}", 1440 * thread + rng.uniform(0, 720))
        for thread in range(threads)
        for _ in range(10)
    ]


def test_accounts_that_come_within_minutes_in_thread_after_thread_act_together() -> None:
    rng = random.Random(3)
    posts = ordinary(rng)
    ring = [post(f"k{k}", f"t{t}", 1440 * t + 300 + rng.uniform(0, 6)) for t in range(8) for k in range(4)]
    assert acting_together([*posts, *ring], [-1] * (len(posts) + 32), usual_pace(posts)) == [
        frozenset({"k0", "k1", "k2", "k3"})
    ]


def test_regulars_who_meet_in_many_threads_do_not_act_together() -> None:
    for seed in range(20):
        posts = ordinary(random.Random(seed))
        assert acting_together(posts, [-1] * len(posts), usual_pace(posts)) == []


def test_in_a_rush_everybody_posts_within_minutes_of_somebody() -> None:
    for seed in range(10):
        rng = random.Random(seed)
        rush = [post(f"p{rng.randrange(60)}", f"t{n % 4}", rng.uniform(0, 90)) for n in range(400)]
        assert acting_together(rush, [-1] * len(rush), 0.02) == []


def test_the_same_text_within_minutes_hour_after_hour_is_acting_together() -> None:
    ring = [post(f"k{k}", f"t{hour}{k}", 60 * hour + 2 * k) for hour in range(0, 20, 2) for k in range(3)]
    assert acting_together(ring, [7] * len(ring), 0.02) == [frozenset({"k0", "k1", "k2"})]
    assert acting_together(ring, list(range(len(ring))), 0.02) == []


def test_the_order_and_unknown_authors_change_nothing() -> None:
    rng = random.Random(5)
    ring = [post(f"k{k}", f"t{t}", 1440 * t + k) for t in range(6) for k in range(3)]
    posts = [*ordinary(rng), *ring, post(None, "t1", 1441)]
    found = acting_together(posts, [-1] * len(posts), 0.05)
    rng.shuffle(posts)
    assert acting_together(posts, [-1] * len(posts), 0.05) == found != []


def test_without_posts_there_is_a_pace_and_nobody_acts() -> None:
    assert (usual_pace([]), acting_together([], [], 0.02)) == (0.02, [])
