"""`tocsin backtest` as a user meets it: files of many shapes, known events, another setting, and the store."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tocsin.cli.main import app

runner = CliRunner()
START = datetime(2026, 3, 1, tzinfo=UTC)
ONSET = START + timedelta(days=30, hours=9)
COLUMNS = ("created_at", "text", "author", "thread", "negative")
COPY = "Acme is the best tool we ever bought, every team should switch to it this week"

Row = tuple[datetime, str, str, str, int]


def quiet(days: int) -> Iterable[Row]:
    rng = random.Random(4)
    for day in range(days):
        for number in range(4):
            at = START + timedelta(days=day, hours=rng.uniform(6, 22))
            negative = int(number == 0)
            said = "is slow" if negative else "works"
            yield at, f"Acme {said}, remark {day} {number}", f"r{rng.randrange(40)}", f"q{day}-{number // 2}", negative


def pile_on(posts: int = 400, people: int = 320) -> Iterable[Row]:
    for number in range(posts):
        at = ONSET + timedelta(hours=14 * number / posts)
        yield at, f"Acme lied to us, number {number} is furious", f"p{number % people}", f"storm{number % 3}", 1


def copies() -> Iterable[Row]:
    for number in range(80):
        yield ONSET + timedelta(minutes=10 * number), COPY, f"k{number % 6}", f"c{number % 5}", 0


def write(
    folder: Path,
    rows: Iterable[Row],
    columns: tuple[str, ...] = COLUMNS,
    names: tuple[str, ...] | None = None,
    time: Callable[[datetime], object] = datetime.isoformat,
) -> Path:
    path = folder / "posts.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(names or columns)
        for at, *rest in sorted(rows):
            cells = dict(zip(COLUMNS, (time(at), *rest), strict=True))
            writer.writerow([cells[column] for column in columns])
    return path


def replayed(path: Path, *more: str) -> dict[str, object]:
    shown = runner.invoke(app, ["backtest", str(path), "--brand", "Acme", "--json", *more])
    assert shown.exit_code == 0, shown.output
    found: dict[str, object] = json.loads(shown.stdout)
    return found


def episodes(path: Path, *more: str) -> list[dict[str, object]]:
    found = replayed(path, *more)["episodes"]
    assert isinstance(found, list)
    return found


def test_a_pile_on_is_one_backlash_with_its_times(tmp_path: Path) -> None:
    (one,) = episodes(write(tmp_path, [*quiet(36), *pile_on()]))
    assert (one["brand"], one["kind"], one["voices"], one["posts"]) == ("Acme", "backlash", 320, 400)
    times = [datetime.fromisoformat(str(one[name])) for name in ("opened_at", "peaked_at", "closed_at")]
    assert ONSET < times[0] <= ONSET + timedelta(hours=3)
    assert times == sorted(times)
    assert all(time.utcoffset() == timedelta() for time in times)
    assert "backlash" in str(one["digest"])


def test_sixty_two_quiet_days_are_quiet(tmp_path: Path) -> None:
    found = replayed(write(tmp_path, quiet(62)))
    assert found["episodes"] == []


def test_copies_by_six_accounts_are_a_campaign(tmp_path: Path) -> None:
    assert [one["kind"] for one in episodes(write(tmp_path, [*quiet(36), *copies()]))] == ["campaign"]


NO_THREAD = ("created_at", "author", "text", "negative")


@pytest.mark.parametrize(
    ("columns", "names", "time"),
    [
        (COLUMNS, COLUMNS, "{:%Y-%m-%d %H:%M:%S}".format),
        (NO_THREAD, NO_THREAD, lambda at: int(at.timestamp())),
        (NO_THREAD, ("Timestamp", "User", "Body", "negative"), lambda at: int(at.timestamp() * 1000)),
    ],
    ids=["no-zone", "seconds-no-thread", "milliseconds-other-names"],
)
def test_files_of_other_shapes_say_the_same(
    tmp_path: Path, columns: tuple[str, ...], names: tuple[str, ...], time: Callable[[datetime], object]
) -> None:
    path = write(tmp_path, [*quiet(32), *pile_on(60, 50)], columns, names, time)
    (one,) = episodes(path)
    assert one["kind"] == "backlash"
    assert ONSET < datetime.fromisoformat(str(one["opened_at"])) <= ONSET + timedelta(hours=6)


def test_json_lines_and_mixed_labels_are_read_and_bad_rows_are_named(tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    lines = [
        {"created_at": at.timestamp(), "text": text, "author": who, "negative": [0.1, "true"][negative]}
        for at, text, who, _, negative in (*quiet(32), *pile_on(60, 50))
    ]
    wrong = ['{"created_at": "soon", "text": "Acme"}', '{"created_at": 1772366400, "text": "Acme", "negative": 7}']
    path.write_text("\n".join([*map(json.dumps, lines), *wrong]), encoding="utf-8")
    found = replayed(path)
    assert [one["kind"] for one in found["episodes"]] == ["backlash"]  # type: ignore[attr-defined]
    assert "2 of 190 rows" in str(found["brands"])
    assert "negative is none of 0, 1" in str(found["brands"])


def test_a_file_without_quiet_weeks_gives_no_claim_and_assumed_quiet_gives_one(tmp_path: Path) -> None:
    path = write(tmp_path, pile_on())
    shown = runner.invoke(app, ["backtest", str(path), "--brand", "Acme"])
    assert "no claim: 0 days of history" in shown.stdout
    assert [one["kind"] for one in episodes(path, "--assume-quiet", "28")] == ["backlash"]


def test_posts_that_never_name_the_brand_are_all_taken_and_that_is_told(tmp_path: Path) -> None:
    rows = [(at, text.replace("Acme", "They"), *rest) for at, text, *rest in (*quiet(32), *pile_on(60, 50))]
    found = replayed(write(tmp_path, rows))  # type: ignore[arg-type]
    assert [one["kind"] for one in found["episodes"]] == ["backlash"]  # type: ignore[attr-defined]
    assert "names Acme: all 188 are taken" in str(found["brands"])


def test_without_authors_nothing_opens_and_that_is_told(tmp_path: Path) -> None:
    found = replayed(write(tmp_path, [*quiet(32), *pile_on(60, 50)], ("created_at", "text", "negative")))
    assert found["episodes"] == []
    assert "no post names its author" in str(found["brands"])


def test_another_setting_stands_side_by_side_and_events_have_a_lead_time(tmp_path: Path) -> None:
    path = write(tmp_path, [*quiet(36), *pile_on(60, 50)])
    known = tmp_path / "known.csv"
    known.write_text(f"date,name\n{ONSET.isoformat()},a lie\n{ONSET:%Y}-03-20,nothing\n", encoding="utf-8")
    found = replayed(path, "--set", "least_voices=100", "--events", str(known))
    changed = found["changed"]
    assert isinstance(changed, dict)
    assert changed["episodes"] == []
    assert changed["gone"] == [one["id"] for one in found["episodes"]]  # type: ignore[attr-defined]
    nothing, lie = found["events"]  # type: ignore[misc]
    assert nothing["episode"] is None  # type: ignore[index]
    assert 0 < lie["opened_after_hours"] < 6 <= lie["told_after_hours"] <= 24  # type: ignore[index]
    shown = runner.invoke(app, ["backtest", str(path), "--brand", "Acme", "--set", "least_voices=100"])
    assert "1 would go, 0 would come" in shown.stdout
    assert "\u2026" not in shown.stdout


@pytest.mark.parametrize(
    "wrong", [["--set", "least=1"], ["--set", "least_voices=many"], ["--every", "5"], ["--set", "angrier=2"]]
)
def test_wrong_settings_are_wrong_use(tmp_path: Path, wrong: list[str]) -> None:
    shown = runner.invoke(app, ["backtest", str(write(tmp_path, quiet(3))), "--brand", "Acme", *wrong])
    assert shown.exit_code == 2


def test_a_file_without_times_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text("text,author\nAcme,x\n", encoding="utf-8")
    shown = runner.invoke(app, ["backtest", str(path), "--brand", "Acme"])
    assert shown.exit_code == 1
    assert "missing columns: created_at" in shown.stderr
