"""Gate D: a crowd that is angry opens a backlash, one that complains civilly does not."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from analyzers.episodes import replay
from analyzers.gates import attention, backlash
from analyzers.listening import Listening
from analyzers.thresholds import DEFAULTS
from tocsin.store.records import JudgedPost

START = datetime(2026, 10, 1, tzinfo=UTC)
EVENT = START + timedelta(days=30, hours=10)
UNTIL = EVENT + timedelta(hours=9)
HOT, CIVIL, UNKNOWN = (0.7, 0.7), (0.1, 0.1), (None, None)

Heat = tuple[float | None, float | None]


def post(at: datetime, author: str, tone: str, thread: str, heat: Heat) -> JudgedPost:
    shares = {"negative": (0.8, 0.1, 0.1), "neutral": (0.1, 0.8, 0.1)}[tone]
    name = f"f:{thread}-{author}-{at.isoformat()}"
    return JudgedPost(
        name, "Acme", "text", "f", f"f:{thread}", None, author, at, at, f"{name} says", None, *shares, heat[0], None,
        anger=heat[1],
    )  # fmt: skip


def quiet_weeks(heat: Heat) -> list[JudgedPost]:
    """Four voices a day, one of them complains."""
    rng = random.Random(7)
    return [
        post(START + timedelta(days=day, hours=rng.uniform(6, 22)), f"r{rng.randrange(40)}", tone, f"q{day}", heat)
        for day in range(30)
        for tone in ("negative", "neutral", "neutral", "neutral")
    ]


def crowd(size: int, heat: Heat) -> list[JudgedPost]:
    return [post(EVENT + timedelta(minutes=10 * n), f"c{n}", "negative", "storm", heat) for n in range(size)]


def listening(posts: Sequence[JudgedPost]) -> Listening:
    points = np.arange(1.0, (UNTIL - START) / timedelta(hours=1) + 1)
    kept = sorted(posts, key=lambda one: (one.created_at, one.post_id))
    return Listening(tuple(kept), START, points, np.ones(168), ZoneInfo("UTC"), np.ones(points.size, dtype=np.bool_))


@pytest.mark.parametrize("usual", [HOT, CIVIL, UNKNOWN])
def test_an_angry_crowd_is_a_backlash_whatever_the_usual_grumbling_is_like(usual: Heat) -> None:
    heard = listening([*quiet_weeks(usual), *crowd(30, HOT)])
    verdict = backlash(heard, len(heard.points) - 1)
    assert verdict is not None
    assert verdict.anger is not None
    assert verdict.anger.angry >= 30
    assert verdict.anger.civil <= 1  # One of the last quiet day may be in the window.


def test_a_crowd_that_complains_civilly_is_attention_with_the_criticism_counted() -> None:
    heard = listening([*quiet_weeks(CIVIL), *crowd(30, CIVIL)])
    last = len(heard.points) - 1
    assert backlash(heard, last) is None
    verdict = attention(heard, last)
    assert verdict is not None
    assert verdict.anger is not None
    assert verdict.anger.angry == 0
    assert verdict.anger.civil >= 30


def test_eight_calm_complaints_in_a_day_are_nothing() -> None:
    heard = listening([*quiet_weeks(CIVIL), *crowd(8, CIVIL)])
    courses = replay(heard, "Acme", begin=EVENT, opens_after=EVENT)
    assert courses == []


def test_without_hostility_and_anger_the_gate_is_open() -> None:
    heard = listening([*quiet_weeks(UNKNOWN), *crowd(30, UNKNOWN)])
    verdict = backlash(heard, len(heard.points) - 1)
    assert verdict is not None
    assert verdict.anger is not None
    assert verdict.anger.probability is None


def test_a_pile_on_of_which_a_third_is_angry_is_still_a_backlash() -> None:
    heard = listening([*quiet_weeks(CIVIL), *crowd(30, CIVIL)[::2], *crowd(30, HOT)[1::2]])
    assert backlash(heard, len(heard.points) - 1) is not None


def test_four_angry_voices_are_too_few() -> None:
    mixed = [*crowd(4, HOT), *crowd(12, CIVIL)[4:]]
    heard = listening([*quiet_weeks(CIVIL), *mixed])
    assert backlash(heard, len(heard.points) - 1) is None


def test_the_needed_certainty_is_a_threshold() -> None:
    heard = listening([*quiet_weeks(HOT), *crowd(10, HOT), *crowd(30, CIVIL)[10:]])
    lenient = replace(heard, thresholds=DEFAULTS.changed({"anger": 0.3}))
    assert backlash(heard, len(heard.points) - 1) is None
    assert backlash(lenient, len(heard.points) - 1) is not None
