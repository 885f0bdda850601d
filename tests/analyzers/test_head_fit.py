"""Heads refitted to made-up posts: 24 pooled numbers each, of which a few decide the label."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from analyzers.calibration import Calibration, log_softmax
from analyzers.head_fit import (
    FEWEST_LABELS,
    Examples,
    Figures,
    Head,
    Whole,
    fit,
    guessing,
    is_held_back,
    judged,
    log_losses,
    refit,
    split,
    why_not,
    why_refused,
)

LABELS = ("negative", "neutral", "positive")
WIDTH = 24
CALIBRATION = Calibration(1.2, (0.1, -0.1, 0.0), (0.3, 0.0, 0.0))
JARGON = 20


def knows(seed: int = 1) -> Head:
    weight = np.zeros((3, WIDTH))
    weight[:, :8] = np.random.default_rng(seed).normal(size=(3, 8)) * 3
    return Head(weight.astype(np.float32), np.zeros(3, np.float32))


def posts(count: int, seed: int, *, jargon: float = 0.0) -> Examples:
    """Posts labelled as `knows` would, drawn by its probabilities; a `jargon` share has a word that means negative."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(count, WIDTH)) * np.arange(1, WIDTH + 1) ** -0.4
    has = rng.random(count) < jargon
    features[has, JARGON] += 1.5
    chances = knows().probabilities(features.astype(np.float32), CALIBRATION)
    truth = np.where(has, 0, [rng.choice(3, p=row / row.sum()) for row in chances.astype(float)])
    return Examples(features.astype(np.float32), truth, tuple(f"{seed} {number}" for number in range(count)))


def by_dice(examples: Examples, seed: int) -> Examples:
    thrown = np.random.default_rng(seed).integers(0, 3, len(examples.truth))
    return Examples(examples.features, thrown, examples.keys)


def way(head: Head) -> float:
    return float(np.linalg.norm(head.weight - knows().weight))


def refused(examples: Examples) -> bool:
    learn, held = split(examples)
    old = knows()
    new = refit(old, learn, CALIBRATION)
    before, after = (judged(head, held, CALIBRATION, LABELS) for head in (old, new))
    return new is old or why_refused(before, after, guessing(learn, held, 3)) is not None


def test_a_local_meaning_is_learnt_and_holds_for_posts_of_tomorrow() -> None:
    learn, held = split(posts(240, 2, jargon=0.3))
    new = refit(knows(), learn, CALIBRATION)
    before, after = (judged(head, held, CALIBRATION, LABELS) for head in (knows(), new))
    assert why_refused(before, after, guessing(learn, held, 3)) is None
    assert after.log_loss < 0.7 * before.log_loss
    assert after.macro_f1 > before.macro_f1
    tomorrow = posts(1_000, 3, jargon=0.3)
    before, after = (judged(head, tomorrow, CALIBRATION, LABELS) for head in (knows(), new))
    assert after.log_loss < 0.8 * before.log_loss
    assert after.macro_f1 > before.macro_f1


def test_few_labels_move_a_head_a_little_and_many_move_it_further() -> None:
    moved = [way(fit(knows(), posts(count, 4, jargon=0.3), CALIBRATION, 3.0)) for count in (15, 60, 240)]
    assert moved == sorted(moved)
    assert moved[2] > 1.5 * moved[0]
    assert way(fit(knows(), posts(60, 4, jargon=0.3), CALIBRATION, 1e9)) < 1e-4


def test_labels_thrown_by_dice_are_refused() -> None:
    assert sum(refused(by_dice(posts(160, seed), seed)) for seed in range(10)) >= 8


def test_labels_that_the_model_would_give_itself_seldom_make_a_new_version() -> None:
    assert sum(refused(posts(120, seed)) for seed in range(10, 20)) >= 7


def test_a_refitted_head_needs_no_new_temperature() -> None:
    gains = []
    for seed in range(30, 34):
        learn, _ = split(posts(120, seed, jargon=0.3))
        fresh = posts(1_500, seed + 100, jargon=0.3)
        found = refit(knows(), learn, CALIBRATION).probabilities(fresh.features, CALIBRATION).astype(np.float64)
        gains.append(float(log_losses(found.astype(np.float32), fresh.truth).mean()) - best_loss(found, fresh.truth))
    assert np.mean(gains) < 0.03, "in nats: the temperature that is best on posts of tomorrow gains no more"


