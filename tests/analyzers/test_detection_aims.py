"""What a detection writes of aims, staff and posts worth a person's time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from analyzers.detection import DetectReport, detect_store
from analyzers.mentions import BrandRules, scan_store
from analyzers.text import text_key
from analyzers.worth import Known
from tocsin.store.aims import worth_posts
from tocsin.store.database import Store
from tocsin.store.posts import write_posts
from tocsin.store.records import Post, Tag, Thread
from tocsin.store.sources import ensure_sources, mark_first_crawl_finished
from tocsin.store.tags import ensure_model, fill_text_keys, write_tags

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
KNOWN = Known(roles={"Acme": "own", "Foodco": "target"}, staff={"Acme": {"amy"}, "Foodco": {"max"}})
SAID = {
    "f:1": ("Acme drops the connection twice a day.", "joe", 60, "negative"),
    "f:2": ("Acme is a wonderful company!", "ann", 50, "positive"),
    "f:3": ("Acme lost our second order too.", "bob", 40, "negative"),
    "f:4": ("Acme is sorry for that.", "amy", 20, "negative"),
    "f:5": ("Acme keeps us waiting, and our lines stand still.", "max", 10, "negative"),
    "f:6": ("Foodco and Acme signed a contract.", "eva", 5, "neutral"),
}
"""Post: words, author, hours ago, tone. `f:4` answers in the thread of `f:3`."""
TONES = {"negative": (0.9, 0.05, 0.05), "neutral": (0.05, 0.9, 0.05), "positive": (0.05, 0.05, 0.9)}


@pytest.fixture
def heard(store: Store) -> Store:
    ensure_sources(store, [("f", "forum", None)], AT)
    posts = []
    for name, (text, author, hours, _) in SAID.items():
        thread = "f:t3" if name == "f:4" else f"f:t{name[2:]}"
        at = AT - timedelta(hours=hours)
        posts.append(Post(name, "f", Thread(thread, "f", "talk", None, at), text, at, author))
    write_posts(store, posts, AT)
    mark_first_crawl_finished(store, "f", AT)
    scan_store(store, [BrandRules("Acme"), BrandRules("Foodco", "target")], AT)
    ensure_model(store, "m", "m", AT)
    fill_text_keys(store, text_key)
    rows = store.rows("SELECT id, text_key FROM posts")
    tags = [
        Tag(row["id"], "m", "m", AT, "en", (tone := SAID[row["id"]][3]), *TONES[tone], 0.1, None, None, anger=0.1)
        for row in rows
    ]
    write_tags(store, tags, [row["text_key"] for row in rows])
    return store


def detect(store: Store, at: datetime = AT) -> DetectReport:
    return detect_store(store, ["Acme", "Foodco"], at, ZoneInfo("UTC"), KNOWN)


def worth(store: Store) -> set[tuple[str, str, bool]]:
    rows = store.rows("SELECT post_id, kind, answered_at FROM worth_answering")
    return {(row["post_id"], row["kind"], row["answered_at"] is not None) for row in rows}


def test_a_night_lists_whom_to_answer_whom_to_thank_and_what_accounts_say(heard: Store) -> None:
    report = detect(heard)
    assert worth(heard) == {
        ("f:1", "complaint", False),
        ("f:2", "advocate", False),
        ("f:5", "account", False),
        ("f:6", "account", False),
    }
    acme = report.brands[0]
    assert (acme.posts_24h, acme.voices_24h) == (1, 1)  # Neither the brand's staff nor the account's is a voice.


def test_aims_are_kept_for_every_post_and_brand_with_staff_marked(heard: Store) -> None:
    detect(heard)
    found = {
        (row["post_id"], row["brand"]): (row["aim"], row["manner"], row["staff"])
        for row in heard.rows("SELECT * FROM aims")
    }
    assert found["f:1", "Acme"] == ("brand", "criticism", 0)
    assert found["f:2", "Acme"] == ("brand", "praise", 0)
    assert found["f:4", "Acme"] == ("brand", "criticism", 1)
    assert found["f:6", "Acme"] == ("nobody", None, 0)
    assert ("f:6", "Foodco") in found


def test_a_repeated_detection_changes_nothing(heard: Store) -> None:
    detect(heard)
    first = [tuple(row) for row in heard.rows("SELECT * FROM worth_answering ORDER BY 1, 2, 3")]
    detect(heard, AT + timedelta(hours=1))
    assert [tuple(row) for row in heard.rows("SELECT * FROM worth_answering ORDER BY 1, 2, 3")] == first


def test_a_reply_by_staff_takes_a_complaint_off_the_mail_and_keeps_it_in_the_table(heard: Store) -> None:
    detect(heard)
    talk = Thread("f:t1", "f", "talk", None, AT)
    write_posts(heard, [Post("f:9", "f", talk, "Please send us the log.", AT + timedelta(hours=1), "amy")], AT)
    detect(heard, AT + timedelta(hours=2))
    assert ("f:1", "complaint", True) in worth(heard)
    until = AT + timedelta(hours=3)
    assert worth_posts(heard, "complaint", ["Acme"], since=AT - timedelta(days=7), until=until, limit=5) == []
