"""One story that counts for two brands is told once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from analyzers.same_story import link_stories
from tocsin.store.records import BrandRole, Episode, EpisodeKind, Voices

AT = datetime(2026, 11, 20, 8, tzinfo=UTC)
ROLES: dict[str, BrandRole] = {"Acme": "own", "Globex": "competitor", "Initech": "competitor"}


def episode(brand: str, threads: tuple[str, ...], kind: EpisodeKind = "backlash", voices: int = 20) -> Episode:
    return Episode(
        f"ep-{brand}", brand, kind, "growing", AT, AT, AT, None, None, 1, 10.0, 24,
        Voices(voices, voices, voices, voices, 0.1), None, {}, threads, ("f",),
    )  # fmt: skip


def leaders(episodes: list[Episode]) -> dict[str, object]:
    return {one.brand: one.parts.get("same_story_as") for one in link_stories(episodes, ROLES)}


def test_the_own_brand_leads_even_with_fewer_voices() -> None:
    found = leaders([episode("Globex", ("t1", "t2"), voices=90), episode("Acme", ("t1", "t2"), "attention")])
    assert found == {"Globex": "ep-Acme", "Acme": None}


def test_stories_in_other_threads_stay_apart() -> None:
    apart = [episode("Acme", ("t1", "t2", "t3")), episode("Globex", ("t3", "t4", "t5"))]
    assert leaders(apart) == {"Acme": None, "Globex": None}


def test_a_third_brand_is_linked_to_the_leader_and_not_in_a_chain() -> None:
    rows = [episode("Acme", ("t1",)), episode("Globex", ("t1", "t2")), episode("Initech", ("t2", "t1"))]
    assert leaders(rows) == {"Acme": None, "Globex": "ep-Acme", "Initech": "ep-Acme"}


def test_a_story_that_is_over_leads_none_and_a_link_that_no_longer_holds_is_taken_away() -> None:
    over = replace(episode("Acme", ("t1",)), state="over")
    linked = replace(episode("Globex", ("t1",)), parts={"same_story_as": "ep-Acme"})
    assert leaders([over, linked])["Globex"] is None


@given(st.permutations(range(4)), st.lists(st.sets(st.sampled_from("abcd"), min_size=1), min_size=4, max_size=4))
def test_the_order_does_not_matter_and_no_leader_has_a_leader(order: list[int], threads: list[set[str]]) -> None:
    brands = ("Acme", "Globex", "Initech", "Umbrella")
    rows = [episode(brand, tuple(sorted(names))) for brand, names in zip(brands, threads, strict=True)]
    found = leaders(rows)
    assert leaders([rows[place] for place in order]) == found
    assert all(found[str(leader).removeprefix("ep-")] is None for leader in found.values() if leader)
