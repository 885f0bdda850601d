"""Counts a reader wants to see: a brand's week, a brand's days; tones are those towards the brand."""

from __future__ import annotations

import sqlite3
from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tocsin.store.database import Store
from tocsin.store.times import from_text, to_text
from tocsin.store.tones import ABSTAINED, SENTIMENT, TONE_JOINS

_SPOKEN = f"""
  FROM posts INDEXED BY posts_created
  CROSS JOIN mentions ON mentions.post_id = posts.id AND mentions.brand = :brand
  {TONE_JOINS}
  WHERE posts.created_at >= :since AND posts.created_at < :until
"""


def brand_week(store: Store, brand: str, since: datetime, until: datetime) -> sqlite3.Row:
    """Return the counts of posts on `brand` created in [since, until).

    Columns: posts, voices (distinct known authors), negative, neutral, positive, not_judged (no tag,
    or the model abstained). The last four add up to posts.
    """
    found = store.row(
        f"""SELECT count(*) AS posts, count(DISTINCT posts.author_id) AS voices,
              count(*) FILTER (WHERE {SENTIMENT} = 'negative' AND ({ABSTAINED}) IS NULL) AS negative,
              count(*) FILTER (WHERE {SENTIMENT} = 'neutral' AND ({ABSTAINED}) IS NULL) AS neutral,
              count(*) FILTER (WHERE {SENTIMENT} = 'positive' AND ({ABSTAINED}) IS NULL) AS positive,
              count(*) FILTER (WHERE {SENTIMENT} IS NULL OR ({ABSTAINED}) IS NOT NULL) AS not_judged
            {_SPOKEN}""",
        {"brand": brand, "since": to_text(since), "until": to_text(until)},
    )
    assert found is not None  # noqa: S101 (an aggregate without GROUP BY always has its one row)
    return found


def daily_counts(
    store: Store, brand: str, since: datetime, until: datetime, zone: ZoneInfo
) -> list[tuple[date, int, int]]:
    """Return (local date, posts, negative posts) on `brand` for each date of [since, until), quiet ones too."""
    posts: Counter[date] = Counter()
    negative: Counter[date] = Counter()
    for row in store.rows(
        f"SELECT posts.created_at, {SENTIMENT} = 'negative' AND ({ABSTAINED}) IS NULL AS negative {_SPOKEN}",
        {"brand": brand, "since": to_text(since), "until": to_text(until)},
    ):
        day = from_text(row["created_at"]).astimezone(zone).date()
        posts[day] += 1
        negative[day] += row["negative"] or 0
    first = since.astimezone(zone).date()
    last = (until - timedelta(microseconds=1)).astimezone(zone).date()
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [(day, posts[day], negative[day]) for day in days]
