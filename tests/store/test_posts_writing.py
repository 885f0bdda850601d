"""Writing posts: once, twice, edited, undated, dirty."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tocsin.store import posts as posts_module
from tocsin.store.database import Store, open_store
from tocsin.store.errors import StoreError
from tocsin.store.post_rows import content_hash
from tocsin.store.posts import known_hashes, known_ids, newest_post_at, thread_ids, thread_reply_count, write_posts
from tocsin.store.records import Engagement, Post, Thread, Written
from tocsin.store.sources import ensure_sources

MakePost = Callable[..., Post]

TABLES = ("threads", "authors", "posts", "earlier_texts", "engagement", "mention_scans")


def contents(store: Store) -> dict[str, list[tuple[object, ...]]]:
    return {table: sorted(map(tuple, store.rows(f"SELECT * FROM {table}")), key=repr) for table in TABLES}


def index_is_right(store: Store) -> None:
    # https://sqlite.org/fts5.html#the_integrity_check_command: rank 1 compares with the content table.
    store.run("INSERT INTO posts_fts (posts_fts, rank) VALUES ('integrity-check', 1)")
    store.run("INSERT INTO threads_fts (threads_fts, rank) VALUES ('integrity-check', 1)")


def test_posts_are_new_once_and_unchanged_after(known: Store, make_post: MakePost, now: datetime) -> None:
    many = [make_post(number) for number in range(1200)]
    assert write_posts(known, many, now) == Written(new=1200)
    before = contents(known)
    changes = known.connection.total_changes
    assert write_posts(known, many, now + timedelta(days=1)) == Written(unchanged=1200)
    assert contents(known) == before
    assert known.connection.total_changes == changes


def test_an_edit_keeps_identity_and_earlier_text(known: Store, make_post: MakePost, now: datetime) -> None:
    write_posts(known, [make_post(1, "the first words")], now)
    later = now + timedelta(hours=1)
    assert write_posts(known, [make_post(1, "other words")], later) == Written(changed=1)
    row = known.row("SELECT text, edited_at, first_seen_at, text_key FROM posts")
    assert row is not None
    assert (row["text"], row["edited_at"], row["text_key"]) == (
        "other words",
        later.isoformat(timespec="microseconds"),
        None,
    )
    earlier = known.row("SELECT text, content_hash FROM earlier_texts")
    assert earlier is not None
    assert tuple(earlier) == ("the first words", content_hash("the first words"))
    assert [found["id"] for found in posts_module.search_posts(known, "other")] == ["forum:1"]
    assert posts_module.search_posts(known, "first") == []
    index_is_right(known)


def test_a_new_title_is_kept_and_has_its_posts_read_again(known: Store, make_post: MakePost, now: datetime) -> None:
    write_posts(known, [make_post(1, title="Old name"), make_post(2, thread="t2")], now)
    known.run("UPDATE mention_scans SET rules = 'r1'")
    write_posts(known, [make_post(1, title="Acme is down")], now)
    write_posts(known, [make_post(1, title="")], now)
    assert known.row("SELECT title FROM threads WHERE id = 'forum:t1'")[0] == "Acme is down"  # type: ignore[index]  # it is there
    waiting = known.rows("SELECT post_id FROM mention_scans WHERE rules = ''")
    assert [row["post_id"] for row in waiting] == ["forum:1"]
    index_is_right(known)


def test_engagement_is_appended_only_when_it_differs(known: Store, make_post: MakePost, now: datetime) -> None:
    for hours, count in ((0, 3), (1, 3), (2, 5), (3, 5), (4, None), (5, 3)):
        seen = Engagement(now + timedelta(hours=hours), likes=count)
        write_posts(known, [make_post(1, engagement=seen)], now)
    assert [row["likes"] for row in known.rows("SELECT likes FROM engagement ORDER BY observed_at")] == [3, 5, 3]


def test_undated_and_future_posts_are_dated_by_us(known: Store, make_post: MakePost, now: datetime) -> None:
    write_posts(
        known,
        [
            make_post(1, created_at=None),
            make_post(2, created_at=now + timedelta(days=2)),
            make_post(3, created_at=now + timedelta(minutes=4)),
        ],
        now,
    )
    found = {row["id"]: (row["dated"], row["created_at"][:16]) for row in known.rows("SELECT * FROM posts")}
    assert found == {
        "forum:1": (0, "2026-11-20T12:00"),
        "forum:2": (0, "2026-11-20T12:00"),
        "forum:3": (1, "2026-11-20T12:04"),
    }
    assert newest_post_at(known, "forum") == now + timedelta(minutes=4)


def test_what_a_poorer_page_left_open_is_filled_in(known: Store, make_post: MakePost, now: datetime) -> None:
    write_posts(known, [make_post(1, created_at=None, author=None)], now)
    richer = make_post(1, author="jo", parent_id="forum:0", url="https://forum.example/1", position=4)
    assert write_posts(known, [richer], now + timedelta(hours=1)) == Written(unchanged=1)
    write_posts(known, [make_post(1, author=None)], now + timedelta(hours=2))
    row = known.row("SELECT author_id, parent_id, url, position, dated, created_at, edited_at FROM posts")
    assert row is not None
    assert tuple(row) == (
        *("forum:jo", "forum:0", "https://forum.example/1", 4, 1),
        *("2026-11-20T11:00:00.000000+00:00", None),
    )


def test_a_thread_learns_its_address_and_date_and_keeps_them(known: Store, make_post: MakePost, now: datetime) -> None:
    bare, full, other = (
        Thread("forum:t", "forum", "T", url, began)
        for url, began in ((None, None), ("https://forum.example/t", now), ("https://forum.example/other", None))
    )
    for thread in (bare, full, other, bare):
        write_posts(known, [replace(make_post(1), thread=thread)], now)
    assert [tuple(row) for row in known.rows("SELECT url, created_at FROM threads")] == [
        ("https://forum.example/t", "2026-11-20T12:00:00.000000+00:00")
    ]


def test_a_text_that_comes_and_goes_is_kept_once(known: Store, make_post: MakePost, now: datetime) -> None:
    for hours in range(9):
        write_posts(known, [make_post(1, f"text {hours % 2}")], now + timedelta(hours=hours))
    kept = known.rows("SELECT text, replaced_at FROM earlier_texts ORDER BY text")
    assert [(row["text"], row["replaced_at"][:13]) for row in kept] == [
        ("text 0", "2026-11-20T19"),
        ("text 1", "2026-11-20T20"),
    ]


def test_imports_are_seen_when_they_were_written(known: Store, make_post: MakePost, now: datetime) -> None:
    write_posts(known, [make_post(30)], now, backdate=True)
    row = known.row("SELECT created_at, first_seen_at FROM posts")
    assert row is not None
    assert row["created_at"] == row["first_seen_at"] == "2026-11-19T06:00:00.000000+00:00"


def test_pseudonyms_hide_the_handle_and_stay_the_same(known: Store, make_post: MakePost, now: datetime) -> None:
    write_posts(known, [make_post(0, author="Jo"), make_post(1, author="Jo"), make_post(2)], now, pseudonym_key=b"key")
    handles = [row["handle"] for row in known.rows("SELECT handle FROM authors")]
    assert len(handles) == 2
    assert all(len(handle) == 16 and int(handle, 16) for handle in handles)
    assert "Jo" not in handles


@pytest.mark.parametrize(
    ("dirty", "kept"),
    [
        ("a\x00b", "ab"),
        ("half \ud83d", "half \ufffd"),
        ("pair \ud83d\ude00", "pair \U0001f600"),
        ("\x00", ""),
        ("line\r\nline", "line\r\nline"),
    ],
)
def test_dirty_text_is_cleaned(known: Store, make_post: MakePost, now: datetime, dirty: str, kept: str) -> None:
    write_posts(known, [make_post(1, dirty, author=dirty, title=dirty)], now)
    assert known.row("SELECT text FROM posts")[0] == kept  # type: ignore[index]  # it is there
    assert write_posts(known, [make_post(1, dirty)], now) == Written(unchanged=1)
    index_is_right(known)


def test_a_post_of_ten_megabytes_is_kept_whole(known: Store, make_post: MakePost, now: datetime) -> None:
    long = "needle " + "word " * 2_000_000
    write_posts(known, [make_post(1, long)], now)
    assert known.number("SELECT length(text) FROM posts") == len(long)
    assert len(posts_module.search_posts(known, "needle")) == 1


def test_posts_of_an_unknown_source_are_refused_whole(known: Store, make_post: MakePost, now: datetime) -> None:
    stray = replace(make_post(2), source="nowhere")
    with pytest.raises(StoreError, match="FOREIGN KEY"):
        write_posts(known, [make_post(1), stray], now)
    assert known.number("SELECT count(*) FROM posts") == 0


def test_a_date_that_lay_in_the_future_is_not_believed_later(known: Store, make_post: MakePost, now: datetime) -> None:
    ahead = make_post(1, created_at=now + timedelta(hours=9))
    write_posts(known, [ahead], now)
    assert write_posts(known, [ahead], now + timedelta(days=1)) == Written(unchanged=1)
    assert tuple(known.rows("SELECT dated, created_at = first_seen_at FROM posts")[0]) == (0, 1)


def test_what_is_known_is_told(known: Store, make_post: MakePost, now: datetime) -> None:
    write_posts(known, [make_post(1), make_post(2), make_post(3, thread="t2")], now)
    assert known_ids(known, "forum", ["forum:1", "forum:9"]) == {"forum:1"}
    assert known_ids(known, "old", ["forum:1"]) == set()
    assert known_hashes(known, ["forum:2", "forum:9"]) == {"forum:2": content_hash("words of post number 2")}
    assert thread_ids(known, "forum") == {"forum:t1", "forum:t2"}
    assert (thread_reply_count(known, "forum:t1"), thread_reply_count(known, "forum:none")) == (1, 0)
    assert newest_post_at(known, "old") is None


MOMENT = datetime.fromisoformat("2026-11-20T12:00:00+00:00")
THREADS = [Thread(f"forum:t{number}", "forum", f"Title {number}", None, None) for number in range(3)]
anything = st.text(st.characters(), max_size=30)
posts = st.builds(
    Post,
    id=st.integers(0, 12).map(lambda number: f"forum:{number}"),
    source=st.just("forum"),
    thread=st.sampled_from(THREADS),
    text=anything,
    created_at=st.none() | st.integers(0, 5000).map(lambda hours: MOMENT - timedelta(hours=hours)),
    author=st.none() | anything,
    position=st.none() | st.integers(0, 9),
    engagement=st.none() | st.builds(Engagement, observed_at=st.just(MOMENT), likes=st.none() | st.integers(0, 3)),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(many=st.lists(posts, max_size=25), cuts=st.lists(st.integers(0, 25), max_size=4))
def test_any_posts_in_any_batches_make_the_same_store(
    tmp_path_factory: pytest.TempPathFactory, many: list[Post], cuts: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("batches")
    with open_store(folder / "whole.db") as whole, open_store(folder / "parts.db") as parts:
        for store in (whole, parts):
            ensure_sources(store, [("forum", "forum", None)], MOMENT)
        total = write_posts(whole, many, MOMENT)
        edges = [0, *sorted(min(cut, len(many)) for cut in cuts), len(many)]
        for start, end in itertools.pairwise(edges):
            write_posts(parts, many[start:end], MOMENT)
        assert contents(whole) == contents(parts)
        assert total.new + total.changed + total.unchanged == len(many)
        index_is_right(whole)
        index_is_right(parts)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(many=st.lists(posts, max_size=25, unique_by=lambda post: post.id))
def test_writing_twice_makes_the_same_store_and_editing_loses_no_text(
    tmp_path_factory: pytest.TempPathFactory, many: list[Post]
) -> None:
    with open_store(tmp_path_factory.mktemp("twice") / "store.db") as store:
        ensure_sources(store, [("forum", "forum", None)], MOMENT)
        write_posts(store, many, MOMENT)
        before = contents(store)
        write_posts(store, many, MOMENT + timedelta(days=1))
        assert contents(store) == before
        texts = {row["id"]: row["text"] for row in store.rows("SELECT id, text FROM posts")}
        edited = [replace(post, text=post.text + " edited") for post in many]
        assert write_posts(store, edited, MOMENT + timedelta(days=2)) == Written(changed=len(many))
        assert {row["post_id"]: row["text"] for row in store.rows("SELECT * FROM earlier_texts")} == texts
        index_is_right(store)
