"""The whole main job on the sample community: what `make run` promises."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from tocsin.cli.start import STEPS, add_to
from tocsin.config import load

app = typer.Typer()
add_to(app)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("demo") / "home"
    result = CliRunner().invoke(app, ["demo", "--dir", str(folder), "--seed", "4", "--json"])
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def of_kind(shown: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [episode for episode in shown["episodes"] if episode["kind"] == kind]


def test_every_step_goes_well_and_no_post_is_lost(shown: dict[str, Any]) -> None:
    assert shown["status"] == "ok"
    assert len(shown["steps"]) == STEPS
    assert [row["status"] for row in shown["coverage"]] == ["ok"] * 3
    assert shown["crawled"] == shown["served"]


def test_the_pile_on_is_the_one_backlash_and_its_start_is_found(shown: dict[str, Any]) -> None:
    (backlash,) = of_kind(shown, "backlash")
    assert backlash["brand"] == shown["truth"]["brand"]
    assert backlash["state"] != "over"
    onset = datetime.fromisoformat(shown["truth"]["pile_on_onset"])
    assert abs(datetime.fromisoformat(backlash["onset_at"]) - onset) <= timedelta(hours=6)
    assert datetime.fromisoformat(backlash["opened_at"]) - onset <= timedelta(hours=6)
    assert set(backlash["sources"]) == {"forum", "blog", "news"}


def test_the_burst_is_called_attention(shown: dict[str, Any]) -> None:
    at = datetime.fromisoformat(shown["truth"]["attention_at"])
    alive = [
        one
        for one in of_kind(shown, "attention")
        if datetime.fromisoformat(one["onset_at"]) <= at + timedelta(hours=12)
        and datetime.fromisoformat(one["over_at"]) > at
    ]
    assert any(one["brand"] == shown["truth"]["brand"] and one["voices"]["high"] >= 40 for one in alive)


def test_the_campaign_is_named_and_the_quarrel_left_alone(shown: dict[str, Any]) -> None:
    pasted = [one for one in shown["episodes"] if "copy-paste" in (one["voices"]["campaign"] or "")]
    assert [one["brand"] for one in pasted] == [shown["truth"]["campaign_brand"]]
    assert pasted[0]["voices"]["high"] <= 4
    assert shown["quarrel_left_alone"] is True


def test_the_digest_lies_in_the_outbox_and_names_the_brand(shown: dict[str, Any]) -> None:
    config = load(Path(shown["config"]), {})
    assert {path.suffix for path in config.mail.outbox.iterdir()} == {".eml", ".html"}
    assert any(shown["truth"]["brand"] in path.read_text() for path in config.mail.outbox.glob("*.html"))
    assert all(shown["truth"]["brand"] in digest["subject"] for digest in shown["digests"])


def test_a_folder_of_something_else_is_refused_before_anything_happens(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    result = CliRunner().invoke(app, ["demo", "--dir", str(tmp_path)])
    assert result.exit_code == 1
    assert "--dir" in result.stderr
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine.txt"]
