"""Is a campaign called a campaign, and a crowd not? Made-up crowds of known kinds, through the real episode code.

    .venv/bin/python benchmarks/voices.py [--seeds 20] [--json]

Each scene lies on top of 44 made-up quiet days of one brand. Campaigns: exact copies over minutes and over days,
near copies, templates with slots, spun sentences, short slogans, new accounts that post once each, one account a
source, many texts by the same accounts. Crowds: a pile-on in its own words, "me too", one sentence that all quote,
a petition that real people paste, a press release in five blogs, retweets, a phrase that everybody uses.
A scene is *named* when an episode of kind campaign opens, or its voices name one. Printed: how often, by scene;
precision and recall over all; and the three statements of issue 5: 400 posts by 320 people over 14 h are one episode
and one alarm, 62 quiet days are none, 80 copies by 6 authors are a campaign.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from quiet_posts import listening_of
from voices_scenes import CAMPAIGNS, CROWDS, EVENT, START, ZONE, quiet_days

from analyzers.course_records import episode_of
from analyzers.episodes import replay
from tocsin.store.records import Episode, JudgedPost


def main() -> int:
    """Run every scene and print; exit code 1 when one of the three statements does not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    named: dict[str, int] = {}
    kinds: dict[str, Counter[str]] = {}
    for scenes in (CAMPAIGNS, CROWDS):
        for name, scene in scenes.items():
            named[name], kinds[name] = 0, Counter()
            for seed in range(options.seeds):
                rng = np.random.default_rng([seed, len(name)])
                posts = [*quiet_days(rng, 49), *scene(rng)]
                found = decided(posts, EVENT + timedelta(days=4))
                named[name] += is_named(found)
                kinds[name][" + ".join(sorted(episode.kind for episode in found)) or "nothing"] += 1
    true, false = sum(named[name] for name in CAMPAIGNS), sum(named[name] for name in CROWDS)
    figures = {
        "recall": round(true / (options.seeds * len(CAMPAIGNS)), 4),
        "precision": round(true / max(true + false, 1), 4),
        "false_of_crowds": round(false / (options.seeds * len(CROWDS)), 4),
    } | statements(options.seeds)
    if options.json:
        print(json.dumps(figures | {"named": named, "kinds": kinds, "seeds": options.seeds}, indent=2))
    else:
        for name, count in named.items():
            what = "campaign" if name in CAMPAIGNS else "crowd"
            print(f"{what:9}{name:32}{count:4} of {options.seeds} named; {dict(kinds[name])}")
        print("\n".join(f"{name}: {value}" for name, value in figures.items()))
    held = (figures["pile_on_is_one_backlash"], figures["quiet_is_quiet"], figures["copies_are_a_campaign"])
    return 0 if all(share == 1.0 for share in held) else 1


def statements(seeds: int) -> dict[str, float]:
    """Return the shares of seeds in which issue 5's three statements hold."""
    one = quiet = copies = 0
    for seed in range(seeds):
        rng = np.random.default_rng([seed, 5])
        calm = quiet_days(rng, 62 + 28)
        found = decided([*quiet_days(rng, 49), *CROWDS["400 posts by 320 people"](rng)], EVENT + timedelta(days=4))
        one += [(e.kind, e.voices.posts > 300, e.voices.campaign) for e in found] == [("backlash", True, None)]
        quiet += not decided(calm, START + timedelta(days=90), begin=START + timedelta(days=28))
        found = decided([*quiet_days(rng, 49), *CAMPAIGNS["80 copies by 6"](rng)], EVENT + timedelta(days=4))
        copies += [e.kind for e in found] == ["campaign"]
    return {
        "pile_on_is_one_backlash": one / seeds,
        "quiet_is_quiet": quiet / seeds,
        "copies_are_a_campaign": copies / seeds,
    }


def decided(posts: Sequence[JudgedPost], at: datetime, begin: datetime | None = None) -> list[Episode]:
    """Return the episodes that the hours from `begin` (the event) to `at` open: an alarm each."""
    kept = sorted((post for post in posts if post.created_at <= at), key=lambda post: (post.created_at, post.post_id))
    listening = listening_of(kept, at, origin=START, zone=ZONE, profile=np.ones(168))
    begin = begin or EVENT - timedelta(hours=2)
    courses = replay(listening, "Acme", begin=begin, opens_after=begin)
    return [episode_of(course, "Acme", listening, (), at, 44.0, None) for course in courses]


def is_named(episodes: Sequence[Episode]) -> bool:
    """Return whether a reader is told of a campaign."""
    return any(episode.kind == "campaign" or episode.voices.campaign for episode in episodes)


if __name__ == "__main__":
    sys.exit(main())
