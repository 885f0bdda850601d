"""Is the shipped model still as good as it was? All heads on a small labelled set of our own.

    .venv/bin/python benchmarks/model_gate.py [--model DIR] [--json]
    .venv/bin/python benchmarks/model_gate.py --pin      # after a new model or new rows

The rows lie in `benchmarks/gate/`, one file a task, the floors, the noise allowance and the set's digest in
`benchmarks/gate/floors.toml`. Exit code 1, with a line for each reason, where a figure lies below its floor by
more than the allowance, the set is not the pinned one, or it is too small; 2 where `floors.toml` is unusable.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from analyzers.errors import AnalyzerError
from analyzers.evaluation import evaluate_rows
from analyzers.heads import LABELS, MEASURES
from analyzers.labelled import LabelledRow, read_labelled
from analyzers.model import EmbeddedModel
from analyzers.scores import figure
from tocsin.cli.output import progress
from tocsin.config import shipped

SET = Path(__file__).resolve().parent / "gate"
PINS = SET / "floors.toml"
LEAST_ROWS = 400
EPSILON = 0.03
"""What a first `--pin` writes. Figures are the same bit by bit on one machine, but int8 kernels of another CPU round
otherwise: between CTranslate2's AVX2 and generic kernels one row of 522 turned. This lets one row of the smallest
task turn (derailment: 1/42), and two or three of the larger ones."""


class PinsError(Exception):
    """`floors.toml` cannot be used; the text names the key and what to do."""


@dataclass(frozen=True, slots=True)
class Pins:
    """What is pinned: a floor (0..1) a task, how far below it noise may lie, the set's digest, the model measured."""

    floors: dict[str, float]
    epsilon: float
    digest: str
    model: str


def main() -> int:
    """Measure the model and compare, or pin what is measured; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, help="the folder of the model; default: the shipped one")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--pin", action="store_true", help="make the figures measured now the floors")
    options = parser.parse_args()
    if options.pin and options.model:
        parser.error("--pin is for the shipped model; put the new one into data/model/ first")
    try:
        pins = None if options.pin else read_pins(PINS)
        rows = read_rows(SET)
        model = EmbeddedModel.load(options.model or shipped("data", "model"))
        figures = measured(model, rows)
        pins = pins or _pinned(figures, f"{model.name} {model.version}")
    except (AnalyzerError, PinsError) as error:
        print(f"model_gate: {error}", file=sys.stderr)
        return 2 if isinstance(error, PinsError) else 1
    wrong = [*set_failures(rows, digest(SET), pins.digest), *failures(figures, pins.floors, pins.epsilon)]
    _show(figures, rows, pins, wrong, f"{model.name} {model.version}", as_json=options.json)
    return int(bool(wrong))


def read_rows(folder: Path) -> dict[str, list[LabelledRow]]:
    """Return the labelled rows of every task. Raises `LabelledRowError` naming the file and line."""
    return {task: list(read_labelled(folder / f"{task}.jsonl", task, LABELS[task])) for task in MEASURES}


def measured(model: EmbeddedModel, rows: Mapping[str, Sequence[LabelledRow]]) -> dict[str, float]:
    """Return each task's measure (0..1) of `model` on its rows; tasks that the model does not answer are absent."""
    asked = {task: found for task, found in rows.items() if found and task in model.labels}
    figures = {}
    with progress() as bars:
        bar = bars.add_task("model gate", total=sum(map(len, asked.values())))
        for task, found in asked.items():
            figures[task] = figure(evaluate_rows(model, task, found), MEASURES[task])
            bars.advance(bar, len(found))
    return figures


def named(task: str) -> str:
    """Return the measure of `task` in words."""
    return f"f1 of {MEASURES[task]}" if MEASURES[task] in LABELS[task] else MEASURES[task]


def failures(figures: Mapping[str, float], floors: Mapping[str, float], epsilon: float) -> list[str]:
    """Return a line for each figure that lies below its floor by more than `epsilon`, or that is not there."""
    lines = []
    for task, floor in floors.items():
        if task not in figures:
            lines.append(f"{task}: the model does not answer it")
        elif not figures[task] >= floor - epsilon:  # so that a figure that is no number fails
            lines.append(f"{task}: {named(task)} {figures[task]:.4f} is below {floor:.4f} less {epsilon:g} of noise")
    return lines


