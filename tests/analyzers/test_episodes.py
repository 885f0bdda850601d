"""The life of episodes, on small invented crowds: thirty quiet days, then something, or nothing."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.courses import Course, level_of
from analyzers.episodes import replay
from analyzers.gates import backlash
from analyzers.listening import Listening, Period, towards_brand
from tocsin.store.records import JudgedPost

START = datetime(2026, 10, 1, tzinfo=UTC)
QUIET_DAYS = 30
EVENT = START + timedelta(days=QUIET_DAYS, hours=10)
COPY = "Share this everywhere: the company sold the data of every single customer to a broker last week"


def post(
    at: datetime, author: str | None, tone: str = "negative", thread: str = "t", text: str | None = None
) -> JudgedPost:
    negative, neutral, positive = {
        "negative": (0.8, 0.1, 0.1),
        "neutral": (0.1, 0.8, 0.1),
        "positive": (0.1, 0.1, 0.8),
    }[tone]
    name = f"f:{thread}-{author}-{at.isoformat()}"
    return JudgedPost(
        name, "Acme", "text", "f", f"f:{thread}", None, author, at, at, text or f"{name} says", None,
        negative, neutral, positive, 0.3, None,
    )  # fmt: skip


def quiet_weeks(days: int = QUIET_DAYS + 8) -> list[JudgedPost]:
    """Four voices a day, one of them negative."""
    rng = random.Random(7)
    return [
        post(START + timedelta(days=day, hours=rng.uniform(6, 22)), f"r{rng.randrange(40)}", tone, f"q{day}")
        for day in range(days)
        for tone in ("negative", "neutral", "neutral", "positive")
    ]


def crowd(
    size: int, tone: str = "negative", hours: float = 8.0, at: datetime = EVENT, name: str = "c"
) -> list[JudgedPost]:
    return [post(at + timedelta(hours=hours * n / size), f"{name}{n}", tone, f"{name}-thread") for n in range(size)]


def listen(posts: Sequence[JudgedPost], until: datetime) -> Listening:
    points = np.arange(1.0, (until - START) / timedelta(hours=1) + 1)
    kept = sorted((p for p in posts if p.created_at <= until), key=lambda p: (p.created_at, p.post_id))
    return Listening(tuple(kept), START, points, np.ones(168), ZoneInfo("UTC"), np.ones(points.size, dtype=bool))


def follow(posts: Sequence[JudgedPost], until: datetime, **more: object) -> list[Course]:
    chosen = {"begin": until - timedelta(hours=72), "opens_after": until - timedelta(hours=48)} | more
    return replay(listen(posts, until), "Acme", **chosen)  # type: ignore[arg-type]


def test_a_pile_on_opens_one_backlash_within_hours_of_its_onset() -> None:
    (course,) = follow([*quiet_weeks(), *crowd(40)], EVENT + timedelta(hours=12))
    assert (course.track, course.kind) == ("backlash", "backlash")
    assert course.opened_at - EVENT <= timedelta(hours=4)
    assert abs(course.onset_at - EVENT) <= timedelta(hours=3)
    assert course.threads == ("f:c-thread",)


def test_calm_talk_of_a_pile_on_in_other_threads_is_no_second_episode() -> None:
    aside = crowd(40, "neutral", at=EVENT + timedelta(hours=5), name="aside")
    (course,) = follow([*quiet_weeks(), *crowd(40), *aside], EVENT + timedelta(hours=14))
    assert course.kind == "backlash"


def test_quiet_weeks_open_nothing() -> None:
    until = START + timedelta(days=QUIET_DAYS + 7)
    assert follow(quiet_weeks(), until, begin=START, opens_after=START) == []


def test_four_angry_people_are_no_backlash() -> None:
    others = [p for p in quiet_weeks() if abs(p.created_at - EVENT) > timedelta(days=2)]
    assert follow([*others, *crowd(4)], EVENT + timedelta(hours=12)) == []
    assert follow([*others, *crowd(7)], EVENT + timedelta(hours=12)) != []


def test_a_burst_of_praise_is_attention() -> None:
    (course,) = follow([*quiet_weeks(), *crowd(50, "positive")], EVENT + timedelta(hours=12))
    assert course.kind == "attention"


def test_a_burst_that_was_not_judged_is_attention_of_unknown_tone() -> None:
    silent = [replace(p, negative=None, neutral=None, positive=None, abstained="language") for p in crowd(50)]
    (course,) = follow([*quiet_weeks(), *silent], EVENT + timedelta(hours=12))
    assert course.kind == "attention_tone_unknown"


def test_a_half_tagged_past_does_not_look_like_peace() -> None:
    untagged = [replace(p, negative=None, neutral=None, positive=None) for p in quiet_weeks()]
    courses = follow([*untagged, *crowd(40)], EVENT + timedelta(hours=12))
    assert [course.kind for course in courses] == ["attention_tone_unknown"]


def test_two_people_who_quarrel_among_bystanders_are_left_alone() -> None:
    row = [post(EVENT + timedelta(minutes=9 * n), "xy"[n % 2], "negative", "row") for n in range(40)]
    bystanders = [post(EVENT + timedelta(hours=n), f"b{n}", "negative", "row") for n in range(3)]
    assert follow([*quiet_weeks(), *row, *bystanders], EVENT + timedelta(hours=12)) == []


def test_copies_by_a_few_accounts_are_named_and_open_no_backlash() -> None:
    copies = [post(EVENT + timedelta(minutes=8 * n), f"k{n % 6}", "negative", f"k{n % 3}", COPY) for n in range(30)]
    (course,) = follow([*quiet_weeks(), *copies], EVENT + timedelta(hours=12))
    assert (course.track, course.kind) == ("campaign", "campaign")


def test_copies_lower_the_severity_of_a_real_crowd_and_do_not_hide_it() -> None:
    copies = [post(EVENT + timedelta(minutes=8 * n), f"k{n}", "negative", "c-thread", COPY) for n in range(5)]
    own_words = [post(p.created_at, p.author_id, "negative", "c-thread") for p in copies]
    (copied,) = follow([*quiet_weeks(), *crowd(10), *copies], EVENT + timedelta(hours=10))
    (spoken,) = follow([*quiet_weeks(), *crowd(10), *own_words], EVENT + timedelta(hours=10))
    assert copied.kind == spoken.kind == "backlash"
    assert copied.severity_days < spoken.severity_days


def test_an_episode_peaks_and_is_over_three_days_after_it_was_loud() -> None:
    posts = [*quiet_weeks(QUIET_DAYS + 12), *crowd(40)]
    until = EVENT + timedelta(days=6)
    (course,) = replay(listen(posts, until), "Acme", begin=EVENT, opens_after=EVENT)
    assert course.state == "over"
    assert course.over_at is not None
    assert timedelta(days=3) <= course.over_at - EVENT <= timedelta(days=5)
    assert course.peaked_at is not None
    assert EVENT < course.peaked_at < EVENT + timedelta(hours=12)


def test_it_grows_before_it_peaks() -> None:
    posts = [*quiet_weeks(), *crowd(80, hours=16)]
    states = [course.state for hour in (*range(1, 13), 30) for course in follow(posts, EVENT + timedelta(hours=hour))]
    assert list(dict.fromkeys(states)) == ["emerging", "growing", "peaked"]


def test_following_hour_by_hour_gives_what_one_replay_gives() -> None:
    posts, courses = [*quiet_weeks(), *crowd(40)], []
    for hour in range(1, 30):
        at = EVENT + timedelta(hours=hour)
        courses = replay(
            listen(posts, at), "Acme", courses, begin=at - timedelta(hours=72), opens_after=at - timedelta(hours=48)
        )
    (whole,) = follow(posts, EVENT + timedelta(hours=29))
    assert len(courses) == 1
    assert (courses[0].id, courses[0].opened_at, courses[0].state) == (whole.id, whole.opened_at, whole.state)


def test_nothing_is_claimed_before_fourteen_days() -> None:
    early = START + timedelta(days=9)
    assert follow([*quiet_weeks(), *crowd(40, at=early)], early + timedelta(hours=12)) == []


def test_a_pile_on_that_lies_days_back_opens_nothing() -> None:
    posts = [*quiet_weeks(), *crowd(40)]
    until = EVENT + timedelta(days=5)
    assert follow(posts, until) == []
    assert follow(posts, until, begin=START, note_history=True) == []


def test_old_attention_is_noted_as_over_on_the_first_decision_only() -> None:
    posts = [*quiet_weeks(), *crowd(50, "positive")]
    until = EVENT + timedelta(days=5)
    (noted,) = follow(posts, until, begin=START, note_history=True)
    assert (noted.kind, noted.state) == ("attention", "over")
    assert follow(posts, until) == []


def test_attention_that_turns_angry_is_one_episode_and_becomes_a_backlash() -> None:
    cheer = crowd(25, "positive", 3.0)
    anger = [
        post(p.created_at + timedelta(hours=4), f"x{p.author_id}", "negative", "c-thread") for p in crowd(60, hours=5)
    ]
    (course,) = follow([*quiet_weeks(), *cheer, *anger], EVENT + timedelta(hours=14))
    assert course.kind == "backlash"
    assert course.opened_at < EVENT + timedelta(hours=4)


def test_the_moments_of_a_past_episode_open_no_new_one() -> None:
    past = [Period(EVENT - timedelta(hours=1), EVENT + timedelta(hours=20))]
    assert follow([*quiet_weeks(), *crowd(40)], EVENT + timedelta(hours=12), past=past) == []


@settings(max_examples=12, deadline=None)
@given(st.integers(12, 50), st.integers(1, 20))
def test_one_more_angry_voice_never_makes_it_less_surprising(size: int, more: int) -> None:
    until = EVENT + timedelta(hours=9)
    extra = [post(EVENT + timedelta(hours=7), f"extra{n}", "negative", "c-thread") for n in range(more)]
    fewer = listen([*quiet_weeks(), *crowd(size)], until)
    louder = listen([*quiet_weeks(), *crowd(size), *extra], until)
    few, many = (backlash(one, one.points.size - 1) for one in (fewer, louder))
    if few is not None:
        assert many is not None
        assert many.return_days >= few.return_days


@settings(max_examples=8, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_posts_does_not_matter(rng: random.Random) -> None:
    posts = [*quiet_weeks(), *crowd(30)]
    shuffled = posts.copy()
    rng.shuffle(shuffled)
    until = EVENT + timedelta(hours=9)
    assert follow(shuffled, until) == follow(posts, until)


def test_the_tone_of_a_reply_belongs_to_the_brand_it_names() -> None:
    reply = replace(post(EVENT, "a"), via="thread")
    other = replace(reply, brand="Zeta", via="text")
    shared = towards_brand({"Acme": [reply], "Zeta": [other]})
    assert (shared["Acme"][0].negative, shared["Zeta"][0].negative) == (None, 0.8)
    assert towards_brand({"Acme": [reply], "Zeta": []})["Acme"] == [reply]
    both = towards_brand({"Acme": [reply], "Zeta": [replace(other, via="thread")]})
    assert both["Acme"][0].abstained == both["Zeta"][0].abstained == "other_brand"


@pytest.mark.parametrize(("days", "level"), [(0.0, 0), (6.9, 0), (7.0, 1), (30.0, 2), (119.9, 2), (500.0, 3)])
def test_levels_stand_at_seven_thirty_and_a_hundred_and_twenty_days(days: float, level: int) -> None:
    assert level_of(days) == level
