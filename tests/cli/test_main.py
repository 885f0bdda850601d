import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tocsin import __version__
from tocsin.cli.main import app
from tocsin.config import shipped

HEAVY = ("scrapy", "twisted", "ctranslate2", "scipy", "numpy", "datasette", "transformers", "apscheduler", "torch")


def test_help_names_every_command_and_loads_nothing_heavy() -> None:
    script = f"import sys, tocsin.cli.main; print([m for m in {HEAVY!r} if m in sys.modules])"
    loaded = subprocess.run([sys.executable, "-P", "-c", script], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"
    shown = CliRunner().invoke(app, ["--help"])
    assert shown.exit_code == 0
    for command in ("init", "demo", "nightly", "schedule", "crawl", "import", "extract", "tag", "evaluate", "train"):
        assert f" {command} " in shown.output
    for command in ("detect", "digest", "deliver", "serve", "status", "doctor", "backup", "erase"):
        assert f" {command} " in shown.output


def test_the_version_is_the_distributions() -> None:
    assert CliRunner().invoke(app, ["--version"]).output.strip() == f"tocsin {__version__}"


def test_wrong_use_exits_with_two_and_a_missing_configuration_too(tmp_path: Path) -> None:
    runner = CliRunner()
    assert runner.invoke(app, ["nightli"]).exit_code == 2
    missing = runner.invoke(app, ["tag", "--config", f"{tmp_path}/none.toml"])
    assert missing.exit_code == 2
    assert "tocsin init" in missing.output


def test_shell_completion_can_be_shown() -> None:
    shown = CliRunner().invoke(app, ["--show-completion", "bash"])
    assert "_TOCSIN_COMPLETE" in shown.output.upper()


def test_evaluate_prints_exactly_the_promised_keys(tmp_path: Path) -> None:
    rows = [{"text": "I love this pump", "label": "positive"}, {"text": "worst support ever", "label": "negative"}]
    path = tmp_path / "rows.jsonl"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    done = CliRunner().invoke(app, ["evaluate", "sentiment", str(path), "--json"])
    assert done.exit_code == 0, done.output
    result = json.loads(done.output)
    assert set(result) == {
        *("task", "n", "accuracy", "macro_recall", "macro_f1", "ece", "posts_per_second", "abstained", "per_label")
    }
    assert set(result["per_label"]["negative"]) == {"precision", "recall", "f1", "n"}
    assert (result["n"], result["accuracy"]) == (2, 1.0)


def test_evaluate_names_the_line_of_a_row_it_cannot_use(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    with path.open("w", encoding="utf-8") as file:
        file.write('{"text": "x", "label": "furious"}\n')
    done = CliRunner().invoke(app, ["evaluate", "sentiment", str(path)])
    assert done.exit_code == 1
    assert "rows.jsonl:1" in done.output
    assert "negative, neutral, positive" in done.output


def test_a_head_that_the_model_does_not_have_is_named(tmp_path: Path) -> None:
    folder = shutil.copytree(shipped("data", "model"), tmp_path / "model")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["labels"] = {task: manifest["labels"][task] for task in ("sentiment", "hostility")}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    path = tmp_path / "rows.jsonl"
    with path.open("w", encoding="utf-8") as file:
        file.write('{"text": "x", "label": "ironic"}\n')
    done = CliRunner().invoke(app, ["evaluate", "irony", str(path), "--model", str(folder)])
    assert done.exit_code == 1
    assert "sentiment, hostility" in done.output


@pytest.mark.parametrize(
    ("task", "row", "missing"),
    [
        ("target_sentiment", {"text": "fine", "label": "neutral"}, "target"),
        ("reply_stance", {"text": "no", "label": "deny"}, "parent"),
        ("derailment", {"text": "no", "label": "calm"}, "context"),
    ],
)
def test_evaluate_names_the_second_text_that_a_row_lacks(
    tmp_path: Path, task: str, row: dict[str, str], missing: str
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    done = CliRunner().invoke(app, ["evaluate", task, str(path)])
    assert done.exit_code == 1
    assert missing in done.output
