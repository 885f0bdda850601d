from datetime import datetime, timedelta

import pytest

from tocsin.store.database import Store
from tocsin.store.observed import account_figures, note_back, note_gone, write_account_figures
from tocsin.store.records import AccountFigure
from tocsin.store.sources import ensure_sources


def figure(at: datetime, followers: int | None, posts: int | None = None) -> AccountFigure:
    return AccountFigure("fedi", "acme", at, followers, posts)


@pytest.fixture
def source(store: Store, now: datetime) -> str:

    ensure_sources(store, [("fedi", "mastodon", "https://social.test/")], now)
    return "fedi"


def test_only_changes_of_an_account_are_kept(store: Store, now: datetime, source: str) -> None:
    days = [now + timedelta(days=day) for day in range(4)]
    seen = [figure(days[0], 10), figure(days[1], 10), figure(days[2], 12), figure(days[3], 10, 3)]
    assert write_account_figures(store, seen) == 3
    assert account_figures(store, source, "acme") == [seen[0], seen[2], seen[3]]


def test_a_post_that_is_not_held_cannot_be_gone(store: Store, now: datetime, source: str) -> None:
    assert note_gone(store, [f"{source}:nobody"], now) == 0
    assert note_back(store, [f"{source}:nobody"]) == 0
