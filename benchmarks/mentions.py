"""Are brands found where they are spoken of, and only there? On our own labelled lines, half of them hard negatives.

    .venv/bin/python benchmarks/mentions.py [--json] [--misses] [--speed]
    .venv/bin/python benchmarks/mentions.py --pin        # after new lines or a wanted change

The lines lie in `benchmarks/gate/mentions/`: `dev.jsonl` was looked at while the weights were set, `held.jsonl` was
only measured. `--misses` lists the wrong ones of the dev half, and only those. Exit code 1, with a line for each
reason, where a figure lies below its floor in `floors.toml` by more than `epsilon`, or the lines or the rules are not
the pinned ones; 2 where `floors.toml` is unusable.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import sys
import time
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analyzers.brand_rules import BrandRules, CompiledRules, compile_rules
from analyzers.mentions import find_mentions
from tocsin.config_sections import Brand

SET = Path(__file__).resolve().parent / "gate" / "mentions"
HALVES = ("dev", "held")
MEASURES = tuple(f"{half}_{measure}" for half in HALVES for measure in ("precision", "recall"))
EPSILON = 0.006
"""What a first `--pin` writes. Nothing here is random; this lets one line of a half turn."""


class PinsError(Exception):
    """`floors.toml` cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Line:
    """A post, the brand asked about, and whether the post speaks of it; `kind` is the group it is counted in."""

    half: str
    brand: str
    label: bool
    kind: str
    text: str
    title: str = ""
    opening: str = ""


