"""Measure what must not get worse, and fail where a figure falls below its floor.

    .venv/bin/python benchmarks/gates.py [NAME ...]

`floors.toml` names, for each gate, the command, the data it needs, and a floor (or ceiling) for each
figure: what was measured, less the noise of measuring. A gate whose data is absent is named and
skipped, except under `.ci/run` (CI=true), which has all data.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("TOCSIN_SHARED", ROOT.parent / "shared"))


def main() -> int:
    """Run the gates that the arguments name, all without arguments; 1 when one fails."""
    gates = tomllib.loads((ROOT / "benchmarks" / "floors.toml").read_text(encoding="utf-8"))
    wanted = sys.argv[1:] or list(gates)
    results = [_passes(name, gates[name]) for name in wanted]
    return int(not all(results))


def _passes(name: str, gate: dict[str, Any]) -> bool:
    needs = gate.get("needs")
    if needs and not (SHARED / needs).exists():
        print(f"{name}: {'FAIL' if os.environ.get('CI') else 'skipped'}: {SHARED / needs} is absent")
        return not os.environ.get("CI")
    command = [
        part.format(python=sys.executable, shared=SHARED, bin=Path(sys.executable).parent) for part in gate["command"]
    ]
    started = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(f"{name}: FAIL: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return False
    figures = json.loads(done.stdout)
    good = True
    for bound, holds in (
        ("floor", lambda value, limit: value >= limit),
        ("ceiling", lambda value, limit: value <= limit),
    ):
        for key, limit in gate.get(bound, {}).items():
            value = figures[key]
            good &= holds(value, limit)
            print(f"{name}: {'ok' if holds(value, limit) else 'FAIL'}: {key} {value:.4g} ({bound} {limit})")
    print(f"{name}: {time.monotonic() - started:.0f} s")
    return good


if __name__ == "__main__":
    sys.exit(main())
