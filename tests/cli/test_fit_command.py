"""`tocsin fit`: what it prints, what it exits with."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from analyzers.risk_weights import SHIPPED
from tocsin.cli.main import app
from tocsin.store.database import open_store
from tocsin.store.risks import adopt_weights


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "tocsin.toml"
    path.write_text('store = "tocsin.db"\n[[brands]]\nname = "Acme"\n', encoding="utf-8")
    return path


def run(config: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["fit", "--config", str(config), *options])


def test_too_little_history_is_said_and_is_no_failure(config: Path) -> None:
    open_store(config.with_name("tocsin.db")).close()
    result = run(config)
    assert result.exit_code == 0, result.output
    assert "Too little history" in result.stdout
    assert f"In force: {SHIPPED.version}." in result.stdout


def test_json_tells_what_was_found(config: Path) -> None:
    open_store(config.with_name("tocsin.db")).close()
    said = json.loads(run(config, "--json").stdout)
    assert (said["version"], said["changed"], said["fitted"], said["rows"]) == (SHIPPED.version, False, None, 0)


def test_withdrawing_puts_the_shipped_weights_in_force(config: Path) -> None:
    with open_store(config.with_name("tocsin.db")) as store:
        adopt_weights(store, "thread-risk-3+ab", datetime.now(UTC), SHIPPED.as_json(), {})
    assert "thread-risk-3+ab withdrawn" in run(config, "--withdraw").stdout
    said = json.loads(run(config, "--withdraw", "--json").stdout)
    assert said == {"withdrawn": None, "version": SHIPPED.version}


def test_without_a_store_it_fails_with_what_to_do(config: Path) -> None:
    result = run(config)
    assert result.exit_code == 1
    assert "no store here yet" in " ".join(result.output.split())


def test_without_brands_it_is_a_mistake_of_the_configuration(tmp_path: Path) -> None:
    path = tmp_path / "tocsin.toml"
    path.write_text("", encoding="utf-8")
    assert run(path).exit_code == 2
