"""`tocsin backtest` on files as other tools write them: other signs and encodings, empty labels, stock phrases."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest
from test_backtest_command import ONSET, START, Row, episodes, pile_on, quiet, replayed, write
from typer.testing import CliRunner

from tocsin.cli.main import app


def with_hostile(path: Path, values: list[str]) -> Path:
    """Add a column `hostile`; `values` go round."""
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    said = [f"{row},{values[place % len(values)]}" for place, row in enumerate(rows)]
    path.write_text("\n".join([f"{header},hostile", *said]), encoding="utf-8")
    return path


@pytest.mark.parametrize(("sign", "encoding"), [(";", "utf-8-sig"), ("\t", "utf-16"), (",", "utf-16"), ("|", "utf-8")])
def test_files_of_spreadsheets_are_read(tmp_path: Path, sign: str, encoding: str) -> None:
    path = write(tmp_path, [*quiet(32), *pile_on(60, 50)], time=lambda at: int(at.timestamp()))
    text = path.read_text(encoding="utf-8").replace('"', "").replace(", ", " ").replace(",", sign)
    path.write_bytes(text.encode(encoding))
    found = replayed(path)
    assert [one["kind"] for one in found["episodes"]] == ["backlash"]  # type: ignore[attr-defined]
    assert "left out" not in str(found["brands"])


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (["0"], "no row of it is hostile"),
        ([""], "empty in every row"),
        (["1", *[""] * 6], "negative rows"),
    ],
)
def test_a_column_hostile_that_says_nothing_hides_no_pile_on(tmp_path: Path, values: list[str], why: str) -> None:
    found = replayed(with_hostile(write(tmp_path, [*quiet(32), *pile_on(60, 50)]), values))
    assert [one["kind"] for one in found["episodes"]] == ["backlash"]  # type: ignore[attr-defined]
    assert why in str(found["brands"])


def test_a_column_hostile_that_tells_grumbling_from_civil_words_is_used(tmp_path: Path) -> None:
    path = with_hostile(write(tmp_path, [*quiet(32), *pile_on(60, 50)]), ["0"])
    header, first, *rest = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([header, f"{first[:-1]}1", *rest]), encoding="utf-8")
    assert [one["kind"] for one in episodes(path)] == ["attention"]


def stock_phrases(days: int) -> list[Row]:
    """Return talk in eight stock phrases by forty people, thirty posts a day."""
    phrases = [f"Acme has a new build of the {word} module out for all of us today" for word in "abcdefgh"]
    rng = random.Random(8)
    return [
        (START + timedelta(days=day, hours=rng.uniform(6, 22)), rng.choice(phrases), f"r{rng.randrange(40)}", "t", 0)
        for day in range(days)
        for _ in range(30)
    ]


def test_stock_phrases_that_are_said_every_day_are_no_campaign_and_a_new_text_is(tmp_path: Path) -> None:
    new = "Everybody should leave Acme now because they sell what you tell them"
    copies = [(ONSET + timedelta(minutes=9 * n), new, f"k{n % 6}", f"c{n % 5}", 0) for n in range(80)]
    assert episodes(write(tmp_path, stock_phrases(36))) == []
    (one,) = episodes(write(tmp_path, [*stock_phrases(36), *copies]))
    assert (one["kind"], one["posts"]) == ("campaign", 80)


@pytest.mark.parametrize("form", ["%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M", "%d.%m.%Y %H:%M"])
def test_the_order_of_numeric_dates_is_told_by_the_days_above_twelve(tmp_path: Path, form: str) -> None:
    path = write(tmp_path, [*quiet(32), *pile_on(60, 50)], time=lambda at: at.strftime(form))
    (one,) = replayed(path)["episodes"]  # type: ignore[misc, attr-defined]
    assert one["kind"] == "backlash"
    assert str(one["opened_at"])[:10] == f"{ONSET:%Y-%m-%d}"


def test_dates_that_can_be_read_in_two_ways_are_refused_with_what_to_write(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text("created_at,text\n03/04/2026 09:00,Acme is down\n05/06/2026 09:00,Acme again\n", encoding="utf-8")
    shown = CliRunner().invoke(app, ["backtest", str(path), "--brand", "Acme", "--json"])
    assert shown.exit_code == 1
    assert "can be read in two ways" in shown.stderr
    assert "2026-11-22T06:00:00Z" in shown.stderr


def test_a_file_of_which_no_row_can_be_read_is_a_failure_and_not_quiet(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text("created_at,text\nyesterday,Acme is down\nsoon,Acme again\n", encoding="utf-8")
    shown = CliRunner().invoke(app, ["backtest", str(path), "--brand", "Acme", "--json"])
    assert shown.exit_code == 1
    assert "none of its 2 rows could be read; line 2: created_at is no time" in shown.stderr
