"""Measure how fast, small and steady tagging is, next to a `transformers.pipeline` of the same weights.

    .venv/bin/python benchmarks/tagging.py [--json] [--full] [--model DIR] [--fresh]

Posts are made up (`tagging_posts.py`): 40 tokens in the mean, from tweets to forum posts. Every figure comes from
a fresh process. Figures are written as they come: a killed run goes on where it stopped, a finished one is
forgotten. 4 to 5 minutes on 2 quiet cores; with `--full` 25, a third of them for the 100,000 posts of `growth`.
Where torch is missing the script makes itself a `.venv-torch` and runs there.

vs_pipeline_b1, vs_pipeline_b32  posts per CPU-second: one worker as `tocsin tag` runs it (store, language, normal
    form, tokens, four heads) over the pipeline at batch 1 and at 32 in order of arrival (tokens, one head), both
    after loading, both of one thread, which is torch's thriftiest. Means over the rounds, each with all in a row.
    The pipeline cuts posts at the encoder's 512 tokens, as it does for everybody, ours at 128.
vs_pipeline_b32_same_cut  as vs_pipeline_b32, with the pipeline told to cut at 128 too.
vs_pipeline_default_threads  as vs_pipeline_b1, with torch's own number of threads, whose waiting counts too.
vs_pipeline_default_wall  the same posts by the clock: two workers, after they started, over the pipeline at batch 1
    with torch's own number of threads.
share_of_int8_gemm  posts per CPU-second over what the machine's best int8 products alone would allow: torch's
    `quantized.linear`, best engine and number of rows, one thread (`tagging_peer.int8_limit`).
batch_flips, batch_logits_unequal  labels and rows of logits that differ between all posts together, shuffled, and
    each alone. Must be 0.
int8_changed  share of labels, by head, that differ from those of 32-bit activations.
peak_mb  greatest memory of a worker (resident, shared pages counted). load_s  from starting Python to the first
    judgement, less starting Python alone.
growth  seconds a post in a store of `growth_posts`, over the same in one of 1,000 (`tagging_ours.two_workers`).
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import importlib.util
import json
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tagging_figures import FULL, USUAL, Step, plan, rounded, show, summary

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
TORCH = "torch==2.13.0"
BUSY = 0.7
"""Load average of the last minute above which the machine is not quiet."""
STATE = ROOT / ".cache" / "tagging.json"


def main() -> int:
    """Measure and print; exit code 1 when a measurement failed, 2 when the model is none."""
    options = _options()
    if options.measure:
        module, name = options.measure.split(".")
        print(json.dumps(getattr(importlib.import_module(module), name)(**json.loads(options.given))))
        return 0
    if not (options.model / "manifest.json").is_file():
        print(f"{options.model}: no model here; name a folder that `tocsin train` wrote", file=sys.stderr)
        return 2
    try:
        _need_torch()
    except subprocess.CalledProcessError:
        print(f"cannot make {ROOT / '.venv-torch'}: see above, or install {TORCH} into {sys.prefix}", file=sys.stderr)
        return 1
    load = os.getloadavg()[0]
    if load > BUSY:
        print("other work is running here: torch's threads wait for it, and ratios flatter us", file=sys.stderr)
    size = FULL if options.full else USUAL
    machine = _machine(options.model)
    found = _resumed({**machine, "size": repr(size), "code": _code()}, fresh=options.fresh)
    try:
        _measure(plan(size), found, str(options.model.resolve()))
    except subprocess.CalledProcessError as error:
        print(f"a measurement failed (exit code {error.returncode}); what is measured is kept", file=sys.stderr)
        return 1
    figures = {**summary(found["steps"], size), "load_average_before": load, "machine": machine}
    STATE.unlink(missing_ok=True)
    if options.json:
        print(json.dumps(rounded(figures), indent=2))
    else:
        show(rounded(figures))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--full", action="store_true", help="more of everything, and growth up to 100,000 posts")
    parser.add_argument("--model", type=Path, default=ROOT / "data" / "model", help="the model's folder")
    parser.add_argument("--fresh", action="store_true", help="measure everything, also what a killed run left")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    parser.add_argument("--given", default="{}", help=argparse.SUPPRESS)
    return parser.parse_args()


def _need_torch() -> None:
    """Go on in an environment that has torch, made on first use; returns only where this one has it."""
    if importlib.util.find_spec("torch") is not None:
        return
    folder = ROOT / ".venv-torch"
    python, ready = folder / "bin" / "python", folder / ".ready"
    if Path(sys.prefix) == folder:
        raise ModuleNotFoundError(f"{folder} has no torch: remove it and run again")
    needs = (ROOT / "pyproject.toml", ROOT / "constraints.txt")
    if not ready.exists() or any(path.stat().st_mtime > ready.stat().st_mtime for path in needs):
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        # To stderr: what stands on stdout is the result.
        subprocess.run([*pip, "-c", "constraints.txt", "-e", ".", TORCH], cwd=ROOT, stdout=sys.stderr, check=True)
        ready.touch()
    os.execv(python, [str(python), *sys.argv])  # noqa: S606 (no shell is wanted)


def _resumed(about: dict[str, Any], *, fresh: bool) -> dict[str, Any]:
    try:
        held: dict[str, Any] = json.loads(STATE.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        held = {}
    return held if not fresh and held.get("about") == about else {"about": about, "steps": {}}


def _measure(steps: list[Step], found: dict[str, Any], model: str) -> None:
    # Here, so that the worker processes, which import this file again, stay as small as they are in use.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import track  # noqa: PLC0415

    waiting = [step for step in steps if step.name not in found["steps"]]
    STATE.parent.mkdir(exist_ok=True)
    for step in track(waiting, "measuring", console=Console(stderr=True)):
        given = json.dumps({**({} if step.name == "limit" else {"model": model}), **step.given})
        done = subprocess.run(
            [sys.executable, __file__, "--measure", step.function, "--given", given],
            cwd=ROOT, env={**os.environ, "HF_HUB_OFFLINE": "1"}, stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
        found["steps"][step.name] = json.loads(done.stdout.splitlines()[-1])
        written = STATE.with_suffix(".new")
        written.write_text(json.dumps(found), encoding="utf-8")
        written.replace(STATE)


def _machine(model: Path) -> dict[str, Any]:
    info = Path("/proc/cpuinfo")
    names = [line.partition(": ")[2] for line in info.read_text().splitlines() if line.startswith("model name")]
    return {
        "cpu": names[0] if names else platform.processor(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        **{name: version(name) for name in ("ctranslate2", "tokenizers", "torch", "transformers")},
        "model": json.loads((model / "manifest.json").read_text(encoding="utf-8"))["version"],
    }


def _code() -> str:
    whole = hashlib.sha256()
    for path in sorted([*HERE.glob("tagging*.py"), *(ROOT / "analyzers").glob("*.py")]):
        whole.update(path.read_bytes())
    return whole.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
