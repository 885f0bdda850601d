"""Links from other places to a thread: which address is which thread, who linked, and what was seen by when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzers.links_in import links_in
from tocsin.store.database import Store
from tocsin.store.outlinks import linking_posts, thread_addresses
from tocsin.store.posts import write_posts
from tocsin.store.records import Post, Thread
from tocsin.store.sources import ensure_sources

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ADDRESS = "https://forum.example/t/price-rise.204/"


def keep(store: Store, said: list[tuple[str, str]], address: str | None = ADDRESS) -> None:
    """One thread in `f` at `address`; in the hours before AT, posts of (source, text) in threads of their own."""
    ensure_sources(store, [("f", "forum", None), ("n", "forum", None)], AT)
    posts = [Post("f:0", "f", Thread("f:t", "f", "Price rise", address, AT - 50 * HOUR), "why", AT - 50 * HOUR, "op")]
    for number, (source, text) in enumerate(said):
        at = AT - (len(said) - number) * HOUR
        talk = Thread(f"{source}:{number}", source, "talk", None, at)
        posts.append(Post(f"{source}:p{number}", source, talk, text, at, f"who{number % 3}"))
    write_posts(store, posts, AT, backdate=True)


def linked(store: Store, at: datetime = AT) -> int | None:
    found = linking_posts(store, AT - 100 * HOUR, at, at)
    return links_in(found, thread_addresses(store, ["f:t"]), 2).by("f:t", at)


@pytest.mark.parametrize(
    "text",
    [
        "see https://forum.example/t/price-rise.204",
        "see http://www.forum.example/t/price-rise.204/page-2#post-9.",
        "(https://forum.example/t/price-rise.204/?utm_source=feed)",
        "go to www.forum.example/t/price-rise.204/ now",
    ],
)
def test_the_address_of_a_thread_in_any_form_is_a_link_to_it(store: Store, text: str) -> None:
    keep(store, [("n", text)])
    assert linked(store) == 1


@pytest.mark.parametrize(
    "text",
    [
        "https://forum.example/t/price-rise.2045/",
        "https://forum.example/",
        "https://other.example/t/price-rise.204/",
        "http://[broken/t/price-rise.204/",
        "price-rise.204 at www.",
    ],
)
def test_another_address_is_none(store: Store, text: str) -> None:
    keep(store, [("n", text)])
    assert linked(store) == 0


def test_a_thread_known_by_its_query_is_told_from_its_neighbours(store: Store) -> None:
    keep(
        store,
        [("n", "https://hn.example/item?id=7"), ("n", "https://hn.example/item?id=77")],
        "https://hn.example/item?id=7",
    )
    assert linked(store) == 1


def test_links_from_its_own_source_do_not_count_and_each_person_counts_once(store: Store) -> None:
    keep(store, [("f", ADDRESS), ("n", ADDRESS), ("n", ADDRESS), ("n", "no link"), ("n", ADDRESS)])
    assert linked(store) == 2  # who1 twice, who2


def test_only_what_was_written_and_seen_by_the_moment_counts(store: Store) -> None:
    keep(store, [("n", ADDRESS), ("n", ADDRESS), ("n", ADDRESS)])
    assert [linked(store, AT - hours * HOUR) for hours in (4, 3, 2, 1)] == [0, 1, 2, 3]


def test_what_cannot_be_observed_is_none(store: Store) -> None:
    keep(store, [("n", ADDRESS)], address=None)
    assert linked(store) is None
    assert links_in([], [], 1).by("f:t", AT) is None


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    row = {"text": text, "source": "n", "created_at": "", "first_seen_at": "", "author_id": None, "id": "n:1"}
    place = {"id": "f:t", "source": "f", "url": ADDRESS}
    assert links_in([row], [place], 2).by("f:t", AT) == 0  # type: ignore[list-item]
