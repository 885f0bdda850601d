"""Labels from the store to a table and back: by the commands, with the shipped model."""

from __future__ import annotations

from pathlib import Path

from label_tables import FORMULA, asked, exported, fill, ran, table
from running import run

from tocsin.store.database import open_store


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