def set_failures(rows: Mapping[str, Sequence[LabelledRow]], found: str, pinned: str) -> list[str]:
    """Return a line for each way in which the set is not the pinned one, or too small to say anything."""
    lines = []
    if found != pinned:
        lines.append(f"set: its digest is {found}, pinned is {pinned}; after a wanted change run with --pin")
    if (count := sum(map(len, rows.values()))) < LEAST_ROWS:
        lines.append(f"set: {count} rows, at least {LEAST_ROWS} are needed")
    return lines


def digest(folder: Path) -> str:
    """Return the sha256 of what `LC_ALL=C sha256sum *.jsonl` prints in `folder`: of names and bytes, in order."""
    files = sorted(folder.glob("*.jsonl"), key=lambda path: path.name)
    listed = "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files)
    return hashlib.sha256(listed.encode()).hexdigest()


def read_pins(path: Path) -> Pins:
    """Read the pins in `path`. Raises `PinsError` where a key is missing, unknown or of another type."""
    try:
        stored = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PinsError(f"{path}: cannot be read ({error}); write it with --pin") from error
    if stored.keys() != {"epsilon", "digest", "model", "floors"}:
        raise PinsError(f"{path}: needs epsilon, digest, model and [floors], has {', '.join(stored)}")
    floors, epsilon = stored["floors"], stored["epsilon"]
    if not isinstance(floors, dict) or floors.keys() != MEASURES.keys():
        raise PinsError(f"{path}: [floors] needs exactly {', '.join(MEASURES)}")
    for key, value in {**floors, "epsilon": epsilon}.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise PinsError(f"{path}: {key} must be a share between 0 and 1, is {value!r}")
    return Pins({task: float(floor) for task, floor in floors.items()}, epsilon, stored["digest"], stored["model"])


def as_toml(pins: Pins) -> str:
    """Return `pins` as `read_pins` reads them; floors are rounded down, so that what was measured passes."""
    floors = "".join(f"{task} = {math.floor(pins.floors[task] * 10_000) / 10_000}\n" for task in pins.floors)
    return (
        "# What the shipped model reaches on the rows beside this file. Written by benchmarks/model_gate.py --pin.\n"
        f'model = "{pins.model}"\ndigest = "{pins.digest}"\n'
        f"# What a figure may lie below its floor: another CPU rounds otherwise.\nepsilon = {pins.epsilon}\n"
        f"\n[floors]\n{floors}"
    )


def _pinned(figures: Mapping[str, float], model: str) -> Pins:
    if missing := MEASURES.keys() - figures.keys():
        raise PinsError(f"{model} does not answer {', '.join(sorted(missing))}; nothing was pinned")
    epsilon = read_pins(PINS).epsilon if PINS.exists() else EPSILON
    PINS.write_text(as_toml(Pins(dict(figures), epsilon, digest(SET), model)), encoding="utf-8")
    return read_pins(PINS)


def _show(
    figures: Mapping[str, float],
    rows: Mapping[str, Sequence[LabelledRow]],
    pins: Pins,
    wrong: Sequence[str],
    model: str,
    *,
    as_json: bool,
) -> None:
    told = {
        task: {
            "measure": named(task),
            "value": round(figures[task], 6),
            "floor": pins.floors[task],
            "n": len(rows[task]),
        }
        for task in MEASURES
        if task in figures
    }
    if as_json:
        head = {"passes": int(not wrong), "rows": sum(map(len, rows.values())), "model": model, "digest": digest(SET)}
        print(json.dumps({**head, "epsilon": pins.epsilon, "tasks": told, "failures": list(wrong)}, indent=2))
    else:
        for task, row in told.items():
            print(f"{task:17} {row['measure']:13} {row['value']:.4f}  floor {row['floor']:.4f}  n {row['n']}")
        print(f"{model}, {sum(map(len, rows.values()))} rows, digest {digest(SET)}")
    for line in wrong:
        print(f"model_gate: FAIL: {line} (pinned with {pins.model}, this is {model})", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
