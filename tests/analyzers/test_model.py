import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyzers.errors import ModelError
from analyzers.heads import LABELS, PAIR_TASKS
from analyzers.judging import judge
from analyzers.model import EmbeddedModel, equal_length_batches
from analyzers.workers import CHUNK, Judges
from tocsin.config import shipped

WORDS = (
    "pump",
    "awful",
    "love",
    "the",
    "support",
    "broken",
    "not",
    "never",
    "again",
    "👍",
    "@acme",
    "https://x.test",
    "fine",
)


@pytest.fixture(scope="module")
def model() -> EmbeddedModel:
    return EmbeddedModel.load(shipped("data", "model"))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=40).map(" ".join), min_size=1, max_size=40))
def test_a_posts_tags_do_not_depend_on_its_batch(model: EmbeddedModel, texts: list[str]) -> None:
    together = model.post_logits(texts)
    for index, text in enumerate(texts):
        alone = model.post_logits([text])
        for task, logits in alone.items():
            assert np.array_equal(logits[0], together[task][index])


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=30).map(" ".join), min_size=2, max_size=12))
@pytest.mark.parametrize("task", PAIR_TASKS)
def test_a_pairs_answer_does_not_depend_on_its_batch(model: EmbeddedModel, task: str, texts: list[str]) -> None:
    firsts, seconds = texts, texts[::-1]
    together = model.pair_logits(task, firsts, seconds)
    for index, (first, second) in enumerate(zip(firsts, seconds, strict=True)):
        assert np.array_equal(model.pair_logits(task, [first], [second])[0], together[index])


@pytest.mark.parametrize(
    ("text", "sentiment"),
    [
        ("This is the worst update ever, I want my money back.", "negative"),
        ("Thank you, support was wonderful and solved it in minutes. Love it!", "positive"),
        ("The meeting about version 4.2 takes place on Tuesday at 10 am.", "neutral"),
        ("This is not good at all.", "negative"),
    ],
)
def test_plain_cases_are_judged_as_a_person_would(model: EmbeddedModel, text: str, sentiment: str) -> None:
    (judgement,) = judge(model, [text])
    assert judgement.sentiment == sentiment


def test_an_insult_is_more_hostile_than_a_complaint(model: EmbeddedModel) -> None:
    insult, complaint = judge(
        model, ["You are all stupid lying idiots, go to hell.", "The export fails since the update."]
    )
    assert insult.hostility is not None
    assert complaint.hostility is not None
    assert insult.hostility > 0.5 > complaint.hostility


def test_other_languages_and_wordless_posts_abstain_without_probabilities(model: EmbeddedModel) -> None:
    german, dots = judge(model, ["Das Update hat alles kaputt gemacht, niemand antwortet.", "..."])
    assert (german.abstained, german.negative) == ("language", None)
    assert (dots.abstained, dots.hostility) == ("empty", None)


def test_a_post_of_ten_thousand_words_and_one_of_ten_megabytes_are_judged(model: EmbeddedModel) -> None:
    long, huge = judge(model, ["this is awful " * 3_500, "awful " * 1_700_000])
    assert long.sentiment == huge.sentiment == "negative"


@pytest.mark.parametrize("file", ["manifest.json", "heads.npz", "tokenizer.json", "encoder/model.bin"])
def test_a_damaged_model_is_refused_and_the_folder_is_named(tmp_path: Path, file: str) -> None:
    folder = shutil.copytree(shipped("data", "model"), tmp_path / "model")
    (folder / file).write_bytes(b"broken")
    with pytest.raises(ModelError, match=str(folder)):
        EmbeddedModel.load(folder)


def test_the_manifest_names_every_head_and_its_calibration() -> None:
    manifest = json.loads((shipped("data", "model") / "manifest.json").read_text())
    assert manifest["labels"].keys() == manifest["calibration"].keys() == LABELS.keys()


def test_the_head_reads_what_features_returns(model: EmbeddedModel) -> None:
    pair = (["Acme is fine"], ["Acme"])
    for task, texts in (("irony", (["great, again"],)), ("target_sentiment", pair), ("derailment", pair)):
        weight, bias = model.heads[task]
        inputs = model.features(task, *texts)
        logits = model.post_logits(*texts)[task] if len(texts) == 1 else model.pair_logits(task, *texts)
        assert np.allclose(inputs @ weight.T + bias, logits, atol=1e-4)


def test_an_empty_target_or_parent_is_judged_and_does_not_fail(model: EmbeddedModel) -> None:
    for task in PAIR_TASKS:
        chances = model.judge_pairs(task, ["", "a post"], ["", ""])
        assert np.allclose(chances.sum(axis=1), 1, atol=1e-5)


def test_workers_give_the_same_judgements_as_one_process() -> None:
    texts = [f"{word} {other} number {i}" for i in range(20) for word in WORDS[:4] for other in WORDS[4:8]]
    with Judges(shipped("data", "model"), workers=1) as alone, Judges(shipped("data", "model"), workers=2) as pair:
        one = dict(alone.judged(texts))
        two = dict(pair.judged(texts))
    assert one == two
    assert sorted(one) == list(range(0, len(texts), CHUNK))


@given(st.lists(st.integers(1, 200)), st.integers(1, 600))
def test_batches_hold_every_post_once_and_only_equal_lengths(lengths: list[int], most: int) -> None:
    batches = equal_length_batches(lengths, most)
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len({lengths[index] for index in batch}) == 1
        assert len(batch) == 1 or len(batch) * lengths[batch[0]] <= most
