"""`tocsin init` and the demo's folder."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from tocsin.cli.start import add_to
from tocsin.config import load
from tocsin.demo.errors import DemoError, FolderInUse
from tocsin.demo.folder import MARK, default_folder, fresh

runner = CliRunner()
app = typer.Typer()
add_to(app)


def test_init_writes_a_configuration_that_loads_and_says_what_is_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = runner.invoke(app, ["init", "my watch"])
    assert result.exit_code == 0, result.output
    assert load(tmp_path / "my watch" / "tocsin.toml", {}).sources == ()
    assert "cd 'my watch'" in result.stdout
    assert "tocsin nightly" in result.stdout


def test_init_here_needs_no_cd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = runner.invoke(app, ["init"])
    assert result.exit_code == 0
    assert (tmp_path / "tocsin.toml").is_file()
    assert "cd " not in result.stdout


def test_init_leaves_a_configuration_that_is_there_alone(tmp_path: Path) -> None:
    target = tmp_path / "tocsin.toml"
    target.write_text('store = "mine.db"\n')
    result = runner.invoke(app, ["init", str(tmp_path)])
    assert result.exit_code == 2
    assert target.read_text() == 'store = "mine.db"\n'
    assert runner.invoke(app, ["init", str(tmp_path), "--force"]).exit_code == 0
    assert "mine.db" not in target.read_text()


def test_init_where_nothing_can_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = runner.invoke(app, ["init", str(tmp_path / "file" / "below")])
    assert result.exit_code == 1
    assert "file" in result.stderr


def test_the_demo_empties_only_a_folder_of_its_own(tmp_path: Path) -> None:
    home, outside = tmp_path / "demo", tmp_path / "outside"
    outside.mkdir()
    (outside / "keep.txt").write_text("keep")
    with fresh(home):
        (home / "tocsin.db").write_text("old")
        (home / "outbox").mkdir()
        (home / "outbox" / "digest.eml").write_text("old")
        (home / "link").symlink_to(outside)
    with fresh(home) as again:
        assert [entry.name for entry in again.iterdir()] == [MARK]
    assert (outside / "keep.txt").read_text() == "keep"


def test_the_demo_leaves_a_folder_with_other_things_alone(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("x")
    with pytest.raises(FolderInUse, match="--dir"), fresh(tmp_path):
        pass
    assert (tmp_path / "precious.txt").exists()
    file = tmp_path / "precious.txt"
    with pytest.raises(FolderInUse), fresh(file):
        pass
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FolderInUse), fresh(link):
        pass


def test_two_demos_do_not_share_a_folder(tmp_path: Path) -> None:
    home = tmp_path / "demo"
    with fresh(home):
        pass
    with (home / MARK).open("a") as other:
        fcntl.flock(other.fileno(), fcntl.LOCK_EX)
        with pytest.raises(FolderInUse, match="another demo"), fresh(home):
            pass


def test_a_folder_that_cannot_be_made_is_an_error_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DemoError, match="--dir"), fresh(tmp_path / "file" / "demo"):
        pass


def test_the_demo_lives_in_the_checkout_or_where_one_stands(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / "pyproject.toml").write_text("")
    assert default_folder(checkout, tmp_path) == checkout / ".demo"
    assert default_folder(tmp_path / "site-packages", tmp_path) == tmp_path / "tocsin-demo"
