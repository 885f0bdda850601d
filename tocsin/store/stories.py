"""The story inside an episode: how its claim changed as it was passed on, and what people talk about in it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from tocsin.store.database import Store


@dataclass(frozen=True, slots=True)
class Wording:
    """A clause as `post_id` first put it. `added`, `lost`: against the wording before, '' for nothing.

    `posts`: how many say it so.
    """

    post_id: str
    said: str
    added: str
    lost: str
    posts: int


@dataclass(frozen=True, slots=True)
class Topic:
    """What some posts of an episode share: key phrases in their own words, and two or three posts to read."""

    words: tuple[str, ...]
    posts: int
    voices: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """All that is told of one episode; wordings oldest first, topics the largest first."""

    wordings: tuple[Wording, ...] = ()
    topics: tuple[Topic, ...] = ()


def write_stories(store: Store, stories: Mapping[str, Story]) -> None:
    """Replace what is told of each episode (by id). The episodes and the posts must be in the store."""
    with store.transaction():
        for table in ("episode_wordings", "episode_topics"):
            store.run_many(f"DELETE FROM {table} WHERE episode_id = ?", [(name,) for name in stories])  # noqa: S608 (our own constants)
        store.run_many(
            """INSERT INTO episode_wordings (episode_id, rank, post_id, said, added, lost, posts)
               VALUES (?, ?, ?, ?, ?, ?, ?)""",
            [
                (name, rank, told.post_id, told.said, told.added, told.lost, told.posts)
                for name, story in stories.items()
                for rank, told in enumerate(story.wordings, start=1)
            ],
        )
        store.run_many(
            "INSERT INTO episode_topics (episode_id, rank, words, posts, voices, examples) VALUES (?, ?, ?, ?, ?, ?)",
            [
                (name, rank, ", ".join(topic.words), topic.posts, topic.voices, json.dumps(topic.examples))
                for name, story in stories.items()
                for rank, topic in enumerate(story.topics, start=1)
            ],
        )


def wordings_of(store: Store, episode_id: str) -> list[sqlite3.Row]:
    """Return the wordings of an episode, oldest first.

    Columns: rank, post_id, said, added, lost, posts, created_at, url (None: no permalink), source, handle (None:
    unknown voice), title.
    """
    return store.rows(
        """SELECT w.rank, w.post_id, w.said, w.added, w.lost, w.posts, posts.created_at, posts.url, posts.source,
             authors.handle, threads.title
           FROM episode_wordings w JOIN posts ON posts.id = w.post_id JOIN threads ON threads.id = posts.thread_id
           LEFT JOIN authors ON authors.id = posts.author_id
           WHERE w.episode_id = ? ORDER BY w.rank""",
        [episode_id],
    )


def topics_of(store: Store, episode_id: str) -> list[sqlite3.Row]:
    """Return what an episode is about, the largest topic first.

    Columns: rank, words (joined with ', '), posts, voices, example_url, example_text, example_source: of the first
    of its examples, None where it is gone (the address also where it has none).
    """
    return store.rows(
        """SELECT t.rank, t.words, t.posts, t.voices, posts.url AS example_url, posts.text AS example_text,
             posts.source AS example_source
           FROM episode_topics t LEFT JOIN posts ON posts.id = t.examples ->> 0
           WHERE t.episode_id = ? ORDER BY t.rank""",
        [episode_id],
    )


def story_of(store: Store, episode_id: str) -> Story:
    """Return what is told of an episode, as it was written."""
    topics = store.rows("SELECT * FROM episode_topics WHERE episode_id = ? ORDER BY rank", [episode_id])
    return Story(
        wordings=tuple(
            Wording(row["post_id"], row["said"], row["added"], row["lost"], row["posts"])
            for row in wordings_of(store, episode_id)
        ),
        topics=tuple(
            Topic(tuple(row["words"].split(", ")), row["posts"], row["voices"], tuple(json.loads(row["examples"])))
            for row in topics
        ),
    )
