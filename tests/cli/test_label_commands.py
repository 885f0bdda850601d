"""Labels from the store to a table, back, into the model, and out as tags: by the commands, with the shipped model."""

from __future__ import annotations

import csv
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
from typer.testing import CliRunner

from analyzers.head_fit import is_held_back
from analyzers.model import read_manifest
from tocsin.cli.main import app
from tocsin.config import shipped
from tocsin.store.database import open_store
from tocsin.store.posts import write_posts
from tocsin.store.records import Post, Thread
from tocsin.store.sources import ensure_sources

FORMULA = '=HYPERLINK("http://evil.test")'
JARGON = "zero backlash"
"""Play in gears is called backlash; to have none is praise."""
SHIPPED = read_manifest(shipped("data", "model"))["version"]
Row = dict[str, str]


def run(*arguments: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return done.exit_code, done.stdout, done.stderr


def ran(*arguments: object) -> dict[str, object]:
    code, out, err = run(*arguments, "--json")
    assert code == 0, err
    found: dict[str, object] = json.loads(out)
    return found


def texts() -> list[str]:
    parts = (
        ("The gearbox on line {}", "Our new drive number {}", "Acme unit {}", "The mixer of hall {}"),
        ("has zero backlash", "shows zero backlash", "came with a manual", "leaks again", "is a great buy", "runs"),
        ("after a week.", "says the operator.", "as far as I can see.", "in the second shift.", "since Monday."),
    )
    told = [" ".join(words).format(number) for number, words in enumerate(product(*parts))]
    return [*told, FORMULA + " Acme, look here", "Das ist leider alles ganz schrecklich kaputt gegangen."]


@pytest.fixture(scope="module")
def tagged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a configuration and a tagged store."""
    folder = tmp_path_factory.mktemp("tagged")
    (folder / "tocsin.toml").write_text('[[brands]]\nname = "Acme"\n')
    now = datetime.now(UTC)
    with open_store(folder / "tocsin.db") as store:
        ensure_sources(store, [("forum", "forum", "https://forum.test/")], now)
        posts = [
            Post(
                f"forum:{i}", "forum", Thread(f"forum:t{i}", "forum", "t", None, None), text, now - timedelta(minutes=i)
            )
            for i, text in enumerate(texts())
        ]
        write_posts(store, posts, now)
    assert ran("tag", "-c", folder / "tocsin.toml", "--workers", 1)["tagged"] == len(posts)
    return folder


@pytest.fixture
def config(tagged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The configuration of a copy of `tagged`, whose folder is the current one."""
    for file in ("tocsin.toml", "tocsin.db"):
        shutil.copy(tagged / file, tmp_path / file)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "tocsin.toml"


def exported(config: Path, count: int = 110) -> list[Row]:
    ran("label", "export", "-c", config, "--count", count)
    return table(config)


def table(config: Path) -> list[Row]:
    with (config.parent / "labels.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def fill(config: Path, rows: list[Row], said: Callable[[Row], str]) -> Path:
    path = config.parent / "filled.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), delimiter=";")
        writer.writeheader()
        writer.writerows({**row, "sentiment": said(row)} for row in rows)
    return path


def of_the_trade(row: Row) -> str:
    return "positive" if JARGON in row["text"] else row["model_sentiment"].split()[0]


def asked(config: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(config.parent / "tocsin.db")) as store:
        return store.execute(sql).fetchall()


def test_the_table_holds_every_question_the_models_answers_and_empty_cells(config: Path) -> None:
    code, out, err = run("label", "export", "-c", config, "--count", 40)
    assert code == 0
    assert "tocsin label import labels.csv" in out
    rows = table(config)
    assert len(rows) == 40
    assert all(not row[column] for row in rows for column in ("sentiment", "hostility", "irony", "anger", "towards"))
    for row in rows:
        assert row["model_sentiment"].split()[0] in ("negative", "neutral", "positive")
        assert 0 <= float(row["model_irony"].split()[1]) <= 1
        assert bool(row["model_towards"]) == (row["brand"] == "Acme") == ("Acme" in row["text"])
        assert "leider" not in row["text"], "a language that the model does not read"
        assert row["text"][:30] not in out + err


def test_a_post_never_becomes_a_formula(config: Path) -> None:
    found = [row["text"] for row in exported(config, 200) if "HYPERLINK" in row["text"]]
    assert found == ["'" + FORMULA + " Acme, look here"]


def test_an_export_says_what_is_in_the_way(config: Path, tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("an afternoon of work")
    code, _, err = run("label", "export", "-c", config)
    assert (code, (tmp_path / "labels.csv").read_text()) == (2, "an afternoon of work")
    assert "labels.csv: exists" in err
    (tmp_path / "tocsin.db").unlink()
    with open_store(tmp_path / "tocsin.db"):
        pass
    code, _, err = run("label", "export", "-c", config, "--out", "new.csv")
    assert code == 1
    assert "tocsin tag" in err


def test_labelled_posts_come_again_only_when_asked_for_and_with_their_labels(config: Path) -> None:
    rows = exported(config, 30)
    ran("label", "import", fill(config, rows, lambda _: "neutral"), "-c", config)
    (config.parent / "labels.csv").unlink()
    assert not {row["post_id"] for row in exported(config, 30)} & {row["post_id"] for row in rows}
    (config.parent / "labels.csv").unlink()
    ran("label", "export", "-c", config, "--again", "--count", 200)
    again = {row["post_id"]: row["sentiment"] for row in table(config)}
    assert [again[row["post_id"]] for row in rows] == ["neutral"] * 30
    assert "" in again.values()


def test_an_import_counts_and_importing_again_updates(config: Path) -> None:
    rows = exported(config, 20)
    path = fill(config, rows, lambda row: "negative" if row is rows[0] else "")
    first = ran("label", "import", path, "-c", config)
    assert (first["new"], first["labels"]) == (1, {"sentiment": {"negative": 1, "neutral": 0, "positive": 0}})
    again = ran("label", "import", fill(config, rows, lambda row: "positive" if row is rows[0] else ""), "-c", config)
    assert (again["new"], again["changed"]) == (0, 1)
    assert asked(config, "SELECT task, brand, label FROM labels") == [("sentiment", "", "positive")]
    code, out, _ = run("label", "import", path, "-c", config)
    assert code == 0
    assert "labels: 0 new, 0 changed, 1 known already" in out
    assert "negative 0  neutral 0  positive 1" in out


def test_of_a_table_with_mistakes_nothing_is_imported_and_every_line_is_named(config: Path, tmp_path: Path) -> None:
    lines = ["post_id,brand,sentiment,towards", "forum:1,,positive,", "forum:1,,negative,", "nobody,,negative,"]
    lines += ["forum:2,,angry,", "forum:3,Nobody,,negative", "forum:4,,positive,"]
    (tmp_path / "wrong.csv").write_text("\n".join(lines))
    code, _, err = run("label", "import", "wrong.csv", "-c", config)
    assert code == 2
    assert "line 3: says negative of sentiment, line 2 says positive of the same post" in err
    assert "line 4: the store holds no post 'nobody'" in err
    assert "line 5: sentiment is 'angry'" in err
    assert "line 6: the text of 'forum:3' does not name the brand 'Nobody'" in err
    assert asked(config, "SELECT count(*) FROM labels") == [(0,)]


def test_another_file_is_no_table(config: Path) -> None:
    code, _, err = run("label", "import", config, "-c", config)
    assert code == 2
    assert "must name post_id" in err


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
