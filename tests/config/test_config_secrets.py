"""Secrets never stand in the configuration and never show."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from config_files import FULL, refusal, written

from tocsin.config import load


def test_secrets_come_from_the_environment_and_never_show(tmp_path: Path) -> None:
    environ = {"TOCSIN_SMTP__PASSWORD": "hush-1", "TOCSIN_PSEUDONYM_KEY": "hush-2"}
    config = load(written(tmp_path, FULL + "[privacy]\npseudonymise = true\n"), environ)
    assert config.smtp_password is not None
    assert config.smtp_password.get_secret_value() == "hush-1"
    assert config.pseudonym_key is not None
    assert "hush" not in repr(config) + config.model_dump_json()


def test_a_secrets_file_is_read_but_the_environment_wins(tmp_path: Path) -> None:
    secrets = tmp_path / "tocsin.secrets.toml"
    secrets.write_text('TOCSIN_SMTP__PASSWORD = "from file"\nTOCSIN_PSEUDONYM_KEY = "key"\n')
    secrets.chmod(0o600)
    path = written(tmp_path, FULL)
    from_file = load(path, {})
    assert from_file.smtp_password is not None
    assert from_file.smtp_password.get_secret_value() == "from file"
    from_environment = load(path, {"TOCSIN_SMTP__PASSWORD": "louder"})
    assert from_environment.smtp_password is not None
    assert from_environment.smtp_password.get_secret_value() == "louder"


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_secrets_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    secrets = tmp_path / "tocsin.secrets.toml"
    secrets.write_text('TOCSIN_SMTP__PASSWORD = "hush"\n')
    secrets.chmod(mode)
    said = refusal(tmp_path, FULL)
    assert "chmod 600" in said
    assert "hush" not in said


def test_a_named_secrets_file_must_be_there_and_hold_known_secrets(tmp_path: Path) -> None:
    named = tmp_path / "elsewhere.toml"
    assert "no such file" in refusal(tmp_path, FULL, TOCSIN_SECRETS_FILE=str(named))
    named.write_text('TOCSIN_SMTP_PASSWORD = "hush"\n')
    named.chmod(0o600)
    said = refusal(tmp_path, FULL, TOCSIN_SECRETS_FILE=str(named))
    assert "unknown key 'TOCSIN_SMTP_PASSWORD'" in said
    assert "hush" not in said


def test_a_broken_secrets_file_does_not_spill_its_secret(tmp_path: Path) -> None:
    secrets = tmp_path / "tocsin.secrets.toml"
    secrets.write_text("TOCSIN_SMTP__PASSWORD = hush-hush\n")
    secrets.chmod(0o600)
    assert "hush" not in refusal(tmp_path, FULL)
