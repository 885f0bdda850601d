"""Mentions, the sample, tags, and what decisions then see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tocsin.store import mentions, tags
from tocsin.store.analysis import brand_week, daily_counts
from tocsin.store.database import Store
from tocsin.store.judged import judged_posts, source_tone
from tocsin.store.posts import write_posts
from tocsin.store.records import Engagement, Mention, Post, Tag

MakePost = Callable[..., Post]
HOUR = timedelta(hours=1)


def scan(store: Store, rules: str = "r1", *, word: str = "acme") -> int:
    waiting = mentions.posts_to_scan(store, rules, 1000)
    found = [Mention(row["id"], "Acme", word, "text") for row in waiting if word in row["text"]]
    mentions.write_mentions(store, [(row["id"], row["content_hash"]) for row in waiting], found, rules)
    return len(waiting)


def judge(store: Store, now: datetime, *, version: str = "v1", sentiment: str = "negative", limit: int = 1000) -> int:
    tags.fill_text_keys(store, lambda text: f"key of {text}")
    waiting = tags.posts_to_tag(store, version, limit)
    made = [
        Tag(row["post_id"], "test model", version, now, "en", sentiment, 0.8, 0.1, 0.1, 0.5, None, None)
        for row in waiting
    ]
    tags.write_tags(store, made, [row["text_key"] for row in waiting])
    return len(waiting)


def test_posts_are_scanned_once_until_rules_or_text_change(known: Store, make_post: MakePost, now: datetime) -> None:
    write_posts(known, [make_post(1, "acme is slow"), make_post(2)], now)
    assert [scan(known), scan(known)] == [2, 0]
    write_posts(known, [make_post(2, "acme again")], now + HOUR)
    assert [scan(known), scan(known), scan(known, "r2")] == [1, 0, 2]
    assert known.number("SELECT count(*) FROM mentions") == 2
    scan(known, "r3", word="slow")
    assert [row["post_id"] for row in known.rows("SELECT post_id FROM mentions")] == ["forum:1"]


def test_a_post_edited_while_it_was_read_is_read_again(known: Store, make_post: MakePost, now: datetime) -> None:
    write_posts(known, [make_post(1, "acme is slow")], now)
    waiting = mentions.posts_to_scan(known, "r1", 10)
    write_posts(known, [make_post(1, "nothing to see")], now + HOUR)
    mentions.write_mentions(known, [(row["id"], row["content_hash"]) for row in waiting], [], "r1")
    assert [row["text"] for row in mentions.posts_to_scan(known, "r1", 10)] == ["nothing to see"]


def test_whole_threads_with_a_mention_are_tagged_once(known: Store, make_post: MakePost, now: datetime) -> None:
    write_posts(known, [make_post(1, "acme is slow"), make_post(2), make_post(3, thread="t2")], now)
    scan(known)
    assert tags.count_to_tag(known, "v1") == 0, "posts without a text key wait for one"
    assert [judge(known, now), judge(known, now), tags.count_to_tag(known, "v1")] == [2, 0, 0]
    assert [judge(known, now, version="v1"), tags.delete_tags(known, "v1"), judge(known, now)] == [0, 2, 2]


def test_an_edited_post_is_judged_again(known: Store, make_post: MakePost, now: datetime) -> None:
    write_posts(known, [make_post(1, "acme is slow")], now)
    scan(known)
    judge(known, now)
    write_posts(known, [make_post(1, "acme is quick")], now + HOUR)
    scan(known)
    assert [judge(known, now, sentiment="positive"), judge(known, now)] == [1, 0]
    assert known.rows("SELECT sentiment FROM current_tags")[0]["sentiment"] == "positive"


def test_equal_text_is_judged_once(known: Store, make_post: MakePost, now: datetime) -> None:
    write_posts(known, [make_post(number, "acme is slow") for number in range(10)], now)
    scan(known)
    judge(known, now, limit=1)
    tags.write_pile_on_risks(known, [("forum:0", "v1", 0.4)])
    assert tags.copy_equal_tags(known, "v1", now) == 9
    assert tags.count_to_tag(known, "v1") == 0
    found = known.rows("SELECT pile_on_risk, count(*) AS n FROM tags WHERE negative = 0.8 GROUP BY 1 ORDER BY 1")
    assert [tuple(row) for row in found] == [(None, 9), (0.4, 1)]


def test_only_one_model_is_current(known: Store, now: datetime) -> None:
    tags.ensure_model(known, "v2", "other", now)
    tags.ensure_model(known, "v3", "trial", now, current=False)
    assert tags.current_model(known) == ("other", "v2")
    assert known.number("SELECT sum(current) FROM models") == 1


def test_the_sample_is_the_same_whatever_the_order(known: Store, make_post: MakePost, now: datetime) -> None:
    day = [make_post(number, created_at=now - timedelta(minutes=number)) for number in range(60)]
    write_posts(known, day, now)
    assert tags.draw_sample(known, 10) == 10
    drawn = [row["id"] for row in known.rows("SELECT id FROM posts WHERE sampled = 1 ORDER BY id")]
    known.run("UPDATE posts SET sampled = NULL")
    assert tags.draw_sample(known, 10) == 10
    assert [row["id"] for row in known.rows("SELECT id FROM posts WHERE sampled = 1 ORDER BY id")] == drawn
    assert tags.draw_sample(known, 10) == 0
    assert judge(known, now) == 10
    assert source_tone(known, since=now - 24 * HOUR, until=now + HOUR) == {"forum": (10, 10)}


def test_decisions_see_only_what_was_known_by_then(known: Store, make_post: MakePost, now: datetime) -> None:
    first = make_post(5, "acme is slow", engagement=Engagement(now - 2 * HOUR, likes=1))
    write_posts(known, [first], now - 2 * HOUR)
    write_posts(known, [make_post(5, "acme is slow", engagement=Engagement(now, likes=9))], now)
    write_posts(known, [make_post(4, "acme is late", author=None)], now + HOUR)
    scan(known)
    judge(known, now)
    early = judged_posts(known, "Acme", since=now - 9 * HOUR, until=now, seen_by=now - HOUR)
    assert [(post.post_id, post.likes, post.negative, post.author_id) for post in early] == [
        ("forum:5", 1, 0.8, "forum:author0")
    ]
    late = judged_posts(known, "Acme", since=now - 9 * HOUR, until=now, seen_by=now + HOUR)
    assert [(post.post_id, post.likes, post.author_id) for post in late] == [
        ("forum:5", 9, "forum:author0"),
        ("forum:4", None, None),
    ]
    assert judged_posts(known, "Acme", since=now - 4 * HOUR, until=now, seen_by=now + HOUR) == late[1:]
    assert judged_posts(known, "Acme", since=now - 9 * HOUR, until=now - 4 * HOUR, seen_by=now + HOUR) == late[:1]


def test_a_week_counts_every_post_once(known: Store, make_post: MakePost, now: datetime) -> None:
    write_posts(known, [make_post(number, f"acme number {number}") for number in range(30)], now)
    scan(known)
    judge(known, now, limit=20)
    week = brand_week(known, "Acme", now - 24 * HOUR, now + HOUR)
    assert week["posts"] == 25
    assert week["negative"] + week["neutral"] + week["positive"] + week["not_judged"] == 25
    assert week["voices"] == 5
    days = daily_counts(known, "Acme", now - 72 * HOUR, now + HOUR, ZoneInfo("Asia/Tokyo"))
    assert [str(day) for day, _, _ in days] == ["2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20"]
    assert sum(posts for _, posts, _ in days) == 30
    # 12:00 UTC is 21:00 in Tokyo: the posts of the last 21 hours are of that day.
    assert days[-1][1] == 22
    assert sum(negative for _, _, negative in days) == 20


def test_the_views_agree_with_the_tables(known: Store, make_post: MakePost, now: datetime) -> None:
    write_posts(known, [make_post(number, "acme is slow") for number in range(10)] + [make_post(99, thread="t2")], now)
    scan(known)
    judge(known, now)
    assert known.number("SELECT sum(posts) FROM share_of_voice_daily") == 10
    assert known.number("SELECT sum(negative) FROM sentiment_daily") == 10
    top = known.rows("SELECT id, posts, voices, negative, risk FROM top_threads ORDER BY posts DESC")
    assert [tuple(row) for row in top] == [("forum:t1", 10, 5, 10, None), ("forum:t2", 1, 1, 0, None)]
