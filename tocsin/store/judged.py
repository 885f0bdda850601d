"""What decisions see: posts with their mention, tag and engagement, as known at a moment."""

from __future__ import annotations

from datetime import datetime

from tocsin.store.database import Store
from tocsin.store.records import JudgedPost
from tocsin.store.times import from_text, maybe_time, to_text
from tocsin.store.tones import ABSTAINED, NEGATIVE, NEUTRAL, POSITIVE, SENTIMENT, TONE_JOINS


def judged_posts(store: Store, brand: str, *, since: datetime, until: datetime, seen_by: datetime) -> list[JudgedPost]:
    """Return the posts on `brand` created in [since, until) and first seen by `seen_by`, oldest first.

    Tags are those of the current model; engagement is the last observation by `seen_by`.
    `author_first_seen_at` is the earliest post of the author in the source that we hold.
    """
    found = store.rows(
        # CROSS JOIN: the time window leads, a brand's whole history would be 100 times longer.
        f"""SELECT posts.id, mentions.via, posts.source, posts.thread_id, posts.parent_id, posts.author_id,
             posts.created_at, posts.first_seen_at, posts.text, posts.url, t.hostility, t.anger, {NEGATIVE} AS negative,
             {NEUTRAL} AS neutral, {POSITIVE} AS positive, {SENTIMENT} AS tone, {ABSTAINED} AS abstained,
             e.likes, e.replies, e.reposts, authors.first_post_at, stances.stance,
             CASE WHEN t.abstained IS NULL THEN t.sentiment END AS post_tone
           FROM posts INDEXED BY posts_created
           CROSS JOIN mentions ON mentions.post_id = posts.id AND mentions.brand = :brand
           LEFT JOIN authors ON authors.id = posts.author_id
           {TONE_JOINS}
           LEFT JOIN reply_stances stances ON stances.post_id = posts.id
             AND stances.model_version = t.model_version AND stances.text_key = t.text_key
           LEFT JOIN engagement e ON e.post_id = posts.id AND e.observed_at =
             (SELECT max(observed_at) FROM engagement WHERE post_id = posts.id AND observed_at <= :seen_by)
           WHERE posts.created_at >= :since AND posts.created_at < :until AND posts.first_seen_at <= :seen_by
           ORDER BY posts.created_at, posts.id""",  # noqa: S608 (our own constants)
        {"brand": brand, "since": to_text(since), "until": to_text(until), "seen_by": to_text(seen_by)},
    )
    return [
        JudgedPost(
            post_id=row["id"],
            brand=brand,
            via=row["via"],
            source=row["source"],
            thread_id=row["thread_id"],
            parent_id=row["parent_id"],
            author_id=row["author_id"],
            created_at=from_text(row["created_at"]),
            first_seen_at=from_text(row["first_seen_at"]),
            text=row["text"],
            url=row["url"],
            negative=row["negative"],
            neutral=row["neutral"],
            positive=row["positive"],
            hostility=row["hostility"],
            abstained=row["abstained"],
            likes=row["likes"],
            replies=row["replies"],
            author_first_seen_at=maybe_time(row["first_post_at"]),
            stance=row["stance"],
            tone=row["tone"],
            anger=row["anger"],
            reposts=row["reposts"],
            post_tone=row["post_tone"],
        )
        for row in found
    ]


def source_tone(store: Store, *, since: datetime, until: datetime) -> dict[str, tuple[int, int]]:
    """Return (negative, judged) counts of the sampled posts created in [since, until), a source."""
    found = store.rows(
        # CROSS JOIN: the sample of the window leads, not every tag of the model.
        """SELECT posts.source, sum(t.sentiment = 'negative') AS negative, count(*) AS judged
           FROM posts CROSS JOIN tags t ON t.post_id = posts.id
             AND t.model_version = (SELECT version FROM models WHERE current = 1)
           WHERE posts.sampled = 1 AND posts.created_at >= ? AND posts.created_at < ?
             AND t.abstained IS NULL AND t.sentiment IS NOT NULL
           GROUP BY posts.source""",
        [to_text(since), to_text(until)],
    )
    return {row["source"]: (row["negative"], row["judged"]) for row in found}
