"""The sample community holds what it promises, for any seed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.config import shipped
from tocsin.demo.community import Community, generate

NOW = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
MATERIAL = shipped("data", "sample", "material")
SEEDS = st.integers(min_value=0, max_value=10_000)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001 - hypothesis wants naive bounds


@lru_cache(maxsize=32)
def made(seed: int, pile_on: bool = True) -> Community:
    return generate(seed, NOW, MATERIAL, pile_on=pile_on)


@given(SEEDS, moments)
@settings(max_examples=8, deadline=None)
def test_the_same_seed_and_moment_give_the_same_community(seed: int, now: datetime) -> None:
    assert generate(seed, now, MATERIAL) == generate(seed, now, MATERIAL)


@given(SEEDS, moments)
@settings(max_examples=12, deadline=None)
def test_every_post_lies_in_the_six_weeks_before_now_and_answers_an_earlier_one(seed: int, now: datetime) -> None:
    community = generate(seed, now, MATERIAL)
    assert len(community.posts()) == len({post.id for post in community.posts()})
    for talk in community.talks:
        times = {remark.number: remark.at for remark in talk.remarks}
        assert talk.remarks[0].parent is None
        assert all(earlier.at <= later.at for earlier, later in pairwise(talk.remarks))
        for remark in talk.remarks:
            assert now - timedelta(days=42, seconds=1) <= remark.at < now
            assert remark.parent is None or times[remark.parent] <= remark.at
            assert remark.text.strip()
            assert "{" not in remark.text


@pytest.mark.parametrize("seed", range(8))
def test_the_sizes_are_those_of_a_lively_community(seed: int) -> None:
    posts = made(seed).posts()
    assert 1_700 <= len(posts) <= 2_700
    counts = Counter(post.source for post in posts)
    assert counts.keys() == {"forum", "blog", "news"}
    assert min(counts.values()) >= 100
    threads = Counter(post.thread.id for post in posts)
    assert max(threads.values()) >= 25
    assert len(threads) >= 150
    texts = Counter(post.text for post in posts)
    assert len(texts) >= 0.75 * len(posts)


@pytest.mark.parametrize("seed", range(8))
def test_the_pile_on_is_one_of_forty_to_ninety_voices_in_three_places(seed: int) -> None:
    community = made(seed)
    assert community.pile_on_onset is not None
    remarks = [(talk.place, one) for talk in community.talks for one in talk.remarks if one.part == "pile_on"]
    voices = {(place, one.author) for place, one in remarks}
    assert 38 <= len(voices) <= 96
    assert {place for place, _ in remarks} == {"forum", "blog", "news"}
    assert min(one.at for _, one in remarks) == community.pile_on_onset >= NOW - timedelta(hours=20)
    early = [one for _, one in remarks if one.at < community.pile_on_onset + timedelta(hours=6)]
    assert len({one.author for one in early if one.tone in ("negative", "hostile")}) >= 7
    tones = Counter(one.tone for _, one in remarks)
    assert tones["hostile"] >= 6
    assert tones["negative"] + tones["hostile"] > 0.6 * len(remarks)
    assert tones["positive"] + tones["neutral"] >= 5


@pytest.mark.parametrize("seed", range(8))
def test_without_the_pile_on_the_rest_of_the_weeks_is_the_same(seed: int) -> None:
    calm, stormy = made(seed, pile_on=False), made(seed)
    assert calm.ids_of("pile_on") == ()
    assert calm.pile_on_onset is None
    usual = Counter(
        (talk.title, one.author, one.text) for talk in stormy.talks for one in talk.remarks if one.part != "pile_on"
    )
    assert usual == Counter((talk.title, one.author, one.text) for talk in calm.talks for one in talk.remarks)


@pytest.mark.parametrize("seed", range(8))
def test_the_attention_is_a_burst_without_anger_within_two_weeks(seed: int) -> None:
    community = made(seed)
    assert timedelta(days=2) < NOW - community.attention_at <= timedelta(days=14)
    remarks = [one for talk in community.talks for one in talk.remarks if one.part == "attention"]
    assert len({one.author for one in remarks}) >= 45
    assert sum(one.tone in ("negative", "hostile") for one in remarks) <= 0.12 * len(remarks)
    per_day = Counter(post.created_at.date() for post in community.posts() if post.created_at)
    usual = sorted(per_day.values())[len(per_day) // 2]
    assert per_day[community.attention_at.date()] > 2 * usual


@pytest.mark.parametrize("seed", range(8))
def test_the_campaign_is_many_posts_of_few_accounts_in_few_wordings(seed: int) -> None:
    community = made(seed)
    remarks = [one for talk in community.talks for one in talk.remarks if one.part == "campaign"]
    assert {one.author for one in remarks} == set(community.campaign_authors)
    assert len(community.campaign_authors) <= 4
    assert len(remarks) >= 20
    assert len({one.text.partition(" http")[0].partition(": http")[0] for one in remarks}) <= 5
    assert abs(community.campaign_at - community.attention_at) > timedelta(days=1)


@pytest.mark.parametrize("seed", range(8))
def test_the_quarrel_is_two_people_who_write_most_of_a_thread(seed: int) -> None:
    community = made(seed)
    (thread,) = [talk for talk in community.talks if talk.id == community.quarrel_thread_id]
    shares = Counter(one.author for one in thread.remarks)
    assert all(shares[author] > 0.2 * len(thread.remarks) for author in community.quarrel_authors)
    assert sum(one.tone == "hostile" for one in thread.remarks) >= 10
    assert len(thread.remarks) >= 20


def test_the_own_brand_has_its_everyday_grumbling() -> None:
    for seed in range(6):
        community = made(seed)
        days: Counter[int] = Counter()
        for talk in community.talks:
            named = community.brand in talk.title + talk.remarks[0].text
            for one in talk.remarks:
                if one.part == "talk" and one.tone == "negative" and (named or community.brand in one.text):
                    days[(NOW - one.at).days] += 1
        assert len(days) >= 26
        assert 1.5 <= sum(days.values()) / 42 <= 6
        assert max(days.values()) <= 13


def test_other_seeds_give_other_weeks() -> None:
    communities = [made(seed) for seed in range(12)]
    assert len({one.pile_on_topic for one in communities}) >= 4
    assert len({one.pile_on_onset for one in communities}) == 12
    assert len({one.attention_topic for one in communities}) >= 2
    first, second = ({one.author for talk in made(seed).talks for one in talk.remarks} for seed in (0, 1))
    assert len(first & second) < 0.2 * len(first)


def test_posts_are_what_a_complete_crawl_would_give() -> None:
    community = made(3)
    posts = community.posts()
    assert [post.created_at for post in posts] == sorted(post.created_at for post in posts if post.created_at)
    by_id = {post.id: post for post in posts}
    for post in posts:
        assert post.id.startswith(f"{post.source}:")
        assert post.parent_id is None or by_id[post.parent_id].thread.id == post.thread.id
        assert (post.engagement is not None) == (post.source == "forum" or post.position == 0)
    assert replace(community, seed=4) != community
