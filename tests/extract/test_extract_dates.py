"""Dates and figures as pages write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extract.counts import parse_count
from crawler.extract.date_forms import looks_dated, numeric_order
from crawler.extract.dates import parse_date

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("2024-03-09T12:00:00+0100", "en", (2024, 3, 9, 11, 0)),
        ("Mon, 05 Aug 2024 10:00:00 GMT", "en", (2024, 8, 5, 10, 0)),
        ("1709999999000", "en", (2024, 3, 9, 15, 59, 59)),
        ("September 5, 2024, 11:15pm", "en", (2024, 9, 5, 23, 15)),
        ("30th March 2025, 16:26", "en", (2025, 3, 30, 16, 26)),
        ("by ann » Sat Mar 23, 2024 12:14 am", "en", (2024, 3, 23, 0, 14)),
        ("3:21pm On Mar 09, 2023", "en", (2023, 3, 9, 15, 21)),
        ("2:32pm On Jan 05", "en", (2026, 1, 5, 14, 32)),
        ("2:32pm On Nov 05", "en", (2025, 11, 5, 14, 32)),
        ("09.03.2024, 10:22", "de", (2024, 3, 9, 10, 22)),
        ("12. März 2024 10:15", "de", (2024, 3, 12, 10, 15)),
        ("9 mars 2024 à 10:15", "fr", (2024, 3, 9, 10, 15)),
        ("2024年3月9日 12:30", "ja", (2024, 3, 9, 12, 30)),
        ("2024/03/09(土) 12:34:56", "ja", (2024, 3, 9, 12, 34, 56)),
        ("Yesterday at 4:15 PM", "en", (2026, 2, 28, 16, 15)),
        ("2 hours ago", "en", (2026, 3, 1, 10, 0)),
    ],
)
def test_dates_are_read_in_many_forms(
    text: str, language: str, expected: tuple[int, int, int, int, int] | tuple[int, int, int, int, int, int]
) -> None:
    assert parse_date(text, now=NOW, language=language, order="DMY") == datetime(*expected).replace(tzinfo=UTC)  # noqa: DTZ001  the zone follows


@pytest.mark.parametrize(
    "text", ["", "Joined Oct 2012", "Posts: 120", "v4.2", "2030-01-01", "1969-12-31", "99/99/2024", "soon"]
)
def test_what_is_no_date_or_lies_outside_time_is_none(text: str) -> None:
    assert parse_date(text, now=NOW, language="en") is None


def test_a_local_time_slightly_ahead_of_utc_is_now() -> None:
    assert parse_date("2026-03-01 20:00", now=NOW) == NOW


def test_a_number_above_twelve_settles_the_order_else_the_language_does() -> None:
    assert numeric_order(["03/04/2024", "14/02/2024"], "en", "US") == "DMY"
    assert numeric_order(["03/04/2024", "02/14/2024"], "de", None) == "MDY"
    assert numeric_order(["03/04/2024"], "en", "GB") == "DMY"
    assert numeric_order(["03/04/2024"], "en", None) == "MDY"


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_dates(text: str) -> None:
    looks_dated(text)
    found = parse_date(text, now=NOW, language="en")
    assert found is None or found <= NOW


@settings(max_examples=100, deadline=None)
@given(st.datetimes(min_value=datetime(1991, 1, 1), max_value=datetime(2026, 2, 28)))  # noqa: DTZ001  hypothesis wants naive bounds
def test_what_is_written_in_iso_is_read_back(moment: datetime) -> None:
    exact = moment.replace(microsecond=0, tzinfo=UTC)
    assert parse_date(exact.isoformat(), now=NOW) == exact
    assert parse_date(exact.strftime("%B %d, %Y %H:%M"), now=NOW) == exact.replace(second=0)
    assert timedelta(0) <= NOW - exact


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,234", 1234),
        ("1.2K", 1200),
        ("3 replies", 3),
        ("-5", -5),
        ("12.5k views", 12_500),
        ("1 234", 1234),
        (7, 7),
        ("x", None),
        (None, None),
    ],
)
def test_figures_are_read_as_pages_shorten_them(text: object, expected: int | None) -> None:
    assert parse_count(text) == expected
