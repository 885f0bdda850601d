"""How good each head of the embedded model is on the dev rows, against a named baseline in the same run.

    .venv/bin/python benchmarks/heads.py [--model DIR] [--shared DIR] [--task T] [--json]
        [--checkpoint DIR --encoder DIR]

For each head: its own measure, macro recall, macro F1, calibration error (ECE, 15 bins), Brier score with a
95 % bootstrap interval. Baselines, on the same rows: the post's sentiment for target sentiment (what one would
use without the pair head); for the post heads and reply stance a TF-IDF logistic regression on words and pairs
of words (scikit-learn, `pip install scikit-learn`; named as absent otherwise). With `--checkpoint` (a training
run's `--work`, needs torch) the fp32 network is judged too: the points lost by int8, and the labels it changed.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from analyzers.calibration import Floats
from analyzers.evaluation import answers
from analyzers.heads import MEASURES
from analyzers.labelled import LabelledRow, read_labelled
from analyzers.model import EmbeddedModel
from analyzers.scores import bootstrapped, brier, expected_calibration_error, figure, scores

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("TOCSIN_SHARED", ROOT.parent / "shared"))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Dev figures of every head.")
    parser.add_argument("--model", type=Path, default=ROOT / "data" / "model")
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument("--split", default="dev")
    parser.add_argument("--checkpoint", type=Path, help="the --work folder of the training run, for fp32")
    parser.add_argument("--encoder", type=Path, help="the pretrained encoder's folder, for fp32")
    parser.add_argument("--task", choices=tuple(MEASURES), help="judge this head only")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    model = EmbeddedModel.load(chosen.model)
    data = chosen.shared / "data" / "training"
    network = None
    if chosen.checkpoint:
        from heads_fp32 import fp32  # noqa: PLC0415 - torch is an extra

        network = fp32(chosen.checkpoint, chosen.encoder, model.heads)
    asked = [task for task in MEASURES if task in model.labels and chosen.task in (None, task)]
    found = {task: judged_head(model, data, task, chosen.split, network) for task in asked}
    if chosen.json:
        print(json.dumps({"model": model.name, "version": model.version, "heads": found}, indent=2))
        return
    _show(model, found)


def judged_head(
    model: EmbeddedModel,
    data: Path,
    task: str,
    split: str,
    network: Callable[[str, list[LabelledRow]], Floats] | None,
) -> dict[str, Any]:
    """Return the figures of one head, by corpus where it has several."""
    labels = model.labels[task]
    rows = list(read_labelled(data / f"{task}.{split}.jsonl", task, labels))
    chances = np.concatenate([answers(model, task, rows[at : at + 512]) for at in range(0, len(rows), 512)])
    truth = np.array([labels.index(row.label) for row in rows])
    said = model.decide(task, chances)
    off = bootstrapped(brier(chances, truth))
    sources = sorted({row.source for row in rows})
    by_source = {
        source: measure(task, labels, truth[mine], said[mine])
        for source in sources
        if len(sources) > 1 and (mine := np.array([row.source == source for row in rows])).any()
    }
    result: dict[str, Any] = {
        "n": len(rows),
        "measure": MEASURES[task],
        "value": measure(task, labels, truth, said),
        "by_source": by_source,
        "ece": expected_calibration_error(chances.max(1).astype(np.float64), chances.argmax(1) == truth),
        "brier": [off.mean, off.low, off.high],
        "per_label_f1": {
            label: score.f1
            for label, score in scores(
                [row.label for row in rows], [labels[index] for index in said], labels
            ).per_label.items()
        },
        "baseline": baseline(model, data, task, labels, rows, truth),
    }
    if network is not None:
        whole = model.calibration[task].probabilities(network(task, rows))
        result["fp32"] = measure(task, labels, truth, model.decide(task, whole))
        result["changed_by_int8"] = float((model.decide(task, whole) != said).mean())
    return result


def measure(task: str, labels: tuple[str, ...], truth: np.ndarray[Any, Any], said: np.ndarray[Any, Any]) -> float:
    """Return the head's own measure of the label indices `said`."""
    judged = scores([labels[index] for index in truth], [labels[index] for index in said], labels)
    return figure(judged, MEASURES[task])


def baseline(
    model: EmbeddedModel,
    data: Path,
    task: str,
    labels: tuple[str, ...],
    rows: list[LabelledRow],
    truth: np.ndarray[Any, Any],
) -> dict[str, Any] | None:
    """Return the named baseline's figure on the same rows, None where there is none."""
    if task == "target_sentiment":
        chances = np.concatenate(
            [
                model.judge_posts([row.text for row in rows[at : at + 512]])["sentiment"]
                for at in range(0, len(rows), 512)
            ]
        )
        said = model.decide("sentiment", chances)
        by_source = {
            source: measure(task, labels, truth[mine], said[mine])
            for source in sorted({row.source for row in rows})
            if (mine := np.array([row.source == source for row in rows])).any()
        }
        return {"name": "the post's sentiment", "value": measure(task, labels, truth, said), "by_source": by_source}
    if task == "derailment":
        return None
    try:
        from heads_tfidf import said_by_tfidf  # noqa: PLC0415 - scikit-learn is a peer, not a dependency of Tocsin
    except ImportError:
        return {"name": "TF-IDF logistic (absent: pip install scikit-learn)", "value": None}
    train = list(read_labelled(data / f"{task}.train.jsonl", task, labels))
    said = said_by_tfidf(train, rows, labels)
    return {"name": "TF-IDF logistic", "value": measure(task, labels, truth, said)}


def _show(model: EmbeddedModel, found: dict[str, dict[str, Any]]) -> None:
    table = Table(title=f"{model.name} {model.version}, dev rows")
    for column in (
        "head",
        "rows",
        "measure",
        "value",
        "by corpus",
        "baseline",
        "ECE",
        "Brier (95 %)",
        "fp32",
        "changed",
    ):
        table.add_column(column, justify="left" if column in ("head", "measure", "by corpus", "baseline") else "right")
    for task, row in found.items():
        base = row["baseline"]
        table.add_row(
            task,
            f"{row['n']:,}",
            row["measure"],
            f"{row['value']:.3f}",
            " ".join(f"{source} {value:.3f}" for source, value in row["by_source"].items()),
            f"{base['name']} {base['value']:.3f}"
            if base and base["value"] is not None
            else base["name"]
            if base
            else "",
            f"{row['ece']:.3f}",
            "{:.3f} ({:.3f}-{:.3f})".format(*row["brier"]),
            f"{row['fp32']:.3f}" if "fp32" in row else "",
            f"{row['changed_by_int8']:.2%}" if "fp32" in row else "",
        )
    Console(width=200).print(table)


if __name__ == "__main__":
    main()
