"""The gate on the shipped model (benchmarks/model_gate.py) lets the good one through and no broken one."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from analyzers.heads import LABELS, MEASURES
from analyzers.labelled import LabelledRow
from analyzers.model import EmbeddedModel
from benchmarks import model_gate
from benchmarks.model_gate import (
    LEAST_ROWS,
    PINS,
    SET,
    Pins,
    PinsError,
    as_toml,
    digest,
    failures,
    measured,
    read_pins,
    read_rows,
    set_failures,
)
from tocsin.config import shipped

Rows = dict[str, list[LabelledRow]]
SEEDS = (1, 2, 3)


class Remembering:
    """The encoder, asked once for each batch: models with other heads read the same hidden states."""

    def __init__(self, encoder: Any) -> None:
        self.encoder = encoder
        self.known: dict[str, NDArray[np.float32]] = {}

    def forward_batch(self, ids: list[tuple[int, ...]], token_type_ids: list[tuple[int, ...]]) -> SimpleNamespace:
        key = repr((ids, token_type_ids))
        if key not in self.known:
            answer = self.encoder.forward_batch(ids, token_type_ids=token_type_ids)
            self.known[key] = np.array(answer.last_hidden_state)
        return SimpleNamespace(last_hidden_state=self.known[key])


class Scrambled:
    """The encoder with its word vectors shuffled: every token is read as some other one."""

    def __init__(self, encoder: Any, words: int) -> None:
        self.encoder = encoder
        self.other = np.random.default_rng(1).permutation(words)

    def forward_batch(self, ids: list[tuple[int, ...]], token_type_ids: list[tuple[int, ...]]) -> Any:
        return self.encoder.forward_batch(
            [self.other[list(row)].tolist() for row in ids], token_type_ids=token_type_ids
        )


@pytest.fixture(scope="module")
def rows() -> Rows:
    return read_rows(SET)


@pytest.fixture(scope="module")
def model() -> EmbeddedModel:
    loaded = EmbeddedModel.load(shipped("data", "model"))
    return replace(loaded, encoder=Remembering(loaded.encoder))


def refusals(model: EmbeddedModel, rows: Rows, tasks: Sequence[str]) -> set[str]:
    """The tasks out of `tasks` for which the gate names a reason."""
    pins = read_pins(PINS)
    found = measured(model, {task: rows[task] for task in tasks})
    lines = failures(found, {task: pins.floors[task] for task in tasks}, pins.epsilon)
    return {line.split(":")[0] for line in lines}


def swapped(model: EmbeddedModel, one: str, other: str) -> EmbeddedModel:
    taken_from = {task: task for task in LABELS} | {one: other, other: one}
    return replace(
        model,
        heads={task: model.heads[taken_from[task]] for task in LABELS},
        calibration={task: model.calibration[taken_from[task]] for task in LABELS},
        queries=model.queries
        | {f"{one}_first": model.queries[f"{other}_first"], f"{other}_first": model.queries[f"{one}_first"]},
    )


def with_head(model: EmbeddedModel, task: str, weight: NDArray[np.float32], bias: NDArray[np.float32]) -> EmbeddedModel:
    return replace(model, heads=model.heads | {task: (weight, bias)})


def test_the_shipped_model_passes_and_the_set_is_the_pinned_one(model: EmbeddedModel, rows: Rows) -> None:
    pins = read_pins(PINS)
    assert failures(measured(model, rows), pins.floors, pins.epsilon) == []
    assert set_failures(rows, digest(SET), pins.digest) == []


@pytest.mark.parametrize(
    ("one", "other"), [("hostility", "anger"), ("hostility", "irony"), ("irony", "anger")], ids="-".join
)
def test_two_swapped_heads_are_refused(model: EmbeddedModel, rows: Rows, one: str, other: str) -> None:
    assert refusals(swapped(model, one, other), rows, [one, other])


@pytest.mark.parametrize("task", LABELS)
def test_a_head_whose_labels_are_in_another_order_is_refused(model: EmbeddedModel, rows: Rows, task: str) -> None:
    weight, bias = model.heads[task]
    assert refusals(with_head(model, task, weight[::-1], bias[::-1]), rows, [task]) == {task}


@pytest.mark.parametrize("seed", SEEDS)
def test_shuffled_head_weights_are_refused(model: EmbeddedModel, rows: Rows, seed: int) -> None:
    shuffle = np.random.default_rng(seed).permutation
    broken = model
    for task, (weight, bias) in model.heads.items():
        broken = with_head(broken, task, weight[:, shuffle(weight.shape[1])], bias)
    assert len(refusals(broken, rows, list(LABELS))) > len(LABELS) / 2


def test_an_encoder_with_shuffled_word_vectors_is_refused(model: EmbeddedModel, rows: Rows) -> None:
    broken = replace(model, encoder=Scrambled(model.encoder.encoder, model.reader.tokenizer.get_vocab_size()))
    assert len(refusals(broken, rows, list(LABELS))) > len(LABELS) / 2


def test_a_model_without_one_of_the_heads_is_refused(model: EmbeddedModel, rows: Rows) -> None:
    poorer = replace(model, labels={task: names for task, names in model.labels.items() if task != "irony"})
    assert refusals(poorer, rows, ["irony", "anger"]) == {"irony"}


def test_the_command_says_which_weights_are_wrong_and_exits_with_1(tmp_path: Path) -> None:
    folder = shutil.copytree(shipped("data", "model"), tmp_path / "model")
    with np.load(folder / "heads.npz") as arrays:
        stored = dict(arrays)
    for task in LABELS:
        stored[f"{task}.weight"] = np.random.default_rng(1).permuted(stored[f"{task}.weight"], axis=1)
    np.savez(folder / "heads.npz", **stored)
    done = subprocess.run(
        [sys.executable, model_gate.__file__, "--model", str(folder), "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    told = json.loads(done.stdout)
    assert (done.returncode, told["passes"]) == (1, 0)
    assert told["failures"]
    assert all(line in done.stderr for line in told["failures"])


def test_a_changed_row_a_renamed_file_and_a_smaller_set_are_refused(tmp_path: Path, rows: Rows) -> None:
    pinned = digest(SET)
    folder = shutil.copytree(SET, tmp_path / "gate")
    assert digest(folder) == pinned
    file = folder / "irony.jsonl"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("ironic", "literal", 1), encoding="utf-8")
    assert set_failures(read_rows(folder), digest(folder), pinned)
    file.write_text(text, encoding="utf-8")
    assert digest(folder) == pinned
    file.rename(folder / "irony2.jsonl")
    assert digest(folder) != pinned
    assert "at least 400" in set_failures({"irony": rows["irony"]}, pinned, pinned)[0]


def test_the_rows_are_distinct_balanced_and_enough(rows: Rows) -> None:
    assert sum(map(len, rows.values())) >= LEAST_ROWS
    assert rows.keys() == LABELS.keys() == MEASURES.keys()
    for task, found in rows.items():
        assert len({(row.text.casefold(), (row.other or "").casefold()) for row in found}) == len(found), task
        counts = Counter(row.label for row in found)
        assert set(counts) == set(LABELS[task])
        assert max(counts.values()) == min(counts.values()), task
    posts = [row.text for task, found in rows.items() if task != "reply_stance" for row in found]
    assert max(Counter(posts).values()) == 2, "only a post about two brands stands twice"


def test_posts_about_two_brands_love_the_one_and_loathe_the_other(rows: Rows) -> None:
    of_post: dict[str, list[LabelledRow]] = {}
    for row in rows["target_sentiment"]:
        of_post.setdefault(row.text, []).append(row)
        assert row.other
        assert row.other.casefold() in row.text.casefold()
    pairs = [found for found in of_post.values() if len(found) == 2]
    assert len(pairs) >= 12
    assert all({row.label for row in pair} == {"positive", "negative"} for pair in pairs)


def test_a_pin_can_be_read_back_and_what_was_measured_passes_it(tmp_path: Path) -> None:
    figures = {task: 2 / 3 - index / 97 for index, task in enumerate(MEASURES)}
    path = tmp_path / "floors.toml"
    path.write_text(as_toml(Pins(figures, 0.03, "abc", "listener 1")), encoding="utf-8")
    pins = read_pins(path)
    assert (pins.epsilon, pins.digest, pins.model) == (0.03, "abc", "listener 1")
    assert failures(figures, pins.floors, 0.0) == []
    assert all(figures[task] - floor < 1e-4 for task, floor in pins.floors.items())


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("irony =", "ironie =", "floors"),
        ("epsilon =", "epsilom =", "epsilon"),
        ("epsilon = 0.", "epsilon = 7.", "epsilon"),
        ("[floors]", "[floors", "--pin"),
    ],
)
def test_unusable_pins_are_refused_and_the_key_is_named(tmp_path: Path, old: str, new: str, named: str) -> None:
    path = tmp_path / "floors.toml"
    path.write_text(PINS.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(PinsError, match=named):
        read_pins(path)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 0.1))
def test_a_figure_fails_exactly_when_it_is_below_its_floor_by_more_than_noise(
    figure: float, floor: float, epsilon: float
) -> None:
    lines = failures({"irony": figure}, {"irony": floor}, epsilon)
    assert bool(lines) == (figure < floor - epsilon)


def test_a_figure_that_is_no_number_and_one_that_is_missing_fail() -> None:
    lines = failures({"irony": float("nan")}, {"irony": 0.1, "anger": 0.1}, 0.03)
    assert [line.split(":")[0] for line in lines] == ["irony", "anger"]
