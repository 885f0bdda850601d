from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.walks import Trail, Walk, plan_walk


class Board:
    """Entries newest first in pages of `room`; walked with a budget of pages, as a spider does."""

    def __init__(self, room: int) -> None:
        self.room, self.entries, self.held = room, list[int](), set[int]()
        self.mark: dict[str, Any] = {}
        self.history_read = False

    def add(self, count: int) -> None:
        begin = len(self.entries)
        self.entries[:0] = range(begin, begin + count)

    def run(self, budget: int) -> int:
        walk, address, trail, asked = plan_walk(self.mark, history_read=self.history_read), "1", Trail(), 0
        while asked < budget:
            asked += 1
            page = int(address)
            shown = self.entries[(page - 1) * self.room : page * self.room]
            fresh = set(shown) - self.held
            self.held |= fresh
            following = str(page + 1) if page * self.room < len(self.entries) else None
            if not trail.goes_on(walk, following, map(str, shown)):
                following = None
            step = walk.step(following, known=not fresh)
            if step is None:
                self.mark, self.history_read = {}, self.history_read or walk.root
                return asked
            if step[0] == following:
                self.mark = json.loads(json.dumps(walk.to_mark(address)))
            address, walk = step
        return asked


@settings(max_examples=300)
@given(
    st.integers(1, 6),
    st.integers(0, 60),
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 40)), max_size=8),
)
def test_walks_cut_short_at_any_page_leave_no_hole(room: int, first: int, runs: list[tuple[int, int]]) -> None:
    board = Board(room)
    board.add(first)
    for budget, added in runs:
        board.run(budget)
        board.add(added)
    board.run(10_000)
    assert board.held == set(board.entries)
    assert board.run(10_000) <= 1, "with everything known a run reads one page"


def test_a_small_budget_gets_there_where_nothing_is_added() -> None:
    board = Board(room=5)
    board.add(100)
    runs = 0
    while board.mark or not board.history_read:
        board.run(4)
        runs += 1
        assert runs < 20
    assert board.held == set(board.entries)


def test_a_walk_cut_short_above_its_jump_reads_everything_next_time() -> None:
    walk = plan_walk({"at": "/board?page=7", "on_top": False}, history_read=True)
    assert walk == Walk(jump="/board?page=7")
    assert walk.to_mark("/board?page=1") == {"at": "/board?page=7", "on_top": True}
    assert plan_walk({"at": "/board?page=7", "on_top": True}, history_read=True) == Walk(root=True)
