"""Do real crowds open an episode, and real quarrels none? 149 heated GitHub threads, each in a quiet project.

    .venv/bin/python benchmarks/episodes_github.py [--a-day 4] [--shared DIR] [--json]

Needs `replay/github_heated` of the shared data. The threads have no quiet weeks before them, so each burst of
each thread (three posts or more, never a week apart) is put into a made-up quiet project: six weeks
before it and ten days after its beginning, `--a-day` posts a day in the mean, each in a thread of its own, a
quarter of them negative (`analyzers.given_posts.assumed_quiet`). Then the code of the nightly run decides every
night, walking through the hours since the last one. Tones are the embedded model's, towards the project.

Printed: for the three threads that had 15 people within 72 h, what opened, how long after the burst's first
post, and of which kind (where the talk is not negative, attention is right); which threads of at most four
people opened anything (none may); what the others did. Exit code 1 when one of the three opens nothing or a
quarrel opens something. An episode counts for a thread when the thread is among those that carry it; what the
made-up quiet posts open on their own is printed apart.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import time, timedelta
from zoneinfo import ZoneInfo

from risk_material import github_threads
from shared_data import add_shared, shared_folder

from analyzers.given_posts import assumed_quiet
from analyzers.known_file import KnownFile
from analyzers.post_arrays import micros
from analyzers.replaying import nights_between, replay_nights, told_kind
from tocsin.store.records import JudgedPost

ZONE = ZoneInfo("UTC")
CROWD, QUARREL = 15, 4
BEFORE, AFTER = timedelta(days=42), timedelta(days=10)
SILENCE = timedelta(days=7)
LEAST_POSTS = 3
"""Fewer are no burst but part of the quiet."""


def main() -> int:
    """Replay every burst of every thread and print what opened."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--a-day", type=float, default=4.0, help="posts a day of the quiet project")
    add_shared(parser)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder = shared_folder(options, "replay", "github_heated")
    if folder is None:
        return 0
    with (folder / "threads.csv").open(encoding="utf-8", newline="") as stream:
        told = {row["issue_id"]: row for row in csv.DictReader(stream)}
    opened, by_quiet, bursts = {}, 0, 0
    for place, (name, posts) in enumerate(sorted(github_threads(folder).items())):
        for burst in bursts_of(posts):
            if len(burst) < LEAST_POSTS:
                continue
            bursts += 1
            found, quiet = episodes_in(burst, options.a_day, 42 + place % 7)
            by_quiet += quiet
            if found:
                opened.setdefault(name, []).extend(found)
    crowds = [name for name, row in told.items() if int(row["max_users_72h"]) >= CROWD]
    quarrels = [name for name, row in told.items() if int(row["users"]) <= QUARREL]
    result = {
        "posts_a_day": options.a_day,
        "threads": len(told),
        "bursts": bursts,
        "crowds": {name: opened.get(name, []) for name in crowds},
        "quarrels": len(quarrels),
        "quarrels_that_opened": {name: opened[name] for name in quarrels if name in opened},
        "others_that_opened": {
            name: {"users": int(told[name]["users"]), "most_in_72_h": int(told[name]["max_users_72h"]), "opened": found}
            for name, found in opened.items()
            if name not in crowds and name not in quarrels
        },
        "opened_by_the_quiet_posts": by_quiet,
    }
    met = all(result["crowds"].values()) and not result["quarrels_that_opened"]
    print(json.dumps(result | {"met": met}, indent=2))
    return 0 if met else 1


def bursts_of(posts: Sequence[JudgedPost]) -> list[list[JudgedPost]]:
    """Cut a thread where nobody wrote for a week."""
    found = [[posts[0]]]
    for post in posts[1:]:
        if post.created_at - found[-1][-1].created_at > SILENCE:
            found.append([])
        found[-1].append(post)
    return found


def episodes_in(burst: Sequence[JudgedPost], a_day: float, days: int) -> tuple[list[dict[str, object]], int]:
    """Return the episodes that the burst carries, in a quiet project, and how many others opened after it began."""
    brand, begin, end = burst[0].brand, burst[0].created_at, burst[-1].created_at
    span = days + (end + AFTER - begin).days
    quiet = assumed_quiet(brand, "github", end + AFTER, span, a_day)
    rows = [*quiet, *(replace(post, source="github") for post in burst)]
    known = KnownFile({brand: rows}, {"github": [micros(post.created_at) for post in rows]})
    nights = nights_between(begin - timedelta(days=1), end + timedelta(days=3), time(0), ZONE)
    found, others = [], 0
    for one in replay_nights(brand, known, nights, ZONE).episodes:
        if burst[0].thread_id in one.last.threads:
            first = one.first
            found.append(
                {
                    "kind": told_kind(one.last),
                    "opened_after_hours": round((first.opened_at - begin) / timedelta(hours=1), 1),
                    "voices_when_opened": first.voices.low,
                    "voices": one.last.voices.low,
                    "negative_share": one.last.parts.get("negative_share"),
                    "severity_days": round(one.last.severity_days),
                }
            )
        elif one.first.opened_at >= begin:
            others += 1
    return found, others


if __name__ == "__main__":
    sys.exit(main())
