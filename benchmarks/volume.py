"""Judge 5-minute counts by the volume stage and write what `nab_score.py` scores.

    .venv/bin/python benchmarks/volume.py --series ../shared/data/nab --out /tmp/volume
    python ../shared/tools/nab_score.py /tmp/volume --threshold 0.5

Every CSV of the folder (`timestamp,value`, any subfolder) becomes one of the same name with
`timestamp,value,anomaly_score,label`. Row t uses rows up to t. `label` is 1 inside a window that a
`combined_windows.json` in the folder names for the file, else 0; it is copied, never read by the
judgement. The settings are frozen: the threshold printed was chosen on the five series of
`shared/data/nab`, and the one threshold serves every profile. Exit code 2 for a folder without
series, 1 for a series that cannot be read.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from analyzers.errors import VolumeSeriesError  # noqa: E402 - the checkout first, whatever folder this is run from
from analyzers.volume import ALARM_SCORE, LIMIT_TIMES, on_grid, volume  # noqa: E402

LABELS = "combined_windows.json"
Windows = list[tuple[datetime, datetime]]


def main(arguments: list[str] | None = None) -> int:
    """Judge every series of the folder and print the alarms of each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", type=Path, required=True, help="folder of CSVs with timestamp,value")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    options = parser.parse_args(arguments)
    out: Path = options.out.resolve()
    files = sorted(file for file in options.series.rglob("*.csv") if out not in file.resolve().parents)
    if not files:
        print(f"{options.series}: no CSV there", file=sys.stderr)
        return 2
    windows = _windows(options.series)
    for file in files:
        try:
            alarms, rows = judge(file, out / file.relative_to(options.series), windows.get(file.name, []))
        except VolumeSeriesError as error:
            print(f"{file}: {error}", file=sys.stderr)
            return 1
        print(f"{file.name}: {alarms} alarms in {rows} rows")
    print(f"frozen threshold: {ALARM_SCORE} (alarms at {LIMIT_TIMES} times the level)")
    return 0


def judge(file: Path, target: Path, windows: Windows) -> tuple[int, int]:
    """Write the judgement of one series to `target`; return its alarms and rows. Raises VolumeSeriesError."""
    stamps, values = read(file)
    moments = [_moment(stamp, row) for row, stamp in enumerate(stamps, start=1)]
    grid, at = on_grid(moments, [_count(value, row) for row, value in enumerate(values, start=1)])
    judged = volume(grid)
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("timestamp", "value", "anomaly_score", "label"))
        for stamp, moment, value, score in zip(stamps, moments, values, judged.scores[at], strict=True):
            label = int(any(begin <= moment.replace(tzinfo=None) <= end for begin, end in windows))
            writer.writerow((stamp, value, f"{score:.6f}", label))
    return int(judged.alarms.sum()), len(stamps)


def read(file: Path) -> tuple[list[str], list[str]]:
    """Return the timestamps and the counts of a CSV as written. Raises VolumeSeriesError."""
    with file.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        if not {"timestamp", "value"} <= set(reader.fieldnames or ()):
            raise VolumeSeriesError("needs the columns timestamp and value")
        rows = list(reader)
    return [row["timestamp"] for row in rows], [row["value"] or "" for row in rows]


def _count(value: str, row: int) -> float:
    """Return the count; nan for an empty one."""
    try:
        return float(value or "nan")
    except ValueError:
        raise VolumeSeriesError(f"row {row}: {value!r} is no number") from None


def _moment(stamp: str, row: int) -> datetime:
    try:
        return datetime.fromisoformat(stamp)
    except ValueError:
        raise VolumeSeriesError(f"row {row}: {stamp!r} is no time") from None


def _windows(folder: Path) -> dict[str, Windows]:
    """Return the labelled windows by file name; nothing where the folder holds no labels."""
    if not (folder / LABELS).is_file():
        return {}
    named: dict[str, list[tuple[str, str]]] = json.loads((folder / LABELS).read_text(encoding="utf-8"))
    # Windows are written with microseconds, rows without: the same moments.
    return {
        name.rsplit("/", 1)[-1]: [(datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in spans]
        for name, spans in named.items()
    }


if __name__ == "__main__":
    sys.exit(main())
