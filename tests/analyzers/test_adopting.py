"""The user's own version of the model: written whole, adopted at the last step, dropped after an upgrade."""

import json
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from analyzers import adopting
from analyzers.adopting import ADOPTED, adopt, adoption, discard, in_force, standing
from analyzers.errors import ModelError
from analyzers.head_fit import Head
from analyzers.model import EmbeddedModel, read_manifest
from analyzers.model_files import ENCODER, HEADS, model_version, write_manifest
from tocsin.config import shipped

MODEL = shipped("data", "model")
TEXT = ["the pump is fine"]


@pytest.fixture(scope="module")
def model() -> EmbeddedModel:
    return EmbeddedModel.load(MODEL)


@pytest.fixture
def heads(model: EmbeddedModel) -> dict[str, Head]:
    weight, bias = model.heads["irony"]
    return {"irony": Head(weight, bias + np.float32(1))}


def test_a_new_version_answers_one_question_anew_and_the_others_as_before(
    model: EmbeddedModel, heads: dict[str, Head], tmp_path: Path, now: datetime
) -> None:
    found = adopt(MODEL, tmp_path / "models", heads, now)
    folder = in_force(MODEL, tmp_path / "models")
    own = EmbeddedModel.load(folder)
    assert (folder.name, own.version) == (found.folder, found.version)
    assert own.version == model_version(folder, read_manifest(folder)) != model.version
    assert (own.name, own.calibration, own.labels) == (model.name, model.calibration, model.labels)
    before, after = model.post_logits(TEXT), own.post_logits(TEXT)
    assert np.allclose(after["irony"], before["irony"] + 1)
    assert all(np.array_equal(after[task], before[task]) for task in before if task != "irony")
    with np.load(MODEL / HEADS) as old, np.load(folder / HEADS) as new:
        assert [name for name in old if not np.array_equal(old[name], new[name])] == ["irony.bias"]
    assert (folder / ENCODER / "model.bin").samefile(MODEL / ENCODER / "model.bin") or (
        (folder / ENCODER / "model.bin").read_bytes() == (MODEL / ENCODER / "model.bin").read_bytes()
    )


def test_where_files_cannot_be_linked_they_are_copied(
    heads: dict[str, Head], tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(adopting.os, "link", refuse)
    found = adopt(MODEL, tmp_path, heads, now)
    assert EmbeddedModel.load(tmp_path / found.folder).version == found.version


def test_the_next_version_builds_on_the_one_in_force(
    model: EmbeddedModel, heads: dict[str, Head], tmp_path: Path, now: datetime
) -> None:
    first = adopt(MODEL, tmp_path, heads, now)
    weight, bias = model.heads["anger"]
    second = adopt(MODEL, tmp_path, {"anger": Head(weight * 2, bias)}, now)
    own = EmbeddedModel.load(in_force(MODEL, tmp_path))
    assert own.version == second.version != first.version
    assert np.array_equal(own.heads["irony"][1], heads["irony"].bias)
    assert np.array_equal(own.heads["anger"][0], weight * 2)
    assert (tmp_path / first.folder).is_dir(), "earlier versions stay until somebody deletes them"


def test_discarding_goes_back_and_the_same_heads_can_be_adopted_again(
    heads: dict[str, Head], tmp_path: Path, now: datetime
) -> None:
    first = adopt(MODEL, tmp_path, heads, now)
    assert [discard(tmp_path), discard(tmp_path)] == [True, False]
    assert (in_force(MODEL, tmp_path), standing(MODEL, tmp_path)) == (MODEL, None)
    assert adopt(MODEL, tmp_path, heads, now).version == first.version
    assert in_force(MODEL, tmp_path) == tmp_path / first.folder


def test_after_an_upgrade_of_the_configured_model_the_own_version_is_not_used(
    heads: dict[str, Head], tmp_path: Path, now: datetime
) -> None:
    upgraded = tmp_path / "upgraded"
    upgraded.mkdir()
    write_manifest(upgraded, {**read_manifest(MODEL), "version": "newer"})
    found = adopt(MODEL, tmp_path, heads, now)
    assert standing(MODEL, tmp_path) == (
        True,
        f"own version {found.version} of {now:%Y-%m-%d}, in {tmp_path / found.folder}",
    )
    assert in_force(upgraded, tmp_path) == upgraded
    used, words = standing(upgraded, tmp_path) or (True, "")
    assert not used
    assert "is newer now" in words


@pytest.mark.parametrize("step", ["copytree", "copy", "load", "rename", "replace"])
def test_a_training_that_dies_leaves_the_version_before_in_force(
    heads: dict[str, Head], tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    places = {"copytree": adopting.shutil, "copy": adopting.shutil, "load": EmbeddedModel}
    with monkeypatch.context() as patch:
        patch.setattr(places.get(step, Path), step, die)
        with pytest.raises(KeyboardInterrupt):
            adopt(MODEL, tmp_path, heads, now)
    assert in_force(MODEL, tmp_path) == MODEL
    (tmp_path / ".writing-left-by-a-kill").mkdir()
    found = adopt(MODEL, tmp_path, heads, now)
    assert sorted(path.name for path in tmp_path.iterdir()) == [ADOPTED, found.folder]


@pytest.mark.parametrize("text", ["{", "[]", '{"folder": "x"}', "\xff"])
def test_a_damaged_note_is_named_with_what_to_do(tmp_path: Path, text: str) -> None:
    (tmp_path / ADOPTED).write_bytes(text.encode("latin-1"))
    with pytest.raises(ModelError, match=r"adopted\.json.*--discard"):
        in_force(MODEL, tmp_path)
    assert discard(tmp_path)
    assert adoption(tmp_path) is None


def test_a_version_that_is_gone_is_an_error_and_no_silent_change_of_model(tmp_path: Path) -> None:
    note = {"based_on": read_manifest(MODEL)["version"], "folder": "gone", "version": "v", "at": "2026"}
    (tmp_path / ADOPTED).write_text(json.dumps(note))
    with pytest.raises(ModelError, match=r"gone.*--discard"):
        in_force(MODEL, tmp_path)


def test_a_place_that_cannot_be_written_is_named(heads: dict[str, Head], tmp_path: Path, now: datetime) -> None:
    (tmp_path / "models").write_text("a file")
    with pytest.raises(ModelError, match="models"):
        adopt(MODEL, tmp_path / "models", heads, now)
    assert in_force(MODEL, tmp_path / "models") == MODEL
