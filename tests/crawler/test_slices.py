from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.slices import Slices, plan_slices


def read(slices: Slices, posts: list[int], room: int, pages: int) -> set[int]:
    """Read up to `pages` pages as a source would answer, newest first; return the indices of what was seen."""
    seen: set[int] = set()
    while slices.current is not None and pages:
        low, high = slices.current
        fitting = sorted((n for n, at in enumerate(posts) if low <= at <= high), key=lambda n: -posts[n])
        shown = fitting[:room]
        seen |= set(shown)
        slices.page_read([posts[n] for n in shown], full=len(fitting) >= room)
        pages -= 1
    return seen


@settings(max_examples=200)
@given(
    st.lists(st.integers(0, 500), max_size=80),
    st.integers(5, 20),
    st.lists(st.integers(1, 6), min_size=1, max_size=6),
    st.lists(st.integers(0, 500), max_size=20),
)
def test_interrupted_reading_misses_nothing(posts: list[int], room: int, runs: list[int], later: list[int]) -> None:
    seen: set[int] = set()
    mark: dict[str, object] = {}
    now = 500
    for pages in runs:
        slices = plan_slices(mark, 0, now, recheck=0)
        seen |= read(slices, posts, room, pages)
        mark = json.loads(json.dumps(slices.to_mark()))
        now += 100
        posts = posts + [min(now - 100 + moment // 5, now) for moment in later]
    slices = plan_slices(mark, 0, now, recheck=0)
    seen |= read(slices, posts, room, 10_000)
    crowded = {n for n, at in enumerate(posts) if posts.count(at) >= room}
    assert seen | crowded == set(range(len(posts)))
    assert slices.current is None


def test_a_run_with_nothing_left_over_reads_the_last_days_again() -> None:
    assert plan_slices({"top": 1_000_000, "todo": []}, 0, 1_100_000, recheck=250_000).todo == [(750_000, 1_100_000)]


def test_what_was_left_over_comes_before_known_days() -> None:
    slices = plan_slices({"top": 1_000_000, "todo": [[0, 500_000]]}, 0, 1_100_000, recheck=250_000)
    assert slices.todo == [(0, 500_000), (996_400, 1_100_000)]


def test_a_first_run_reads_the_whole_history() -> None:
    assert plan_slices({}, 10, 1_000, recheck=50).todo == [(10, 1_000)]


def test_more_posts_in_a_second_than_fit_are_noted_and_passed() -> None:
    slices = Slices([(0, 10)], 10)
    slices.page_read([10, 10, 10], full=True)
    assert (slices.crowded, slices.todo) == ([10], [(0, 9)])
