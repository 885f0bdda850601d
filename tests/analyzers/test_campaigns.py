"""Issue 5, "Measured" 5, through the real course of an episode: a pile-on, quiet days, copies by few."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from analyzers.course_records import episode_of
from analyzers.episodes import replay
from analyzers.listening import Listening
from tocsin.store.records import Episode, JudgedPost

START = datetime(2026, 9, 1, tzinfo=UTC)
EVENT = START + timedelta(days=40, hours=9)
COPY = "Share this everywhere: the company sold the data of every single customer to a broker last week"
FIRST = ("our plant", "my team", "the night shift", "the whole site", "our customer", "the lab")
SECOND = ("lost a day", "had to roll back", "sat in the dark", "missed a shipment", "went back to paper")
THIRD = ("because the update broke the login", "since the licence server is down", "after they raised the price")
FOURTH = ("never again", "we look elsewhere", "who decided this?", "refund please", "that is not acceptable")


def own_words(rng: np.random.Generator) -> str:
    return f"{rng.choice(FIRST)} {rng.choice(SECOND)} {rng.choice(THIRD)}, {rng.choice(FOURTH)}"


def post(
    at: datetime, author: str, text: str, thread: str, tone: str = "negative", source: str = "f", *, new: bool = False
) -> JudgedPost:
    negative = 0.8 if tone == "negative" else 0.1
    return JudgedPost(
        f"{source}:{thread}-{author}-{at.timestamp()}", "Acme", "text", source, f"{source}:{thread}", None,
        f"{source}:{author}", at, at, text, None, negative, 0.9 - negative, 0.1, 0.3, None,
        author_first_seen_at=at if new else START - timedelta(days=300),
    )  # fmt: skip


def quiet(rng: np.random.Generator, days: int) -> list[JudgedPost]:
    return [
        post(
            START + timedelta(days=day, hours=float(rng.uniform(6, 22))),
            f"r{rng.integers(50)}",
            own_words(rng),
            f"q{day}",
            tone,
        )
        for day in range(days)
        for tone in ("negative", "neutral", "neutral", "neutral")
    ]


def decided(posts: Sequence[JudgedPost], until: datetime, begin: datetime = EVENT) -> list[Episode]:
    kept = sorted((one for one in posts if one.created_at <= until), key=lambda one: (one.created_at, one.post_id))
    points = np.arange(1.0, (until - START) / timedelta(hours=1) + 1)
    listening = Listening(kept, START, points, np.ones(168), ZoneInfo("UTC"), np.ones(points.size, dtype=np.bool_))
    courses = replay(listening, "Acme", begin=begin, opens_after=begin)
    return [episode_of(course, "Acme", listening, (), until, 40.0, None) for course in courses]


def copies(
    text: str,
    count: int,
    accounts: int,
    hours: float,
    sources: str = "f",
    *,
    new: bool = False,
) -> list[JudgedPost]:
    return [
        post(
            EVENT + timedelta(hours=hours * n / count),
            f"k{n % accounts}",
            text,
            f"k{n % 3}",
            "negative",
            sources[n % len(sources)],
            new=new,
        )
        for n in range(count)
    ]


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)


@pytest.mark.parametrize("said", ["own", "me too"])
def test_400_posts_by_320_people_over_14_hours_are_one_episode_and_no_campaign(
    rng: np.random.Generator, said: str
) -> None:
    who = rng.permutation([*range(320), *rng.integers(320, size=80)])
    rush = [
        post(
            EVENT + timedelta(hours=14 * n / 400), f"p{one}",
            ("me too", "same here", "same problem here", "+1")[n % 4] if said == "me too" and n % 2 else own_words(rng),
            f"c{n % 3}", new=bool(one % 3 == 0),
        )
        for n, one in enumerate(who)
    ]  # fmt: skip
    (episode,) = decided([*quiet(rng, 46), *rush], EVENT + timedelta(days=5))
    assert (episode.kind, episode.voices.campaign) == ("backlash", None)
    assert episode.voices.low >= 300


def test_62_quiet_days_are_no_episode(rng: np.random.Generator) -> None:
    begin = START + timedelta(days=28)
    assert decided(quiet(rng, 92), begin + timedelta(days=62), begin) == []


@pytest.mark.parametrize(
    ("text", "hours", "sources"),
    [
        (COPY, 14.0, "f"),
        (COPY, 0.3, "f"),
        (COPY, 60.0, "f"),
        (COPY, 10.0, "fgh"),
        ("Acme lies, boycott Acme", 14.0, "f"),
    ],
    ids=["half a day", "minutes", "days", "three sources", "a slogan"],
)
def test_80_copies_by_6_authors_are_a_campaign(rng: np.random.Generator, text: str, hours: float, sources: str) -> None:
    (episode,) = decided([*quiet(rng, 46), *copies(text, 80, 6, hours, sources)], EVENT + timedelta(days=4))
    assert episode.kind == "campaign"
    assert str(episode.voices.campaign).startswith("copy-paste: 80 of 80 posts, by ")
    assert (episode.voices.posts, episode.parts["organised_posts"], episode.parts["voices"]) == (80, 80, 1)


def test_new_accounts_that_paste_once_each_are_a_campaign_and_known_people_are_not(rng: np.random.Generator) -> None:
    came, stayed = (
        decided([*quiet(rng, 46), *copies(COPY, 24, 24, 8, new=new)], EVENT + timedelta(days=2))
        for new in (True, False)
    )
    assert [episode.kind for episode in came] == ["campaign"]
    assert came[0].parts["newcomer_share"] == 1.0
    assert all(episode.kind != "campaign" and episode.voices.campaign is None for episode in stayed)


def test_forty_accounts_that_repeat_one_text_all_day_end_as_one_campaign(rng: np.random.Generator) -> None:
    (episode,) = decided([*quiet(rng, 46), *copies(COPY, 200, 40, 24)], EVENT + timedelta(days=4))
    assert (episode.kind, episode.parts["organised_posts"]) == ("campaign", 200)


def test_a_backlash_that_is_partly_copied_stays_one_backlash_and_says_so(rng: np.random.Generator) -> None:
    people = [post(EVENT + timedelta(minutes=9 * n), f"p{n}", own_words(rng), f"k{n % 3}") for n in range(60)]
    (episode,) = decided([*quiet(rng, 46), *people, *copies(COPY, 60, 6, 9)], EVENT + timedelta(days=4))
    assert episode.kind == "backlash"
    assert str(episode.voices.campaign).startswith("copy-paste: 60 of 12")
    assert episode.parts["organised_posts"] == 60


def test_a_campaign_that_people_join_becomes_the_backlash(rng: np.random.Generator) -> None:
    people = [post(EVENT + timedelta(hours=10, minutes=5 * n), f"p{n}", own_words(rng), f"k{n % 3}") for n in range(80)]
    (episode,) = decided([*quiet(rng, 46), *copies(COPY, 30, 5, 4), *people], EVENT + timedelta(days=4))
    assert episode.kind == "backlash"
    assert episode.opened_at - EVENT < timedelta(hours=4)
