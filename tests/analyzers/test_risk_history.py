"""From threads in the store to weights in force: labels in hindsight, forecasts from what was seen by then."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from analyzers.brand_rules import BrandRules
from analyzers.detection import detect_store
from analyzers.live_risks import weights_in_force
from analyzers.mentions import scan_store
from analyzers.risk_history import FitReport, fit_store, label_store
from analyzers.risk_outcomes import outcomes_of, with_usual_most
from analyzers.risk_weights import SHIPPED
from analyzers.text import text_key
from analyzers.thread_parts import Surroundings
from tocsin.store.database import Store
from tocsin.store.posts import write_posts
from tocsin.store.records import JudgedPost, Post, Tag, Thread
from tocsin.store.risks import withdraw_weights
from tocsin.store.sources import ensure_sources, mark_first_crawl_finished
from tocsin.store.tags import ensure_model, fill_text_keys, write_tags
from tocsin.store.times import to_text

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def thread(number: int, angry: int, calm: int, start: datetime, *, every: timedelta = HOUR) -> list[Post]:
    """One thread about Acme: `angry` people speak, one after another, then `calm` ones."""
    talk = Thread(f"f:{number}", "f", "Acme talk", None, start)
    return [
        Post(
            f"f:{number}-{n}", "f", talk, f"Acme is {'bad' if n < angry else 'plain'}, says {n} in {number}",
            start + n * every / 2, f"{'a' if n < angry else 'c'}{n}-{number}",
        )
        for n in range(angry + calm)
    ]  # fmt: skip


def keep(store: Store, posts: Iterable[Post], seen: datetime | None = None) -> None:
    """Store, mention and tag; `seen` None: seen as they were written, as an import is."""
    posts = list(posts)
    ensure_sources(store, [("f", "forum", None)], AT)
    write_posts(store, posts, seen or AT, backdate=seen is None)
    scan_store(store, [BrandRules("Acme")], AT)
    ensure_model(store, "m1", "oracle", AT)
    fill_text_keys(store, text_key)
    rows = store.rows("SELECT id, text, text_key FROM posts")
    tags = []
    for row in rows:
        bad = " bad," in row["text"]
        tones = (0.8, 0.1, 0.1) if bad else (0.1, 0.8, 0.1)
        tags.append(Tag(row["id"], "oracle", "m1", AT, "en", "negative" if bad else "neutral", *tones, 0.9, None, None))
    write_tags(store, tags, [row["text_key"] for row in rows])


def history(pile_ons: int = 15, others: int = 45) -> list[Post]:
    """Threads a day apart: pile-ons begin with three angry people within the first hour, others with one."""
    posts: list[Post] = []
    for number in range(pile_ons + others):
        start = AT - timedelta(days=number + 10)
        piled = number % 4 == 0 and number // 4 < pile_ons
        posts += thread(number, 14, 0, start) if piled else thread(number, 1, 3 + number % 5, start)
    return posts


def fitted(store: Store, at: datetime = AT) -> FitReport:
    return fit_store(store, ["Acme"], at, {})


def test_a_planted_signal_is_found_and_put_in_force(store: Store) -> None:
    keep(store, history())
    report = fitted(store)
    assert (report.threads, report.outcomes) == (60, 15)
    assert report.changed
    assert report.version.startswith(f"{SHIPPED.version}+")
    assert report.fitted
    assert report.shipped
    assert report.fitted.brier <= report.shipped.brier
    assert report.fitted.brier < report.fitted.brier_of_the_constant
    weights = weights_in_force(store)
    assert weights.version == report.version
    assert all(value >= 0 for values in weights.per_unit.values() for value in values)
    assert store.number("SELECT count(*) FROM thread_outcomes WHERE met = 1") == sum(
        one.met for one in label_store(store, ["Acme"], AT, {})
    )
    figures = json.loads(store.rows("SELECT figures FROM risk_weights WHERE current = 1")[0]["figures"])
    assert figures["brier"] == report.fitted.brier


def test_detection_scores_with_the_weights_in_force_until_they_are_withdrawn(store: Store) -> None:
    keep(store, [*history(), *thread(900, 4, 2, AT - 5 * HOUR)])
    version = fitted(store).version

    def scored() -> tuple[str, float]:
        detect_store(store, ["Acme"], AT, ZoneInfo("UTC"))
        (row,) = store.rows("SELECT model_version, probability FROM thread_risks WHERE thread_id = 'f:900'")
        return row["model_version"], row["probability"]

    here = scored()
    assert here[0] == version
    assert withdraw_weights(store) == version
    shipped = scored()
    assert shipped[0] == SHIPPED.version
    assert shipped[1] != here[1]
    assert withdraw_weights(store) is None


def test_fitting_again_changes_nothing(store: Store) -> None:
    keep(store, history())
    first = fitted(store)
    before = [tuple(row) for row in store.rows("SELECT * FROM risk_weights")]
    again = fitted(store, AT + HOUR)
    assert not again.changed
    assert (again.version, again.fitted) == (first.version, first.fitted)
    assert [tuple(row) for row in store.rows("SELECT * FROM risk_weights")] == before


def test_too_little_history_says_so_and_leaves_the_shipped_weights(store: Store) -> None:
    keep(store, history(pile_ons=4, others=20))
    report = fitted(store)
    assert "too little history: 4 threads became a pile-on" in report.why
    assert (report.version, report.changed, report.fitted) == (SHIPPED.version, False, None)
    assert store.number("SELECT count(*) FROM risk_weights") == 0


def test_an_empty_store_says_too_little_history(store: Store) -> None:
    assert "too little history: 0 threads" in fitted(store).why


def test_a_forecast_is_judged_only_when_its_three_days_are_over(store: Store) -> None:
    keep(store, [*thread(1, 14, 0, AT - 80 * HOUR), *thread(2, 14, 0, AT - 74 * HOUR)])
    ages = {(one.thread_id, one.age_hours) for one in label_store(store, ["Acme"], AT, {})}
    # After 24 h thread 1 was a pile-on already: nothing was left to forecast.
    assert ages == {("f:1", 1.0), ("f:1", 3.0), ("f:2", 1.0)}


def test_what_was_seen_later_is_in_no_forecast_but_in_its_outcome(store: Store) -> None:
    posts = thread(1, 14, 0, AT - 100 * HOUR)
    keep(store, posts[:3])
    ensure_sources(store, [("f", "forum", None)], AT)
    keep(store, posts[3:], seen=AT - 60 * HOUR)
    found = {one.age_hours: one for one in label_store(store, ["Acme"], AT, {})}
    assert set(found) == {1.0, 3.0, 6.0, 24.0}
    assert all(one.met for one in found.values())
    assert {one.parts["negative_voices"] for one in found.values()} == {1.3863}  # log(1 + 3): three were seen


def test_a_first_crawl_counts_as_seen_when_it_was_written(store: Store) -> None:
    keep(store, thread(1, 14, 0, AT - 100 * HOUR), seen=AT - 50 * HOUR)
    assert label_store(store, ["Acme"], AT, {}) == []
    mark_first_crawl_finished(store, "f", AT - 50 * HOUR)
    assert [one.age_hours for one in label_store(store, ["Acme"], AT, {})] == [1.0, 3.0]


def test_the_bar_of_a_source_is_the_99th_percentile_of_the_threads_before() -> None:
    def posts(number: int, angry: int) -> list[JudgedPost]:
        start = AT + timedelta(days=number)
        return [
            JudgedPost(
                f"{number}-{n}", "Acme", "text", "f", f"t{number}", None, f"a{n}", start, start, "bad", None,
                0.9, 0.1, 0.0, 0.5, None,
            )
            for n in range(angry)
        ]  # fmt: skip

    sizes = [1] * 98 + [20, 30, 40, 2]
    bars = [bar for _, bar in with_usual_most(post for n, size in enumerate(sizes) for post in posts(n, size))]
    assert bars[:100] == [0.0] * 100  # under a hundred threads nothing is known
    assert bars[100:] == [20.0, 30.0]  # the 99th of 100, the 100th of 101 (nearest rank)


def test_a_thread_that_nobody_saw_in_time_has_no_forecast() -> None:
    late = AT + 90 * HOUR
    post = JudgedPost(
        "1", "Acme", "text", "f", "t", None, "a", AT, late, "bad", None, 0.9, 0.1, 0.0, 0.5, None
    )  # fmt: skip
    assert outcomes_of([post], lambda *_: Surroundings(), AT + timedelta(days=30)) == []


@pytest.mark.parametrize(
    "stored", ['{"per_unit": {}}', '{"version": "x", "ages": [1], "intercepts": [0], "per_unit": {}}']
)
def test_stored_weights_of_another_version_give_way_to_the_shipped_ones(store: Store, stored: str) -> None:
    store.run("INSERT INTO risk_weights VALUES ('old', '2026-01-01T00:00:00+00:00', ?, '{}', 1)", [stored])
    assert weights_in_force(store) == SHIPPED


def test_a_link_from_another_source_is_a_part_of_the_risk_once_it_was_seen(store: Store) -> None:
    start = AT - 5 * HOUR
    talk = Thread("f:1", "f", "Acme talk", "https://f.example/t/1", start)
    keep(store, [Post("f:1-0", "f", talk, "Acme is bad, says op", start, "op")])
    ensure_sources(store, [("n", "forum", None)], AT)
    elsewhere = Thread("n:1", "n", "Look", None, start)
    text = "Acme is plain, says n: https://f.example/t/1"
    write_posts(store, [Post("n:1-0", "n", elsewhere, text, start + HOUR, "n1")], AT - HOUR)

    def links(at: datetime) -> float | None:
        detect_store(store, ["Acme"], at, ZoneInfo("UTC"))
        (row,) = store.rows("SELECT parts FROM thread_risks WHERE thread_id = 'f:1' AND at = ?", [to_text(at)])
        parts: dict[str, float | None] = json.loads(row["parts"])
        return parts["links_in"]

    assert links(AT - 2 * HOUR) is None  # the other source was not there yet
    assert links(AT) == 0.6931
