"""Episodes and thread risks as they were decided."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tocsin.store import episodes
from tocsin.store.database import Store
from tocsin.store.errors import StoreError
from tocsin.store.posts import write_posts
from tocsin.store.records import Engagement, Episode, Evidence, Post, ThreadRisk, Voices
from tocsin.store.risks import latest_thread_risks, write_thread_risks

HOUR = timedelta(hours=1)


@pytest.fixture
def episode(known: Store, make_post: Callable[..., Post], now: datetime) -> Episode:
    """An emerging backlash with two posts of evidence."""
    write_posts(known, [make_post(1, engagement=Engagement(now, likes=7)), make_post(2)], now)
    return Episode(
        id="acme-1",
        brand="Acme",
        kind="backlash",
        state="emerging",
        at=now,
        onset_at=now - 5 * HOUR,
        opened_at=now,
        peaked_at=None,
        over_at=None,
        level=1,
        severity_days=9.5,
        window_hours=24,
        voices=Voices(40, 30, 35, 20, 0.2, "80 copies of one text"),
        risk=None,
        parts={"surprise": 1e-6, "baseline": None, "word": "late"},
        threads=("forum:t1",),
        sources=("forum",),
        evidence=(Evidence("forum:2", 1, "most liked"), Evidence("forum:1", 2, "first")),
    )


def test_an_episode_comes_back_as_it_went_in(known: Store, episode: Episode, now: datetime) -> None:
    episodes.write_episodes(known, [episode])
    assert episodes.open_episodes(known, "Acme") == [episode]
    assert episodes.open_episodes(known, "Other") == []
    assert episodes.episodes_between(known, now - HOUR, now + HOUR) == [episode]
    assert episodes.episodes_between(known, now - HOUR, now) == []
    shown = episodes.evidence_posts(known, "acme-1")
    assert [(row["rank"], row["post_id"], row["likes"], row["title"]) for row in shown] == [
        (1, "forum:2", None, "A thread"),
        (2, "forum:1", 7, "A thread"),
    ]


def test_the_row_is_renewed_and_the_history_grows(known: Store, episode: Episode, now: datetime) -> None:
    over = replace(
        episode, state="over", at=now + 99 * HOUR, over_at=now + 99 * HOUR, level=2, evidence=episode.evidence[:1]
    )
    episodes.write_episodes(known, [episode])
    episodes.write_episodes(known, [over])
    assert episodes.open_episodes(known, "Acme") == []
    assert episodes.past_episodes(known, "Acme", now + 100 * HOUR) == [over]
    assert episodes.past_episodes(known, "Acme", now + 99 * HOUR) == []
    assert [row["level"] for row in known.rows("SELECT level FROM episode_history ORDER BY at")] == [1, 2]


def test_a_replay_starts_from_what_was_decided_by_then(known: Store, episode: Episode, now: datetime) -> None:
    later = replace(episode, id="acme-2", opened_at=now + 5 * HOUR, at=now + 5 * HOUR)
    grown = replace(episode, state="over", at=now + 9 * HOUR, over_at=now + 9 * HOUR, peaked_at=now + 2 * HOUR)
    episodes.write_episodes(known, [episode])
    episodes.write_episodes(known, [later, grown])
    episodes.write_feedback(known, "acme-2", "false_alarm", now)
    episodes.delete_episodes_after(known, "Acme", now + HOUR)
    assert episodes.open_episodes(known, "Acme") == [episode]
    assert known.number("SELECT count(*) FROM episode_history") == 1
    assert known.number("SELECT count(*) FROM feedback") == 1


def test_an_unknown_verdict_is_refused(known: Store, episode: Episode, now: datetime) -> None:
    episodes.write_episodes(known, [episode])
    with pytest.raises(StoreError, match="CHECK"):
        episodes.write_feedback(known, "acme-1", "so so", now)


def test_the_latest_risk_of_each_thread_by_then_is_told(known: Store, episode: Episode, now: datetime) -> None:
    risk = ThreadRisk("forum:t1", "Acme", now, 6.0, 0.4, {"voices": 2.0, "links": None}, {"voices": 0.7}, "r1")
    assert episode.threads == (risk.thread_id,)
    later = replace(risk, at=now + HOUR, probability=0.1)
    write_thread_risks(known, [risk, later])
    write_thread_risks(known, [later])
    assert latest_thread_risks(known, "Acme", now) == [risk]
    assert latest_thread_risks(known, "Acme", now + 2 * HOUR) == [later]
    assert latest_thread_risks(known, "Acme", now + 80 * HOUR) == []
