"""The built wheel works outside the checkout: templates, model and sample are found from the package."""

import json
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment that holds the wheel, and borrows the dependencies of this one (but not its checkout)."""
    venv = tmp_path_factory.mktemp("install") / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    python = venv / "bin" / "python"
    subprocess.run([str(python), "-m", "pip", "install", "-q", "--no-deps", "--no-index", str(wheel)], check=True)
    (site,) = venv.glob("lib/python*/site-packages")
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return venv / "bin" / "tocsin"


def test_the_wheel_holds_what_tocsin_ships_and_no_database(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for part in (
        "templates/digest.html.j2",
        "data/model/manifest.json",
        "data/sample/",
        "data/datasette/",
        "data/tocsin.toml",
    ):
        assert any(f"tocsin/shipped/{part}" in name for name in names), part
    assert "scheduler.py" in names
    assert not [name for name in names if name.endswith((".db", ".sqlite"))]


def test_the_demo_runs_from_the_wheel_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [str(installed), "demo", "--json"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=240
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)
    assert list(tmp_path.rglob("*.eml"))
    assert str(ROOT) not in done.stdout
