"""Labels from a table into the model, and out as tags: by the commands, with the shipped model."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from label_tables import SHIPPED, Row, asked, exported, fill, of_the_trade, ran
from running import run

from analyzers.head_fit import is_held_back
from analyzers.model import read_manifest
from tocsin.config import shipped
from tocsin.store.database import open_store
from tocsin.store.posts import write_posts
from tocsin.store.records import Post, Thread


def test_a_post_edited_since_the_export_keeps_its_label_and_teaches_nothing(config: Path, tmp_path: Path) -> None:
    rows = exported(config, 25)
    edited = rows[0]["post_id"]
    with open_store(tmp_path / "tocsin.db") as store:
        thread = Thread(edited.replace(":", ":t"), "forum", "t", None, None)
        write_posts(store, [Post(edited, "forum", thread, "All is different now.", None)], datetime.now(UTC))
    done = ran("label", "import", fill(config, rows, of_the_trade), "-c", config)
    assert (done["new"], done["edited"]) == (25, 1)
    heads = ran("train", "--labels", "-c", config)["heads"]
    assert isinstance(heads, list)
    assert (heads[0]["task"], heads[0]["labels"], heads[0]["unused"]) == ("sentiment", 24, 1)


def test_the_words_of_a_trade_are_learnt_kept_used_and_taken_back(config: Path, tmp_path: Path) -> None:
    rows = exported(config)
    assert any(row["model_sentiment"].split()[0] != of_the_trade(row) for row in rows), "nothing to learn"
    ran("label", "import", fill(config, rows, of_the_trade), "-c", config)
    done = ran("train", "--labels", "-c", config)
    assert done["kept"], done
    heads = {head["task"]: head for head in done["heads"]}  # type: ignore[attr-defined]
    assert heads["sentiment"]["new"]["log_loss"] < heads["sentiment"]["old"]["log_loss"]
    assert heads["irony"]["verdict"] == "0 of the 20 labels it needs"
    assert (done["was"], done["based_on"]) == (SHIPPED, SHIPPED)
    version = done["version"]
    assert json.loads((tmp_path / "models" / "adopted.json").read_text())["version"] == version
    assert f"own version: own version {version}" in run("doctor", "-c", config)[1]

    again = ran("train", "--labels", "-c", config)
    assert (again["kept"], again["version"]) == (False, version), "the same labels once more change nothing"

    assert ran("tag", "--retag", "-c", config, "--workers", 1)["model_version"] == version
    right = "SELECT avg(sentiment = 'positive') FROM tags JOIN posts ON id = post_id WHERE text LIKE '%zero back%'"
    shares = dict(asked(config, right.replace("avg", "model_version, avg") + " GROUP BY model_version"))
    assert shares.keys() == {SHIPPED, version}, "tags of the old version stay"
    assert float(str(shares[version])) > 0.8 > float(str(shares[SHIPPED]))
    assert asked(config, "SELECT version FROM models WHERE current") == [(version,)]

    assert ran("train", "--discard", "-c", config)["discarded"] is True
    back = ran("tag", "-c", config, "--workers", 1)
    assert (back["model_version"], back["tagged"]) == (SHIPPED, 0)


def test_wrong_labels_are_refused_and_the_old_version_is_kept(config: Path, tmp_path: Path) -> None:
    other = {"negative": "positive", "positive": "negative", "neutral": "negative"}

    def said(row: Row) -> str:
        model = row["model_sentiment"].split()[0]
        return model if is_held_back(row["text_key"]) else other[model]

    ran("label", "import", fill(config, exported(config), said), "-c", config)
    code, out, err = run("train", "--labels", "-c", config)
    assert code == 0, err
    assert "not kept: macro F1 fell" in out
    assert f"Kept the old version: {read_manifest(shipped('data', 'model'))['name']} {SHIPPED}." in out
    done = ran("train", "--labels", "-c", config)
    assert (done["kept"], done["version"]) == (False, SHIPPED)
    assert not (tmp_path / "models").exists()


def test_without_labels_nothing_is_trained_and_that_is_no_failure(config: Path) -> None:
    code, out, _ = run("train", "--labels", "-c", config)
    assert code == 0
    assert out.count("0 of the 20 labels it needs") == 5


@pytest.mark.parametrize(
    "options",
    [["--labels", "--discard"], ["--labels", "--data", "."], ["--discard", "--out", "x"], ["--data", "."], []],
)
def test_the_ways_to_train_exclude_each_other(config: Path, options: list[str]) -> None:
    assert run("train", *options, "-c", config)[0] == 2


def test_there_may_be_nothing_to_discard(config: Path) -> None:
    code, _, err = run("train", "--discard", "-c", config)
    assert code == 0
    assert "no own version" in err


def test_after_an_upgrade_the_own_version_is_left_and_said_to_be(config: Path, tmp_path: Path) -> None:
    note = {"based_on": "an older model", "folder": "old", "version": "abc", "at": "2026-01-01T00:00:00+00:00"}
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "adopted.json").write_text(json.dumps(note))
    code, out, err = run("tag", "-c", config, "--json")
    assert (code, json.loads(out)["model_version"]) == (0, SHIPPED)
    assert "own version abc is not used" in err
    assert "tocsin train --labels" in run("doctor", "-c", config)[1]
