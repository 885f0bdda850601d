"""What is told of an episode comes back as it was written, and goes with its posts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from tocsin.store.database import Store
from tocsin.store.episodes import write_episodes
from tocsin.store.posts import write_posts
from tocsin.store.records import Episode, Post, Voices
from tocsin.store.stories import Story, Topic, Wording, story_of, topics_of, wordings_of, write_stories

STORY = Story(
    wordings=(
        Wording("forum:2", "prices rise by 10 %", "", "", 8),
        Wording("forum:1", "prices rise by 40 %", "40 %", "10 %", 12),
    ),
    topics=(Topic(("price letter", "running contracts"), 9, 8, ("forum:1", "forum:2")), Topic(("recall",), 4, 3, ())),
)


@pytest.fixture
def told(known: Store, make_post: Callable[..., Post], now: datetime) -> Store:
    """A store with one episode and its story."""
    write_posts(known, [make_post(1), make_post(2)], now)
    episode = Episode(
        id="acme-1",
        brand="Acme",
        kind="backlash",
        state="growing",
        at=now,
        onset_at=now,
        opened_at=now,
        peaked_at=None,
        over_at=None,
        level=1,
        severity_days=9.5,
        window_hours=24,
        voices=Voices(40, 30, 35, 20, 0.2),
        risk=None,
        parts={},
        threads=("forum:t1",),
        sources=("forum",),
    )
    write_episodes(known, [episode])
    write_stories(known, {"acme-1": STORY})
    return known


def test_a_story_comes_back_as_it_went_in(told: Store) -> None:
    assert story_of(told, "acme-1") == STORY
    assert story_of(told, "acme-2") == Story()


def test_a_story_written_again_replaces_the_one_before(told: Store) -> None:
    write_stories(told, {"acme-1": Story(topics=STORY.topics[1:])})
    assert story_of(told, "acme-1") == Story(topics=STORY.topics[1:])


def test_wordings_and_topics_are_read_with_the_posts_they_point_to(told: Store) -> None:
    first, second = wordings_of(told, "acme-1")
    assert (first["post_id"], first["handle"], first["source"]) == ("forum:2", "author2", "forum")
    assert second["created_at"] > first["created_at"]
    large, small = topics_of(told, "acme-1")
    assert (large["words"], large["voices"]) == ("price letter, running contracts", 8)
    assert large["example_text"] == told.rows("SELECT text FROM posts WHERE id = 'forum:1'")[0]["text"]
    assert small["example_text"] is None


def test_a_post_that_goes_takes_its_wording_along(told: Store) -> None:
    told.run("DELETE FROM posts WHERE id = 'forum:1'")
    assert [row["post_id"] for row in wordings_of(told, "acme-1")] == ["forum:2"]
    assert topics_of(told, "acme-1")[0]["example_text"] is None
