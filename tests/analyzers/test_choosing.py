import json
import subprocess
import sys
from pathlib import Path

import pytest
from huggingface_hub import constants
from hypothesis import given
from hypothesis import strategies as st

from analyzers.choosing import ModelChoice, choose
from analyzers.errors import ModelChoiceError, ModelError
from analyzers.label_map import OURS, map_labels
from tocsin.config import load, shipped
from tocsin.config_errors import ConfigError
from tocsin.plans import chosen_model

MODEL = shipped("data", "model")
STARS = ["1 star", "2 stars", "3 stars", "4 stars", "5 stars"]
MEANT = dict(zip(STARS, ("negative", "negative", "neutral", "positive", "positive"), strict=True))


def classifier(folder: Path, *labels: str, made_for: str = "BertForSequenceClassification") -> Path:
    """Write the part of a classifier that says what it is; nothing here is loaded."""
    folder.mkdir(parents=True, exist_ok=True)
    config = {"architectures": [made_for], "id2label": dict(enumerate(labels))}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def cache_of(folder: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make `folder` the cache of the Hub, with an empty copy of `name` in it, and return that copy."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(folder))
    kept = folder / f"models--{name.replace('/', '--')}"
    (kept / "refs").mkdir(parents=True)
    (kept / "refs" / "main").write_text("c0ffee", encoding="utf-8")
    (kept / "snapshots" / "c0ffee").mkdir(parents=True)
    return kept / "snapshots" / "c0ffee"


def refusal(setting: str, base: Path, labels: dict[str, str] | None = None) -> str:
    with pytest.raises(ModelChoiceError) as caught:
        choose(setting, labels or {}, MODEL, base)
    return str(caught.value)


def test_a_model_of_ours_is_the_embedded_one_or_a_folder_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "mine" / "v2").mkdir(parents=True)
    (tmp_path / "mine" / "v2" / "manifest.json").write_text("{}")
    assert choose("embedded", {}, MODEL, tmp_path) == ModelChoice(MODEL)
    assert choose("mine/v2", {}, MODEL, tmp_path) == ModelChoice(tmp_path / "mine" / "v2")
    assert "take the table out" in refusal("mine/v2", tmp_path, {"a": "negative"})


def test_a_classifier_is_a_folder_and_its_labels_are_mapped_in_their_order(tmp_path: Path) -> None:
    folder = classifier(tmp_path / "stars", *STARS)
    chosen = choose("stars", MEANT, MODEL, tmp_path)
    assert (chosen.folder, chosen.name, chosen.labels) == (folder, "stars", tuple(MEANT.items()))


def test_a_name_on_the_hub_is_found_in_its_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = classifier(cache_of(tmp_path / "cache", "org/tone", monkeypatch), "NEG", "Neutral", "pos")
    chosen = choose("org/tone", {}, MODEL, tmp_path)
    assert (chosen.folder, chosen.name) == (copy, "org/tone")
    assert [ours for _, ours in chosen.labels] == ["negative", "neutral", "positive"]


def test_a_name_that_is_not_in_the_cache_says_how_to_fetch_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache_of(tmp_path / "cache", "org/broken-off", monkeypatch)
    for name in ("org/tone", "tone", "org/broken-off"):
        said = refusal(name, tmp_path)
        assert f"`hf download {name}`" in said
        assert str(tmp_path / "cache") in said
        assert str(tmp_path / name) in said


@pytest.mark.parametrize(
    "setting", ["./no/such", "a/b/c", "/nowhere", "~nobody-here/x", "org/na me", "x" * 5_000, "\0"]
)
def test_what_is_neither_a_folder_nor_a_name_is_refused(setting: str, tmp_path: Path) -> None:
    assert "folder" in refusal(setting, tmp_path)


def test_a_folder_without_a_model_and_a_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    assert "neither manifest.json nor config.json" in refusal("empty", tmp_path)
    assert "no such folder" in refusal("file", tmp_path)