def best_loss(found: np.ndarray, truth: Whole) -> float:
    logs = np.log(np.maximum(found, 1e-12))

    def loss(exponent: float) -> float:
        return float(-log_softmax(logs / np.exp(exponent))[np.arange(len(truth)), truth].mean())

    return float(minimize_scalar(loss, bounds=(-2, 2), method="bounded").fun)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1_000), st.integers(12, 40), st.sampled_from([0.1, 1.0, 10.0]))
def test_no_other_head_near_by_fits_better(seed: int, count: int, strength: float) -> None:
    learn = posts(count, seed, jargon=0.3)
    found = fit(knows(), learn, CALIBRATION, strength)
    rng = np.random.default_rng(seed)
    for step in (0.01, 0.1):
        other = Head(
            found.weight + step * rng.normal(size=found.weight.shape).astype(np.float32),
            found.bias + step * rng.normal(size=3).astype(np.float32),
        )
        assert cost(found, learn, strength) <= cost(other, learn, strength) + 1e-3


def cost(head: Head, learn: Examples, strength: float) -> float:
    """The penalised log loss as the module's docstring has it, worked out from the head alone."""
    centre = learn.features.mean(axis=0, dtype=np.float64)
    scale = np.sqrt(((learn.features - centre) ** 2).sum(axis=1).mean())
    move = (head.weight - knows().weight).astype(np.float64)
    shift = (head.bias - knows().bias) + move @ centre
    off = log_losses(head.probabilities(learn.features, CALIBRATION), learn.truth).sum()
    return float(off + strength / 2 * ((move * scale) ** 2).sum() + strength / 2 * (shift**2).sum())


def test_features_that_never_differ_move_only_the_bias() -> None:
    learn = Examples(np.ones((30, WIDTH), np.float32), np.arange(30) % 2, tuple(map(str, range(30))))
    found = fit(knows(), learn, CALIBRATION, 1.0)
    assert np.array_equal(found.weight, knows().weight)
    assert np.isfinite(found.bias).all()


@given(st.lists(st.text(max_size=8), min_size=1, max_size=30))
def test_a_text_once_held_back_always_is(keys: list[str]) -> None:
    held = [is_held_back(key) for key in keys]
    examples = Examples(np.zeros((len(keys), 2), np.float32), np.zeros(len(keys), np.int64), tuple(keys))
    learn, back = split(examples)
    assert back.keys == tuple(key for key, out in zip(keys, held, strict=True) if out)
    assert not set(learn.keys) & set(back.keys)


def test_a_quarter_is_held_back() -> None:
    assert sum(is_held_back(str(number)) for number in range(4_000)) == pytest.approx(1_000, abs=90)


@pytest.mark.parametrize(
    ("truth", "held", "said"),
    [
        ([0, 1] * 9, [True, False] * 9, f"18 of the {FEWEST_LABELS}"),
        ([0] * 30, [True, False] * 15, "to learn from are all of one kind"),
        ([0, 1, 0] * 10, [True, False, False] * 10, "held back are all of one kind"),
        ([0, 1] * 10, [False] * 20, "held back are all of one kind"),
    ],
)
def test_a_head_with_too_little_is_left_alone(truth: Sequence[int], held: Sequence[bool], said: str) -> None:
    assert said in (why_not(truth, held) or "")


def test_a_head_with_two_kinds_on_both_sides_is_tried() -> None:
    assert why_not([0, 0, 1, 1] * 5, [True, False] * 10) is None


@pytest.mark.parametrize(
    ("new", "guessed", "said"),
    [
        (Figures(0.59, 0.5), 1.0, "macro F1 fell"),
        (Figures(0.8, 0.71), 1.0, "log loss rose"),
        (Figures(0.8, 0.6), 0.6, "guessing does as well"),
        (Figures(0.6, 0.7), 1.0, None),
        (Figures(0.6 - 1e-12, 0.7 + 1e-12), 1.0, None),
    ],
)
def test_only_what_is_not_worse_is_kept(new: Figures, guessed: float, said: str | None) -> None:
    reason = why_refused(Figures(0.6, 0.7), new, guessed)
    assert (reason is None) if said is None else said in (reason or "")
