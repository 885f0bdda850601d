"""The whole way from rows to a shipped model, on a tiny encoder made here: minutes of training in seconds."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.progress import Progress
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from analyzers.calibration import Calibration
from analyzers.errors import TrainingError
from analyzers.judging import judge
from analyzers.model import EmbeddedModel
from analyzers.training.recipe import Recipe

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch", reason="needs the extra [torch]: pip install torch==2.13.0")

from transformers import BertConfig, BertModel, BertTokenizerFast  # noqa: E402 - these want torch: only where it is

from analyzers.training import calibrate as calibrating  # noqa: E402
from analyzers.training import fit as fitting  # noqa: E402
from analyzers.training.export import export  # noqa: E402
from analyzers.training.fit import fit  # noqa: E402
from analyzers.training.make import make_model  # noqa: E402
from analyzers.training.rows import Row, assumed, batches, draw, read_rows  # noqa: E402

WORDS = ["good", "bad", "pump", "meeting", "idiot", "hello", "valve", "great", "awful", "tuesday"]
QUICK = Recipe(epochs=6, batch_tokens=160, learning_rate=3e-3, average=0.9, seed=3)
TEXTS = {
    "sentiment": {"negative": "bad awful pump", "neutral": "meeting tuesday valve", "positive": "good great pump"},
    "hostility": {"civil": "hello valve pump", "hostile": "idiot bad pump"},
    "irony": {"literal": "good tuesday", "ironic": "great awful"},
    "anger": {"other": "hello good meeting", "anger": "bad idiot awful"},
    "target_sentiment": {
        "negative": "bad awful pump",
        "neutral": "meeting tuesday pump",
        "positive": "good great pump",
    },
    "reply_stance": {
        "support": "good great",
        "deny": "bad awful",
        "query": "hello meeting",
        "comment": "tuesday valve",
    },
    "derailment": {"calm": "good meeting", "derails": "bad idiot"},
}


def row(task: str, text: str, label: str) -> dict[str, object]:
    if task == "derailment":
        return {"context": ["hello pump", text], "label": label}
    second = {"target_sentiment": {"target": "pump"}, "reply_stance": {"parent": "the pump"}}
    return {"text": text, "label": label, **second.get(task, {})}


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("encoder")
    specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocabulary = {word: index for index, word in enumerate([*specials, *WORDS])}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    BertTokenizerFast(tokenizer_object=tokenizer).save_pretrained(folder)
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64
    )
    BertModel(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rows")
    for task, by_label in TEXTS.items():
        for split, copies in (("train", 60), ("dev", 6)):
            rows = [
                row(task, f"{text} {WORDS[i % len(WORDS)]} {WORDS[i // 10 % len(WORDS)]}", label)
                for i in range(copies)
                for label, text in by_label.items()
            ]
            (folder / f"{task}.{split}.jsonl").write_text("".join(json.dumps(made) + "\n" for made in rows))
    return folder


def rows_of(data: Path, split: str) -> list[Row]:
    return [row for task in TEXTS for row in read_rows(data / f"{task}.{split}.jsonl", task)]


def test_a_trained_model_ships_as_int8_and_answers_without_torch(encoder: Path, data: Path, tmp_path: Path) -> None:
    out = tmp_path / "model"
    made = make_model(data, encoder, out, tmp_path / "work", QUICK, name="tiny", progress=Progress(disable=True))
    assert made.dev["sentiment"]["macro_recall"] > 0.9
    assert made.dev["target_sentiment"]["macro_f1"] > 0.9
    script = (
        "import sys; sys.modules['torch'] = None; from pathlib import Path; from analyzers.model import EmbeddedModel;"
        f"print(EmbeddedModel.load(Path({str(out)!r})).version)"
    )
    shown = subprocess.run([sys.executable, "-P", "-c", script], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == made.version
    (angry,) = judge(EmbeddedModel.load(out), ["bad awful pump idiot"])
    assert angry.sentiment == "negative"


def test_the_same_rows_and_seed_give_the_same_version(encoder: Path, data: Path, tmp_path: Path) -> None:
    made = [
        make_model(
            data, encoder, tmp_path / f"m{i}", tmp_path / f"w{i}", QUICK, name="tiny", progress=Progress(disable=True)
        )
        for i in range(2)
    ]
    assert made[0].version == made[1].version


def test_a_killed_run_goes_on_from_its_checkpoint_and_ends_in_the_same_weights(
    encoder: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe, rows, dev = Recipe(epochs=2, batch_tokens=90), rows_of(data, "train"), rows_of(data, "dev")
    whole = fit(encoder, rows, dev, tmp_path / "whole", recipe, Progress(disable=True))
    monkeypatch.setattr(fitting, "CHECKPOINT_EVERY", 5)
    calls = 0

    def power_cut(*args: object) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt
        save(*args)

    save = fitting.save_checkpoint
    monkeypatch.setattr(fitting, "save_checkpoint", power_cut)
    with pytest.raises(KeyboardInterrupt):
        fit(encoder, rows, dev, tmp_path / "cut", recipe, Progress(disable=True))
    resumed = fit(encoder, rows, dev, tmp_path / "cut", recipe, Progress(disable=True))
    for (name, one), two in zip(whole.state_dict().items(), resumed.state_dict().values(), strict=True):
        assert torch.equal(one, two), name


def test_a_checkpoint_of_another_recipe_is_refused(encoder: Path, data: Path, tmp_path: Path) -> None:
    rows, dev = rows_of(data, "train"), rows_of(data, "dev")
    fit(encoder, rows, dev, tmp_path, Recipe(epochs=1), Progress(disable=True))
    with pytest.raises(TrainingError, match="another recipe"):
        fit(encoder, rows, dev, tmp_path, Recipe(epochs=2), Progress(disable=True))


def test_batches_are_of_one_task_and_hold_every_row_once(data: Path) -> None:
    rows = rows_of(data, "train")
    lengths = {each: len(each.text.split()) + 2 for each in rows}
    planned = list(batches(rows, lengths, 60, seed=1))
    assert sorted(map(repr, (row for batch in planned for row in batch))) == sorted(map(repr, rows))
    assert all(len({row.task for row in batch}) == 1 for batch in planned)
    assert all(len(batch) * max(lengths[each] for each in batch) <= 60 for batch in planned)
    assert planned != list(batches(rows, lengths, 60, seed=2))


def test_a_run_can_begin_with_the_weights_of_another(encoder: Path, data: Path, tmp_path: Path) -> None:
    rows, dev = rows_of(data, "train"), rows_of(data, "dev")
    first = fit(encoder, rows, dev, tmp_path / "first", QUICK, Progress(disable=True))
    still = Recipe(epochs=1, learning_rate=0.0)
    second = fit(encoder, rows, dev, tmp_path / "second", still, Progress(disable=True), start=tmp_path / "first")
    assert torch.equal(first.heads["sentiment"].weight, second.heads["sentiment"].weight)
    with pytest.raises(TrainingError, match="no checkpoint"):
        fit(encoder, rows, dev, tmp_path / "third", still, Progress(disable=True), start=tmp_path / "nowhere")


def test_what_ships_can_be_the_mean_of_the_beginning_and_the_end(encoder: Path, data: Path, tmp_path: Path) -> None:
    rows, dev = rows_of(data, "train"), rows_of(data, "dev")
    began = fit(encoder, rows, dev, tmp_path / "first", QUICK, Progress(disable=True)).state_dict()
    ends = [
        fit(encoder, rows, dev, tmp_path / str(kept), replace(QUICK, keep_start=kept), Progress(disable=True),
            start=tmp_path / "first").state_dict()
        for kept in (0.0, 0.25)
    ]  # fmt: skip
    for name, value in began.items():
        if value.is_floating_point():
            assert torch.allclose(ends[1][name], 0.25 * value + 0.75 * ends[0][name], atol=1e-6), name
    assert any(not torch.equal(value, ends[0][name]) for name, value in began.items())


def test_a_cap_of_a_source_is_its_own_and_the_star_takes_the_rest() -> None:
    rows = [Row("sentiment", f"{source}{i}", 0, source) for source in ("a", "b", "c") for i in range(10)]
    drawn = draw(rows, [("sentiment", "a", 3), ("sentiment", "*", 12)], seed=1, epoch=0)
    counts = [sum(row.source == source for row in drawn) for source in ("a", "b", "c")]
    assert counts[0] == 3
    assert counts[1] + counts[2] == 12


def test_rows_of_one_task_can_be_assumed_for_another_and_enter_only_by_name() -> None:
    rows = [Row("sentiment", f"thanks {i}", 2, "forum") for i in range(5)] + [Row("irony", "great", 1, "tweets")]
    rows += assumed(rows, [("irony", "literal", "sentiment", "forum")])
    assert [each.label for each in rows if each.source == "assumed-forum"] == [0] * 5
    assert len(draw(rows, [("irony", "*", 10)], seed=1, epoch=0)) == 1
    assert len(draw(rows, [("irony", "*", 10), ("irony", "assumed-forum", 3)], seed=1, epoch=0)) == 4


def test_epochs_go_through_all_rows_in_turn() -> None:
    rows = [Row("irony", f"post {i}", 0) for i in range(10)]
    seen = [each for epoch in range(5) for each in draw(rows, [("irony", "*", 4)], seed=1, epoch=epoch)]
    assert {seen.count(each) for each in rows} == {2}


def test_a_run_can_begin_with_an_exported_model_and_int8_and_fp32_say_the_same(
    encoder: Path, data: Path, tmp_path: Path
) -> None:
    made = make_model(
        data, encoder, tmp_path / "m", tmp_path / "w", QUICK, name="tiny", progress=Progress(disable=True)
    )
    rows, dev = rows_of(data, "train"), rows_of(data, "dev")
    still = Recipe(epochs=1, learning_rate=0.0)
    again = fit(encoder, rows, dev, tmp_path / "again", still, Progress(disable=True), start=tmp_path / "m")
    model = EmbeddedModel.load(tmp_path / "m")
    assert made.version == model.version
    for task in TEXTS:
        mine = [each for each in dev if each.task == task]
        theirs = calibrating.logits(model, task, mine)
        with torch.inference_mode():
            readings = fitting.read(fitting.load_reader(encoder / "tokenizer.json", 128), mine)
            ours = again(task, *fitting.padded([readings[each] for each in mine])).numpy()
        assert np.abs(ours - theirs).max() < 0.25 * np.abs(theirs).max(), task


def test_calibration_of_a_missing_task_leaves_its_logits_alone(encoder: Path, data: Path, tmp_path: Path) -> None:
    rows = rows_of(data, "train")
    network = fit(encoder, rows, [], tmp_path, Recipe(epochs=1), Progress(disable=True))
    dev = [each for each in rows if each.task != "irony"]
    assert export(network.eval(), encoder, dev, tmp_path / "out", "tiny").calibration["irony"] == Calibration()
