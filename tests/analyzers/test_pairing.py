"""Questions about two texts, from the store through the shipped model and back."""

from datetime import datetime, timedelta

import pytest

from analyzers.listening import is_negative
from analyzers.tagging import tag_store
from tocsin.config import shipped
from tocsin.store.database import Store
from tocsin.store.judged import judged_posts
from tocsin.store.mentions import ensure_brands, write_mentions
from tocsin.store.pairs import derailments_by
from tocsin.store.posts import write_posts
from tocsin.store.records import JudgedPost, Mention, Post, Thread
from tocsin.store.sources import ensure_sources

MODEL = shipped("data", "model")
BOTH = "Norvik was wonderful from day one, but Hexal is a complete disaster and never answers."
REPLY = "Not true, they answered me within an hour."


@pytest.fixture
def talk(store: Store, now: datetime) -> Store:
    """A post that names two brands, and a reply in its thread that names none."""
    ensure_sources(store, [("forum", "forum", "https://forum.test/")], now)
    ensure_brands(store, [("Norvik", "own"), ("Hexal", "competitor")])
    thread = Thread("forum:t1", "forum", "Suppliers", None, now - timedelta(hours=3))
    first = Post("forum:1", "forum", thread, BOTH, now - timedelta(hours=3), author="ann")
    reply = Post("forum:2", "forum", thread, REPLY, now - timedelta(hours=2), author="bob", parent_id="forum:1")
    write_posts(store, [first, reply], now)
    write_mentions(
        store,
        [],
        [
            Mention("forum:1", "Norvik", "Norvik", "text"),
            Mention("forum:1", "Hexal", "Hexal", "text"),
            Mention("forum:2", "Hexal", "Hexal", "thread"),
        ],
        "rules",
    )
    return store


def seen(store: Store, brand: str, now: datetime) -> list[JudgedPost]:
    return judged_posts(store, brand, since=now - timedelta(days=1), until=now + timedelta(hours=1), seen_by=now)


def test_a_post_is_judged_towards_each_brand_it_names(talk: Store, now: datetime) -> None:
    report = tag_store(talk, MODEL, now)
    assert (report.pairs.targets, report.pairs.stances, report.pairs.forecasts) == (2, 1, 1)
    (norvik,) = seen(talk, "Norvik", now)
    hexal, reply = seen(talk, "Hexal", now)
    assert (norvik.tone, hexal.tone) == ("positive", "negative")
    assert is_negative(hexal)
    assert not is_negative(norvik)
    assert reply.stance is not None
    assert hexal.stance is None
    shown = talk.rows("SELECT brand, judged_as, sentiment FROM brand_tags WHERE post_id = 'forum:1' ORDER BY brand")
    assert [tuple(row) for row in shown] == [("Hexal", "target", "negative"), ("Norvik", "target", "positive")]


def test_nothing_is_asked_twice_and_an_edit_is_asked_again(talk: Store, now: datetime) -> None:
    tag_store(talk, MODEL, now)
    again = tag_store(talk, MODEL, now).pairs
    assert (again.targets, again.stances, again.forecasts) == (0, 0, 0)
    thread = Thread("forum:t1", "forum", "Suppliers", None, now - timedelta(hours=3))
    edited = Post(
        "forum:1", "forum", thread, "Hexal is great now, we love them. Norvik is great too.", now - timedelta(hours=3)
    )
    write_posts(talk, [edited], now)
    report = tag_store(talk, MODEL, now)
    assert (report.pairs.targets, report.pairs.stances) == (2, 1)
    assert seen(talk, "Hexal", now)[0].tone == "positive"


def test_a_post_in_another_language_is_not_asked_about(talk: Store, now: datetime) -> None:
    thread = Thread("forum:t1", "forum", "Suppliers", None, now - timedelta(hours=3))
    german = "Hexal hat bei uns alles kaputt gemacht und niemand antwortet auf unsere Fragen."
    write_posts(talk, [Post("forum:3", "forum", thread, german, now - timedelta(hours=1), author="eva")], now)
    write_mentions(talk, [], [Mention("forum:3", "Hexal", "Hexal", "text")], "rules")
    tag_store(talk, MODEL, now)
    assert talk.number("SELECT count(*) FROM target_tags WHERE post_id = 'forum:3'") == 0
    assert next(post for post in seen(talk, "Hexal", now) if post.post_id == "forum:3").abstained == "language"


def test_a_forecast_rests_on_what_was_written_by_then_and_earlier_ones_stay(talk: Store, now: datetime) -> None:
    version = tag_store(talk, MODEL, now).model_version
    thread = Thread("forum:t1", "forum", "Suppliers", None, now - timedelta(hours=3))
    later = now + timedelta(hours=1)
    write_posts(talk, [Post("forum:4", "forum", thread, "You are a liar, Bob.", later, author="ann")], later)
    tag_store(talk, MODEL, now + timedelta(hours=2))
    before = derailments_by(talk, version, now)["forum:t1"]
    after = derailments_by(talk, version, now + timedelta(hours=2))["forum:t1"]
    assert (before.last_post_id, after.last_post_id) == ("forum:2", "forum:4")
    assert after.probability != before.probability


def test_an_old_thread_is_not_forecast(talk: Store, now: datetime) -> None:
    assert tag_store(talk, MODEL, now + timedelta(days=9)).pairs.forecasts == 0


def test_retag_renews_the_answers_about_pairs_too(talk: Store, now: datetime) -> None:
    tag_store(talk, MODEL, now)
    report = tag_store(talk, MODEL, now + timedelta(hours=1), retag=True)
    assert (report.pairs.targets, report.pairs.stances, report.pairs.forecasts) == (2, 1, 1)
