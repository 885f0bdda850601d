from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.records import ExtractedPost, ThreadLink
from crawler.forum_threads import PostNames, ThreadState, is_due, thread_key

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
URL = "https://x.test/t/1"
READ = ThreadState(URL, URL, replies=3, activity=NOW - timedelta(days=5), newest=NOW - timedelta(days=5), complete=True)


def link(replies: int | None = 3, days: float | None = 5) -> ThreadLink:
    return ThreadLink(URL, "T", None if days is None else NOW - timedelta(days=days), replies)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://x.test/threads/gasket.123/page-4#post-99", "/threads/gasket.123"),
        ("https://x.test/threads/gasket.123/unread", "/threads/gasket.123"),
        ("https://x.test/viewtopic.php?f=2&t=77&start=40&sid=abc#p5", "/viewtopic.php?f=2&t=77"),
        ("https://x.test/t/gasket/44/?page=2", "/t/gasket/44"),
        ("https://x.test/", "/"),
    ],
)
def test_a_thread_is_known_by_its_path_whatever_the_page(url: str, key: str) -> None:
    assert thread_key(url) == key


@pytest.mark.parametrize(
    ("listed", "state", "due"),
    [
        (link(), None, True),
        (link(), READ, False),
        (link(replies=4), READ, True),
        (link(replies=2), READ, True),
        (link(days=1), READ, True),
        (link(days=4.5), READ, False),  # "4 days ago" is no exact date
        (link(replies=None, days=1), READ, True),
        (link(replies=None, days=None), READ, False),  # such a list tells nothing, the schedule does
        (link(replies=9), ThreadState(URL, URL), False),  # its reading is under way
        (link(replies=None, days=None), None, True),
    ],
)
def test_threads_are_read_when_they_moved(listed: ThreadLink, state: ThreadState | None, due: bool) -> None:
    assert is_due(listed, state) is due


moments = st.none() | st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds


@given(st.text(), st.integers(1, 99), st.none() | st.integers(0, 9), moments, moments, st.booleans())
def test_a_state_survives_being_remembered(
    title: str, page: int, replies: int | None, activity: datetime | None, newest: datetime | None, complete: bool
) -> None:
    state = ThreadState(URL, URL, title, page, 20, replies, activity, newest, complete)
    assert ThreadState.from_mark(json.loads(json.dumps(state.to_mark()))) == state


def test_a_long_thread_is_read_on_from_its_last_page_and_a_short_one_again() -> None:
    long = ThreadState(URL, f"{URL}?page=9", page=9, offset=160, complete=True)
    short = ThreadState(URL, f"{URL}?page=2", page=2, offset=20, complete=True)
    assert (long.listed(link()).at, long.listed(link()).offset) == (f"{URL}?page=9", 160)
    assert (short.listed(link()).at, short.listed(link()).page) == (URL, 1)


def test_posts_keep_the_ids_of_their_site() -> None:
    names = PostNames("/t/1")
    posts = [ExtractedPost(0, "a", native_id="7"), ExtractedPost(1, "b", native_id="8", parent="7")]
    assert names.page(posts) == 2
    found = [names.found(post, READ) for post in posts]
    assert [item.native_id for item in found] == ["/t/1#7", "/t/1#8"]
    assert found[1].parent == "/t/1#7"
    assert names.page(posts) == 0, "a page seen before brings nothing new: the thread ends"


def test_ids_that_start_again_on_every_page_are_not_trusted() -> None:
    names = PostNames("/t/1")
    first = [ExtractedPost(n, f"page one {n}", native_id=str(n)) for n in range(3)]
    second = [ExtractedPost(n, f"page two {n}", native_id=str(n)) for n in range(3)]
    names.page(first)
    ids = {names.name(post) for post in first}
    names.page(second)
    assert names.reused
    assert len(ids | {names.name(post) for post in second}) == 6


def test_posts_without_ids_are_known_by_author_and_words() -> None:
    names, again = PostNames("/t/1"), PostNames("/t/1")
    posts = [ExtractedPost(0, "+1", author="ann"), ExtractedPost(1, "+1", author="ann"), ExtractedPost(2, "+1", "bob")]
    names.page(posts)
    again.page(posts)
    ids = [names.name(post) for post in posts]
    assert len(set(ids)) == 3
    assert ids == [again.name(post) for post in posts]
