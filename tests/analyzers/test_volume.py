"""The volume stage: alarms from counts alone, causal, silent on ordinary days."""

from __future__ import annotations

import csv
import importlib.util
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.errors import VolumeSeriesError
from analyzers.volume import ALARM_SCORE, DAY_ROWS, LEAST_ROWS, REST_ROWS, on_grid, places, volume
from benchmarks import volume as benchmark

START = datetime(2026, 11, 2, tzinfo=UTC)


def _bursty(seed: int, days: float, mean: float = 8.0) -> np.ndarray:
    """Counts with a daily cycle, more spread than Poisson, and short spikes every day."""
    rng = np.random.default_rng(seed)
    rows = int(days * DAY_ROWS)
    rate = mean * (1 + 0.7 * np.sin(np.arange(rows) / DAY_ROWS * 2 * np.pi)) * rng.gamma(4.0, 0.25, rows)
    for at in rng.integers(0, rows, int(3 * days)):
        rate[at : at + 4] += mean * 3
    return rng.poisson(rate).astype(np.float64)


def _moments(rows: int) -> list[datetime]:
    return [START + timedelta(minutes=5) * row for row in range(rows)]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.01, 1.0), st.booleans())
def test_what_is_said_of_a_row_does_not_change_when_more_rows_follow(seed: int, share: float, gaps: bool) -> None:
    counts = _bursty(seed, 4)
    counts[700:703] *= 30
    if gaps:
        counts[300:420] = np.nan
    cut = int(share * counts.size)
    whole, part = volume(counts), volume(counts[:cut])
    np.testing.assert_array_equal(part.scores, whole.scores[:cut])
    np.testing.assert_array_equal(part.alarms, whole.alarms[:cut])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.one_of(st.floats(0, 1e9), st.just(float("nan"))), max_size=700))
def test_scores_are_shares_and_reach_the_threshold_at_alarms_only(counts: list[float]) -> None:
    judged = volume(counts)
    assert judged.scores.shape == judged.alarms.shape == (len(counts),)
    assert np.all((judged.scores >= 0) & (judged.scores <= 1))
    np.testing.assert_array_equal(judged.scores >= ALARM_SCORE, judged.alarms)
    assert np.all(np.diff(np.flatnonzero(judged.alarms)) > REST_ROWS)


@pytest.mark.parametrize("count", [0.0, 1.0, 40.0])
def test_a_flat_series_gives_no_alarm(count: float) -> None:
    assert not volume(np.full(20 * DAY_ROWS, count)).alarms.any()


def test_a_post_or_two_in_a_silent_series_are_no_news_and_a_dozen_are() -> None:
    counts = np.zeros(10 * DAY_ROWS)
    counts[5 * DAY_ROWS] = 2
    assert not volume(counts).alarms.any()
    counts[8 * DAY_ROWS] = 12
    assert np.flatnonzero(volume(counts).alarms).tolist() == [8 * DAY_ROWS]


def test_ordinary_fortnights_with_daily_spikes_give_hardly_an_alarm() -> None:
    alarms = sum(int(volume(_bursty(seed, 14)).alarms.sum()) for seed in range(10))
    assert alarms <= 3


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("mean", [0.3, 8.0, 300.0])
def test_a_planted_burst_gives_one_alarm_within_half_an_hour(seed: int, mean: float) -> None:
    counts = _bursty(seed, 12, mean)
    onset = 9 * DAY_ROWS + 100
    counts[onset : onset + 60] += max(20.0, 12 * mean)
    alarms = np.flatnonzero(volume(counts).alarms)
    near = alarms[(alarms >= onset) & (alarms < onset + DAY_ROWS)]
    assert near.size == 1
    assert near[0] < onset + 6


def test_a_series_that_keeps_bursting_is_no_news_after_some_days() -> None:
    counts = _bursty(1, 30)
    for day in range(5, 30):
        counts[day * DAY_ROWS + 50 : day * DAY_ROWS + 60] += 200
    alarms = np.flatnonzero(volume(counts).alarms) // DAY_ROWS
    assert alarms[0] == 5
    assert not (alarms > 20).any()


def test_a_missing_count_is_not_zero_and_never_an_alarm() -> None:
    counts = _bursty(2, 6)
    counts[4 * DAY_ROWS :: 2] = np.nan
    judged = volume(counts)
    assert not judged.alarms[np.isnan(counts)].any()
    assert np.isnan(judged.excess[np.isnan(counts)]).all()
    assert not judged.alarms.any()
    counts[5 * DAY_ROWS + 1 : 5 * DAY_ROWS + 31 : 2] += 500
    assert volume(counts).alarms.any()


@pytest.mark.parametrize("rows", [0, 1, 5, LEAST_ROWS])
def test_too_short_a_series_gives_no_claim(rows: int) -> None:
    counts = np.zeros(rows)
    counts[-1:] = 1000
    judged = volume(counts)
    assert judged.scores.size == rows
    assert not judged.alarms.any()