def test_a_model_made_for_something_else_and_a_damaged_one_are_refused(tmp_path: Path) -> None:
    classifier(tmp_path / "encoder", "negative", "positive", made_for="BertModel")
    assert "made for BertModel" in refusal("encoder", tmp_path)
    for text in ("{", "[]", '{"architectures": 3}', '{"id2label": {"x": "y"}}'):
        (tmp_path / "encoder" / "config.json").write_text(text)
        assert "config.json" in refusal("encoder", tmp_path)


def test_labels_without_a_meaning_are_named_with_the_table_to_write(tmp_path: Path) -> None:
    classifier(tmp_path / "tone", "negative", "LABEL_1", 'say "no"')
    said = refusal("tone", tmp_path)
    assert "'LABEL_1', 'say \"no\"' of tone" in said
    path = tmp_path / "tocsin.toml"
    table = said[said.index("[model_labels]") :].replace("...", "positive")
    path.write_text(f'model = "tone"\n{table}', encoding="utf-8")
    assert [ours for _, ours in chosen_model(load(path, {})).labels] == ["negative", "positive", "positive"]


@pytest.mark.parametrize(
    ("labels", "given", "expected"),
    [
        (["LABEL_0", "LABEL_1"], {"label_0": "negative"}, "did you mean 'LABEL_0'"),
        (["LABEL_0", "LABEL_1"], {"furious": "negative"}, "it has LABEL_0, LABEL_1"),
        (["LABEL_0", "LABEL_1"], {"LABEL_0": "furious"}, "use one of negative, neutral, positive, civil, hostile"),
        (["civil", "hostile"], {}, "sentiment is needed"),
        (["neutral", "negative"], {}, "means positive"),
        (["neg", "pos", "calm"], {"calm": "civil"}, "none for hostile"),
    ],
)
def test_a_map_that_does_not_fit_is_refused(
    tmp_path: Path, labels: list[str], given: dict[str, str], expected: str
) -> None:
    classifier(tmp_path / "tone", *labels)
    assert expected in refusal("tone", tmp_path, given)


@given(st.lists(st.text(min_size=1), min_size=2, max_size=6, unique=True), st.data())
def test_a_map_names_every_label_once_and_only_ours(theirs: list[str], data: st.DataObject) -> None:
    given_map = {label: data.draw(st.sampled_from(OURS)) for label in theirs}
    try:
        found = map_labels("tone", theirs, given_map)
    except ModelChoiceError:
        meanings = set(given_map.values())
        assert not {"negative", "positive"} <= meanings or ("civil" in meanings and "hostile" not in meanings)
    else:
        assert dict(found) == given_map
        assert [label for label, _ in found] == theirs


def test_the_configuration_is_blamed_by_its_file(tmp_path: Path) -> None:
    path = tmp_path / "tocsin.toml"
    for text, said in (
        ('model_labels = {a = "negative"}', "embedded model speaks our words"),
        ('model = "tone"\nmodel_labels = {a = "angry"}', "model_labels.a: "),
        ('model = "./tone"', "no such folder"),
        ('model = ""', "model: "),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigError) as caught:
            chosen_model(load(path, {}))
        assert str(caught.value).startswith(str(path))
        assert said in str(caught.value)


def test_missing_weights_and_missing_torch_say_what_to_do(tmp_path: Path) -> None:
    folder = classifier(tmp_path / "tone", "negative", "positive")
    script = (
        "import sys; sys.modules['torch'] = None; from pathlib import Path\n"
        "from analyzers.choosing import choose; from analyzers.errors import ModelError\n"
        "try: choose('tone', {}, Path(), Path(sys.argv[1])).load()\n"
        "except ModelError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", script, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert "the model tone needs torch: run pip install torch==2.13.0, or pip install 'tocsin[torch]'" in done.stdout
    (folder / "model.safetensors").write_bytes(b"")
    for name in ("manifest.json", "heads.npz"):
        (tmp_path / name).write_text("")
    with pytest.raises(ModelError, match=r"encoder, tokenizer.json missing"):
        ModelChoice(tmp_path).check()
