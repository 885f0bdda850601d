"""The night looks for new places on Mondays, and never pays for it with the digest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

import scheduler
from scheduler import nightly
from tocsin.config import Config
from tocsin.digest.facts import Place

Make = Callable[..., Config]


def test_the_nights_that_a_digest_covers_decide_and_what_is_found_stands_in_it(
    make_config: Make, night: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = make_config()
    names = {brand.name for brand in config.brands}
    asked: list[tuple[str, ...]] = []

    def found(_store: object, _config: object, _now: object, nights: tuple[str, ...]) -> tuple[Place, ...]:
        asked.append(nights)
        return (Place("pumps.example", 5, 4, dict.fromkeys(names, 5), 2, 5, None, "discourse"),)

    monkeypatch.setattr(scheduler, "weekly_places", found)
    done = nightly(config, night, for_date=date(2026, 11, 23), workers=1)
    assert asked == [("2026-11-23",)]
    assert "pumps.example" in Path(done.digests[0].paths[0]).read_text(encoding="utf-8")


def test_a_search_that_fails_costs_only_itself(
    make_config: Make, night: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object) -> tuple[Place, ...]:
        raise ValueError("a stranger's address")

    monkeypatch.setattr(scheduler, "weekly_places", broken)
    done = nightly(make_config(), night, workers=1)
    assert done.steps["digest"] == "1 rendered"
    assert Path(done.digests[0].paths[0]).exists()
