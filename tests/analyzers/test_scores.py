import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzers.scores import expected_calibration_error, scores

LABELS = ("negative", "neutral", "positive")


def test_scores_by_hand() -> None:
    judged = scores(
        ["negative", "negative", "neutral", "positive"], ["negative", "neutral", "neutral", "neutral"], LABELS
    )
    assert judged.accuracy == 0.5
    assert judged.per_label["negative"].precision == 1.0
    assert judged.per_label["negative"].recall == 0.5
    assert judged.per_label["neutral"].f1 == pytest.approx(0.5)
    assert judged.macro_recall == pytest.approx((0.5 + 1 + 0) / 3)


def test_a_label_that_never_occurs_does_not_enter_the_means() -> None:
    assert scores(["negative"], ["negative"], LABELS).macro_recall == 1.0


def test_calibration_error_of_a_model_that_is_always_sure_and_half_right() -> None:
    assert expected_calibration_error(np.ones(10), np.array([True, False] * 5)) == pytest.approx(0.5)


@given(st.lists(st.sampled_from(LABELS), min_size=1), st.randoms())
def test_the_truth_scores_one_and_order_does_not_matter(truth: list[str], rng: object) -> None:
    assert scores(truth, truth, LABELS).macro_f1 == 1.0
    guess = [LABELS[(LABELS.index(label) + 1) % 3] if i % 2 else label for i, label in enumerate(truth)]
    pairs = list(zip(truth, guess, strict=True))
    rng.shuffle(pairs)  # type: ignore[attr-defined]  # hypothesis types its Random as object here
    mixed = scores([t for t, _ in pairs], [g for _, g in pairs], LABELS)
    assert mixed.macro_f1 == pytest.approx(scores(truth, guess, LABELS).macro_f1)
