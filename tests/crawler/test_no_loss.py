"""Nothing that was visible long enough is lost, whatever happens on the way; and a time cursor would lose it."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Crawling, Nursery, Site
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from places import Place, Said, Weather

from crawler.plan import SourcePlan
from tocsin.store.records import Coverage

DAY = 86_400
QUICK = "import crawler.settings; crawler.settings.TIMEOUT_SECONDS = 1"

TIME_CURSOR = f"""
{QUICK}
from scrapy.exceptions import DropItem
from crawler.pipelines import Identify
from crawler.items import FoundPost
from tocsin.store.posts import newest_post_at
honest = Identify.process_item
def since_the_last(self, item):
    if not hasattr(self, "cursor"):
        self.cursor = newest_post_at(self.spider.session.store, self.spider.source.name)
    if isinstance(item, FoundPost) and self.cursor and item.created_at and item.created_at <= self.cursor:
        raise DropItem("not newer than the cursor")
    return honest(self, item)
Identify.process_item = since_the_last
"""
"""What most collectors do: remember the time of the newest post, take only what is newer."""

Change = list[tuple[str, int]]


def weathers() -> st.SearchStrategy[Weather]:
    at = st.integers(1, 6)
    return st.one_of(
        st.builds(Weather, reversed_pages=st.booleans(), repeats=st.booleans()),
        st.builds(Weather, killed_at=at),
        st.builds(Weather, broken_at=at, broken_for=st.sampled_from((1, 2, 9))),
        st.builds(Weather, budget=st.integers(2, 6)),
        st.builds(Weather, late_at=st.integers(1, 3)),
    )


# Bursts may share a second; what is approved late has an old date; what is deleted is gone for good.
changes = st.lists(
    st.one_of(
        st.tuples(st.just("burst"), st.integers(1, 14)),
        st.tuples(st.just("same second"), st.integers(2, 7)),
        st.tuples(st.just("late"), st.integers(1, 60)),
        st.tuples(st.just("deleted"), st.integers(0, 30)),
    ),
    min_size=1,
    max_size=3,
)
stories = st.lists(st.tuples(changes, weathers()), min_size=2, max_size=3)


class Teller:
    """Lets a story happen at a place and crawls after each of its turns."""

    def __init__(self, place: Place, crawling: Crawling, patch: str) -> None:
        self.place, self.crawling, self.patch = place, crawling, patch
        self.seconds, self.number = 2 * DAY, 100
        self.due: dict[int, Said] = {}
        self.lost_before: set[int] = set()
        self.coverages: list[Coverage] = []

    def happen(self, change: Change) -> None:
        for kind, size in change:
            if kind == "deleted":
                numbers = sorted(self.place.said)
                if numbers:
                    del self.place.said[numbers[size % len(numbers)]]
            elif kind == "late":
                self._say(self.seconds + 3_600 * size // 10)
            else:
                step = 0 if kind == "same second" else 7
                self.seconds -= 600
                for place in range(size):
                    self._say(self.seconds - place * step)
                self.seconds -= size * step

    def _say(self, seconds: int) -> None:
        self.number += 1
        self.place.said[self.number] = Said(self.number, seconds)

    def crawl(self, weather: Weather) -> None:
        self.place.begin(weather)
        path = {"feed": "/feed", "forum": "/viewforum.php?f=2"}.get(self.place.kind, "")
        source = SourcePlan("s", self.place.kind, self.place.site.url + path, budget=weather.budget, allow_private=True)  # type: ignore[arg-type] # one of three
        status, covered = self.crawling.attempt(source, patch=self.patch)
        assert (status == 9) if weather.killed_at and self.place.asked >= weather.killed_at else status == 0
        self.coverages += covered.values()
        if weather.fair:
            self.due |= {one.number: one for one in self.place.shown()}

    def texts(self) -> Counter[str]:
        with self.crawling.open() as store:
            return Counter(row["text"] for row in store.rows("SELECT text FROM posts WHERE text LIKE 'The gasket%'"))


def complaint(kind: str, story: list[tuple[Change, Weather]], pages: int | None, patch: str, nursery: Nursery) -> str:
    """Let the story happen; return what is wrong with the store after it, '' when nothing is."""
    site = Site()
    try:
        with tempfile.TemporaryDirectory() as folder:
            teller = Teller(Place(site, kind, nursery.kill, pages), Crawling(Path(folder), nursery), patch)
            teller.happen([("burst", 12)])
            for change, weather in story:
                teller.happen(change)
                teller.crawl(weather)
            teller.crawl(Weather())
            return _wrong(teller)
    finally:
        site.close()


def _wrong(teller: Teller) -> str:
    held = teller.texts()
    if lost := [one.number for one in teller.due.values() if not held[one.text]]:
        return f"lost: {lost}"
    if doubled := [text for text, times in held.items() if times > 1]:
        return f"more than once: {doubled}"
    never_shown = [one for one in teller.place.said.values() if not held[one.text]]
    gaps = teller.crawling.number("SELECT count(*) FROM gaps WHERE source = 's'")
    if never_shown and teller.place.pages is None:
        return "not all is there at the end"
    if never_shown and len(teller.due) and not (gaps and any("missing" in str(c.detail) for c in teller.coverages)):
        return f"a cap kept {len(never_shown)} posts back and nothing says so"
    return ""


@pytest.fixture(scope="module")
def breeder() -> Iterator[Nursery]:
    """A nursery for all examples of this file."""
    fresh = Nursery()
    yield fresh
    fresh.close()


@settings(max_examples=8, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(("feed", "wordpress")), stories)
@example("feed", [([("burst", 14)], Weather(killed_at=3)), ([("late", 40), ("same second", 6)], Weather(killed_at=4))])
@example("wordpress", [([("burst", 14)], Weather(killed_at=4)), ([("late", 55), ("deleted", 3)], Weather(late_at=2))])
@example("feed", [([("burst", 9)], Weather()), ([("burst", 14), ("late", 9)], Weather(broken_at=2, broken_for=9))])
def test_what_was_visible_is_in_the_store_exactly_once(
    breeder: Nursery, kind: str, story: list[tuple[Change, Weather]]
) -> None:
    assert complaint(kind, story, None, QUICK, breeder) == ""


@settings(max_examples=4, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(stories)
@example([([("burst", 14)], Weather(killed_at=4)), ([("late", 40), ("same second", 6), ("deleted", 7)], Weather())])
@example([([("burst", 14), ("late", 50)], Weather(broken_at=3, broken_for=9)), ([("deleted", 2)], Weather(late_at=2))])
def test_what_was_visible_on_a_board_is_in_the_store_exactly_once(
    breeder: Nursery, story: list[tuple[Change, Weather]]
) -> None:
    assert complaint("forum", story, None, QUICK, breeder) == ""


@pytest.mark.parametrize(("kind", "burst"), [("feed", 9), ("forum", 40)])
def test_what_a_cap_keeps_back_is_a_gap_with_a_name(breeder: Nursery, kind: str, burst: int) -> None:
    story = [([("burst", 3)], Weather()), ([("burst", 14), ("burst", burst)], Weather(repeats=True))]
    for pages in (1, 2):
        assert complaint(kind, story, pages, QUICK, breeder) == ""


@pytest.mark.parametrize("kind", ["feed", "wordpress", "forum"])
def test_a_time_cursor_instead_of_known_ids_would_lose_posts(breeder: Nursery, kind: str) -> None:
    late: list[tuple[Change, Weather]] = [([("burst", 3)], Weather()), ([("late", 30), ("burst", 2)], Weather())]
    turned: list[tuple[Change, Weather]] = [
        ([("burst", 14)], Weather()),
        ([("burst", 9)], Weather(reversed_pages=True)),
    ]
    assert complaint(kind, late, None, TIME_CURSOR, breeder).startswith("lost")
    assert complaint(kind, late, None, QUICK, breeder) == ""
    assert complaint(kind, turned, None, QUICK, breeder) == ""
