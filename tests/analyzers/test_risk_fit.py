"""Fitting the weights of thread risk: planted signals, signs, little data, and figures worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.errors import TooFewOutcomesError
from analyzers.risk_figures import area_under_curve, figures_of
from analyzers.risk_fit import Forecasts, fit
from analyzers.risk_weights import AGES, PARTS, RiskWeights, by_hand, read_weights

NAMES = list(PARTS)


def planted(part: str, size: float, threads: int = 400, seed: int = 1) -> Forecasts:
    """Threads with one forecast an age whose outcome hangs on `part` alone, `size` log-odds for a reach."""
    rng = np.random.default_rng(seed)
    values = rng.uniform(-1, 1, (threads, len(PARTS))) * [part.reach for part in PARTS.values()]
    odds = -2.0 + size * values[:, NAMES.index(part)] / PARTS[part].reach
    met = (rng.uniform(size=threads) < 1 / (1 + np.exp(-odds))).astype(float)
    return Forecasts(
        parts=np.repeat(values, len(AGES), axis=0),
        ages=np.tile(np.arange(len(AGES)), threads),
        met=np.repeat(met, len(AGES)),
        groups=np.repeat(np.arange(threads), len(AGES)),
        weights=np.full(threads * len(AGES), 1 / len(AGES)),
    )


def test_a_planted_signal_is_found_and_beats_the_weights_it_started_from() -> None:
    found = fit(planted("near_duplicates", 4.0), by_hand(), "v")
    reach = {name: part.reach * max(found.weights.per_unit[name]) for name, part in PARTS.items()}
    assert max(reach, key=lambda name: reach[name]) == "near_duplicates"
    assert min(found.weights.per_unit["near_duplicates"]) > 1.5
    assert found.figures.brier < min(found.started_from.brier, found.figures.brier_of_the_constant)
    assert found.figures.auc > max(0.75, found.started_from.auc + 0.1)


def test_a_part_that_speaks_the_other_way_gets_no_weight_rather_than_a_negative_one() -> None:
    weights = fit(planted("negative_voices", -4.0), by_hand(), "v").weights
    assert weights.per_unit["negative_voices"] == (0.0,) * len(AGES)
    assert all(value >= 0 for values in weights.per_unit.values() for value in values)


def test_forecasts_mean_what_they_say_on_threads_left_out() -> None:
    figures = fit(planted("deny_share", 3.0, threads=1_000), by_hand(), "v").figures
    assert figures.share == pytest.approx(sum(b.met * b.rows for b in figures.bins) / figures.rows, abs=1e-4)
    for one in figures.bins:
        if one.rows >= 1_000:
            assert one.forecast == pytest.approx(one.met, abs=0.06)


def test_little_data_moves_the_weights_little() -> None:
    rows = planted("near_duplicates", 4.0)
    hardly = fit(replace(rows, weights=rows.weights / 10_000), by_hand(), "v").weights
    for name, values in hardly.per_unit.items():
        assert values == pytest.approx(by_hand().per_unit[name], rel=0.15)


def test_too_few_pile_ons_are_refused_with_the_numbers() -> None:
    rows = planted("deny_share", 1.0)
    lone = replace(rows, met=(rows.groups < 3).astype(float))
    with pytest.raises(TooFewOutcomesError, match="3 threads became a pile-on and 397 did not; a fit needs 10 of each"):
        fit(lone, by_hand(), "v")


def test_the_same_rows_give_the_same_weights() -> None:
    rows = planted("links_in", 2.0, threads=150)
    assert fit(rows, by_hand(), "v") == fit(rows, by_hand(), "v")


def test_figures_are_those_worked_out_by_hand() -> None:
    forecast, met = np.array([0.9, 0.5, 0.5, 0.005]), np.array([1.0, 1.0, 0.0, 0.0])
    found = figures_of(forecast, met, np.array([1, 2, 2, 3]), np.ones(4), np.full(4, 0.5))
    assert found.brier == pytest.approx((0.01 + 0.25 + 0.25 + 0.000025) / 4, abs=1e-6)
    assert found.brier_of_the_constant == 0.25
    assert found.auc == pytest.approx(3.5 / 4)
    assert (found.threads, found.threads_with_one) == (3, 2)
    assert [(one.rows, one.met) for one in found.bins] == [(1, 0.0), (2, 0.5), (1, 1.0)]


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=2, max_size=30))
def test_the_area_under_the_curve_counts_pairs(rows: list[tuple[float, bool]]) -> None:
    above = [chance for chance, met in rows if met]
    below = [chance for chance, met in rows if not met]
    got = area_under_curve(np.array([c for c, _ in rows]), np.array([float(met) for _, met in rows]))
    if not above or not below:
        assert np.isnan(got)
    else:
        pairs = [(a > b) + 0.5 * (a == b) for a in above for b in below]
        assert got == pytest.approx(sum(pairs) / len(pairs))


@settings(max_examples=60)
@given(st.sampled_from(NAMES), st.floats(-10, 10), st.floats(0, 10), st.floats(0.05, 400))
def test_more_of_a_part_never_lowers_what_it_adds_at_any_age(name: str, value: float, more: float, age: float) -> None:
    weights = RiskWeights("v", AGES, (-4.0,) * 4, dict.fromkeys(PARTS, (1.0, 0.0, 2.0, 0.5)))
    less = weights.contributions({name: value}, age)[name]
    assert weights.contributions({name: value + more}, age)[name] >= less


def test_weights_between_two_ages_lie_between_and_outside_are_the_nearest() -> None:
    weights = RiskWeights("v", AGES, (-1.0, -2.0, -3.0, -4.0), dict.fromkeys(PARTS, (1.0, 2.0, 3.0, 4.0)))
    assert weights.intercept(0.1) == weights.intercept(1.0) == -1.0
    assert weights.intercept(900.0) == -4.0
    assert weights.intercept(12.0) == pytest.approx(-3.5)  # 12 h is half way from 6 h to 24 h, as a ratio
    assert weights.contributions({"deny_share": None, "links_in": 1.0}, 3.0) == {"links_in": 2.0}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"per_unit": {"links_in": [1, 1, 1, 1]}}, "other parts"),
        ({"intercepts": [1, 2]}, "not one weight for each age"),
        ({"ages": [3, 1, 6, 24]}, "not one weight for each age"),
        ({"ages": None}, "no weights of a thread risk"),
        ({"per_unit": {name: [-1, 0, 0, 0] for name in NAMES}}, "below zero"),
    ],
)
def test_stored_weights_that_do_not_fit_are_refused(change: dict[str, object], said: str) -> None:
    assert read_weights(by_hand().as_json()) == by_hand()
    with pytest.raises(ValueError, match=said):
        read_weights(by_hand().as_json() | change)
