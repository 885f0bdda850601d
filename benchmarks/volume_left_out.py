"""Does the volume stage hold on series it was not set on? The limit from the others, and the gates as a peer.

    .venv/bin/python benchmarks/volume_left_out.py [--shared DIR]

Needs `data/nab` and `tools/nab_score.py` of the shared data. All settings but the limit stay as
frozen; the limit is chosen on the series that are not left out (best mean of the two profiles,
smoothed over five neighbours of a grid), and those left out are scored with it. The peer is gate A
with gate B (365 days; 5 voices and 2.5 times the usual, windows of 6 h and 24 h), every tweet taken
for a voice, an even week, after four days, with the same rest. Printed: scores of the profiles.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from analyzers.baseline import level_at, return_period  # noqa: E402 - the checkout first
from analyzers.thresholds import Thresholds  # noqa: E402
from analyzers.volume import LIMIT_TIMES, REST_ROWS, Floats, volume  # noqa: E402

PROFILES = ("standard", "reward_low_FP_rate")
LIMITS = np.exp(np.arange(0.1, 1.65, 0.1))
NEIGHBOURS = np.array([1.0, 2.0, 3.0, 2.0, 1.0]) / 9.0
PEER_FROM = 4 * 24
Series = tuple[str, list[str], Floats, list[list[str]]]


def main() -> int:
    """Score and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path(os.environ.get("TOCSIN_SHARED", ROOT.parent / "shared")))
    shared = parser.parse_args().shared
    if not (shared / "data" / "nab").is_dir() or not (shared / "tools" / "nab_score.py").is_file():
        print(f"skipped: {shared} holds no data/nab or no tools/nab_score.py (set TOCSIN_SHARED)")
        return 0
    nab, series = _scorer(shared / "tools" / "nab_score.py"), _series(shared / "data" / "nab")
    windows = np.array([len(one[3]) for one in series])
    raw = np.array([[_raw(nab, one, lambda v, m=limit: volume(v, m).alarms) for limit in LIMITS] for one in series])
    for left in range(4):
        print(f"limit from the others, {left} left out: {_left_out(raw, windows, left)}", flush=True)
    frozen = np.array([_raw(nab, one, lambda v: volume(v).alarms) for one in series])
    print(f"frozen at {LIMIT_TIMES} times the level: {_told(frozen.sum(axis=0), windows.sum())}", flush=True)
    for one, row in zip(series, frozen, strict=True):
        print(f"  {one[0].rsplit('_', 1)[-1]}: {_told(row, len(one[3]))}")
    print(f"the gates: {_told(sum(_raw(nab, one, gate_alarms) for one in series), windows.sum())}")
    return 0


def gate_alarms(values: Floats) -> np.ndarray:
    """Return where gates A and B would open: every hour on the counts of 6 h and 24 h."""
    limits = Thresholds()
    hours = np.arange(1, values.size // 12 + 1)
    sums = np.concatenate(([0.0], np.cumsum(values)))
    alarms, rested = np.zeros(values.size, dtype=np.bool_), 0
    everywhere, points = np.ones(hours.size, dtype=np.bool_), hours.astype(np.float64)
    counts = {
        window: (sums[hours * 12] - sums[np.maximum(hours - window, 0) * 12]).astype(np.int64) for window in (6, 24)
    }
    for place in range(PEER_FROM, hours.size):
        row = int(hours[place]) * 12 - 1
        for window, seen in counts.items():
            quiet = everywhere & (hours >= window)
            level = level_at(points[place], points, seen, np.full(hours.size, float(window)), quiet, float(window))
            count = int(seen[place])
            big = count >= max(limits.least_voices, limits.times_usual * level.expected)
            if row >= rested and big and return_period(count, level, float(window)) >= limits.surprise_days:
                alarms[row], rested = True, row + REST_ROWS + 1
    return alarms


def _raw(nab: Any, one: Series, judge: Callable[[Floats], np.ndarray]) -> Floats:
    name, stamps, values, windows = one
    rows = nab.rows_of(name, stamps, judge(values).astype(float).tolist(), windows)
    return np.array([nab.score(rows, len(windows), profile, 1.0)["raw"] for profile in PROFILES])


def _left_out(raw: Floats, windows: np.ndarray, left: int) -> str:
    """Return the scores of all series, each scored with limits chosen without it (and its company)."""
    total, count, used = np.zeros(len(PROFILES)), 0, []
    for out in combinations(range(len(raw)), left):
        rest = np.delete(raw, out, axis=0).sum(axis=(0, 2))
        best = int(np.argmax(np.convolve(np.pad(rest, 2, mode="edge"), NEIGHBOURS, mode="valid")))
        scored = list(out) or list(range(len(raw)))
        total += raw[scored, best].sum(axis=0)
        count += int(windows[scored].sum())
        used.append(float(LIMITS[best]))
    return f"{_told(total, count)} (limits {min(used):.1f} to {max(used):.1f})"


def _told(raw: Floats, windows: int) -> str:
    return ", ".join(f"{p} {100 * (r + windows) / (2 * windows):.1f}" for p, r in zip(PROFILES, raw, strict=True))


def _series(folder: Path) -> list[Series]:
    labels: Mapping[str, list[list[str]]] = json.loads((folder / "combined_windows.json").read_text(encoding="utf-8"))
    found: list[Series] = []
    for name, windows in labels.items():
        with (folder / name.rsplit("/", 1)[-1]).open(encoding="utf-8", newline="") as stream:
            rows: Sequence[dict[str, str]] = list(csv.DictReader(stream))
        stamps = [str(datetime.fromisoformat(row["timestamp"]))[:19] for row in rows]
        found.append((Path(name).stem, stamps, np.array([float(row["value"]) for row in rows]), windows))
    return found


def _scorer(file: Path) -> Any:
    spec = importlib.util.spec_from_file_location("nab_score", file)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{file} is no Python module")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    sys.exit(main())
