"""A replay decides as the nights did, and never from what came later."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_detection import AT, ONSET, keep, pile_on, quiet_weeks, remark

from analyzers.detection import detect_store
from analyzers.known_file import KnownFile
from analyzers.known_store import KnownStore
from analyzers.post_arrays import PostArrays, micros
from analyzers.replaying import Replayed, nights_between, replay_nights, told_kind
from analyzers.thresholds import DEFAULTS
from tocsin.store.database import Store
from tocsin.store.posts import write_posts
from tocsin.store.records import Engagement, JudgedPost, Post

ZONE = ZoneInfo("Europe/Berlin")
TONES = {"bad": (0.8, 0.1, 0.1), "plain": (0.1, 0.8, 0.1), "good": (0.1, 0.1, 0.8)}


def judged(post: Post) -> JudgedPost:
    tone = next(name for name in TONES if f" {name}," in post.text)
    author = None if post.author is None else f"{post.source}:{post.author}"
    assert post.created_at is not None
    return JudgedPost(
        post.id, "Acme", "text", post.source, post.thread.id, None, author, post.created_at, post.created_at,
        post.text, None, *TONES[tone], 0.3, None,
    )  # fmt: skip


def known(posts: Sequence[JudgedPost]) -> KnownFile:
    return KnownFile({"Acme": posts}, {"f": [micros(post.created_at) for post in posts]})


def replayed(posts: Sequence[Post], until: datetime = AT, **more: object) -> Replayed:
    rows = [judged(post) for post in posts]
    begin = min(post.created_at for post in rows)
    nights = nights_between(begin, until, time(6), ZONE)
    return replay_nights("Acme", known(rows), nights, ZONE, **more)  # type: ignore[arg-type]


def test_a_replay_of_the_store_is_what_detection_gave_night_by_night(store: Store) -> None:
    posts = [*quiet_weeks(), *pile_on(), remark(9_000, ONSET + timedelta(days=4), "late", "bad", "storm")]
    keep(store, posts, seen=None)
    # Some posts were seen only later than they were written, some reactions changed from night to night.
    store.run(
        "UPDATE posts SET first_seen_at = ? WHERE author_id IN ('f:c3', 'f:c4')",
        [(AT + timedelta(hours=30)).isoformat()],
    )
    for night in range(4):
        liked = replace(pile_on()[0], engagement=Engagement(AT + timedelta(days=night), likes=10 * night, replies=1))
        write_posts(store, [liked], AT + timedelta(days=night))
    nights = nights_between(AT - timedelta(days=20), AT + timedelta(days=8), time(6), ZONE)
    found = [detect_store(store, ["Acme", "Zeta"], night, ZONE) for night in nights]
    stored = {e.id: e for report in found for e in (*report.episodes, *report.ended)}
    told = replay_nights("Acme", KnownStore(store, ["Acme", "Zeta"], nights[0], nights[-1]), nights, ZONE)
    assert stored
    # Thread risk and what stories add to `parts` decide nothing: they are not replayed.
    assert {one.last.id: replace(one.last, risk=None, parts={}) for one in told.episodes} == {
        id_: replace(episode, risk=None, parts={}) for id_, episode in stored.items()
    }


@settings(max_examples=5, deadline=None)
@given(st.integers(-40, 60))
def test_cutting_the_input_after_any_hour_changes_no_earlier_decision(hours: int) -> None:
    posts = [*quiet_weeks(), *pile_on(), *pile_on(30, ONSET + timedelta(hours=30), first=3_000)]
    cut = ONSET + timedelta(hours=hours)
    nights = nights_between(AT - timedelta(days=8), AT + timedelta(days=3), time(6), ZONE, every=12)
    whole = replay_nights("Acme", known([judged(post) for post in posts]), nights, ZONE)
    seen = [judged(post) for post in posts if post.created_at is not None and post.created_at <= cut]
    short = replay_nights("Acme", known(seen), [night for night in nights if night <= cut], ZONE)
    records = [(at, e) for one in whole.episodes for at, e in one.records if at <= cut]
    assert sorted(records, key=repr) == sorted((r for one in short.episodes for r in one.records), key=repr)


def test_a_pile_on_is_one_backlash_and_quiet_days_are_none() -> None:
    report = replayed([*quiet_weeks(), *pile_on(400, ONSET)], AT + timedelta(days=1))
    (one,) = report.episodes
    assert told_kind(one.last) == "backlash"
    assert timedelta() < one.first.opened_at - ONSET < timedelta(hours=5)
    assert replayed(quiet_weeks(62)).episodes == ()


def test_before_fourteen_days_no_claim_is_made_and_that_is_told() -> None:
    report = replayed([*quiet_weeks(9), *pile_on()])
    assert report.episodes == ()
    assert report.claimed_nights == 0
    assert max(report.history_days) < 14


def test_a_changed_threshold_changes_what_opens() -> None:
    posts = [*quiet_weeks(), *pile_on(12)]
    assert len(replayed(posts).episodes) == 1
    assert replayed(posts, thresholds=DEFAULTS.changed({"least_voices": 30})).episodes == ()


def test_nights_are_at_the_local_hour_and_the_last_one_is_the_end() -> None:
    begin = datetime(2026, 10, 23, 12, tzinfo=UTC)
    nights = nights_between(begin, begin + timedelta(days=3, minutes=5), time(6), ZONE)
    assert [f"{night:%d %H}" for night in nights] == ["24 04", "25 05", "26 05", "26 13"]  # the clocks went back


@pytest.mark.parametrize("seed", range(3))
def test_a_part_of_the_arrays_is_what_its_posts_alone_would_give(seed: int) -> None:
    rng = random.Random(seed)
    posts = sorted((judged(post) for post in quiet_weeks(20)), key=lambda post: (post.created_at, post.post_id))
    whole = PostArrays(posts)
    whole.mask(_is_bad)
    start, stop = sorted(rng.sample(range(len(posts)), 2))
    flags = np.array([rng.random() < 0.5 for _ in range(stop - start)])
    part = whole.part(start, stop).kept(flags).part(1, 5)
    alone = PostArrays([post for post, flag in zip(posts[start:stop], flags, strict=True) if flag][1:5])
    assert list(part.posts) == list(alone.posts)
    assert part.mask(_is_bad).tolist() == alone.mask(_is_bad).tolist()
    assert part.micros.tolist() == alone.micros.tolist()


def _is_bad(post: JudgedPost) -> bool:
    return post.negative == 0.8


def test_a_slogan_by_six_accounts_is_one_campaign_from_night_to_night() -> None:
    talk = quiet_weeks()[0].thread
    slogan = []
    for number in range(80):
        at, thread = ONSET + timedelta(minutes=10 * number), replace(talk, id=f"f:c{number}")
        slogan.append(Post(f"f:k{number}", "f", thread, "Boycott Acme now, bad, bad", at, f"k{number % 6}"))
    report = replayed([*quiet_weeks(), *slogan], AT + timedelta(days=6))
    assert [(told_kind(one.last), one.last.state) for one in report.episodes] == [("campaign", "over")]
