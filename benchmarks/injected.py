"""How soon is a real pile-on noticed? Real growth curves, thinned, on top of made-up quiet weeks.

    .venv/bin/python benchmarks/injected.py [--draws 6] [--shared DIR] [--angry .5 .7]

Needs `replay/opentf_manifesto` and `replay/rms_letters` of the shared data: when each of hundreds
of people signed an open letter. Of a letter's first 72 h so many people are drawn that 15, 30 or
60 of them speak; each writes once, at the time they signed; `RECALL` of them are judged negative.
The quiet weeks before are those of quiet_months.py (one thread a day, and four). Who is angry is not known, so
gate D stands open; `--angry` makes up that shares of the posts in quiet weeks and in the crowd are. Printed, by letter
and size: how often a backlash opened, and the median hours and voices from the first signature.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import numpy as np
from quiet_months import HISTORY_DAYS, START, ZONE, _posts

from analyzers.baseline import week_profile
from analyzers.episodes import replay
from analyzers.listening import Listening
from tocsin.store.records import JudgedPost

ROOT = Path(__file__).resolve().parents[1]
LETTERS = (
    "opentf_manifesto/signature_commits.csv",
    *("rms_letters/against_commits.csv", "rms_letters/support_commits.csv", "rms_letters/nix_commits.csv"),
)
SIZES = (15, 30, 60)
RATES = (1.0, 4.0)
RECALL = 0.8


def main() -> int:
    """Inject and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=6, help="draws for each letter and size")
    parser.add_argument("--shared", type=Path, default=Path(os.environ.get("TOCSIN_SHARED", ROOT.parent / "shared")))
    parser.add_argument("--angry", nargs=2, type=float, metavar=("QUIET", "CROWD"), help="shares 0..1 that are angry")
    options = parser.parse_args()
    folder = options.shared / "data" / "replay"
    if not folder.is_dir():
        print(f"skipped: {folder} is not there (set TOCSIN_SHARED)")
        return 0
    for letter in LETTERS:
        signed = _signed(folder / letter)
        for size in SIZES:
            late = [_late(signed, size, draw, options.angry) for draw in range(options.draws)]
            found = [one for one in late if one is not None]
            told = (
                f", after {median(h for h, _ in found):.0f} h and {median(v for _, v in found):.0f} voices"
                if found
                else ""
            )
            print(f"{letter.split('_commits')[0]} {size} people: {len(found)} of {len(late)} found{told}", flush=True)
    return 0


def _signed(file: Path) -> list[float]:
    """Return when each person first signed, in hours since the first signature, up to 72 h."""
    first: dict[str, datetime] = {}
    with file.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            at = datetime.fromisoformat(row["author_time"]).astimezone(UTC)
            first[row["author_hash"]] = min(at, first.get(row["author_hash"], at))
    # The letters' own first drafts lie hours before anybody else came: begin where three signed within an hour.
    moments = sorted(first.values())
    begin = next(a for a, c in zip(moments, moments[2:], strict=False) if c - a <= timedelta(hours=1))
    hours = [(moment - begin) / timedelta(hours=1) for moment in moments]
    return [hour for hour in hours if 0 <= hour <= 72]


def _late(signed: list[float], size: int, draw: int, angry: Sequence[float] | None) -> tuple[float, int] | None:
    """Return the hours from the first injected post to the opening and the voices by then, None when none opened."""
    rng = np.random.default_rng([draw, size, len(signed)])
    rate = RATES[draw % len(RATES)]
    onset = START + timedelta(days=HISTORY_DAYS + 4, hours=int(rng.integers(24)))
    hours = np.sort(rng.choice(signed, size=min(size, len(signed)), replace=False))
    crowd = [_post(n, onset + timedelta(hours=float(hour)), rng.random() < RECALL) for n, hour in enumerate(hours)]
    until = onset + timedelta(hours=72)
    quiet = _posts(rng, rate, 4, 1.0)
    if angry:
        quiet, crowd = (_heated(posts, share, draw) for posts, share in zip((quiet, crowd), angry, strict=True))
    posts = sorted((*quiet, *crowd), key=lambda post: post.created_at)
    posts = [post for post in posts if post.created_at <= until]
    points = np.arange(1.0, (until - START) / timedelta(hours=1))
    per_hour = Counter(post.created_at.replace(minute=0, second=0, microsecond=0) for post in posts)
    observed = np.ones(points.size, dtype=np.bool_)
    profile = week_profile(per_hour, ZONE)
    listening = Listening(tuple(posts), START, points, profile, ZONE, observed)
    courses = replay(listening, "injected", begin=onset, opens_after=onset)
    opened = min((one.opened_at for one in courses if one.kind == "backlash"), default=None)
    if opened is None:
        return None
    return (opened - onset) / timedelta(hours=1), sum(post.created_at <= opened for post in crowd)


def _heated(posts: list[JudgedPost], share: float, draw: int) -> list[JudgedPost]:
    hot = np.random.default_rng([draw, len(posts)]).random(len(posts)) < share
    return [replace(post, hostility=0.7 if angry else 0.1) for post, angry in zip(posts, hot, strict=True)]


def _post(number: int, at: datetime, negative: bool) -> JudgedPost:
    tone = (0.8, 0.1, 0.1) if negative else (0.1, 0.8, 0.1)
    name = f"crowd {number}"
    return JudgedPost(name, "injected", "text", "f", "letter", None, name, at, at, name, None, *tone, None, None)


if __name__ == "__main__":
    sys.exit(main())
