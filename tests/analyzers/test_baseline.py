from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.baseline import (
    Level,
    Tone,
    busy_hours,
    distinct_voices,
    level_at,
    more_negative,
    quiet_windows,
    return_period,
    tail,
    tone_at,
    week_profile,
)

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
FLAT = np.ones(168)

events = st.lists(st.tuples(st.integers(0, 5), st.floats(0, 60, allow_nan=False)), max_size=30)


@settings(max_examples=60)
@given(events, st.sampled_from([1.0, 6.0, 24.0]))
def test_voices_in_a_window_are_those_a_naive_count_gives(events: list[tuple[int, float]], window: float) -> None:
    points = np.arange(1.0, 70.0)
    voices = np.array([who for who, _ in events], dtype=np.int64)
    times = np.array([when for _, when in events], dtype=np.float64)
    naive = [len({who for who, when in events if point - window < when <= point}) for point in points]
    counted = distinct_voices(voices, times, points, window)
    # A post exactly `window` old may fall on either side of a rounding error.
    edges = [any(abs(when + window - point) < 1e-9 for _, when in events) for point in points]
    assert all(a == b or edge for a, b, edge in zip(counted, naive, edges, strict=True))


def test_the_profile_has_mean_one_and_knows_the_hours_of_the_audience() -> None:
    hours = {
        MONDAY + timedelta(hours=h): 20 if 8 <= (MONDAY + timedelta(hours=h)).hour < 16 else 1 for h in range(28 * 24)
    }
    profile = week_profile(hours, BERLIN)
    assert profile.mean() == pytest.approx(1.0)
    # 08:00 UTC in November is 09:00 in Berlin.
    assert profile[9] > 3 * profile[3]


def test_no_posts_give_a_flat_profile() -> None:
    assert week_profile({}, BERLIN) == pytest.approx(FLAT)


def test_one_huge_hour_does_not_become_a_habit() -> None:
    calm = {MONDAY + timedelta(hours=h): 5 for h in range(28 * 24)}
    spiked = calm | {MONDAY + timedelta(hours=40): 5_000}
    assert np.abs(week_profile(spiked, BERLIN) - week_profile(calm, BERLIN)).max() < 0.6


def test_busy_hours_of_a_flat_week_are_the_window() -> None:
    points = np.array([5.0, 30.5])
    assert busy_hours(MONDAY, points, 6.0, FLAT, BERLIN) == pytest.approx([6.0, 6.0])


def test_the_level_is_the_mean_of_the_quiet_weeks() -> None:
    points = np.arange(1.0, 800.0)
    counts = np.full(points.size, 3, dtype=np.int64)
    level = level_at(799.0, points, counts, np.full(points.size, 6.0), np.ones(points.size, dtype=bool), 6.0)
    assert level.expected == pytest.approx(3.0, abs=0.05)
    assert level.dispersion < 0.2


def test_without_quiet_windows_there_is_no_level() -> None:
    points = np.arange(1.0, 100.0)
    with pytest.raises(ValueError, match="quiet"):
        level_at(99.0, points, points.astype(np.int64), points, np.zeros(points.size, dtype=bool), 6.0)


@given(st.integers(0, 200), st.floats(0.01, 50), st.floats(0.05, 3))
def test_more_voices_are_never_less_surprising(count: int, expected: float, dispersion: float) -> None:
    level = Level(expected, dispersion)
    assert tail(count + 1, level) <= tail(count, level) <= 1.0
    assert return_period(count + 1, level, 6.0) >= return_period(count, level, 6.0)


@given(st.integers(1, 60), st.floats(0.05, 20), st.floats(0.05, 3))
def test_a_busier_usual_is_never_more_surprising(count: int, expected: float, dispersion: float) -> None:
    assert tail(count, Level(expected * 1.5, dispersion)) >= tail(count, Level(expected, dispersion)) - 1e-12


@given(st.integers(0, 40), st.integers(0, 40), st.floats(0.05, 0.9), st.floats(4, 40))
def test_one_more_negative_voice_never_makes_it_less_angry(
    negative: int, others: int, share: float, weight: float
) -> None:
    tone = Tone(share, 100.0, weight)
    fewer = more_negative(negative, negative + others + 1, tone)
    more = more_negative(negative + 1, negative + others + 1, tone)
    assert 0.0 <= fewer <= more + 1e-9 <= 1.0 + 2e-9


def test_the_usual_share_is_no_anger_and_a_clear_excess_is() -> None:
    tone = Tone(0.25, 300.0, 15.0)
    assert more_negative(10, 40, tone) < 0.7
    assert more_negative(30, 40, tone) > 0.99


def test_a_past_of_alike_windows_makes_the_share_worth_less() -> None:
    judged = np.full(600, 10.0)
    steady = tone_at(np.full(600, 3.0), judged, 1.0)
    swinging = tone_at(np.where(np.arange(600) % 3 == 0, 9.0, 0.0), judged, 1.0)
    assert steady.share == pytest.approx(swinging.share, abs=0.01)
    assert swinging.weight < steady.weight


def test_a_burst_is_left_out_of_what_is_normal_and_its_neighbours_too() -> None:
    points = np.arange(1.0, 800.0)
    counts = np.where((points > 400) & (points <= 430), 60, 1).astype(np.int64)
    quiet = quiet_windows(
        points,
        counts,
        np.full(points.size, 24.0),
        np.ones(points.size, dtype=bool),
        24.0,
        least=5,
        factor=2.5,
        days=3650.0,
    )
    assert not quiet[(points > 378) & (points < 452)].any()
    assert quiet[(points < 370) | (points > 460)].all()
