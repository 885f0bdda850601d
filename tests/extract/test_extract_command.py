"""`tocsin extract` as its users call it."""

# ruff: noqa: E501  pages, feeds and calls stand as they are sent

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

PAGES = Path(__file__).parent.parent / "files" / "pages"
URL = "https://forum.nordlicht.example/viewtopic.php?t=77"


def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    code = "import typer; from tocsin.cli import extract; app = typer.Typer(); app.callback()(lambda: None); extract.add_to(app); app()"
    return subprocess.run(
        [sys.executable, "-c", code, "extract", *arguments], input=stdin, capture_output=True, check=False
    )


def test_json_has_exactly_the_promised_keys() -> None:
    done = run(str(PAGES / "phpbb.html"), "--url", URL, "--json")
    assert (done.returncode, done.stderr) == (0, b"")
    document = json.loads(done.stdout)
    assert set(document) == {"route", "thread", "posts"}
    about = {"title": "Firmware 4.2 bricked two units", "url": URL, "replies": None, "views": None}
    assert about.items() <= document["thread"].items()
    assert set(document["thread"]) == {"title", "url", "page", "pages", "next", "replies", "views"}
    first = document["posts"][0]
    assert (first["position"], first["author"], first["created_at"], first["parent"]) == (
        0,
        "bernd_k",
        "2026-01-12T08:15:00+00:00",
        None,
    )
    assert first["text"].startswith("We updated four N200")


def test_a_gzipped_page_and_standard_input_are_read_alike(tmp_path: Path) -> None:
    packed = tmp_path / "page.html.gz"
    packed.write_bytes(gzip.compress((PAGES / "phpbb.html").read_bytes()))
    from_file = run(str(packed), "--url", URL)
    assert from_file.returncode == 0
    assert from_file.stdout == run("-", "--url", URL, stdin=packed.read_bytes()).stdout
    assert "[1] Support_Ines · 2026-01-12 09:02+00:00 · answers 901" in from_file.stdout.decode()


def test_nothing_found_is_exit_code_1_with_a_reason() -> None:
    for page in (b"", b"<p>short</p>", b"\x1f\x8bbroken"):
        done = run("-", "--url", URL, stdin=page)
        assert done.returncode == 1
        assert b"tocsin:" in done.stderr


def test_wrong_use_is_exit_code_2() -> None:
    assert run(str(PAGES / "phpbb.html"), "--url", "no address").returncode == 2
    assert run("/nowhere/at/all.html", "--url", URL).returncode == 2
    assert run(str(PAGES / "phpbb.html")).returncode == 2
