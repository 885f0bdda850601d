"""Somebody else's classifier, on tiny ones made here."""

import json
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from huggingface_hub import constants
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from analyzers.choosing import choose
from analyzers.detection import detect_store
from analyzers.errors import ModelChoiceError, ModelError
from analyzers.judging import judge
from analyzers.listening import is_negative
from analyzers.post_risk import pile_on_risks
from analyzers.tagging import tag_store
from analyzers.workers import Judges
from tocsin.cli.main import app
from tocsin.config import load
from tocsin.plans import chosen_model
from tocsin.store.database import Store, open_store
from tocsin.store.judged import judged_posts
from tocsin.store.mentions import ensure_brands, write_mentions
from tocsin.store.posts import write_posts
from tocsin.store.records import Mention, Post, Thread
from tocsin.store.sources import ensure_sources

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch", reason="needs the extra [torch]: pip install torch==2.13.0")

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors  # noqa: E402 - with torch only
from transformers import (  # noqa: E402 - with torch only
    BertConfig,
    BertForSequenceClassification,
    BertModel,
    BertTokenizerFast,
)

from analyzers.hub import HubModel  # noqa: E402 - with torch only

WORDS = ["acme", "pump", "valve", "awful", "broken", "great", "lovely", "tuesday", "idiots"]
TAUGHT = {"LABEL_0": ["awful pump", "broken valve awful", "acme awful pump"], "LABEL_1": ["tuesday valve", "acme pump"]}
TAUGHT["LABEL_2"] = ["great pump", "lovely valve great"]
MEANT = {"LABEL_0": "negative", "LABEL_1": "neutral", "LABEL_2": "positive"}


def classifier(folder: Path, taught: dict[str, list[str]], **more: object) -> Path:
    """Make a tiny classifier that knows `taught` (its labels with texts) by heart."""
    vocabulary = {word: index for index, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS])}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    reader = BertTokenizerFast(tokenizer_object=tokenizer)
    torch.manual_seed(5)
    sizes = {
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "initializer_range": 0.3,
    }
    config = BertConfig(
        vocab_size=len(vocabulary), id2label=dict(enumerate(taught)), max_position_embeddings=64, **sizes, **more
    )
    network = BertForSequenceClassification(config).eval()  # no dropout: it is to know them by heart
    learner = torch.optim.Adam(network.parameters(), lr=0.01)
    pairs = [(text, label) for label, texts in enumerate(taught.values()) for text in texts]
    batch = reader([text for text, _ in pairs], padding=True, return_tensors="pt")
    truth = torch.tensor([label for _, label in pairs])
    wanted = torch.nn.functional.one_hot(truth, len(taught)).float() if more else truth
    for _ in range(60):
        learner.zero_grad()
        network(**batch, labels=wanted).loss.backward()
        learner.step()
    network.save_pretrained(folder)
    reader.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return classifier(tmp_path_factory.mktemp("models") / "tiny", TAUGHT)


@pytest.fixture(scope="module")
def model(tiny: Path) -> HubModel:
    loaded = choose("tiny", MEANT, Path(), tiny.parent).load()
    assert isinstance(loaded, HubModel)
    return loaded


def config_with(folder: Path, tiny: Path) -> Path:
    shutil.copytree(tiny, folder / "tiny")
    path = folder / "tocsin.toml"
    labels = "".join(f'{label} = "{ours}"\n' for label, ours in MEANT.items())
    path.write_text(f'model = "tiny"\n[model_labels]\n{labels}[[brands]]\nname = "Acme"\n', encoding="utf-8")
    return path


def fill(store: Store, texts: list[str], now: datetime) -> None:
    ensure_sources(store, [("forum", "forum", "https://forum.test/")], now)
    ensure_brands(store, [("Acme", "own")])
    thread = Thread("forum:t1", "forum", "Acme", None, now)
    write_posts(
        store, [Post(f"forum:{i}", "forum", thread, text, now, author=f"a{i}") for i, text in enumerate(texts)], now
    )
    write_mentions(store, [], [Mention("forum:0", "Acme", "Acme", "text")], "rules")


