from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from crawler.items import FoundPost
from crawler.quoting import own_words, parsed, plain_title
from crawler.topics import Part, Reading, Topic

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def read(native: str = "5", **changes: object) -> Topic:
    topic = Topic(native, "Pumps", "https://f.test/t/5", posts=9, active=NOW, newest=NOW, read=NOW, done=True)
    return replace(topic, **changes)  # type: ignore[arg-type]


def test_a_topic_comes_back_from_its_mark_as_it_was() -> None:
    topic = read(created=NOW - DAY, views=7, aside=("3", "4"), floor=2, page=6, short=1)
    assert Topic.from_mark("5", topic.to_mark()) == topic


def test_a_topic_moves_when_its_count_or_its_activity_does_not_by_views() -> None:
    assert not read(views=900).moved(read(views=1))
    assert read(posts=8).moved(read())
    assert read(active=NOW + DAY).moved(read())


def test_a_topic_that_no_list_tells_of_rests_for_a_quarter_of_its_quiet_and_a_month_at_most() -> None:
    topic = read(newest=NOW - 8 * DAY)
    assert not topic.has_rested(NOW + 1.9 * DAY)
    assert topic.has_rested(NOW + 2 * DAY)
    assert not topic.has_rested(NOW + 23 * DAY)


def test_only_unknown_and_young_posts_are_asked_for() -> None:
    held = {"1": NOW - 9 * DAY, "2": NOW - 9 * DAY, "3": NOW - DAY}
    reading = Reading(read(aside=("5",)), read(created=NOW - 9 * DAY), ["1", "2", "3", "4", "5", "6"], held)
    reading.plan({"6"}, since=NOW - 60 * DAY, young=NOW - 3 * DAY)
    assert reading.todo == ["3", "4"]
    assert reading.gone() == []


def test_a_topic_older_than_the_history_is_read_from_its_end_and_never_again_below_it() -> None:
    stream = [str(number) for number in range(1, 10)]
    reading = Reading(read(), read(created=NOW - 99 * DAY), stream, {})
    reading.plan({"1"}, since=NOW - 60 * DAY, young=NOW - 3 * DAY)
    asked = reading.next(2)
    assert asked == ["9", "8"]
    old = Part({"9", "8"}, [FoundPost("5", "9", "x")], moments=[NOW - 70 * DAY])
    reading.answered(asked, old, NOW - 60 * DAY)
    assert (reading.todo, reading.topic.floor) == ([], 7)
    again = Reading(reading.topic, read(created=NOW - 99 * DAY), [*stream, "10"], {"8": NOW, "9": NOW})
    again.plan((), since=NOW - 60 * DAY, young=NOW + DAY)
    assert again.todo == ["10"]


def test_ids_that_an_answer_leaves_out_are_lacking() -> None:
    reading = Reading(read(), read(), ["1", "2"], {})
    reading.answered(["1", "2"], Part({"2"}), NOW)
    assert reading.lacking == {"1"}


def test_own_words_stay_without_quotes_also_when_nothing_else_remains() -> None:
    root = parsed("<div><blockquote>theirs</blockquote>mine</div>")
    assert root is not None
    assert own_words(root, root.iter("blockquote")) == "mine"
    alone = parsed("<blockquote>theirs</blockquote>")
    assert alone is not None
    assert own_words(alone, alone.iter("blockquote")) == ""
    assert own_words(parsed("  "), ()) == ""
    assert plain_title("Valves &amp; <b>pumps</b>") == "Valves & pumps"
