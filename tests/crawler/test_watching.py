from __future__ import annotations

from datetime import UTC, datetime

from crawler.watching import DAY, MAX_DEEPER, NEVER, Tree, Watch

NOW = 1_000 * DAY
HOUR = 3_600


def test_a_thread_rests_for_a_quarter_of_its_silence() -> None:
    watch = Watch(3, newest=NOW - DAY - 5 * HOUR, read=NOW - 5 * HOUR)
    assert not watch.due(NOW, 3)
    assert watch.due(NOW + HOUR, 3)
    assert watch.due(NOW, 4)
    assert Watch(3, newest=NOW, read=NOW).due(NOW, None)


def test_a_post_that_nobody_answered_is_not_read_as_a_thread_and_is_given_up_after_a_week() -> None:
    met = Watch.met(0, datetime.fromtimestamp(NOW - 6 * DAY, UTC), NOW)
    assert not met.due(NOW + 5 * DAY, 0)
    assert met.due(NOW, 1)
    assert (met.over(NOW), met.over(NOW + 2 * DAY)) == (False, True)


def test_a_thread_with_replies_is_never_given_up_unread() -> None:
    met = Watch.met(5, datetime.fromtimestamp(NOW - 300 * DAY, UTC), NOW)
    assert met.count == NEVER
    assert met.due(NOW, 5)
    assert not met.over(NOW)
    assert Watch.of(met.to_mark()) == met
    assert Watch(5, newest=NOW - 31 * DAY, read=NOW).over(NOW)


def test_a_month_of_silence_costs_few_looks() -> None:
    watch, looks = Watch(2, newest=NOW, read=NOW + HOUR), 0
    for hour in range(1, 30 * 24):
        if watch.rested(NOW + hour * HOUR):
            watch, looks = Watch(2, NOW, NOW + hour * HOUR), looks + 1
    assert 15 < looks < 35


def test_a_tree_knows_what_it_lacks_and_asks_only_where_an_answer_was_cut() -> None:
    tree = Tree("a", 3, nodes={"b": ("a", 2), "c": ("a", 0), "d": ("b", 1)})
    assert tree.short() == {"b": 1, "a": 1, "d": 1}
    assert tree.deeper() == []
    tree.cut |= {"b", "d"}
    tree.branches |= {"a", "d"}
    assert tree.deeper() == ["b"]


def test_one_thread_may_not_spend_every_request() -> None:
    tree = Tree("a", 0, nodes={str(number): ("a", 1) for number in range(200)})
    tree.cut |= tree.nodes.keys()
    tree.branches.add("a")
    assert len(tree.deeper()) == MAX_DEEPER
    tree.branches |= set(tree.deeper())
    assert tree.deeper() == []
