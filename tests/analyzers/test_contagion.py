"""Does anger rise after hostile replies more than is normal for the source?"""

from __future__ import annotations

import random

from talk import said

from analyzers.contagion import contagion
from tocsin.store.records import JudgedPost

ANGRY, CALM = 0.9, 0.1


def thread(name: str, moods: list[str], first: int) -> list[JudgedPost]:
    """`h`: hostile and negative, `n`: negative, `c`: calm; each by somebody else."""
    return [
        said(
            first + number,
            f"post {number} of {name}",
            thread=name,
            negative=CALM if mood == "c" else ANGRY,
            hostility=0.9 if mood == "h" else 0.0,
        )
        for number, mood in enumerate(moods)
    ]


def threads(count: int, after_hostile: float, after_civil: float, rng: random.Random, first: int) -> list[JudgedPost]:
    """Threads of ten posts that are angry with one chance after a hostile post, with another after any other."""
    posts = []
    for number in range(count):
        moods = ["c"]
        while len(moods) < 10:
            chance = after_hostile if "h" in moods[-3:] else after_civil
            moods.append(("h" if rng.random() < 0.3 else "n") if rng.random() < chance else "c")
        posts += thread(f"f:{first}-{number}", moods, first + 10 * number)
    return posts


def test_anger_that_follows_hostile_replies_is_found_with_its_interval() -> None:
    rng = random.Random(5)
    usual = threads(60, 0.3, 0.3, rng, 0)
    found = contagion(threads(30, 0.85, 0.3, rng, 5_000), usual)
    assert found is not None
    assert found.low > 0.1
    assert found.low < found.excess < found.high
    assert found.words.startswith("Anger spreads: after hostile replies ")


def test_anger_that_is_as_large_after_civil_posts_is_no_contagion() -> None:
    rng = random.Random(6)
    usual = threads(60, 0.5, 0.5, rng, 0)
    found = contagion(threads(30, 0.5, 0.5, rng, 5_000), usual)
    assert found is not None
    assert found.low < 0 < found.high
    assert found.words.startswith("No sign that hostile replies spread anger")


def test_a_source_in_which_hostile_replies_always_spread_anger_shows_no_more_than_normal() -> None:
    rng = random.Random(16)
    usual = threads(80, 0.7, 0.3, rng, 0)
    found = contagion(threads(30, 0.7, 0.3, rng, 5_000), usual)
    assert found is not None
    assert found.low < 0 < found.high


def test_an_episode_that_is_angry_throughout_shows_no_contagion() -> None:
    rng = random.Random(17)
    found = contagion(threads(30, 0.8, 0.8, rng, 5_000), threads(80, 0.3, 0.3, rng, 0))
    assert found is None or found.low <= 0


def test_no_contagion_is_claimed_in_most_crowds_without_any() -> None:
    claims = 0
    for seed in range(40):
        rng = random.Random(seed)
        found = contagion(threads(15, 0.4, 0.4, rng, 5_000), threads(40, 0.4, 0.4, rng, 0))
        claims += found is not None and found.low > 0
        found = contagion(threads(15, 0.7, 0.7, rng, 20_000), [])
        claims += found is not None and found.low > 0
    assert claims <= 6  # of 80, one-sided 2.5 %


def test_too_few_hostile_replies_or_nothing_to_hold_against_say_nothing() -> None:
    rng = random.Random(7)
    usual = threads(40, 0.3, 0.3, rng, 0)
    assert contagion(thread("f:x", ["c", "h", "n", "n"], 9_000), usual) is None
    assert contagion(thread("f:y", ["c", *"h" * 30], 9_000), usual) is None  # nothing in it to hold them against


def test_where_hostile_replies_were_never_seen_before_the_rise_stands_alone() -> None:
    rng = random.Random(12)
    here = threads(30, 0.8, 0.3, rng, 5_000)
    found = contagion(here, threads(40, 0.0, 0.0, rng, 0))
    assert found is not None
    assert found == contagion(here, [])
    assert found.low > 0


def test_posts_that_were_not_judged_count_for_nothing() -> None:
    rng = random.Random(8)
    usual = threads(40, 0.3, 0.3, rng, 0)
    silent = [said(n, "unjudged", thread="f:s") for n in range(9_000, 9_060)]
    here = threads(30, 0.8, 0.3, rng, 5_000)
    assert contagion([*here, *silent], usual) == contagion(here, usual)


def test_the_same_posts_in_another_order_give_the_same_figures() -> None:
    rng = random.Random(9)
    usual, here = threads(40, 0.3, 0.3, rng, 0), threads(30, 0.8, 0.3, rng, 5_000)
    assert contagion(here[::-1], usual[::-1]) == contagion(here, usual)


def test_somebody_who_goes_on_being_angry_is_not_infected_by_himself() -> None:
    rng = random.Random(10)
    usual = threads(40, 0.3, 0.3, rng, 0)
    alone = [
        said(9_000 + n, "all by one", author="f:one", thread="f:one", negative=ANGRY, hostility=0.9) for n in range(40)
    ]
    assert contagion(alone, usual) is None


def test_two_who_quarrel_are_no_measure_of_what_is_normal() -> None:
    rng = random.Random(11)
    usual, here = threads(40, 0.3, 0.3, rng, 0), threads(30, 0.85, 0.3, rng, 5_000)
    quarrel = [
        said(9_000 + n, "you are wrong", author=f"f:q{n % 2}", thread="f:q", negative=ANGRY, hostility=0.9)
        for n in range(40)
    ]
    assert contagion(here, [*usual, *quarrel]) == contagion(here, usual)
