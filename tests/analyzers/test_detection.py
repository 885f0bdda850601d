"""Detection over a real store: what it reads, what it writes, and that it never looks ahead."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from analyzers.detection import DetectReport, detect_store
from analyzers.mentions import BrandRules, scan_store
from analyzers.text import text_key
from tocsin.store.database import Store
from tocsin.store.episodes import evidence_posts, open_episodes
from tocsin.store.posts import write_posts
from tocsin.store.records import Coverage, Post, Tag, Thread
from tocsin.store.risks import latest_thread_risks
from tocsin.store.runs import start_run, write_coverage
from tocsin.store.sources import ensure_sources, mark_first_crawl_finished
from tocsin.store.tags import ensure_model, fill_text_keys, write_tags

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
ONSET = AT - timedelta(hours=10)
ZONE = ZoneInfo("Europe/Berlin")
TONES = {"bad": (0.8, 0.1, 0.1), "plain": (0.1, 0.8, 0.1), "good": (0.1, 0.1, 0.8)}
RULES = (BrandRules("Acme"), BrandRules("Zeta", "competitor"))


def remark(number: int, at: datetime, author: str | None, tone: str, thread: str, source: str = "f") -> Post:
    talk = Thread(f"{source}:{thread}", source, "Acme talk", None, at)
    return Post(f"{source}:{number}", source, talk, f"Acme is {tone}, says {author} in remark {number}", at, author)


def quiet_weeks(days: int = 40, source: str = "f") -> list[Post]:
    rng = random.Random(3)
    return [
        remark(1_000 + 10 * day + n, AT - timedelta(days=day + 1, hours=rng.uniform(0, 16)), f"r{rng.randrange(40)}",
               ("bad", "plain", "plain", "good")[n], f"q{day}", source)
        for day in range(days) for n in range(4)
    ]  # fmt: skip


def pile_on(size: int = 40, onset: datetime = ONSET, source: str = "f", first: int = 1) -> list[Post]:
    step = timedelta(hours=9) / size
    return [remark(first + n, onset + step * n, f"c{n}", "bad", "storm", source) for n in range(size)]


def keep(store: Store, posts: Iterable[Post], seen: datetime | None = AT) -> None:
    """Store, read mentions and tag; `seen` None: seen as they were written, as an import is."""
    posts = list(posts)
    ensure_sources(store, sorted({(p.source, "forum", None) for p in posts}), AT)
    write_posts(store, posts, seen or AT, backdate=seen is None)
    scan_store(store, RULES, AT)
    ensure_model(store, "m1", "oracle", AT)
    fill_text_keys(store, text_key)
    rows = store.rows("SELECT id, text, text_key FROM posts")
    tags = []
    for row in rows:
        tone = next(name for name in TONES if f" {name}," in row["text"])
        label = {"bad": "negative", "plain": "neutral", "good": "positive"}[tone]
        tags.append(Tag(row["id"], "oracle", "m1", AT, "en", label, *TONES[tone], 0.3, None, None))
    write_tags(store, tags, [row["text_key"] for row in rows])


def detect(store: Store, at: datetime = AT) -> DetectReport:
    return detect_store(store, ["Acme", "Zeta"], at, ZONE)


def rows(store: Store) -> list[tuple[object, ...]]:
    tables = ("episodes", "episode_history", "evidence", "thread_risks")
    return [tuple(row) for table in tables for row in store.rows(f"SELECT * FROM {table} ORDER BY 1, 2, 3")]


def test_the_first_crawl_of_six_weeks_raises_the_pile_on_of_the_last_hours(store: Store) -> None:
    keep(store, [*quiet_weeks(), *pile_on()])
    report = detect(store)
    (episode,) = report.episodes
    assert (episode.brand, episode.kind) == ("Acme", "backlash")
    assert timedelta(0) < episode.opened_at - ONSET <= timedelta(hours=5)
    assert episode.voices.low == 40
    assert episode.threads == ("f:storm",)
    assert episode.sources == ("f",)
    assert episode.level == 2  # 40 days are held: "not seen in 40 days" is all that can be said.
    assert len({row["author_id"] for row in evidence_posts(store, episode.id)}) >= 5
    assert {brand.brand: brand.status for brand in report.brands} == {"Acme": "episode", "Zeta": "learning"}
    assert episode.risk == max(risk.probability for risk in latest_thread_risks(store, "Acme", AT))
    assert store.number("SELECT count(*) FROM tags WHERE pile_on_risk IS NOT NULL") >= 40


def test_deciding_twice_about_one_moment_changes_nothing(store: Store) -> None:
    keep(store, [*quiet_weeks(), *pile_on()])
    first = detect(store)
    before = rows(store)
    assert detect(store).episodes == first.episodes
    assert rows(store) == before


def test_nights_in_a_row_give_one_episode_that_ends(store: Store) -> None:
    keep(store, [*quiet_weeks(), *pile_on()], seen=None)
    seen = [detect(store, AT + timedelta(days=night)) for night in range(7)]
    ids = {episode.id for report in seen for episode in (*report.episodes, *report.ended)}
    assert len(ids) == 1
    assert [episode.state for report in seen for episode in report.ended] == ["over"]
    assert open_episodes(store, "Acme") == []
    assert store.number("SELECT count(*) FROM episode_history") >= 4


def test_hourly_and_nightly_runs_open_the_same_episode(store: Store) -> None:
    keep(store, [*quiet_weeks(), *pile_on()], seen=None)
    for hour in range(-12, 1):
        report = detect(store, AT + timedelta(hours=hour))
    (episode,) = report.episodes
    assert timedelta(0) < episode.opened_at - ONSET <= timedelta(hours=5)
    assert store.number("SELECT count(*) FROM episodes") == 1


def test_what_was_seen_later_never_changes_an_earlier_decision(store: Store) -> None:
    keep(store, [*quiet_weeks(), *pile_on(12)])
    detect(store)
    before = rows(store)
    keep(store, pile_on(60, first=5_000), seen=AT + timedelta(hours=1))
    detect(store)
    assert rows(store) == before


def test_a_replay_of_an_earlier_moment_takes_the_later_decision_back(store: Store) -> None:
    keep(store, [*quiet_weeks(), *pile_on()], seen=None)
    assert detect(store).episodes
    assert detect(store, ONSET - timedelta(hours=2)).episodes == ()
    assert store.number("SELECT count(*) FROM episodes") == 0


def test_a_first_crawl_of_old_history_opens_nothing(store: Store) -> None:
    keep(store, [*quiet_weeks(), *pile_on(onset=AT - timedelta(days=9))])
    report = detect(store)
    assert report.episodes == report.ended == ()
    assert store.number("SELECT count(*) FROM episodes") == 0


def test_a_quiet_month_is_quiet(store: Store) -> None:
    keep(store, quiet_weeks())
    report = detect(store)
    assert report.episodes == ()
    assert report.brands[0].status == "quiet"


def test_nothing_is_claimed_from_less_than_fourteen_days(store: Store) -> None:
    keep(store, [*quiet_weeks(9), *pile_on()])
    report = detect(store)
    assert report.episodes == ()
    assert report.brands[0].status == "learning"
    assert report.learning_sources == ("f",)


def test_a_new_source_opens_nothing_by_itself(store: Store) -> None:
    keep(store, quiet_weeks())
    detect(store, AT - timedelta(hours=1))
    keep(store, pile_on(source="new"))
    report = detect(store)
    assert report.episodes == ()
    assert report.learning_sources == ("new",)


def test_a_first_crawl_still_under_way_opens_nothing(store: Store) -> None:
    keep(store, [*quiet_weeks(), *pile_on()])
    run = start_run(store, "nightly", None, AT)
    write_coverage(store, run, Coverage("f", "partial", AT - timedelta(minutes=5), AT))
    assert detect(store).episodes == ()
    mark_first_crawl_finished(store, "f", AT)
    assert [episode.kind for episode in detect(store).episodes] == ["backlash"]


def test_undated_posts_of_a_first_crawl_are_not_a_burst(store: Store) -> None:
    undated = [Post(p.id, p.source, p.thread, p.text, None, p.author) for p in pile_on(first=7_000)]
    keep(store, [*quiet_weeks(), *undated])
    mark_first_crawl_finished(store, "f", AT)
    assert detect(store).episodes == ()


def test_a_quiet_brand_changes_nothing_for_another(store: Store) -> None:
    keep(store, [*quiet_weeks(), *pile_on()])
    alone = detect_store(store, ["Acme"], AT, ZONE)
    assert detect(store).episodes == alone.episodes


def test_posts_without_authors_are_no_voices_that_open_a_backlash(store: Store) -> None:
    nameless = [Post(p.id, p.source, p.thread, p.text, p.created_at) for p in pile_on()]
    keep(store, [*quiet_weeks(), *nameless])
    assert all(episode.kind != "backlash" for episode in detect(store).episodes)


def test_an_empty_store_and_unknown_brands_are_quietly_learning(store: Store) -> None:
    report = detect_store(store, ["Nobody"], AT, ZONE)
    assert (report.episodes, report.brands[0].status) == ((), "learning")


def test_hours_in_which_a_source_was_blind_are_missing_not_zero(store: Store) -> None:
    keep(store, [*quiet_weeks(), *pile_on()])
    run = start_run(store, "nightly", None, AT)
    long_ago = AT - timedelta(days=35)
    mark_first_crawl_finished(store, "f", long_ago)
    assert detect(store).episodes
    write_coverage(store, run, Coverage("f", "failed", long_ago, AT))
    store.run("DELETE FROM episodes")
    store.run("DELETE FROM thread_risks")
    # Blind all those weeks: no window is normal, so nothing can be called unusual.
    assert detect(store).episodes == ()


@pytest.mark.parametrize("count", [2_500])
def test_six_weeks_of_posts_are_decided_in_seconds(store: Store, count: int) -> None:
    rng = random.Random(1)
    posts = [
        remark(n, AT - timedelta(minutes=rng.uniform(0, 42 * 24 * 60)), f"u{rng.randrange(300)}", "plain", f"t{n // 8}")
        for n in range(count)
    ]
    keep(store, posts)
    report = detect(store)
    assert report.episodes == ()
    assert report.thread_risks > 10
