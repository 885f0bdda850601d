"""Numbers as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzers.quantities import quantities


@pytest.mark.parametrize(
    ("text", "value", "dimension", "unit"),
    [
        ("up 10 % now", 10, "share", "%"),
        ("up 10% now", 10, "share", "%"),
        ("up forty percent", 40, "share", "%"),
        ("up forty-five per cent", 45, "share", "%"),
        ("they double the price", 2, "share", "x"),
        ("prices were doubled", 2, "share", "x"),
        ("10x more", 10, "share", "x"),
        ("$1,200 a year", 1200, "money", "dollar"),
        ("29 euros a month", 29, "money", "euro"),
        ("2,5 % more", 2.5, "share", "%"),
        ("1.5 million customers", 1_500_000, "customer", "customer"),
        ("offline for three weeks", 3, "time", "week"),
        ("200 engineers", 200, "engineer", "engineer"),
    ],
)
def test_a_quantity_is_read_with_its_unit(text: str, value: float, dimension: str, unit: str) -> None:
    (found,) = quantities(text)
    assert (found.value, found.dimension, found.unit) == (value, dimension, unit)
    assert text[found.start : found.end] == found.said


def test_the_first_number_of_a_range_has_the_unit_of_the_second() -> None:
    assert [(found.value, found.unit) for found in quantities("from 21 to 29 euros")] == [(21, "euro"), (29, "euro")]


@pytest.mark.parametrize(
    "text", ["firmware 8.2.1", "at 10:30", "the GX-500", "ticket #4711", "no one, not one of them"]
)
def test_versions_times_and_names_are_no_quantities(text: str) -> None:
    assert quantities(text) == []


@given(st.text(alphabet="0123456789.,' %€$kmx-:abc percnt", max_size=60))
def test_any_text_is_read_and_what_is_found_stands_there(text: str) -> None:
    for found in quantities(text):
        assert text[found.start : found.end] == found.said
        assert found.value >= 0