def test_a_series_of_nothing_but_gaps_gives_no_claim() -> None:
    assert not volume(np.full(1000, np.nan)).alarms.any()


@pytest.mark.parametrize("bad", [-1.0, float("inf")])
def test_what_is_no_count_is_refused_with_its_row(bad: float) -> None:
    with pytest.raises(VolumeSeriesError, match="row 3"):
        volume([1.0, 2.0, bad])


@pytest.mark.parametrize("seconds", [0, -300, 100])
def test_rows_that_are_not_five_minutes_apart_are_refused_with_their_numbers(seconds: int) -> None:
    moments = _moments(3)
    moments.append(moments[-1] + timedelta(seconds=seconds))
    with pytest.raises(VolumeSeriesError, match="rows 3 and 4"):
        places(moments)


def test_a_pause_leaves_places_empty_and_a_long_one_costs_no_memory() -> None:
    moments = [*_moments(3), START + timedelta(minutes=30, seconds=20), START + timedelta(days=4000)]
    values, at = on_grid(moments, [1.0, 2.0, 3.0, 4.0, 5.0])
    assert list(at[:4]) == [0, 1, 2, 6]
    assert np.isnan(values[3:6]).all()
    assert values[at].tolist() == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert values.size < 5000


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _write(file: Path, counts: np.ndarray) -> None:
    lines = [f"{_stamp(moment)},{count:.0f}" for moment, count in zip(_moments(counts.size), counts, strict=True)]
    file.write_text("timestamp,value\n" + "\n".join(lines) + "\n", encoding="utf-8")


def test_the_benchmark_writes_every_row_with_its_score_and_label(tmp_path: Path) -> None:
    counts = _bursty(3, 5)
    counts[1200:1210] += 400
    (tmp_path / "in").mkdir()
    _write(tmp_path / "in" / "made_up.csv", counts)
    moments = _moments(counts.size)
    window = [f"{_stamp(moments[1199])}.000000", f"{_stamp(moments[1300])}.000000"]
    (tmp_path / "in" / benchmark.LABELS).write_text(json.dumps({"any/made_up.csv": [window]}), encoding="utf-8")
    assert benchmark.main(["--series", str(tmp_path / "in"), "--out", str(tmp_path / "out")]) == 0
    with (tmp_path / "out" / "made_up.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["timestamp", "value", "anomaly_score", "label"]
    assert [float(row["value"]) for row in rows] == counts.tolist()
    labels = [row["label"] for row in rows]
    assert labels.count("1") == 102
    assert labels[1199] == labels[1300] == "1"
    assert float(rows[1200]["anomaly_score"]) >= ALARM_SCORE


def test_the_benchmark_writes_the_same_lines_for_a_series_cut_short(tmp_path: Path) -> None:
    counts = _bursty(4, 4)
    counts[800:806] += 300
    for name, rows in (("whole", counts.size), ("cut", 803), ("start", 500)):
        (tmp_path / name).mkdir()
        _write(tmp_path / name / "made_up.csv", counts[:rows])
        assert benchmark.main(["--series", str(tmp_path / name), "--out", str(tmp_path / f"{name}.out")]) == 0
    whole, cut, start = (
        (tmp_path / f"{name}.out" / "made_up.csv").read_text(encoding="utf-8") for name in ("whole", "cut", "start")
    )
    assert whole.startswith(cut)
    assert whole.startswith(start)


def test_the_benchmark_tells_a_wrong_folder_from_a_wrong_series(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--series", str(tmp_path), "--out", str(tmp_path / "out")]
    assert benchmark.main(arguments) == 2
    (tmp_path / "x.csv").write_text("timestamp,value\n2026-11-02 00:00:00,1\n2026-11-02 00:00:10,1\n", encoding="utf-8")
    assert benchmark.main(arguments) == 1
    assert "rows 1 and 2" in capsys.readouterr().err


def _scorer(shared: Path) -> ModuleType:
    file = shared / "tools" / "nab_score.py"
    if not file.is_file():
        pytest.skip(f"needs {file}")
    spec = importlib.util.spec_from_file_location("nab_score", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_shared_series_score_at_the_frozen_threshold_what_the_docs_say(shared: Path, tmp_path: Path) -> None:
    series = shared / "data" / "nab"
    if not series.is_dir():
        pytest.skip(f"needs the labelled series at {series}")
    scorer = _scorer(shared)
    assert benchmark.main(["--series", str(series), "--out", str(tmp_path)]) == 0
    rows, windows = scorer.load(tmp_path, series / "combined_windows.json")
    standard = scorer.score(rows, windows, "standard", ALARM_SCORE)
    few_false = scorer.score(rows, windows, "reward_low_FP_rate", ALARM_SCORE)
    assert (standard["hit"], standard["windows"], standard["fp_rows"]) == (17, 17, 28)
    assert standard["score"] == pytest.approx(85.3, abs=0.1)
    assert few_false["score"] == pytest.approx(76.3, abs=0.1)
