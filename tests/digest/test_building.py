"""From the store to kept digests: gathered, rendered once, with what is new since the last one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tocsin.digest.building import audiences_of, build_digests
from tocsin.digest.content import compose
from tocsin.digest.facts import Occasion
from tocsin.digest.gather import Listening, gather
from tocsin.store.database import Store
from tocsin.store.digests import digest_for, pending_deliveries
from tocsin.store.episodes import write_episodes
from tocsin.store.mentions import ensure_brands, posts_to_scan, write_mentions
from tocsin.store.posts import write_posts
from tocsin.store.records import Coverage, Engagement, Episode, Evidence, Gap, Mention, Post, Tag, Thread
from tocsin.store.runs import add_gaps, start_run, write_coverage
from tocsin.store.sources import ensure_sources
from tocsin.store.tags import ensure_model, write_tags

SENDER = "Tocsin <tocsin@acme.example>"


@pytest.fixture
def listening(templates: Path) -> Listening:
    brands = (("Acme", "own"), ("Beta", "competitor"))
    return Listening(ZoneInfo("Europe/Berlin"), brands, (("forum", 30), ("hn", 30)), templates)  # type: ignore[arg-type]  # a literal in a tuple


@pytest.fixture
def told(store: Store, backlash: Episode) -> Store:
    """A store with one angry thread, its episode, and one source that failed."""
    now = backlash.at
    ensure_sources(store, [("forum", "forum", "https://forum.example/"), ("hn", "hackernews", None)], now)
    ensure_brands(store, [("Acme", "own"), ("Beta", "competitor")])
    thread = Thread("forum:1", "forum", "8.2 bricks the gateway?", "https://forum.example/t/1", backlash.onset_at)
    posts = [
        Post(
            id=f"forum:p{number}",
            source="forum",
            thread=thread,
            text=f"Acme gateway {number} is dead, shame",
            created_at=backlash.onset_at + timedelta(minutes=10 * number),
            author=f"user{number}",
            url=f"https://forum.example/t/1#{number}",
            engagement=Engagement(now, likes=number),
        )
        for number in range(12)
    ]
    write_posts(store, posts, now, backdate=True)
    scanned = [(row["id"], row["content_hash"]) for row in posts_to_scan(store, "rules", 100)]
    write_mentions(store, scanned, [Mention(post.id, "Acme", "Acme", "text") for post in posts], "rules")
    ensure_model(store, "v1", "tocsin-listener", now)
    tags = [Tag(p.id, "tocsin-listener", "v1", now, "en", "negative", 0.9, 0.05, 0.05, 0.6, None, None) for p in posts]
    write_tags(store, tags, [post.id for post in posts])
    shown = (Evidence("forum:p0", 1, "where it began"), Evidence("forum:p11", 2, "most reactions"))
    write_episodes(store, [replace(backlash, evidence=shown)])
    run = start_run(store, "nightly", "2026-11-22", now)
    write_coverage(store, run, Coverage("forum", "ok", now, now, new=12, newest_post_at=now))
    write_coverage(store, run, Coverage("hn", "failed", now, now, detail="connection refused"))
    add_gaps(store, [Gap("forum", "forum:1", now, 7, "budget spent")])
    return store


def test_a_digest_is_made_of_what_the_store_holds(told: Store, listening: Listening, backlash: Episode) -> None:
    audience = audiences_of((), ("Acme", "Beta"), "file")[0]
    content = compose(gather(told, listening, audience, backlash.at, "2026-11-22", Occasion()))
    assert content.subject == "Acme: backlash emerging, 43 voices, forum and hn; blind on 1 of 2 sources"
    (episode,) = content.backlash
    assert [(quote.author, quote.likes, quote.url) for quote in episode.quotes] == [
        ("user0", 0, "https://forum.example/t/1#0"),
        ("user11", 11, "https://forum.example/t/1#11"),
    ]
    assert episode.about == "8.2 bricks the gateway?"
    assert episode.timeline is not None
    assert sum(bar.negative for bar in episode.timeline.bars) == 12
    assert [(brand.name, brand.posts, brand.negative) for brand in content.brands] == [
        ("Acme", 12, 100),
        ("Beta", 0, 0),
    ]
    assert content.hearing.gaps == ("forum: at least 7 posts in 1 thread are known to be missing (budget spent)",)
    assert content.model == "tocsin-listener v1"
    assert len(content.cold_start) == 2


def build(store: Store, listening: Listening, at: datetime, day: str, brands: tuple[str, ...] = ("Acme",)) -> str:
    audience = audiences_of([("pr@acme.example", brands)], ("Acme", "Beta"), "file")
    (built,) = build_digests(store, audience, at, day, listening=listening, sender=SENDER)
    return built.digest.text


def test_a_digest_is_rendered_once_for_a_date(told: Store, listening: Listening, backlash: Episode) -> None:
    first = build(told, listening, backlash.at, "2026-11-22")
    again = build(told, listening, backlash.at + timedelta(hours=5), "2026-11-22")
    assert first == again
    kept = digest_for(told, "2026-11-22", "Acme")
    assert kept is not None
    assert kept.message_id.endswith("@acme.example>")
    assert [(left.channel, left.recipient) for left in pending_deliveries(told)] == [("file", "pr@acme.example")]


def test_the_next_digest_says_what_changed(told: Store, listening: Listening, backlash: Episode) -> None:
    assert "; new." in build(told, listening, backlash.at, "2026-11-22")
    tomorrow = backlash.at + timedelta(days=1)
    assert "unchanged since the last digest" in build(told, listening, tomorrow, "2026-11-23")
    later = tomorrow + timedelta(days=1)
    write_episodes(told, [replace(backlash, at=later, state="peaked", level=3, peaked_at=later)])
    assert "risen from level 2 to 3, was emerging, now peaked" in " ".join(
        build(told, listening, later, "2026-11-24").split()
    )


def test_an_end_is_told_once(told: Store, listening: Listening, backlash: Episode) -> None:
    build(told, listening, backlash.at, "2026-11-22")
    end = backlash.at + timedelta(hours=20)
    write_episodes(told, [replace(backlash, at=end, state="over", over_at=end)])
    tomorrow = backlash.at + timedelta(days=1)
    assert "Backlash against Acme is over" in build(told, listening, tomorrow, "2026-11-23")
    assert "is over" not in build(told, listening, tomorrow + timedelta(hours=23), "2026-11-24")


def test_readers_of_another_brand_hear_nothing_of_it(told: Store, listening: Listening, backlash: Episode) -> None:
    text = build(told, listening, backlash.at, "2026-11-22", ("Beta",))
    assert "Quiet where we could listen" in text
    assert "Acme" not in text


def test_recipients_who_want_the_same_brands_share_a_digest() -> None:
    recipients = [
        ("a@x.example", ()),
        ("b@x.example", ("Beta", "Acme")),
        ("c@x.example", ("Beta",)),
        ("a@x.example", ()),
    ]
    audiences = audiences_of(recipients, ("Acme", "Beta"), "smtp")
    assert [(audience.name, audience.deliveries) for audience in audiences] == [
        ("Acme, Beta", (("smtp", "a@x.example"), ("smtp", "b@x.example"))),
        ("Beta", (("smtp", "c@x.example"),)),
    ]


def test_without_recipients_the_digest_goes_to_the_file_outbox() -> None:
    (audience,) = audiences_of((), ("Beta", "Acme"), "smtp")
    assert (audience.name, audience.deliveries) == ("Acme, Beta", (("file", ""),))