def main() -> int:
    """Measure and compare, or pin what is measured; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--misses", action="store_true", help="list the lines of the dev half that are told wrong")
    parser.add_argument("--speed", action="store_true", help="measure how many posts are read in a second of one core")
    parser.add_argument("--pin", action="store_true", help="make the figures measured now the floors")
    options = parser.parse_args()
    lines = read_lines(SET)
    compiled = compile_rules(read_rules(SET / "rules.toml"))
    found = judged(lines, compiled)
    told = figures(lines, found)
    try:
        if options.pin:
            (SET / "floors.toml").write_text(as_toml(told, digest(SET)), encoding="utf-8")
        wrong = failures(told, digest(SET), read_pins(SET / "floors.toml"))
    except PinsError as error:
        print(f"mentions: {error}", file=sys.stderr)
        return 2
    if options.speed:
        told["posts_per_second"] = round(speed(lines, compiled))
    _show({"passes": int(not wrong), **told, "failures": wrong}, as_json=options.json)
    if options.misses:
        for line, got in zip(lines, found, strict=True):
            if line.half == "dev" and got != line.label:
                print(f"{'false' if got else 'missed'}: {line.brand}: {line.text}", file=sys.stderr)
    for reason in wrong:
        print(f"mentions: FAIL: {reason}", file=sys.stderr)
    return int(bool(wrong))


def read_lines(folder: Path) -> list[Line]:
    """Return the lines of both halves; the words that say why a line is labelled so are for people."""
    lines = []
    for half in HALVES:
        for text in (folder / f"{half}.jsonl").read_text(encoding="utf-8").splitlines():
            row = {key: value for key, value in json.loads(text).items() if key != "why"}
            lines.append(Line(half=half, **row))
    return lines


def read_rules(path: Path) -> list[BrandRules]:
    """Return the brands of a file written like `tocsin.toml`; the checks are the same."""
    brands = [Brand.model_validate(row) for row in tomllib.loads(path.read_text(encoding="utf-8"))["brands"]]
    return [
        BrandRules(b.name, b.role, b.aliases, b.exclusions, b.context, b.domains, b.hints, b.ambiguous) for b in brands
    ]


def judged(lines: Sequence[Line], rules: Sequence[CompiledRules]) -> list[bool]:
    """Return for each line whether its brand is found."""
    return [
        any(found.brand == line.brand for found in find_mentions(line.text, line.title, line.opening, rules))
        for line in lines
    ]


def figures(lines: Sequence[Line], found: Sequence[bool]) -> dict[str, Any]:
    """Return precision and recall (0..1) of both halves, the counts, and for each kind how many are told right."""
    told: dict[str, Any] = {}
    kinds: dict[str, list[int]] = {}
    for half in HALVES:
        pairs = [(line.label, got) for line, got in zip(lines, found, strict=True) if line.half == half]
        right = sum(label and got for label, got in pairs)
        told[f"{half}_precision"] = right / max(1, sum(got for _, got in pairs))
        told[f"{half}_recall"] = right / max(1, sum(label for label, _ in pairs))
        told[f"{half}_lines"] = len(pairs)
        told[f"{half}_negatives"] = sum(not label for label, _ in pairs)
    for line, got in zip(lines, found, strict=True):
        of = kinds.setdefault(f"{line.kind}, {'spoken of' if line.label else 'not'}", [0, 0])
        of[0] += got == line.label
        of[1] += 1
    told["brands"] = len({line.brand for line in lines})
    return {**told, "kinds": {kind: {"right": of[0], "lines": of[1]} for kind, of in sorted(kinds.items())}}


def failures(told: Mapping[str, Any], found: str, pins: Mapping[str, Any]) -> list[str]:
    """Return a line for each figure below its floor by more than the allowance, and where the set is another."""
    lines = []
    if found != pins["digest"]:
        lines.append(f"set: its digest is {found}, pinned is {pins['digest']}; after a wanted change run with --pin")
    for measure in MEASURES:
        floor = pins["floors"][measure]
        if not told[measure] >= floor - pins["epsilon"]:
            lines.append(f"{measure} {told[measure]:.4f} is below {floor:.4f} less {pins['epsilon']:g}")
    return lines


def digest(folder: Path) -> str:
    """Return the sha256 of what `LC_ALL=C sha256sum *.jsonl rules.toml` prints in `folder`: of names and bytes."""
    files = [*sorted(folder.glob("*.jsonl"), key=lambda path: path.name), folder / "rules.toml"]
    listed = "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files)
    return hashlib.sha256(listed.encode()).hexdigest()


def read_pins(path: Path) -> dict[str, Any]:
    """Read the pins in `path`. Raises `PinsError` where they are missing, incomplete or no shares."""
    try:
        stored = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PinsError(f"{path}: cannot be read ({error}); write it with --pin") from error
    floors = stored.get("floors")
    if stored.keys() != {"digest", "epsilon", "floors"} or not isinstance(floors, dict):
        raise PinsError(f"{path}: needs digest, epsilon and [floors]")
    shares = [stored["epsilon"], *(floors.get(measure) for measure in MEASURES)]
    if floors.keys() != set(MEASURES) or not all(isinstance(x, float) and 0 <= x <= 1 for x in shares):
        raise PinsError(f"{path}: epsilon and {', '.join(MEASURES)} must be shares between 0.0 and 1.0")
    return stored


def as_toml(told: Mapping[str, Any], found: str) -> str:
    """Return pins as `read_pins` reads them, rounded down, so that what was measured passes."""
    floors = "".join(f"{key} = {math.floor(told[key] * 10_000) / 10_000:.4f}\n" for key in MEASURES)
    return (
        "# What the matching of brands reaches on the lines beside this file. Written by mentions.py --pin.\n"
        f'digest = "{found}"\n# Nothing is random here: one line of a half may turn.\n'
        f"epsilon = {EPSILON}\n\n[floors]\n{floors}"
    )


def speed(lines: Sequence[Line], rules: Sequence[CompiledRules], rounds: int = 20) -> float:
    """Return the posts read in a second of processor time, the best of five, all lines as posts of one thread."""
    best = math.inf
    for _ in range(5):
        began = time.process_time()
        for _ in range(rounds):
            for line in lines:
                find_mentions(line.text, "A title", "An opening post", rules)
        best = min(best, time.process_time() - began)
    return len(lines) * rounds / best


def _show(told: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(told, indent=2))
        return
    for kind, of in told["kinds"].items():
        print(f"{kind:34} {of['right']:3} of {of['lines']:3}")
    for half in HALVES:
        lines, negatives = told[f"{half}_lines"], told[f"{half}_negatives"]
        precision, recall = told[f"{half}_precision"], told[f"{half}_recall"]
        print(f"{half}: precision {precision:.3f}, recall {recall:.3f}, {lines} lines, {negatives} of them negative")
    if "posts_per_second" in told:
        print(f"{told['posts_per_second']} posts a second, nearly all with an ambiguous name")


if __name__ == "__main__":
    sys.exit(main())
