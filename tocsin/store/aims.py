"""At whom posts are aimed, and which are worth a person's time, as the last detection decided."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from datetime import datetime

from tocsin.store.database import Store
from tocsin.store.records import Aimed, ThreadPost, Worth, WorthKind
from tocsin.store.times import from_text, maybe_text, to_text
from tocsin.store.tones import ABSTAINED, SENTIMENT, TONE_JOINS

_CHUNK = 500


def write_aims(store: Store, aims: Sequence[Aimed], now: datetime) -> None:
    """Write aims; `decided_at` moves only where one changed."""
    moment = to_text(now)
    with store.transaction():
        store.run_many(
            """INSERT INTO aims (post_id, brand, aim, manner, staff, decided_at) VALUES (?, ?, ?, ?, ?, ?)
               ON CONFLICT (post_id, brand) DO UPDATE SET
                 aim = excluded.aim, manner = excluded.manner, staff = excluded.staff, decided_at = excluded.decided_at
               WHERE aim <> excluded.aim OR manner IS NOT excluded.manner OR staff <> excluded.staff""",
            [(one.post_id, one.brand, one.aim, one.manner, int(one.staff), moment) for one in aims],
        )


def write_worth(store: Store, brands: Sequence[str], found: Sequence[Worth], *, since: datetime) -> None:
    """Replace what is worth a person's time among the posts of `brands` written since `since`.

    A post that was noticed before keeps the moment of that.
    """
    marks = ", ".join("?" * len(brands))
    window = f"brand IN ({marks}) AND post_id IN (SELECT id FROM posts WHERE created_at >= ?)"  # noqa: S608 (marks only)
    values = [*brands, to_text(since)]
    with store.transaction():
        rows = store.rows(f"SELECT post_id, brand, kind, noticed_at FROM worth_answering WHERE {window}", values)  # noqa: S608 (as above)
        noticed = {(row["post_id"], row["brand"], row["kind"]): row["noticed_at"] for row in rows}
        store.run(f"DELETE FROM worth_answering WHERE {window}", values)  # noqa: S608 (as above)
        store.run_many(
            """INSERT OR REPLACE INTO worth_answering (post_id, brand, kind, noticed_at, answered_at)
               VALUES (?, ?, ?, ?, ?)""",
            [
                (
                    *(one.post_id, one.brand, one.kind),
                    min(
                        noticed.get((one.post_id, one.brand, one.kind), to_text(one.noticed_at)),
                        to_text(one.noticed_at),
                    ),
                    maybe_text(one.answered_at),
                )
                for one in found
            ],
        )


def thread_posts(store: Store, threads: Collection[str], *, seen_by: datetime) -> list[ThreadPost]:
    """Return the posts of `threads` seen by `seen_by`, without their words, oldest first in each thread."""
    wanted, found = sorted(threads), []
    for start in range(0, len(wanted), _CHUNK):
        chunk = wanted[start : start + _CHUNK]
        found += store.rows(
            f"""SELECT thread_id, parent_id, author_id, created_at FROM posts
                WHERE thread_id IN ({", ".join("?" * len(chunk))}) AND first_seen_at <= ?
                ORDER BY thread_id, created_at, id""",  # noqa: S608 (marks only)
            [*chunk, to_text(seen_by)],
        )
    return [
        ThreadPost(row["thread_id"], row["parent_id"], row["author_id"], from_text(row["created_at"])) for row in found
    ]


def manners_between(store: Store, brand: str, since: datetime, until: datetime) -> dict[str, int]:
    """Return manner -> posts created in [since, until) that are aimed at `brand` in it, those by staff left out."""
    rows = store.rows(
        # CROSS JOIN: the time window leads, the aims of all time would be many more.
        """SELECT aims.manner, count(*) AS posts
           FROM posts INDEXED BY posts_created CROSS JOIN aims ON aims.post_id = posts.id AND aims.brand = :brand
           WHERE posts.created_at >= :since AND posts.created_at < :until
             AND aims.aim = 'brand' AND aims.manner IS NOT NULL AND aims.staff = 0
           GROUP BY aims.manner""",
        {"brand": brand, "since": to_text(since), "until": to_text(until)},
    )
    return {row["manner"]: row["posts"] for row in rows}


def worth_posts(
    store: Store, kind: WorthKind, brands: Sequence[str], *, since: datetime, until: datetime, limit: int
) -> list[sqlite3.Row]:
    """Return posts of one kind on `brands` that were not answered and were written in [since, until).

    First those that more people reacted to, then the newest; of a thread only the first such. Columns: post_id, brand,
    manner (null: none), text, created_at, url, source, title, handle (null: unknown author), likes (null: not shown),
    by_staff: 1 when an account's own people wrote it, towards_us: `Acme: negative` for each own brand the post is
    about, joined with ',' (null: none, or not judged).
    """
    marks = ", ".join(f":brand{place}" for place in range(len(brands)))
    return store.rows(
        f"""WITH listed AS (
            SELECT w.post_id, w.brand, aims.manner, posts.text, posts.created_at, posts.url, posts.source,
              threads.title, authors.handle, e.likes, coalesce(aims.staff, 1) AS by_staff,
              (SELECT group_concat(DISTINCT mentions.brand || ': ' || {SENTIMENT})
               FROM mentions JOIN brands ON brands.name = mentions.brand AND brands.role = 'own' {TONE_JOINS}
               WHERE mentions.post_id = posts.id AND {ABSTAINED} IS NULL AND {SENTIMENT} IS NOT NULL) AS towards_us,
              row_number() OVER (PARTITION BY posts.thread_id, w.brand ORDER BY
                coalesce(e.likes, 0) + coalesce(e.replies, 0) DESC, posts.created_at DESC, posts.id) AS place,
              coalesce(e.likes, 0) + coalesce(e.replies, 0) AS reactions
            FROM worth_answering w JOIN posts ON posts.id = w.post_id
            JOIN threads ON threads.id = posts.thread_id
            LEFT JOIN authors ON authors.id = posts.author_id
            LEFT JOIN aims ON aims.post_id = w.post_id AND aims.brand = w.brand
            LEFT JOIN engagement e ON e.post_id = posts.id AND e.observed_at =
              (SELECT max(observed_at) FROM engagement WHERE post_id = posts.id AND observed_at <= :until)
            WHERE w.kind = :kind AND w.brand IN ({marks}) AND w.answered_at IS NULL
              AND posts.created_at >= :since AND posts.created_at < :until)
            SELECT * FROM listed WHERE place = 1
            ORDER BY reactions DESC, created_at DESC, post_id LIMIT :limit""",  # noqa: S608 (our own constants and marks)
        {
            "kind": kind,
            "since": to_text(since),
            "until": to_text(until),
            "limit": limit,
            **{f"brand{place}": brand for place, brand in enumerate(brands)},
        },
    )
