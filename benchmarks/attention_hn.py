"""How often does a real year of talk raise attention? The 30 most-named companies in Hacker News titles, 2015-16.

    .venv/bin/python benchmarks/attention_hn.py [--shared DIR]

Needs `replay/hn_2016` of the shared data: 20,100 stories with authors and minutes, no comments, so nothing has a tone
and the only kind possible is `attention_tone_unknown`. Detection replays every hour after 28 days. Printed: episodes a
company-year, by company with the days they opened, to look up; some are true news (a court case, an acquisition), so
this is an upper bound of false ones. `folk_ratio`: how many stories the folk rule "more comments than points, and over
40 of them" flags. Exit code 1 when a company has more than one episode a year.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from quiet_posts import listening_of
from shared_data import add_shared, shared_folder

from analyzers.baseline import Floats, week_profile
from analyzers.brand_rules import BrandRules, compile_rules
from analyzers.episodes import replay
from analyzers.mentions import find_mentions
from tocsin.store.records import JudgedPost

COMPANIES = (
    *("Google", "Apple", "Microsoft", "Facebook", "Amazon", "Twitter", "Uber", "Tesla", "GitHub", "Docker", "Intel"),
    *("Netflix", "IBM", "Oracle", "Yahoo", "Samsung", "Slack", "Airbnb", "Dropbox", "Stripe", "LinkedIn", "Spotify"),
    *("Nvidia", "AMD", "Cloudflare", "Mozilla", "Reddit", "Wikipedia", "Snapchat", "Instagram", "WhatsApp", "PayPal"),
    *("SpaceX", "Theranos", "Adobe", "Cisco", "Dell", "HP", "Qualcomm", "Sony", "Nintendo", "Comcast", "Verizon"),
    *("Medium", "Heroku", "DigitalOcean", "GitLab", "Atlassian", "Salesforce", "SAP", "Volkswagen", "Walmart"),
    *("Disney", "Blackberry", "Nokia", "eBay", "Etsy", "Lyft", "Palantir", "Tumblr", "Pinterest", "Quora", "Yelp"),
)
MOST_NAMED = 30
ZONE = ZoneInfo("America/New_York")
HISTORY_DAYS = 28


def main() -> int:
    """Replay the year brand by brand and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_shared(parser)
    file = shared_folder(parser.parse_args(), "replay", "hn_2016", "hacker_news.csv")
    if file is None:
        return 0
    stories = _stories(file)
    per_hour = Counter(at.replace(minute=0) for at, _, _ in stories)
    profile = week_profile(per_hour, ZONE)
    rules = compile_rules([BrandRules(name, ambiguous=False) for name in COMPANIES])
    posts: dict[str, list[JudgedPost]] = {name: [] for name in COMPANIES}
    for number, (at, author, title) in enumerate(stories):
        for found in find_mentions(title, rules=rules):
            posts[found.brand].append(_post(number, at, author, title, found.brand))
    named = sorted(posts, key=lambda name: (-len(posts[name]), name))[:MOST_NAMED]
    origin = stories[0][0].replace(minute=0)
    years = (stories[-1][0] - origin - timedelta(days=HISTORY_DAYS)) / timedelta(days=365)
    rows = {name: (len(posts[name]), _episodes(posts[name], origin, stories[-1][0], profile)) for name in named}
    total = sum(len(days) for _, days in rows.values())
    result = {
        "company_years": round(years * len(named), 1),
        "episodes": total,
        "a_company_year": round(total / (years * len(named)), 3),
        "most_a_company_year": round(max(len(days) for _, days in rows.values()) / years, 3),
        "folk_ratio": _folk_ratio(file),
        "companies": {name: {"stories": count, "opened": days} for name, (count, days) in rows.items()},
    }
    print(json.dumps(result, indent=2))
    return 0 if all(len(days) <= max(1, round(years)) for _, days in rows.values()) else 1


def _stories(file: Path) -> list[tuple[datetime, str, str]]:
    with file.open(encoding="utf-8", errors="replace", newline="") as stream:
        rows = [row for row in csv.reader(stream) if row[0].isdigit()]
    found = [
        (datetime.strptime(row[6], "%m/%d/%Y %H:%M").replace(tzinfo=ZONE).astimezone(ZoneInfo("UTC")), row[5], row[1])
        for row in rows
    ]
    return sorted(found)


def _folk_ratio(file: Path) -> dict[str, int]:
    with file.open(encoding="utf-8", errors="replace", newline="") as stream:
        rows = [row for row in csv.reader(stream) if row[0].isdigit()]
    return {"stories": len(rows), "flagged": sum(int(row[4]) > 40 and int(row[4]) > int(row[3]) for row in rows)}


def _post(number: int, at: datetime, author: str, title: str, brand: str) -> JudgedPost:
    return JudgedPost(
        str(number), brand, "text", "hn", str(number), None, author, at, at, title, None, None, None, None, None, None
    )


def _episodes(posts: list[JudgedPost], origin: datetime, end: datetime, profile: Floats) -> list[str]:
    listening = listening_of(posts, end, origin=origin, zone=ZONE, profile=profile)
    begin = origin + timedelta(days=HISTORY_DAYS)
    return [f"{one.opened_at:%Y-%m-%d}" for one in replay(listening, "hn", begin=begin, opens_after=begin)]


if __name__ == "__main__":
    sys.exit(main())
