"""Bars of a time line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.digest.facts import Moment
from tocsin.digest.timeline import BAR_HEIGHT, MOST_BARS, timeline

NOW = datetime(2026, 11, 22, 5, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(("age_h", "step_h"), [(2, 1), (20, 1), (40, 2), (100, 6), (24 * 30, 72)])
def test_the_step_grows_with_the_episode(age_h: int, step_h: int) -> None:
    line = timeline([Moment(NOW - timedelta(hours=1), True)], NOW - timedelta(hours=age_h), NOW, BERLIN)
    assert line is not None
    assert line.step_hours == step_h


def test_bars_count_what_was_said_when() -> None:
    talk = [Moment(NOW - timedelta(minutes=5), True), Moment(NOW, None), Moment(NOW - timedelta(hours=3), False)]
    line = timeline(talk, NOW - timedelta(hours=5), NOW, BERLIN)
    assert line is not None
    assert (line.bars[-1].label, line.bars[-1].negative, line.bars[-1].other) == ("Sun 22 Nov 06:00", 1, 1)
    assert (line.bars[-4].negative, line.bars[-4].other) == (0, 1)
    assert "most in an hour from Sun 22 Nov 06:00: 2 posts, 1 negative" in line.summary


def test_nothing_said_gives_no_time_line() -> None:
    assert timeline([], NOW - timedelta(hours=5), NOW, BERLIN) is None


@given(
    st.lists(st.tuples(st.floats(0, 2_000), st.sampled_from([True, False, None])), max_size=60),
    st.floats(0, 2_000),
)
def test_bars_never_overflow(said: list[tuple[float, bool | None]], age_h: float) -> None:
    talk = [Moment(NOW - timedelta(hours=ago), negative) for ago, negative in said]
    line = timeline(talk, NOW - timedelta(hours=age_h), NOW, BERLIN)
    if line is not None:
        assert 1 <= len(line.bars) <= MOST_BARS
        assert sum(bar.negative + bar.other for bar in line.bars) <= len(talk)
        assert all(bar.negative_height + bar.other_height <= BAR_HEIGHT + 3 for bar in line.bars)
