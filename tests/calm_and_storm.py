"""Six calm weeks about Acme, then forty-five angry posts in one thread: what most decisions are tried on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from analyzers.mentions import BrandRules, scan_store
from analyzers.text import text_key
from tocsin.store.database import Store
from tocsin.store.posts import write_posts
from tocsin.store.records import Post, Tag, Thread
from tocsin.store.sources import ensure_sources
from tocsin.store.tags import ensure_model, fill_text_keys, write_tags

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def fill(store: Store, angry_people: int) -> None:
    """Store, read mentions and tag, as of `AT`; the forty-five angry posts are by so many people."""
    posts = [_post(n, AT - timedelta(hours=5 * n + 30), f"r{n % 20}", "calm") for n in range(190)]
    posts += [_post(500 + n, AT - timedelta(minutes=10 * n + 5), f"c{n % angry_people}", "storm") for n in range(45)]
    ensure_sources(store, [("f", "forum", None)], AT)
    write_posts(store, posts, AT)
    scan_store(store, [BrandRules("Acme")], AT)
    ensure_model(store, "m1", "oracle", AT)
    fill_text_keys(store, text_key)
    rows = store.rows("SELECT id, text_key, thread_id FROM posts")
    write_tags(store, [_tag(row["id"], "storm" in row["thread_id"]) for row in rows], [row["text_key"] for row in rows])


def _post(number: int, at: datetime, author: str, thread: str) -> Post:
    name = f"f:{thread}{number // 20 if thread == 'calm' else ''}"
    where = Thread(name, "f", "Talk", None, None)
    text = f"Acme, words of number {number}"
    return Post(f"f:{number}", "f", where, text, at, author, url=f"https://f.example/{number}")


def _tag(post_id: str, angry: bool) -> Tag:
    tones = (0.8, 0.1, 0.1) if angry else (0.1, 0.8, 0.1)
    label, heat = ("negative", 0.9) if angry else ("neutral", 0.1)
    return Tag(post_id, "oracle", "m1", AT, "en", label, *tones, heat, None, None, anger=heat)
