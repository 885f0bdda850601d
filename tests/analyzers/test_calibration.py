import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.calibration import Calibration, fit_offsets, fit_probabilities, read_calibration
from analyzers.scores import bootstrapped, brier, expected_calibration_error


def drawn(temperature: float, bias: float, rows: int = 4_000) -> tuple[np.ndarray, np.ndarray]:
    """Logits whose true probabilities are softmax(logits / temperature + (bias, 0))."""
    rng = np.random.default_rng(3)
    logits = rng.normal(0, 3, (rows, 2)).astype(np.float32)
    chance = Calibration(temperature, (bias, 0.0)).probabilities(logits)[:, 1]
    return logits, (rng.random(rows) < chance).astype(np.int64)


def test_the_temperature_and_the_shift_that_made_the_truth_are_found() -> None:
    logits, truth = drawn(2.0, 0.8)
    fitted = fit_probabilities(logits, truth, shifted=True)
    assert fitted.temperature == pytest.approx(2.0, rel=0.1)
    assert fitted.bias[0] - fitted.bias[1] == pytest.approx(0.8, abs=0.15)
    chances = fitted.probabilities(logits)
    assert expected_calibration_error(chances.max(1).astype(float), chances.argmax(1) == truth) < 0.02


def test_without_a_shift_only_the_temperature_moves() -> None:
    logits, truth = drawn(3.0, 0.0)
    fitted = fit_probabilities(logits, truth, shifted=False)
    assert fitted.bias == ()
    assert fitted.temperature == pytest.approx(3.0, rel=0.1)


def test_offsets_say_a_rare_label_earlier_and_leave_its_probability_alone() -> None:
    rng = np.random.default_rng(5)
    truth = (rng.random(3_000) < 0.08).astype(np.int64)
    chance = np.clip(rng.normal(0.1 + 0.25 * truth, 0.1), 0.01, 0.99)
    probabilities = np.stack([1 - chance, chance], axis=1).astype(np.float32)

    def f1(said: np.ndarray) -> float:
        hit = int(((said == 1) & (truth == 1)).sum())
        return 2 * hit / max(1, int(said.sum() + truth.sum()))

    offset = fit_offsets(probabilities, f1)
    found = Calibration(1.0, (), offset)
    assert f1(found.decide(probabilities)) > f1(probabilities.argmax(1)) + 0.1
    assert offset[-1] == 0.0


@settings(max_examples=50)
@given(st.floats(0.2, 5), st.lists(st.floats(-2, 2), min_size=3, max_size=3), st.integers(0, 1000))
def test_probabilities_sum_to_one_and_survive_the_manifest(temperature: float, bias: list[float], seed: int) -> None:
    logits = np.random.default_rng(seed).normal(0, 4, (5, 3)).astype(np.float32)
    made = Calibration(temperature, tuple(bias), (0.5, 0.0, -0.5))
    assert np.allclose(made.probabilities(logits).sum(axis=1), 1, atol=1e-5)
    assert read_calibration(made.as_json(), ("a", "b", "c")) == made


def test_a_calibration_for_another_number_of_labels_is_refused() -> None:
    with pytest.raises(ValueError, match="2 labels"):
        read_calibration({"temperature": 1.0, "bias": [0.0, 0.0], "offset": []}, ("a", "b", "c"))


def test_brier_by_hand_and_its_interval_holds_the_mean() -> None:
    off = brier(np.array([[1.0, 0.0], [0.5, 0.5]], np.float32), np.array([0, 1]))
    assert off.tolist() == [0.0, 0.5]
    interval = bootstrapped(np.arange(100.0))
    assert interval.low < interval.mean == 49.5 < interval.high
