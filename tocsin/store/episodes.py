"""Episodes: from emerging to over, with the posts that show them and what people said of the alarm."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime

from tocsin.store.database import Store
from tocsin.store.records import Episode, Evidence, Voices
from tocsin.store.times import from_text, maybe_text, maybe_time, to_text

_COLUMNS = (
    *("id", "brand", "kind", "state", "at", "onset_at", "opened_at", "peaked_at", "over_at", "level"),
    *("severity_days", "window_hours", "risk", "posts", "voices_low", "voices_high", "wordings", "top5_share"),
    *("campaign", "parts", "threads", "sources"),
)


def episode_by_id(store: Store, episode_id: str) -> Episode | None:
    """Return one episode with evidence, None where there is none."""
    found = _episodes(store, "id = ?", [episode_id])
    return found[0] if found else None


def open_episodes(store: Store, brand: str) -> list[Episode]:
    """Return the episodes of `brand` that are not over, oldest first, with evidence."""
    return _episodes(store, "brand = ? AND state <> 'over'", [brand])


def past_episodes(store: Store, brand: str, before: datetime) -> list[Episode]:
    """Return the episodes of `brand` that were over before `before`, oldest first, with evidence."""
    return _episodes(store, "brand = ? AND state = 'over' AND over_at < ?", [brand, to_text(before)])


def episodes_between(store: Store, since: datetime, until: datetime) -> list[Episode]:
    """Return the episodes of all brands alive at some time in [since, until), oldest first, with evidence."""
    return _episodes(store, "opened_at < ? AND (over_at IS NULL OR over_at >= ?)", [to_text(until), to_text(since)])


def write_episodes(store: Store, episodes: Sequence[Episode]) -> None:
    """Write episodes as they are now: the row is renewed, the history grows, the evidence is replaced."""
    marks = ", ".join("?" * len(_COLUMNS))
    renewed = ", ".join(f"{column} = excluded.{column}" for column in _COLUMNS[1:])
    with store.transaction():
        store.run_many(
            f"INSERT INTO episodes ({', '.join(_COLUMNS)}) VALUES ({marks}) ON CONFLICT (id) DO UPDATE SET {renewed}",  # noqa: S608 (our own constants)
            [_values(episode) for episode in episodes],
        )
        store.run_many(
            """INSERT OR REPLACE INTO episode_history (episode_id, at, state, level, severity_days, voices_low)
               VALUES (?, ?, ?, ?, ?, ?)""",
            [(e.id, to_text(e.at), e.state, e.level, e.severity_days, e.voices.low) for e in episodes],
        )
        store.run_many("DELETE FROM evidence WHERE episode_id = ?", [(episode.id,) for episode in episodes])
        store.run_many(
            "INSERT OR REPLACE INTO evidence (episode_id, post_id, rank, reason) VALUES (?, ?, ?, ?)",
            [
                (episode.id, shown.post_id, shown.rank, shown.reason)
                for episode in episodes
                for shown in episode.evidence
            ],
        )


def delete_episodes_after(store: Store, brand: str, at: datetime) -> None:
    """Take `brand` back to what was decided by `at`, so that a replay can decide anew.

    Episodes opened later go; the others get the state their history held at `at`. Feedback stays.
    """
    moment = to_text(at)
    with store.transaction():
        store.run("DELETE FROM episodes WHERE brand = ? AND opened_at > ?", [brand, moment])
        store.run(
            """DELETE FROM episode_history WHERE at > ?
               AND episode_id IN (SELECT id FROM episodes WHERE brand = ?)""",
            [moment, brand],
        )
        store.run(
            """UPDATE episodes SET state = h.state, level = h.level, severity_days = h.severity_days,
                 voices_low = h.voices_low, at = h.at, peaked_at = iif(peaked_at > :at, NULL, peaked_at),
                 over_at = iif(over_at > :at, NULL, over_at)
               FROM (SELECT episode_id, max(at) AS at, state, level, severity_days, voices_low
                     FROM episode_history GROUP BY episode_id) AS h
               WHERE h.episode_id = episodes.id AND episodes.brand = :brand AND episodes.at > :at""",
            {"at": moment, "brand": brand},
        )


def evidence_posts(store: Store, episode_id: str) -> list[sqlite3.Row]:
    """Return the posts that show an episode, by rank.

    Columns: rank, reason, post_id, text, url, author_id, handle, created_at, source, title, likes
    (last observed), sentiment (towards the episode's brand), hostility.
    """
    return store.rows(
        """SELECT evidence.rank, evidence.reason, posts.id AS post_id, posts.text, posts.url, posts.author_id,
             authors.handle, posts.created_at, posts.source, threads.title,
             (SELECT likes FROM engagement WHERE post_id = posts.id ORDER BY observed_at DESC LIMIT 1) AS likes,
             coalesce(tt.sentiment, t.sentiment) AS sentiment, t.hostility
           FROM evidence JOIN episodes ON episodes.id = evidence.episode_id
           JOIN posts ON posts.id = evidence.post_id JOIN threads ON threads.id = posts.thread_id
           LEFT JOIN authors ON authors.id = posts.author_id LEFT JOIN current_tags t ON t.post_id = posts.id
           LEFT JOIN target_tags tt ON tt.post_id = posts.id AND tt.brand = episodes.brand
             AND tt.model_version = t.model_version AND tt.text_key = t.text_key
           WHERE evidence.episode_id = ? ORDER BY evidence.rank""",
        [episode_id],
    )


def write_feedback(
    store: Store, episode_id: str, verdict: str, now: datetime, note: str = "", until: datetime | None = None
) -> None:
    """Note what a person says of an alarm: `false_alarm`, `useful` or `snooze` (`until` then)."""
    store.run(
        "INSERT INTO feedback (episode_id, verdict, given_at, note, until) VALUES (?, ?, ?, ?, ?)",
        [episode_id, verdict, to_text(now), note, maybe_text(until)],
    )


def _episodes(store: Store, condition: str, values: list[object]) -> list[Episode]:
    found = store.rows(f"SELECT * FROM episodes WHERE {condition} ORDER BY opened_at, id", values)  # noqa: S608 (our own constants)
    shown: dict[str, list[Evidence]] = {row["id"]: [] for row in found}
    for row in store.rows(
        """SELECT episode_id, post_id, rank, reason FROM json_each(?) AS wanted
           JOIN evidence ON evidence.episode_id = wanted.value ORDER BY rank""",
        [json.dumps(list(shown))],
    ):
        shown[row["episode_id"]].append(Evidence(row["post_id"], row["rank"], row["reason"]))
    return [_episode(row, tuple(shown[row["id"]])) for row in found]


def _values(episode: Episode) -> tuple[object, ...]:
    voices = episode.voices
    return (
        *(episode.id, episode.brand, episode.kind, episode.state, to_text(episode.at), to_text(episode.onset_at)),
        *(to_text(episode.opened_at), maybe_text(episode.peaked_at), maybe_text(episode.over_at), episode.level),
        *(episode.severity_days, episode.window_hours, episode.risk, voices.posts, voices.low, voices.high),
        *(voices.wordings, voices.top5_share, voices.campaign, json.dumps(dict(episode.parts))),
        *(json.dumps(episode.threads), json.dumps(episode.sources)),
    )


def _episode(row: sqlite3.Row, evidence: tuple[Evidence, ...]) -> Episode:
    return Episode(
        id=row["id"],
        brand=row["brand"],
        kind=row["kind"],
        state=row["state"],
        at=from_text(row["at"]),
        onset_at=from_text(row["onset_at"]),
        opened_at=from_text(row["opened_at"]),
        peaked_at=maybe_time(row["peaked_at"]),
        over_at=maybe_time(row["over_at"]),
        level=row["level"],
        severity_days=row["severity_days"],
        window_hours=row["window_hours"],
        voices=Voices(
            posts=row["posts"],
            low=row["voices_low"],
            high=row["voices_high"],
            wordings=row["wordings"],
            top5_share=row["top5_share"],
            campaign=row["campaign"],
        ),
        risk=row["risk"],
        parts=json.loads(row["parts"]),
        threads=tuple(json.loads(row["threads"])),
        sources=tuple(json.loads(row["sources"])),
        evidence=evidence,
    )
