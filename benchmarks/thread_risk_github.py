"""Does thread risk put the pile-ons first? 149 real heated GitHub threads, scored at several ages.

    .venv/bin/python benchmarks/thread_risk_github.py [--shared DIR] [--json]

Needs `replay/github_heated` of the shared data. Three of the threads had at least 15 people in
some 72 h; most are quarrels of four or fewer. Each thread is scored 1, 3, 6 and 24 h after its
burst began, from what was written by then, with the embedded model's tags. Printed: the ranks of
the three among the threads that had begun, and the area under the ROC curve. No claim about
episodes: these threads have no quiet weeks before them, so detection stays silent by design.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path

from analyzers.judging import judge
from analyzers.model import EmbeddedModel
from analyzers.thread_risk import meets_outcome, thread_risk
from tocsin.store.records import JudgedPost

ROOT = Path(__file__).resolve().parents[1]
AGES = (1, 3, 6, 24)
PILE_ON_USERS = 15


def main() -> int:
    """Score every thread at every age and print where the pile-ons rank."""
    folder, as_json = asked(__doc__)
    if folder is None:
        return 0
    threads = heated_threads(folder)
    with (folder / "threads.csv").open(encoding="utf-8", newline="") as stream:
        told = {row["issue_id"]: row for row in csv.DictReader(stream)}
    piled = {name for name, row in told.items() if int(row["max_users_72h"]) >= PILE_ON_USERS}
    result: dict[str, object] = {
        "threads": len(threads),
        "pile_ons": len(piled),
        "meet_the_outcome": sum(meets_outcome(posts) for posts in threads.values()),
    }
    for age in AGES:
        risks = {}
        for name, posts in threads.items():
            at = datetime.fromisoformat(told[name]["burst_start"]) + timedelta(hours=age)
            if posts[0].created_at <= at:
                risks[name] = thread_risk(posts, posts[0].brand, at).probability
        ranked = sorted(risks, key=lambda name: -risks[name])
        result[f"at_{age}_h"] = {
            "ranks_of_pile_ons": sorted(ranked.index(name) + 1 for name in piled),
            "auc": round(_auc([risks[n] for n in piled], [risks[n] for n in risks if n not in piled]), 3),
        }
    print(json.dumps(result, indent=2) if as_json else "\n".join(f"{k}: {v}" for k, v in result.items()))
    return 0


def asked(about: str | None) -> tuple[Path | None, bool]:
    """Read the options of a benchmark on the replay: its folder (None, and said, where it is absent), and --json."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path(os.environ.get("TOCSIN_SHARED", ROOT.parent / "shared")))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder = options.shared / "data" / "replay" / "github_heated"
    if not folder.is_dir():
        print(f"skipped: {folder} is not there (set TOCSIN_SHARED)")
        return None, options.json
    return folder, options.json


def heated_threads(folder: Path) -> dict[str, list[JudgedPost]]:
    """Return the comments of each thread, oldest first, with the embedded model's tags."""
    with (folder / "comments.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    said = judge(EmbeddedModel.load(ROOT / "data" / "model"), [row["text"] for row in rows])
    threads: dict[str, list[JudgedPost]] = defaultdict(list)
    for row, tone in zip(rows, said, strict=True):
        at = datetime.fromisoformat(row["created_at"])
        threads[row["thread_id"]].append(
            JudgedPost(
                row["comment_id"], row["project"], "thread", "github", row["thread_id"], None, row["author_id"], at, at,
                row["text"], None, tone.negative, tone.neutral, tone.positive, tone.hostility, tone.abstained,
            )
        )  # fmt: skip
    return {name: sorted(posts, key=lambda post: post.created_at) for name, posts in threads.items()}


def _auc(above: list[float], below: list[float]) -> float:
    wins = sum((a > b) + 0.5 * (a == b) for a in above for b in below)
    return wins / (len(above) * len(below))


if __name__ == "__main__":
    sys.exit(main())