def test_it_tags_the_store_through_the_configuration(
    tmp_path: Path, tiny: Path, model: HubModel, now: datetime
) -> None:
    path = config_with(tmp_path, tiny)
    with open_store(tmp_path / "tocsin.db") as store:
        fill(store, ["acme pump", "awful pump", "lovely valve great", "..."], now)
        report = tag_store(store, chosen_model(load(path, {})), now, workers=1)
        assert (report.model, report.model_version) == ("tiny", model.version)
        assert (report.tagged, report.by_sentiment) == (4, {"negative": 1, "neutral": 1, "positive": 1})
        rows = store.rows("SELECT * FROM tags JOIN models ON models.version = model_version ORDER BY post_id")
    assert [row["sentiment"] for row in rows] == ["neutral", "negative", "positive", None]
    assert rows[3]["abstained"] == "empty"
    for row in rows[:3]:
        assert sum(row[label] for label in ("negative", "neutral", "positive")) == pytest.approx(1, abs=2e-6)
        assert (row["name"], row["current"], row["hostility"], row["irony"]) == ("tiny", 1, None, None)


def test_the_command_tags_with_it_and_the_doctor_is_content(tmp_path: Path, tiny: Path, now: datetime) -> None:
    path = config_with(tmp_path, tiny)
    with open_store(tmp_path / "tocsin.db") as store:
        fill(store, ["Acme awful pump"], now)
    done = CliRunner().invoke(app, ["tag", "-c", str(path), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["by_sentiment"] == {"negative": 1}
    checks = json.loads(CliRunner().invoke(app, ["doctor", "-c", str(path), "--json"]).stdout)
    assert {"name": "model", "outcome": "ok", "found": "tiny", "todo": None} in checks


def test_a_name_on_the_hub_is_loaded_from_its_cache(
    tmp_path: Path, tiny: Path, model: HubModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "models--org--tone"
    shutil.copytree(tiny, kept / "snapshots" / "c0ffee")
    (kept / "refs").mkdir()
    (kept / "refs" / "main").write_text("c0ffee", encoding="utf-8")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    loaded = choose("org/tone", MEANT, Path(), Path("/nowhere")).load()
    assert (loaded.name, loaded.version) == ("org/tone", model.version)
    assert judge(loaded, ["awful pump"]) == judge(model, ["awful pump"])


def test_posts_without_hostility_count_as_negative_voices_and_have_no_pile_on_risk(
    store: Store, tiny: Path, now: datetime
) -> None:
    fill(store, ["acme awful pump"], now)
    tag_store(store, choose("tiny", MEANT, Path(), tiny.parent), now, workers=1)
    later = now + timedelta(hours=1)
    (post,) = judged_posts(store, "Acme", since=now - timedelta(days=1), until=later, seen_by=later)
    assert (post.hostility, is_negative(post)) == (None, True)
    assert pile_on_risks([post]) == {}
    detect_store(store, ["Acme"], later, ZoneInfo("UTC"))
    assert store.row("SELECT pile_on_risk FROM tags")["pile_on_risk"] is None


def test_a_model_that_cannot_work_does_not_become_the_current_one(store: Store, tiny: Path, now: datetime) -> None:
    fill(store, ["acme pump"], now)
    good = choose("tiny", MEANT, Path(), tiny.parent)
    tag_store(store, good, now, workers=1)
    broken = shutil.copytree(tiny, Path(store.path).parent / "broken")
    (broken / "model.safetensors").write_bytes(b"not weights")
    with pytest.raises(ModelError, match=str(broken)):
        tag_store(store, choose("broken", MEANT, Path(), broken.parent), now, workers=1)
    assert store.row("SELECT name FROM models WHERE current = 1")["name"] == "tiny"


@settings(max_examples=20, deadline=None)
@given(st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=90).map(" ".join), min_size=1, max_size=12))
def test_a_posts_tags_do_not_depend_on_its_neighbours(model: HubModel, texts: list[str]) -> None:
    together = model.judge_posts(texts)["sentiment"]
    alone = np.concatenate([model.judge_posts([text])["sentiment"] for text in texts])
    assert np.array_equal(together, alone)
    assert np.allclose(together.sum(axis=1), 1, atol=1e-6)


def test_workers_give_the_same_judgements_as_one_process(tiny: Path) -> None:
    chosen = choose("tiny", MEANT, Path(), tiny.parent)
    texts = [f"{first} {second} number {i}" for i in range(4) for first in WORDS for second in WORDS]
    with Judges(chosen, workers=1) as alone, Judges(chosen, workers=2) as pair:
        assert dict(alone.judged(texts)) == dict(pair.judged(texts))


def test_two_labels_leave_no_room_for_neutral_and_labels_of_one_meaning_add_up(tmp_path: Path) -> None:
    classifier(tmp_path / "two", {"NEGATIVE": ["awful"], "POSITIVE": ["great"]})
    (said,) = judge(choose("two", {}, Path(), tmp_path).load(), ["great great"])
    assert (said.sentiment, said.neutral) == ("positive", 0.0)
    classifier(tmp_path / "stars", {"1": ["awful"], "2": ["broken"], "3": ["great"]})
    stars = choose("stars", {"1": "negative", "2": "negative", "3": "positive"}, Path(), tmp_path).load()
    (said,) = judge(stars, ["awful broken"])
    assert said.negative is not None
    assert said.negative > 0.9


@pytest.mark.parametrize("kind", ["single_label_classification", "multi_label_classification"])
def test_a_label_for_hostile_gives_hostility_beside_the_sentiment(tmp_path: Path, kind: str) -> None:
    taught = {"neg": ["awful"], "neu": ["tuesday"], "pos": ["great"], "toxic": ["idiots"]}
    more = {"problem_type": kind} if kind.startswith("multi") else {}
    classifier(tmp_path / "tone", taught, **more)
    loaded = choose("tone", {"toxic": "hostile"}, Path(), tmp_path).load()
    insult, praise = judge(loaded, ["idiots", "great"])
    assert insult.hostility is not None
    assert praise.hostility is not None
    assert insult.hostility > 0.5 > praise.hostility
    assert praise.sentiment == "positive"
    found = loaded.judge_posts(["idiots", "great pump"])
    assert all(np.allclose(values.sum(axis=1), 1, atol=1e-6) for values in found.values())


def test_the_version_names_weights_tokenizer_and_label_map(tmp_path: Path, tiny: Path, model: HubModel) -> None:
    copy = shutil.copytree(tiny, tmp_path / "copy")
    (copy / "README.md").write_text("no part of a tag")
    versions = {choose("copy", MEANT, Path(), tmp_path).load().version}
    assert versions == {model.version}
    versions.add(choose("copy", {**MEANT, "LABEL_1": "positive"}, Path(), tmp_path).load().version)
    settings_file = copy / "tokenizer_config.json"
    settings_file.write_text(json.dumps({**json.loads(settings_file.read_text()), "model_max_length": 9}))
    versions.add(choose("copy", MEANT, Path(), tmp_path).load().version)
    classifier(copy, {**TAUGHT, "LABEL_2": ["lovely"]})
    versions.add(choose("copy", MEANT, Path(), tmp_path).load().version)
    assert len(versions) == 4
    assert all(len(version) == 12 for version in versions)


def test_an_encoder_that_was_never_trained_to_judge_is_refused(tmp_path: Path, tiny: Path) -> None:
    folder = shutil.copytree(tiny, tmp_path / "encoder")
    BertModel(BertConfig.from_pretrained(tiny)).save_pretrained(folder)
    with pytest.raises(ModelChoiceError, match="made for BertModel"):
        choose("encoder", MEANT, Path(), tmp_path)
    shutil.copy(tiny / "config.json", folder)
    with pytest.raises(ModelError, match="never trained to judge"):
        choose("encoder", MEANT, Path(), tmp_path).load()


def test_a_very_long_post_is_judged_by_its_beginning(model: HubModel) -> None:
    (long,) = judge(model, ["awful pump " + "tuesday " * 30_000])
    assert long.sentiment is not None


def test_evaluate_takes_it_with_labels_on_the_command_line(
    tmp_path: Path, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [("awful pump", "negative"), ("great pump", "positive"), ("tuesday valve", "neutral")]
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps({"text": text, "label": label}) + "\n" for text, label in rows))
    monkeypatch.chdir(tiny.parent)
    labels = [part for label, ours in MEANT.items() for part in ("--label", f"{label}={ours}")]
    command = ["evaluate", "sentiment", str(path), "--model", "tiny"]
    done = CliRunner().invoke(app, [*command, *labels, "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["accuracy"] == 1.0
    for wrong, said in (([], "[model_labels]"), (["--label", "LABEL_0"], "LABEL=OURS")):
        refused = CliRunner().invoke(app, [*command, *wrong])
        assert refused.exit_code == 2
        assert said in refused.output
    refused = CliRunner().invoke(app, [*command, *labels, "hostility"])
    assert refused.exit_code == 2
