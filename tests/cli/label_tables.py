"""A store to label, the table that is filled in, and the commands in between."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from itertools import product
from pathlib import Path

from running import run

from analyzers.model import read_manifest
from tocsin.config import shipped

FORMULA = '=HYPERLINK("http://evil.test")'
JARGON = "zero backlash"
"""Play in gears is called backlash; to have none is praise."""
SHIPPED = read_manifest(shipped("data", "model"))["version"]
Row = dict[str, str]


def ran(*arguments: object) -> dict[str, object]:
    code, out, err = run(*arguments, "--json")
    assert code == 0, err
    found: dict[str, object] = json.loads(out)
    return found


def texts() -> list[str]:
    parts = (
        ("The gearbox on line {}", "Our new drive number {}", "Acme unit {}", "The mixer of hall {}"),
        ("has zero backlash", "shows zero backlash", "came with a manual", "leaks again", "is a great buy", "runs"),
        ("after a week.", "says the operator.", "as far as I can see.", "in the second shift.", "since Monday."),
    )
    told = [" ".join(words).format(number) for number, words in enumerate(product(*parts))]
    return [*told, FORMULA + " Acme, look here", "Das ist leider alles ganz schrecklich kaputt gegangen."]


def exported(config: Path, count: int = 110) -> list[Row]:
    ran("label", "export", "-c", config, "--count", count)
    return table(config)


def table(config: Path) -> list[Row]:
    with (config.parent / "labels.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def fill(config: Path, rows: list[Row], said: Callable[[Row], str]) -> Path:
    path = config.parent / "filled.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), delimiter=";")
        writer.writeheader()
        writer.writerows({**row, "sentiment": said(row)} for row in rows)
    return path


def of_the_trade(row: Row) -> str:
    return "positive" if JARGON in row["text"] else row["model_sentiment"].split()[0]


def asked(config: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(config.parent / "tocsin.db")) as store:
        return store.execute(sql).fetchall()
